/**
 * The registers of a tenant: four of Open vSwitch's, which nothing of ours reads or writes, under
 * the first four numbers; and the fields of a packet that Nicira's actions may change.
 *
 * It is an allow list, by the TLV headers that such actions name fields with: what is not here is
 * refused (requests/nicira-actions.ts), and encoding it would be our mistake. A register is zero
 * when a packet enters a vswitch: Open vSwitch begins with zeros, what crosses to a neighbour on
 * the same datapath leaves them behind (wiring/recirculation.ts), and no header carries any.
 */
import { headerOf as niciraHeaderOf } from '../../openflow/match/nicira-match.ts';
import { oxm } from '../../openflow/match/oxm.ts';
import { oxmClass } from '../../openflow/values/constants.ts';
import {
  type Field,
  type FieldName,
  fieldByNumber,
  fields,
  headerOf,
} from '../../openflow/values/fields.ts';
import type { Action, Oxm } from '../../openflow/values/values.ts';

/** By the tenant's number, which register of the datapath's it is (pipeline.ts has the others). */
const below = ['reg6', 'reg7', 'reg10', 'reg11'] as const satisfies readonly FieldName[];

/** Whether a field of a tenant's match is a register that it has. */
export function isTenantRegister({
  oxmClass: cls,
  field,
}: Pick<Oxm, 'oxmClass' | 'field'>): boolean {
  return cls === oxmClass.nxm1 && field < below.length;
}

/** A field of a tenant's match, on a datapath. */
export function registerBelow(one: Oxm): Oxm {
  const name = isTenantRegister(one) ? below[one.field] : undefined;
  return name === undefined ? one : { ...one, field: fields[name].field };
}

/** The TLV headers that name them on a datapath, and to the tenant. */
export const registerHeaders = below.map((name) => headerOf(fields[name]));
export const tenantHeaders = below.map((_, number) => {
  return headerOf({ ...fields.reg0, field: fields.reg0.field + number });
});

/** What they hold where none holds anything. */
export const zeroRegisters: readonly number[] = below.map(() => 0);

/** All are zero again. */
export const noRegisters: readonly Action[] = below.map((name) => {
  return { type: 'setField', oxm: oxm(name, 0) } as const;
});

/** Fields of packets that a load or a move may change, and those that a move may only read. */
const changed: readonly FieldName[] = [
  ...(['eth_src', 'eth_dst', 'ipv4_src', 'ipv4_dst', 'tcp_src', 'tcp_dst'] as const),
  ...(['udp_src', 'udp_dst', 'arp_spa', 'arp_tpa', 'arp_sha', 'arp_tha'] as const),
];
const read: readonly FieldName[] = ['eth_type', 'ip_proto', 'arp_op'];

/** A field that Nicira's actions name. */
export interface NamedField {
  /** Of packets; of a register, its own. */
  readonly row: Field;
  readonly isWritable: boolean;
  /** The TLV header that names it on a datapath, as Open vSwitch says it of what it holds. */
  readonly below: number;
}

const byHeader = new Map<number, NamedField>();
for (const name of [...changed, ...read]) {
  const header = niciraHeaderOf(name);
  const { oxmClass: cls, field } = fields[name];
  const row = fieldByNumber(cls, field);
  if (header === undefined || row === undefined) throw new Error(`${name} has no Nicira number`);
  byHeader.set(header, { row, isWritable: changed.includes(name), below: header });
}
for (const [number, name] of below.entries()) {
  const row = fieldByNumber(oxmClass.nxm1, number);
  if (row === undefined) throw new Error(`register ${number} has no line`);
  byHeader.set(headerOf(row), { row, isWritable: true, below: headerOf(fields[name]) });
}

/** The field that a tenant's header names; undefined when it may not. */
export function namedField(header: number): NamedField | undefined {
  return byHeader.get(header);
}
