/**
 * Hosts that are plugged in at a datapath, and ways between other datapaths that lead through it,
 * besides the vswitches that live there. Taking its cables down cuts all of them.
 */
import type { DatapathName } from '../ids.ts';
import { atOnce, type Steps, withEach } from '../steps.ts';
import type { Snapshot } from './values.ts';
import { type Carriage, wiresOf } from './wires.ts';

export interface Through {
  readonly tenant: string;
  /** What is reached by the way, in words. */
  readonly what: string;
  readonly from: DatapathName;
  readonly to: DatapathName;
  /** Names its entries. */
  readonly key: string;
  readonly carriage: Carriage;
}

export interface TransitAndHosts {
  readonly hosts: readonly string[];
  readonly through: readonly Through[];
}

/** By datapath. */
export function carriedBy(snapshot: Snapshot): ReadonlyMap<DatapathName, TransitAndHosts> {
  return atOnce(carrying(snapshot));
}

/** The same in steps. */
export function* carrying(snapshot: Snapshot): Steps<ReadonlyMap<DatapathName, TransitAndHosts>> {
  const found = new Map<DatapathName, { hosts: string[]; through: Through[] }>();
  for (const name of snapshot.datapaths.keys()) found.set(name, { hosts: [], through: [] });
  yield* withEach(snapshot.config.hosts, ({ name, at }) => found.get(at.device)?.hosts.push(name));
  yield* withEach(snapshot.vswitches.values(), (vswitch) => {
    const { tenant } = vswitch;
    for (const { key, what, from, to, hops, carriage, role } of wiresOf(snapshot, [vswitch])) {
      if (role !== 'used' && role !== 'shared') continue;
      const between = new Set((hops ?? []).slice(0, -1).map((hop) => hop.to));
      for (const on of between)
        found.get(on)?.through.push({ tenant, what, from, to, key, carriage });
    }
  });
  return found;
}
