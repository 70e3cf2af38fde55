/**
 * Set-field, bytes to a value (OF1.3.5 section 7.2.5.8): the field's own TLV, padded to eight.
 */

import type { Part } from '../layout/struct.ts';
import { vlan } from '../values/constants.ts';
import { isError, ofError } from '../values/errors.ts';
import { fieldByNumber } from '../values/fields.ts';
import type { Action, OfError, Oxm } from '../values/structure-values.ts';
import { exceeds, hasStrayBits } from './match.ts';
import { oxmSize, readOxm, writeOxm } from './match-wire.ts';
import { oxmNumber } from './oxm.ts';

type SetField = Extract<Action, { readonly type: 'setField' }>;

/** Type and length, which actions.ts reads and writes. */
const HEAD = 4;

export const setField: Part<SetField> = {
  minimum: 8,
  isExact: false,
  read: (dv, at, end, strict) => {
    const length = end - at;
    const oxm = readOxm(dv, at + HEAD, end);
    if (isError(oxm)) return ofError('badAction', 'badSetLen', oxm.why);
    // Exactly the field, padded to eight (section 7.2.5.8).
    if (((HEAD + oxmSize(oxm) + 7) & ~7) !== length) {
      return ofError('badAction', 'badSetLen', `set-field of ${length} bytes`);
    }
    const wrong = strict ? checkSetField(oxm) : undefined;
    return wrong ?? { value: { type: 'setField', oxm }, size: length };
  },
  write: (to, { oxm }) => {
    to.room(HEAD);
    writeOxm(to, oxm);
  },
};

/**
 * Fields that no set-field may change (section 7.2.5.8; Open vSwitch's list). Metadata is one of
 * them too, but Open vSwitch takes it and our own entries set it: tenants are refused it by
 * translation/requests/flow-mod.ts.
 */
const readOnly: readonly string[] = ['in_port', 'eth_type', 'ip_proto', 'mpls_bos'];

function checkSetField(oxm: Oxm): OfError | undefined {
  const row = fieldByNumber(oxm.oxmClass, oxm.field);
  // As Open vSwitch says it, which knows fields by their lengths.
  if (!row) return ofError('badAction', 'badSetLen', `set-field of ${oxm.oxmClass}:${oxm.field}`);
  // Masks in set-field came with 1.5; OVS refuses them in 1.3 for registers, too.
  if (hasStrayBits(oxm)) {
    return ofError('badMatch', 'badWildcards', `${row.name} has value bits outside its mask`);
  }
  if (oxm.mask) return ofError('onf', 'badSetMask', 'set-field with a mask');
  const isNoTag = row.name === 'vlan_vid' && (Number(oxmNumber(oxm)) & vlan.present) === 0;
  if (exceeds(oxm.value, row) || isNoTag || readOnly.includes(row.name)) {
    return ofError('badAction', 'badSetArgument', `${row.name} cannot be set to this`);
  }
  return undefined;
}
