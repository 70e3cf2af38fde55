/**
 * Follows a packet through a tenant's network, by its rulebooks, as the tenant's own switches would
 * forward it. The datapaths must have the same result (trace.ts).
 */

import type { PacketFields, PipelineFields } from '../../openflow/packet/packet.ts';
import { printInstructions } from '../../openflow/print/print-actions.ts';
import { printMatch } from '../../openflow/print/print-match.ts';
import { printMeter } from '../../openflow/print/print-meter.ts';
import { port as ofpp, portConfig } from '../../openflow/values/constants.ts';
import type { MeterConfig } from '../../openflow/values/values.ts';
import type { Group } from '../../slices/groups-meters/groups.ts';
import { LOCAL, type Vport, type VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { portConfigOf } from '../../slices/network/port-configs.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';
import type { Steps } from '../../slices/steps.ts';
import { isReserved } from '../wiring/normal.ts';
import { cannotTransmit, isFlooded, type Takes, takenAt } from '../wiring/port-wiring.ts';
import { fieldsOf, type Packet, packetText, seenIn } from './headers.ts';
import type { Learnt } from './learnt.ts';
import {
  type Copy,
  type MetEntry,
  TableTrace,
  type TracedGroup,
  type TracedSwitch,
  type TraceLine,
  Trail,
} from './table-trace.ts';

/** What a tenant has made, as far as a packet meets it. */
export interface TracedTables {
  rule(tableId: number, packet: PacketFields, pipeline: PipelineFields): Rule | undefined;
  group(groupId: number): Pick<Group, 'groupType' | 'buckets'> | undefined;
  meter(meterId: number): MeterConfig | undefined;
  isLive(vport: Vport): boolean;
  /** What NORMAL has learnt, where it learns. */
  readonly learnt: Learnt | undefined;
}

/** What happens in one switch. */
export interface TraceVisit {
  /** `red/v1, in by port 1`. */
  readonly where: string;
  readonly packet: string;
  readonly lines: readonly TraceLine[];
}

export interface TraceEnd {
  /** Who gets it: `host red/h2`, `the controllers of red/v1`. */
  readonly to: string;
  readonly packet: string;
  /** Only if a hash, or a meter, wants it. */
  readonly isPerhaps: boolean;
}

export interface TracedNetwork {
  readonly visits: readonly TraceVisit[];
  readonly ends: readonly TraceEnd[];
}

export type TablesOf = (name: VswitchName) => TracedTables | undefined;

/** A copy that comes to a port of a vswitch. */
interface Arrival {
  readonly vswitch: Vswitch;
  readonly vport: Vport;
  readonly packet: Packet;
  readonly isPerhaps: boolean;
}

export function* traceVswitches(
  snapshot: Snapshot,
  tablesOf: TablesOf,
  first: Omit<Arrival, 'isPerhaps'>,
): Steps<TracedNetwork> {
  const visits: TraceVisit[] = [];
  const ends: TraceEnd[] = [];
  const waiting: Arrival[] = [{ ...first, isPerhaps: false }];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { vswitch, vport, packet, isPerhaps } = next;
    const trail = new Trail();
    const tables = tablesOf(vswitch.name);
    const whyNot = whyNotTaken(takenAt(snapshot, vswitch, vport), packet);
    if (visits.length >= limits.traceVisitsMax)
      trail.say(0, 'not followed: it goes round and round');
    else if (whyNot !== undefined) trail.say(0, `dropped: ${whyNot}`);
    else if (tables === undefined) trail.say(0, 'this vswitch is out of service');
    else {
      const on = new VswitchTables(snapshot, vswitch, vport, tables, { ends, waiting });
      yield* new TableTrace(on, trail).enter(packet, 0, isPerhaps);
    }
    const where = `${vswitch.name}, in by port ${portText(vport)}`;
    visits.push({ where, packet: packetText(packet), lines: trail.lines });
    if (visits.length > limits.traceVisitsMax) break;
  }
  return { visits, ends };
}

function portText(vport: number): string {
  return vport === LOCAL ? 'LOCAL' : String(vport);
}

function whyNotTaken(takes: Takes, packet: Packet): string | undefined {
  const isSpanningTree =
    seenIn(packet, 'eth_dst') === 0x0180_c200_0000n && seenIn(packet, 'eth_type') === 0x05ffn;
  const isTaken =
    takes === 'all' ||
    (takes === 'spanningTree' ? isSpanningTree : takes === 'allElse' && !isSpanningTree);
  return isTaken ? undefined : 'a PORT_MOD of the tenant lets nothing in there';
}

/** Whether packet-ins of what entered by a vport reach the controllers. */
export function isHeard(snapshot: Snapshot, vswitch: Vswitch, vport: Vport): boolean {
  const config = portConfigOf(snapshot.portConfigs, vswitch.name, vport);
  return (config & portConfig.noPacketIn) === 0;
}

