/**
 * The part of `status` about a switch over several datapaths, besides where it is.
 */
import type { Consistency } from '../../slices/config/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { isBig } from '../../slices/network/members.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { WithVswitch } from '../tenant/configured.ts';

export interface BigSwitchReport {
  readonly consistency: Consistency;
  /** The member that processes every packet; if it is eventual, those of no member's own hosts. */
  readonly primary: string;
  /** Members that process nothing now: away, or without room for the rules. */
  readonly without: readonly string[];
  /** Members that hold a part of its rules; absent: none. */
  readonly partial?: readonly string[];
}

/** Nothing of any other. */
export function bigSwitchReport(
  context: { datapaths(): readonly Datapath[] },
  {
    vswitch,
    placement,
    excluded,
  }: WithVswitch & {
    readonly excluded: { has(body: DatapathName): boolean };
  },
): { readonly bigSwitch?: BigSwitchReport } {
  if (!isBig(vswitch)) return {};
  const ready = new Set(context.datapaths().flatMap((one) => (one.isReady ? [one.name] : [])));
  const without = vswitch.members.filter((one) => !ready.has(one) || excluded.has(one));
  const { consistency, partial } = vswitch;
  const { primary } = placement;
  return { bigSwitch: { consistency, primary, without, ...(partial && { partial }) } };
}
