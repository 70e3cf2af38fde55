/**
 * `limevisor trace`: a packet on paper, through its tenant's network and through the datapaths that
 * carry it, and whether both have the same result.
 */
import type { Vport } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { Steps } from '../../slices/steps.ts';
import { type PhysicalSources, type TracedDatapaths, traceDatapaths } from './datapath-trace.ts';
import type { Packet } from './headers.ts';
import { readPacketWords } from './packet-words.ts';
import { type TracedNetwork, type TraceEnd, traceVswitches } from './vswitch-trace.ts';

/** Where a packet enters, and what it is. */
export interface Traced {
  readonly vswitch: Vswitch;
  readonly vport: Vport;
  readonly packet: Packet;
}

export interface TraceResult {
  readonly virtual: TracedNetwork;
  readonly physical: TracedDatapaths;
  /** Where the tenant's tables and the datapaths come to something else. */
  readonly differences: readonly string[];
}

export function readTraced(vswitch: Vswitch, text: string): Traced | { readonly whyNot: string } {
  const packet = readPacketWords(text);
  if ('whyNot' in packet) return packet;
  const vport = packet.inPort as Vport;
  if (vswitch.ports.has(vport)) return { vswitch, vport, packet };
  const ports = [...vswitch.ports].map(([port, to]) => {
    const end = to.type === 'host' ? `host ${to.host}` : `${to.peer.device}:${to.peer.port}`;
    return `${port} (${end})`;
  });
  const what = vport === 0 ? 'in_port is missing' : `it has no port ${vport} that leads anywhere`;
  return { whyNot: `${vswitch.name}: ${what}; its ports: ${ports.join(', ')}` };
}

export function* traceBoth(sources: PhysicalSources, traced: Traced): Steps<TraceResult> {
  const { vswitch, vport, packet } = traced;
  const virtual = yield* traceVswitches(sources.snapshot, sources.tablesOf, traced);
  const physical = yield* traceDatapaths(sources, vswitch, vport, packet);
  return { virtual, physical, differences: differencesOf(virtual.ends, physical.ends) };
}

/** Of a packet-in what is told may have a mark of ours: who is told counts. */
function endName({ to, packet }: TraceEnd): string {
  return to.startsWith('host ') ? `${to}: ${packet}` : to;
}

function differencesOf(
  virtual: readonly TraceEnd[],
  physical: readonly TraceEnd[],
): readonly string[] {
  const [wanted, found] = [counted(virtual), counted(physical)];
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((name) => {
    const [want, have] = [wanted.get(name) ?? 0, found.get(name) ?? 0];
    if (want === have) return [];
    const times = (count: number): string => (count === 0 ? 'not' : `${count} x`);
    return [`${name}: ${times(want)} by the tenant's tables, ${times(have)} by the datapaths`];
  });
}

function counted(ends: readonly TraceEnd[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const end of ends) found.set(endName(end), (found.get(endName(end)) ?? 0) + 1);
  return found;
}
