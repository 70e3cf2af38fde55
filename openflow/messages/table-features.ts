/**
 * ofp_table_features as bytes (OF1.3.5 section 7.3.5.5): what a table can match, set and do.
 */
import { actionIds } from '../actions/actions.ts';
import { instructionIds } from '../actions/instructions.ts';
import { layout, bytes as octets, pad, size16, u8, u16, u32, u64 } from '../layout/layout.ts';
import { Writer } from '../layout/writer.ts';
import { type FieldName, type FieldRow, fields } from '../values/fields.ts';

export interface TableFeatures {
  readonly tableId: number;
  readonly metadataMatch: bigint;
  readonly metadataWrite: bigint;
  readonly maxEntries: number;
  readonly instructions: readonly (keyof typeof instructionIds)[];
  readonly nextTables: readonly number[];
  /** Of apply-actions and of write-actions. */
  readonly actions: readonly (keyof typeof actionIds)[];
  readonly matches: readonly FieldName[];
  readonly setFields: readonly FieldName[];
}

const fixed = layout('TableFeatures', {
  length: size16,
  tableId: u8,
  pad: pad(5),
  name: octets(32),
  metadataMatch: u64,
  metadataWrite: u64,
  config: u32,
  maxEntries: u32,
});

const propertyHead = layout('TableFeatureProperty', { type: u16, length: size16 });

/** OFPTFPT_*. Those of table-miss rules are left out: they are the same (section 7.3.5.5.2). */
const property = {
  instructions: 0,
  nextTables: 2,
  writeActions: 4,
  applyActions: 6,
  match: 8,
  wildcards: 10,
  writeSetField: 12,
  applySetField: 14,
} as const;

/** The rows of a reply, one after the other. */
export function encodeTableFeatures(tables: readonly TableFeatures[]): Uint8Array {
  const to = new Writer();
  for (const table of tables) writeTable(to, table);
  return to.finish();
}

function writeTable(to: Writer, table: TableFeatures): void {
  const start = to.room(fixed.size);
  const actions = table.actions.flatMap((name) => idBytes(actionIds[name]));
  const sets = table.setFields.flatMap((name) => fieldBytes(fields[name], false));
  const matched = table.matches.flatMap((name) => fieldBytes(fields[name], fields[name].maskable));
  const wild = table.matches.flatMap((name) => fieldBytes(fields[name], false));
  const instructions = table.instructions.flatMap((name) => idBytes(instructionIds[name]));
  writeProperty(to, property.instructions, instructions);
  writeProperty(to, property.nextTables, table.nextTables);
  writeProperty(to, property.writeActions, actions);
  writeProperty(to, property.applyActions, actions);
  writeProperty(to, property.match, matched);
  writeProperty(to, property.wildcards, wild);
  writeProperty(to, property.writeSetField, sets);
  writeProperty(to, property.applySetField, sets);
  fixed.write(to.dv, start, {
    ...table,
    name: new Uint8Array(32),
    config: 0,
  });
  to.end(fixed, start);
}

/** The length leaves out the padding to eight bytes that follows. */
function writeProperty(to: Writer, type: number, data: readonly number[]): void {
  const at = to.room(propertyHead.size);
  propertyHead.write(to.dv, at, { type });
  to.put(Uint8Array.from(data));
  to.end(propertyHead, at);
  to.align(at);
}

function idBytes(type: number): readonly number[] {
  return [type >> 8, type & 0xff, 0, 4];
}

/** A field's OXM header. */
function fieldBytes({ oxmClass, field, size }: FieldRow, masked: boolean): readonly number[] {
  const low = masked ? 1 : 0;
  return [oxmClass >> 8, oxmClass & 0xff, (field << 1) | low, size << low];
}
