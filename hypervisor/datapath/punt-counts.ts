/**
 * Reads how many packet-ins the datapaths' meters have dropped for tenants at their limit
 * (translation/entries/punt.ts), and adds them to the tenant's count of shed messages.
 *
 * A meter lets a little more go up than the limit, so we shed something while a tenant is at it:
 * then its meters are asked once a second, and once more when it is over. A connection's first
 * answer shows what was dropped before, by which nothing is counted.
 */
import { meter as ofpm } from '../../openflow/values/constants.ts';
import type { MultipartReplyBody } from '../../openflow/values/values.ts';
import type { ControlTraffic } from '../../slices/control-traffic.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { isFlat, placementOf, type Snapshot } from '../../slices/network/snapshot.ts';
import type { World } from '../world/world.ts';
import type { Datapath } from './datapath.ts';

export interface PuntCountsContext {
  readonly tenants: { all(): readonly Tenant[] };
  snapshot(): Snapshot;
  datapaths(): readonly Datapath[];
}

interface Tenant {
  readonly name: string;
  readonly traffic: ControlTraffic;
}

/** Of one connection of a datapath: by meter, how many it had dropped when it was asked last. */
interface Known {
  readonly channel: Datapath['channel'];
  readonly dropped: Map<number, number>;
  isAsked: boolean;
}

export class PuntCounts {
  readonly #world: World;
  readonly #context: PuntCountsContext;
  readonly #known = new Map<DatapathName, Known>();
  /** By tenant: how many were shed when its meters were asked for last. */
  readonly #shed = new Map<string, number>();

  /** The world is one for what may be given up. */
  constructor(world: World, context: PuntCountsContext) {
    this.#world = world;
    this.#context = context;
  }

  watch(): void {
    this.#world.after(limits.puntCountsMs, () => {
      this.#look();
      this.watch();
    });
  }

  #look(): void {
    const snapshot = this.#context.snapshot();
    const metered = this.#context.tenants.all().flatMap((tenant) => {
      const vswitches = snapshot.tenants.get(tenant.name) ?? [];
      const id = vswitches[0]?.puntMeter?.id;
      if (id === undefined) return [];
      const on = vswitches.flatMap(({ name }) => placementOf(snapshot, name).bodies);
      return [{ tenant, id, on: new Set(on.filter((one) => !isFlat(snapshot, one))) }];
    });
    for (const datapath of this.#context.datapaths()) {
      const here = metered.filter(({ on }) => on.has(datapath.name));
      if (here.length > 0 && datapath.isReady) this.#lookAt(datapath, here);
    }
    for (const { tenant } of metered) this.#shed.set(tenant.name, tenant.traffic.shed.packetIns);
  }

  #lookAt(datapath: Datapath, here: readonly { readonly tenant: Tenant; readonly id: number }[]) {
    const { name, channel } = datapath;
    const before = this.#known.get(name);
    if (before?.channel !== channel) {
      this.#begin(datapath, before?.dropped);
      return;
    }
    if (before === undefined || before.isAsked) return;
    for (const { tenant, id } of here) {
      const { shed } = tenant.traffic;
      if (shed.packetIns === (this.#shed.get(tenant.name) ?? 0)) continue;
      this.#ask(datapath, before, id, (dropped) => {
        const more = dropped - (before.dropped.get(id) ?? 0);
        before.dropped.set(id, dropped);
        // One that was made anew begins with nothing.
        tenant.traffic.shedBelow(more < 0 ? dropped : more);
      });
    }
  }

  /** Every meter at once; those of before the connection count on. */
  #begin(datapath: Datapath, before: ReadonlyMap<number, number> = new Map()): void {
    const known: Known = { channel: datapath.channel, dropped: new Map(before), isAsked: false };
    this.#known.set(datapath.name, known);
    this.#ask(datapath, known, ofpm.all, (dropped, id) => {
      if (!before.has(id)) known.dropped.set(id, dropped);
    });
  }

  #ask(
    datapath: Datapath,
    known: Known,
    meterId: number,
    each: (dropped: number, id: number) => void,
  ): void {
    known.isAsked = true;
    datapath.query({ kind: 'meterStats', meterId }, (parts) => {
      known.isAsked = false;
      for (const { meterId: id, bands } of rowsOf(parts ?? [])) {
        each(Number(bands[0]?.packetCount ?? 0n), id);
      }
    });
  }
}

function rowsOf(parts: readonly MultipartReplyBody[]) {
  return parts.flatMap((one) => (one.kind === 'meterStats' ? one.meters : []));
}
