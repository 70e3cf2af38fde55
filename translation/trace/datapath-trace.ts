/**
 * Follows a packet through the datapaths, as they should be now: the entries of their intents and
 * tenants' rules, over ways and cables, from where it enters a vswitch to its receivers.
 */
import { printMatch } from '../../openflow/print/print-match.ts';
import { port as ofpp } from '../../openflow/values/constants.ts';
import type { PhysicalEnd } from '../../slices/config/values.ts';
import {
  type DatapathName,
  endText,
  type Port,
  type Vport,
  type VswitchName,
} from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { endsOf, endsOn, type HostAttachment } from '../../slices/network/host-attachments.ts';
import { namesAtPort } from '../../slices/network/places.ts';
import { isFlat, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import { wiresOf } from '../../slices/network/wires.ts';
import type { Steps } from '../../slices/steps.ts';
import type { PhysicalFlow, PhysicalGroup } from '../entries/physical-tables.ts';
import { readCookie, TENANT_TABLES, tables } from '../entries/pipeline.ts';
import { pipelineEncoding } from '../pipeline/encoding.ts';
import { purposeOf } from '../wiring/purposes.ts';
import { codeOf, wayName } from '../wiring/ways.ts';
import { fieldsOf, meets, type Packet, packetText } from './headers.ts';
import {
  type Copy,
  type MetEntry,
  TableTrace,
  type TracedGroup,
  type TracedSwitch,
  type TracePass,
  Trail,
} from './table-trace.ts';
import { arrivalAt, type PhysicalArrival } from './trace-start.ts';
import {
  isHeard,
  type TablesOf,
  type TracedNetwork,
  type TraceEnd,
  type TraceVisit,
} from './vswitch-trace.ts';

/** What a datapath should hold now. */
export interface TracedDatapath {
  /** All but tenants' rules, where several tables keep them apart. */
  flows(): Iterable<PhysicalFlow>;
  /** Of a vswitch that lives there, or of one of its ways. */
  group(groupId: number, vswitch: Vswitch | undefined): PhysicalGroup | undefined;
  /** Whether it holds the rules of a vswitch. */
  carries(name: VswitchName): boolean;
  isPortUp(port: Port): boolean;
}

/** What is asked of a datapath to hear the same from it. */
export interface TracedPass extends TracePass {
  readonly datapath: DatapathName;
  /** It is how a frame comes in by a port: the table is the first. */
  readonly isArrival: boolean;
}

export interface TracedDatapaths extends TracedNetwork {
  readonly passes: readonly TracedPass[];
}

export interface PhysicalSources {
  readonly snapshot: Snapshot;
  readonly tablesOf: TablesOf;
  datapath(name: DatapathName): TracedDatapath | undefined;
}

export function* traceDatapaths(
  sources: PhysicalSources,
  vswitch: Vswitch,
  vport: Vport,
  packet: Packet,
): Steps<TracedDatapaths> {
  const visits: TraceVisit[] = [];
  const passes: TracedPass[] = [];
  const out: Out = { ends: [], waiting: [arrivalAt(sources.snapshot, vswitch, vport, packet)] };
  const cables = cablesOf(sources.snapshot);
  for (let next = out.waiting.shift(); next !== undefined; next = out.waiting.shift()) {
    const { datapath, isPerhaps, table, from } = next;
    const trail = new Trail();
    const holds = sources.datapath(datapath);
    if (visits.length >= limits.traceVisitsMax)
      trail.say(0, 'not followed: it goes round and round');
    else if (holds === undefined) trail.say(0, 'this datapath is not there');
    else {
      const on = new DatapathTables(sources, datapath, holds, { out, cables, vport });
      yield* new TableTrace(on, trail).enter(next.packet, table, isPerhaps);
    }
    const isFirst = table === tables.classifier;
    const own = trail.passes.map((one, i) => ({ ...one, datapath, isArrival: isFirst && i === 0 }));
    passes.push(...own);
    visits.push({
      where: `${datapath}, in by ${from}`,
      packet: packetText(next.packet),
      lines: trail.lines,
    });
    if (visits.length > limits.traceVisitsMax) break;
  }
  return { visits, ends: out.ends, passes };
}

interface Out {
  readonly ends: TraceEnd[];
  readonly waiting: PhysicalArrival[];
}

/** By `endText` of an end, the other one. */
function cablesOf({ config }: Snapshot): ReadonlyMap<string, PhysicalEnd> {
  return new Map(
    config.links.flatMap(([a, b]) => [
      [endText(a), b],
      [endText(b), a],
    ]),
  );
}

interface Scene {
  readonly out: Out;
  readonly cables: ReadonlyMap<string, PhysicalEnd>;
  /** Where the packet came into its tenant's network. */
  readonly vport: Vport;
}

class DatapathTables implements TracedSwitch {
  readonly #sources: PhysicalSources;
  readonly #name: DatapathName;
  readonly #holds: TracedDatapath;
  readonly #scene: Scene;
  readonly #byId: ReadonlyMap<number, Vswitch>;

  constructor(sources: PhysicalSources, name: DatapathName, holds: TracedDatapath, scene: Scene) {
    this.#sources = sources;
    this.#name = name;
    this.#holds = holds;
    this.#scene = scene;
    this.#byId = new Map([...sources.snapshot.vswitches.values()].map((one) => [one.id, one]));
  }

  *find(table: number, packet: Packet): Steps<MetEntry | undefined> {
    let best = this.#rule(table, packet);
    let count = 0;
    for (const flow of this.#holds.flows()) {
      count += 1;
      if (count % limits.slotsPerStep === 0) yield;
      if (flow.tableId !== table || flow.priority <= (best?.priority ?? -1)) continue;
      if (meets(packet, flow.match)) best = flow;
    }
    if (best === undefined) return undefined;
    const { priority, instructions, cookie } = best;
    return { priority, instructions, cookie, text: this.#textOf(best) };
  }

  /** A tenant's, of those of its vswitch. */
  #rule(table: number, packet: Packet): PhysicalFlow | undefined {
    const vswitch = this.#byId.get(Number(packet.metadata >> 48n));
    const isTenants = table >= tables.guard && table < tables.tenant + TENANT_TABLES;
    if (vswitch === undefined || !isTenants || isFlat(this.#sources.snapshot, this.#name)) {
      return undefined;
    }
    if (!this.#holds.carries(vswitch.name)) return undefined;
    const vport = Number((packet.metadata >> 32n) & 0xffffn);
    const inPort = vport === (ofpp.local & 0xffff) ? ofpp.local : vport;
    const pipeline = { inPort, metadata: packet.metadata & 0xffff_ffffn };
    const tableId = Math.max(0, table - tables.tenant);
    const rule = this.#sources.tablesOf(vswitch.name)?.rule(tableId, fieldsOf(packet), pipeline);
    const flows = rule === undefined ? [] : pipelineEncoding.encode(vswitch, rule);
    return flows.find((one) => one.tableId === table);
  }

  #textOf(flow: PhysicalFlow): string {
    const { match, priority, cookie } = flow;
    const { snapshot } = this.#sources;
    const parts = readCookie(cookie);
    const flat = isFlat(snapshot, this.#name);
    const why = parts && purposeOf(parts, flow, flat, (code) => this.#wayText(parts.id, code));
    const where = [printMatch(match), `priority ${priority}`]
      .filter((one) => one !== '')
      .join(', ');
    return `${where}${why === undefined ? '' : ` (${why})`}`;
  }

  #wayText(id: number, code: number): string | undefined {
    const { snapshot } = this.#sources;
    const vswitch = this.#byId.get(id);
    const wire = wiresOf(snapshot, vswitch ? [vswitch] : []).find((one) => {
      const name = wayName(snapshot, one);
      return name !== undefined && codeOf(name) === code;
    });
    return wire && `the way to ${wire.what}`;
  }

  group(groupId: number, { metadata }: Packet): TracedGroup | undefined {
    return this.#holds.group(groupId, this.#byId.get(Number(metadata >> 48n)));
  }

  isLive(port: number): boolean {
    return this.#holds.isPortUp(port as Port);
  }

  meterText(): string {
    return '(lets so much pass)';
  }

  missed(table: number): string {
    return table === tables.learnt ? 'where that is nobody has learnt' : 'dropped';
  }

  output(port: number, copy: Copy): string {
    if (port === ofpp.controller) return this.#toControllers(copy);
    if (port === ofpp.inPort) {
      return copy.packet.inPort === 0
        ? 'dropped: nobody knows where it came in'
        : this.#leave(copy.packet.inPort, copy);
    }
    if (port === copy.packet.inPort) return 'dropped: not back by the port where it came in';
    return this.#leave(port, copy);
  }

  /** Whose rule it is, its cookie says. */
  #toControllers({ packet, by, isPerhaps }: Copy): string {
    const parts = by?.cookie === undefined ? undefined : readCookie(by.cookie);
    const vswitch = parts && this.#byId.get(parts.id);
    if (vswitch === undefined) return 'Limevisor, which keeps it';
    const inPort = Number((packet.metadata >> 32n) & 0xffffn);
    const vport = inPort === 0 ? this.#scene.vport : (inPort as Vport);
    if (!isHeard(this.#sources.snapshot, vswitch, vport)) {
      return 'Limevisor, which keeps it: a PORT_MOD of the tenant wants no packet-ins';
    }
    const to = `the controllers of ${vswitch.name}`;
    this.#scene.out.ends.push({ to, packet: packetText(packet), isPerhaps });
    return to;
  }

  #leave(port: number, { packet, isPerhaps }: Copy): string {
    const at = { device: this.#name, port: port as Port };
    const isUp = this.#holds.isPortUp(at.port);
    const more = isUp ? '' : ' (the port is down)';
    const other = this.#scene.cables.get(endText(at));
    if (other !== undefined) {
      const fresh = { ...packet, inPort: other.port, metadata: 0n, registers: new Map() };
      const from = `port ${other.port}, from ${endText(at)}`;
      const table = tables.classifier;
      if (isUp) {
        this.#scene.out.waiting.push({
          datapath: other.device,
          packet: fresh,
          table,
          isPerhaps,
          from,
        });
      }
      return `the cable to ${endText(other)}${more}`;
    }
    const host = this.#hostAt(at, packet);
    if (host === undefined) return `port ${port}, where nobody is by the file${more}`;
    const inner = host.vlan === undefined ? packet.tags : packet.tags.slice(1);
    const to = `host ${host.host}`;
    this.#scene.out.ends.push({ to, packet: packetText({ ...packet, tags: inner }), isPerhaps });
    return `${to}, at ${endText(at)}${more}`;
  }

  #hostAt(at: PhysicalEnd, { tags: [tag] }: Packet): HostAttachment | undefined {
    const { snapshot } = this.#sources;
    for (const name of namesAtPort(snapshot, at.device, at.port)) {
      for (const attachment of snapshot.vswitches.get(name)?.ports.values() ?? []) {
        if (attachment.type !== 'host') continue;
        const isThere = endsOn(attachment, at.device).some((one) => one.at.port === at.port);
        const isIts = attachment.vlan === undefined || attachment.vlan === tag?.vid;
        const { vlans } = attachment;
        const isOfRange =
          vlans === undefined ||
          (tag !== undefined && tag.vid >= vlans.first && tag.vid <= vlans.last);
        if (isThere && isIts && isOfRange) return endsOf(attachment)[0];
      }
    }
    return undefined;
  }
}
