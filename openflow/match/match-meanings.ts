/**
 * A match in 1.3's terms, for one that a flow-mod of OpenFlow 1.0 may have made (match10.ts).
 */
import { oxmClass } from '../values/constants.ts';
import { fields } from '../values/fields.ts';
import type { Match, Oxm } from '../values/structure-values.ts';
import { normalMatch, oxm, oxmNumber } from './match.ts';

/** As Open vSwitch: eight bits of what only 1.0 can have more of. */
export function matchIn13(match: Match): Match {
  if (!match.some((one) => one.oxmClass === oxmClass.only10)) return match;
  const in13 = (one: Oxm): Oxm => {
    if (one.oxmClass !== oxmClass.only10) return one;
    const isType = one.field === fields.icmp10_type.field;
    return oxm(isType ? 'icmpv4_type' : 'icmpv4_code', Number(oxmNumber(one)) & 0xff);
  };
  return normalMatch(match.map(in13));
}
