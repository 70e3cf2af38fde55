/**
 * Lines of reports for people. They are apart from the making of reports, since a command that only
 * prints need not load the modules of the network.
 */
import { limits } from '../../slices/limits.ts';
import type { LinkState } from '../../slices/network/link-states.ts';
import { plural } from '../../slices/plural.ts';
import type { LinkReport, RefusedReport, SuspicionReport, UnknownReport } from './link-report.ts';
import type { WayReport } from './physical-ways.ts';
import type { PortReport } from './port-report.ts';
import type { StatusReport } from './report.ts';

/** `1(v1-eth1)`, as ovs-ofctl(8) writes it, and what there is to know. */
export function portLine(report: PortReport): string {
  const { port, name, mac, leadsTo, state, config, why, paths } = report;
  const over = paths === undefined ? '' : ` over ${plural(paths, 'path')}`;
  const how = [why === '' ? state : `${state}: ${why}`, ...config].join(', ');
  return `${port}(${name}): addr:${mac} to ${leadsTo}${over}, ${how}`;
}

/** `to host red/h1: s1 (s1:3, 12 packets) > s2 (12 packets)`. */
export function wayLine({ to, role, hops }: WayReport): string {
  const steps = hops.map(({ datapath, by, packets }) => {
    const count = packets === undefined ? [] : [`${packets} packets`];
    const more = [...(by === undefined ? [] : [by]), ...count].join(', ');
    return more === '' ? datapath : `${datapath} (${more})`;
  });
  return `to ${to}${role === 'used' ? '' : `, ${role}`}: ${steps.join(' > ')}`;
}

/** What a person has to see to; what is down or away is told where ports and datapaths are. */
const troubles: readonly LinkState['type'][] = ['miswired', 'tooSmall', 'silent'];

interface Warned {
  readonly links: readonly LinkReport[];
  readonly suspicions: readonly SuspicionReport[];
  readonly unknown: readonly UnknownReport[];
  readonly refused: readonly RefusedReport[];
}

function timesText(count: number, agoSec: number): string {
  return `${plural(count, 'time')}, the last ${agoSec} s ago`;
}

export function linkWarnings({ links, suspicions, unknown, refused }: Warned): readonly string[] {
  const wrong = links
    .filter(({ state }) => troubles.includes(state))
    .map(({ ends, text }) => `WARNING: link ${ends.join(' - ')}: ${text}`);
  const faked = suspicions.map(({ port, why, count, agoSec }) => {
    return `SUSPICIOUS: at ${port}: ${why} (${timesText(count, agoSec)})`;
  });
  const strange = unknown.slice(0, limits.throughRowsMax).map(({ dpid, peer }) => {
    return `UNKNOWN: a switch of dpid ${dpid} connects from ${peer} and is not in the file`;
  });
  const more = unknown.length - strange.length;
  const rest = more > 0 ? [`UNKNOWN: and ${more} more: limevisor status --json`] : [];
  const turnedAway = refused.slice(0, limits.throughRowsMax).map(({ peer, why, count, agoSec }) => {
    return `REFUSED: a switch at ${peer}: ${why} (${timesText(count, agoSec)})`;
  });
  return [...wrong, ...faked, ...strange, ...rest, ...turnedAway];
}

/** What an operator has chosen to risk. */
export function syncLines({ store }: Pick<StatusReport, 'store'>): readonly string[] {
  if (store.sync === 'always') return [];
  return [
    'the store is synced in the background: a power cut may take back the last changes that were ' +
      `acknowledged, of at most ${limits.syncDelayMs} ms`,
  ];
}

/** A line for each thing that is said of datapaths, however many it is said of. */
export function forgetsLines({
  datapaths,
}: {
  readonly datapaths: readonly { readonly name: string; readonly forgets: string }[];
}): readonly string[] {
  const by = new Map<string, string[]>();
  for (const { name, forgets } of datapaths) {
    if (forgets !== '') by.set(forgets, [...(by.get(forgets) ?? []), name]);
  }
  return [...by].map(([what, names]) => {
    const more = names.length - limits.namesInLineMax;
    const rest = more > 0 ? ` and ${more} more` : '';
    const some = names.slice(0, limits.namesInLineMax).join(', ');
    return `${some}${rest} ${names.length === 1 ? 'forgets' : 'forget'}: ${what}`;
  });
}