const registerNames = ['reg0', 'reg1', 'reg2', 'reg3'] as const;

class VswitchTables implements TracedSwitch {
  readonly #snapshot: Snapshot;
  readonly #vswitch: Vswitch;
  readonly #inPort: Vport;
  readonly #tables: TracedTables;
  readonly #out: { readonly ends: TraceEnd[]; readonly waiting: Arrival[] };

  constructor(
    snapshot: Snapshot,
    vswitch: Vswitch,
    inPort: Vport,
    tables: TracedTables,
    out: { readonly ends: TraceEnd[]; readonly waiting: Arrival[] },
  ) {
    this.#snapshot = snapshot;
    this.#vswitch = vswitch;
    this.#inPort = inPort;
    this.#tables = tables;
    this.#out = out;
  }

  *find(table: number, packet: Packet): Steps<MetEntry | undefined> {
    yield;
    const registers = registerNames.map((name) => Number(packet.registers.get(name) ?? 0n));
    const pipeline = { inPort: packet.inPort, metadata: packet.metadata, registers };
    const rule = this.#tables.rule(table, fieldsOf(packet), pipeline);
    if (rule === undefined) return undefined;
    const { priority, match, instructions } = rule;
    const text = [printMatch(match), `priority ${priority}`].filter((one) => one !== '').join(', ');
    return { priority, instructions, text: `${text}: ${printInstructions(instructions)}` };
  }

  group(groupId: number): TracedGroup | undefined {
    return this.#tables.group(groupId);
  }

  isLive(port: number): boolean {
    return port === ofpp.controller || this.#tables.isLive(port as Vport);
  }

  meterText(meterId: number): string {
    const meter = this.#tables.meter(meterId);
    return meter === undefined ? '(there is none)' : `(${printMeter(meter)})`;
  }

  missed(table: number, copy: Copy): string {
    const isUp = table === 0 && this.#snapshot.missesUp.has(this.#vswitch.name);
    return isUp ? this.#toControllers(copy) : 'dropped';
  }

  output(port: number, copy: Copy): string {
    switch (port) {
      case ofpp.controller:
        return this.#toControllers(copy);
      case ofpp.inPort:
        return this.#leave(this.#inPort, copy);
      case ofpp.normal:
        return this.#normal(copy);
      case ofpp.flood:
      case ofpp.all: {
        const all = [...this.#vswitch.ports.keys()].filter((one) => one !== this.#inPort);
        const to =
          port === ofpp.all
            ? all
            : all.filter((one) => isFlooded(this.#snapshot, this.#vswitch, one));
        const each = to.map((one) => `${one}: ${this.#leave(one, copy)}`);
        return each.length === 0 ? 'there is no other port' : `to ${each.join('; ')}`;
      }
      default:
        if (port === this.#inPort) return 'dropped: not back by the port where it came in';
        return this.#leave(port as Vport, copy);
    }
  }

  #normal(copy: Copy): string {
    const { learnt } = this.#tables;
    if (learnt === undefined) return this.output(ofpp.flood, copy);
    const { packet } = copy;
    if (isReserved(packet)) return 'dropped: no switch sends on what has that address';
    const [tag, ...inner] = packet.tags;
    const sent = {
      ...copy,
      packet: tag?.vid === 0 && tag.pcp === 0 ? { ...packet, tags: inner } : packet,
    };
    const vport = learnt(sent.packet);
    return this.output(vport ?? ofpp.flood, sent);
  }

  #toControllers({ packet, isPerhaps }: Copy): string {
    if (!isHeard(this.#snapshot, this.#vswitch, this.#inPort)) {
      return 'not told: a PORT_MOD of the tenant keeps packet-ins of this port';
    }
    const to = `the controllers of ${this.#vswitch.name}`;
    this.#out.ends.push({ to, packet: packetText(packet), isPerhaps });
    return to;
  }

  #leave(vport: Vport, { packet, isPerhaps }: Copy): string {
    const attachment = this.#vswitch.ports.get(vport);
    if (attachment === undefined) return `dropped: port ${portText(vport)} leads nowhere`;
    if (cannotTransmit(this.#snapshot, this.#vswitch, vport)) {
      return 'dropped: a PORT_MOD of the tenant lets nothing out there';
    }
    if (attachment.type === 'host') {
      const to = `host ${attachment.host}`;
      this.#out.ends.push({ to, packet: packetText(packet), isPerhaps });
      return to;
    }
    const { device, port } = attachment.peer;
    const vswitch = this.#snapshot.vswitches.get(device);
    if (vswitch === undefined) return `dropped: ${device} is not there`;
    const fresh = { ...packet, inPort: port, metadata: 0n, registers: new Map() };
    this.#out.waiting.push({ vswitch, vport: port, packet: fresh, isPerhaps });
    return `${device}, in by its port ${portText(port)}`;
  }
}
