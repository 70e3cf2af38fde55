/**
 * A tenant's LLDP on a virtual link never touches a wire (DESIGN, "Ports").
 *
 * Physical switches eat LLDP, and a hypervisor must not take a tenant's for its own. So a
 * packet-out of LLDP to a port with a virtual link arrives as the neighbour's packet-in, when the
 * neighbour's own rules would send it up; when they would do something else with it, it goes by
 * the data plane as any packet does.
 */

import { parsePacket } from '../../openflow/packet/packet.ts';
import { port as ofpp } from '../../openflow/values/constants.ts';
import type { Action } from '../../openflow/values/values.ts';
import type { VirtualEnd } from '../../slices/config/config.ts';
import type { Vport } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { MatchedRule } from '../../slices/rules/lookup.ts';
import type { Rule, Rulebook } from '../../slices/rules/rulebook.ts';
import type { PacketOut } from './packet-out.ts';

export interface LldpShortcut {
  readonly from: Vport;
  readonly to: VirtualEnd;
  /** The neighbour's rule that sends the packet up, and the packet's metadata by then. */
  readonly met: MatchedRule;
}

/** The ethertype (IEEE 802.1AB). */
export const LLDP = 0x88cc;
const ETHERTYPE_AT = 12;

/** Where a packet-out of LLDP goes without a wire, and the actions that are left for the rest. */
export function forwardLldp(
  vswitch: Vswitch,
  out: PacketOut,
  rulebookOf: (vswitch: VirtualEnd['device']) => Rulebook | undefined,
): { readonly carried: readonly LldpShortcut[]; readonly rest: readonly Action[] } {
  const plain = out.actions.every((action) => action.type === 'output');
  if (!plain || !isLldp(out.data)) return { carried: [], rest: out.actions };
  const carried: LldpShortcut[] = [];
  const rest = out.actions.filter((action) => {
    // To its own ingress port it would not go, on a switch; the data plane sees to that.
    if (action.type !== 'output' || action.port === out.inPort) return true;
    const attachment = vswitch.ports.get(action.port as Vport);
    if (attachment?.type !== 'link') return true;
    const to = attachment.peer;
    const met = rulebookOf(to.device)?.lookup(parsePacket(out.data), to.port);
    if (met === undefined || !onlySendsUp(met.rule)) return true;
    carried.push({ from: action.port as Vport, to, met });
    return false;
  });
  return { carried, rest };
}

function isLldp(data: Uint8Array): boolean {
  return ((data[ETHERTYPE_AT] ?? 0) << 8) + (data[ETHERTYPE_AT + 1] ?? 0) === LLDP;
}

function onlySendsUp(rule: Rule): boolean {
  const [only, ...more] = rule.instructions;
  if (only?.type !== 'applyActions' || more.length > 0) return false;
  return (
    only.actions.length > 0 &&
    only.actions.every((action) => action.type === 'output' && action.port === ofpp.controller)
  );
}
