/**
 * The links of the file and their states by the probes (hypervisor/datapath/link-watch.ts): rows of
 * `limevisor links`, and the lines of `limevisor status` about those that are not up.
 */
import { versionName } from '../../openflow/messages/negotiation.ts';
import { dpidText, endText } from '../../slices/ids.ts';
import { type LinkState, stateText } from '../../slices/network/link-states.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Probing } from '../datapath/probing.ts';
import type { World } from '../world/world.ts';

export interface LinkReport {
  /** As the file writes them: `s1:3`. */
  readonly ends: readonly [string, string];
  readonly state: LinkState['type'];
  /** The state in words, with both sides. */
  readonly text: string;
  /** Of a small frame, in the slower direction; absent while the link is not up. */
  readonly latencyMs?: number;
  /** It takes much longer than others: a relay may be in between. */
  readonly isSlow: boolean;
}

/** What looks like a probe of ours and is none. */
export interface SuspicionReport {
  /** Where it came in: `s1:3`. */
  readonly port: string;
  readonly why: string;
  readonly count: number;
  /** Since it was seen last, whole seconds. */
  readonly agoSec: number;
}

/** A switch that tried to connect and is not in the file. */
export interface UnknownReport {
  readonly dpid: string;
  readonly peer: string;
  readonly version: string;
}

/** A connection of a switch that was refused lately. */
export interface RefusedReport {
  readonly peer: string;
  readonly why: string;
  readonly count: number;
  /** Since the last time, whole seconds. */
  readonly agoSec: number;
}

export interface LinksReported {
  readonly world: World;
  readonly probing: Probing;
}

export function suspicionReports({ probing, world }: LinksReported): readonly SuspicionReport[] {
  return probing.probes.suspicions().map(({ at, why, count, lastMs }) => {
    const agoSec = Math.floor((world.nowMs() - lastMs) / 1_000);
    return { port: endText(at), why, count, agoSec };
  });
}

export function refusedReports({ probing, world }: LinksReported): readonly RefusedReport[] {
  return probing.strangers.refused.all.map(({ peer, why, count, lastMs }) => {
    return { peer, why, count, agoSec: Math.floor((world.nowMs() - lastMs) / 1_000) };
  });
}

/** A file that was applied since may have it. */
export function unknownReports(
  { probing }: LinksReported,
  { config }: Snapshot,
): readonly UnknownReport[] {
  const named = new Set(config.datapaths.map(({ dpid }) => dpid));
  const unknown = probing.strangers.all.filter(({ dpid }) => !named.has(dpid));
  return unknown.map(({ dpid, peer, version }) => {
    return { dpid: dpidText(dpid), peer, version: versionName(version) };
  });
}

export function linkReports({ probing }: LinksReported): readonly LinkReport[] {
  return probing.linkWatch.states().map(({ ends, state, isSlow }) => {
    const [one, other] = ends;
    return {
      ends: [endText(one), endText(other)],
      state: state.type,
      text: `${stateText(state)}${isSlow ? ', but much slower than others' : ''}`,
      isSlow,
      ...(state.type === 'up' && { latencyMs: state.latencyMs }),
    };
  });
}
