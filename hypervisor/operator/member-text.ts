/**
 * The results for members of big switches whose datapath was left, in words.
 */
import type { MemberLeft } from './drained-members.ts';

/** A line each. */
export function membersLeftText(left: readonly MemberLeft[]): readonly string[] {
  return left.map(({ vswitch, from, to, why }) => {
    if (why !== undefined) return `the member of ${vswitch} stays: ${why}`;
    if (from === undefined) return `${vswitch} has the member ${to} again`;
    return to === undefined
      ? `${vswitch} is on its other members, without ${from}`
      : `${vswitch} has the member ${to} in place of ${from}`;
  });
}
