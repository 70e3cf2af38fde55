/**
 * Match fields that a tenant may use and none of its packets has: such rules match nothing, and are
 * kept and shown as they are.
 */
import { fieldOf, oxmNumber, withoutField } from '../../openflow/match/match.ts';
import { oxmClass } from '../../openflow/values/constants.ts';
import { fields } from '../../openflow/values/fields.ts';
import type { Match } from '../../openflow/values/values.ts';

/**
 * The tenant has no tunnels, whatever its packets travel in: their tunnel's id is 0. And ICMP has
 * eight bits where OpenFlow 1.0 may match on more.
 */
export function isMetByNone(match: Match): boolean {
  if (match.some((one) => one.oxmClass === oxmClass.only10)) return true;
  const tunnel = fieldOf(match, 'tunnel_id');
  return tunnel !== undefined && oxmNumber(tunnel) !== 0n;
}

/** Without what every packet of a tenant meets, and a packet below may not. */
export function asMet(match: Match): Match {
  const seen = withoutField(match, oxmClass.basic, fields.tunnel_id.field);
  return seen.filter((one) => one.oxmClass !== oxmClass.only10);
}
