/**
 * Reads a datapath's entries in parts: a long reading is split into several requests, each sent
 * when the one before is answered. A datapath answers in order, so other requests, barriers above
 * all, would otherwise wait for the whole reading.
 *
 * Each request is for entries whose cookies end alike: cookies end with the serials of rules, which
 * a tenant does not choose (translation/entries/pipeline.ts). Every cookie is in exactly one of
 * them.
 */
import { version } from '../../openflow/values/constants.ts';
import type {
  FlowStats,
  FlowStatsFilter,
  MultipartReplyBody,
} from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { Datapath } from './datapath.ts';
import type { Part } from './queries.ts';

/** The entries in a part of an answer. */
export function flowsOf(part: MultipartReplyBody): readonly FlowStats[] {
  return part.kind === 'flow' ? part.flows : [];
}

/** The entries in a whole answer; none when there was none. */
export function flowsIn(parts: readonly MultipartReplyBody[] | undefined): readonly FlowStats[] {
  return (parts ?? []).flatMap(flowsOf);
}

/** Requests for what some entries come to: a power of two of them. */
export function asksFor(bytes: number): number {
  let count = 1;
  while (count < limits.entryAsksMax && bytes / count > limits.entryBytesAtOnce) count *= 2;
  return count;
}

/** The filters that `count` requests have instead of one, whose cookie ends with no bit. */
export function partsOf(filter: FlowStatsFilter, count: number): readonly FlowStatsFilter[] {
  const mask = filter.cookieMask | BigInt(count - 1);
  return Array.from({ length: count }, (_, i) => {
    return { ...filter, cookie: filter.cookie | BigInt(i), cookieMask: mask };
  });
}

/** Somebody with rules on datapaths: about how many bytes they are on each. */
export interface RulesOn {
  livesOn(datapath: DatapathName): boolean;
  readonly rulebook: { readonly belowBytes: number };
}

/** Of the rules that vswitches have on a datapath. */
export function bytesOn(owners: readonly RulesOn[], on: DatapathName): number {
  const there = owners.filter((one) => one.livesOn(on));
  return there.reduce((sum, { rulebook }) => sum + rulebook.belowBytes, 0);
}

/** As `Datapath.stream`, of entries that are about so many bytes there. */
export function streamEntries(
  scheduler: Scheduler,
  datapath: Datapath,
  { filter, bytes }: { readonly filter: FlowStatsFilter; readonly bytes: number },
  part: Part,
  done: (isWhole: boolean) => void,
): void {
  // OpenFlow 1.0 selects by no cookie.
  const count = datapath.version === version.of10 ? 1 : asksFor(bytes);
  const left = [...partsOf(filter, count)];
  const next = (isWhole: boolean): void => {
    const one = left.shift();
    if (!isWhole || one === undefined) done(isWhole);
    else datapath.stream(scheduler, { kind: 'flow', filter: one }, part, next);
  };
  next(true);
}
