/**
 * The differences in meaning between a flow-mod of OpenFlow 1.0 and one of 1.3 (rulebook.ts).
 */
import { version } from '../../openflow/values/constants.ts';
import type { FlowMod } from '../../openflow/values/values.ts';

/**
 * In OpenFlow 1.0 an add resets counters, and a modify changes the cookie and adds what it does not
 * find (OF1.0.1 section 4.6; Open vSwitch's design.rst has the table).
 */
export function is10(mod: Pick<FlowMod, 'version'>): boolean {
  return mod.version === version.of10;
}

/** A cookie with which Open vSwitch's modify leaves the rule its own. */
const KEEP_COOKIE = 0xffff_ffff_ffff_ffffn;

/** A rule's cookie after a modify. */
export function cookieAfter(
  mod: Pick<FlowMod, 'version' | 'cookie' | 'newCookie'>,
  before: bigint,
): bigint {
  return mod.newCookie ?? (is10(mod) && mod.cookie !== KEEP_COOKIE ? mod.cookie : before);
}
