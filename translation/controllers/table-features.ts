/**
 * The features of a tenant's tables: the same for all tables, and wherever the vswitch lives.
 *
 * ovs-ofctl asks for them before it adds a flow by OpenFlow 1.3. They cannot be changed: Open
 * vSwitch refuses that too (OFPTFFC_EPERM).
 */

import { instructionIds } from '../../openflow/actions/instructions.ts';
import { encodeTableFeatures } from '../../openflow/messages/table-features.ts';
import { oxmClass } from '../../openflow/values/constants.ts';
import { type FieldName, type FieldRow, fields } from '../../openflow/values/fields.ts';
import { limits } from '../../slices/limits.ts';
import { TENANT_METADATA, TENANT_TABLES } from '../entries/pipeline.ts';

/** Refused (flow-mod.ts), or unknown to Open vSwitch. */
const notMatched: readonly FieldName[] = ['in_phy_port', 'tunnel_id', 'pbb_isid', 'ipv6_exthdr'];
/** Matched, but not set: whatever says what the packet is, or where it is. */
const notSet: readonly FieldName[] = ['in_port', 'metadata', 'eth_type', 'ip_proto', 'mpls_bos'];

const basic = (Object.keys(fields) as FieldName[]).filter((name) => {
  const row: FieldRow = fields[name];
  return row.oxmClass === oxmClass.basic;
});

export const matchable = basic.filter((name) => !notMatched.includes(name));
export const settable = matchable.filter((name) => !notSet.includes(name));

const instructions = keysOf(instructionIds);
const actions = [
  'output',
  'setMplsTtl',
  'decMplsTtl',
  'pushVlan',
  'popVlan',
  'pushMpls',
  'popMpls',
  'setQueue',
  'group',
  'setNwTtl',
  'decNwTtl',
  'setField',
] as const;

/** The body of every vswitch's reply. */
export const tableFeatures: Uint8Array = encodeTableFeatures(
  Array.from({ length: TENANT_TABLES }, (_, tableId) => {
    const next = Array.from({ length: TENANT_TABLES - tableId - 1 }, (_, i) => tableId + 1 + i);
    return {
      tableId,
      metadataMatch: TENANT_METADATA,
      metadataWrite: TENANT_METADATA,
      maxEntries: limits.rulesPerVswitchMax,
      instructions: instructions.filter((name) => name !== 'gotoTable' || next.length > 0),
      nextTables: next,
      actions,
      matches: matchable,
      setFields: settable,
    };
  }),
);

function keysOf<T extends object>(table: T): readonly (keyof T)[] {
  return Object.keys(table) as (keyof T)[];
}
