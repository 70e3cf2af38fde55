/**
 * A datapath's report of its features, and the conclusions from it: its capacity, which counts as
 * `capacity` of the file does where that says nothing (slices/placement/), and whether flows can be
 * spread there.
 */
import { groupType, multipartType } from '../../openflow/values/constants.ts';
import type { MultipartReplyBody, MultipartRequestBody } from '../../openflow/values/values.ts';
import type { Config } from '../../slices/config/config.ts';
import type { Amounts } from '../../slices/config/reservations.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { eachNameAt } from '../../slices/network/places.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { tables } from '../entries/pipeline.ts';

/** Whether it matters how much there is of something. */
export function reservesRoom({ vswitches }: Config): boolean {
  return vswitches.some(({ reserve, place }) => reserve !== undefined || place !== undefined);
}

/** A vport whose flows are spread from there; undefined when there is none. */
export function spreadFrom(snapshot: Snapshot, on: DatapathName): string | undefined {
  for (const name of eachNameAt(snapshot, on)) {
    const own = snapshot.wires.get(name) ?? [];
    const spread = own.find(({ role, from }) => role === 'shared' && from === on);
    if (spread !== undefined) return spread.what;
  }
  return undefined;
}

/** No body: what there is, and nothing is changed (OF1.3.5 section 7.3.5.5.1). */
export const tableFeaturesRequest: MultipartRequestBody = {
  kind: 'other',
  mpType: multipartType.tableFeatures,
  body: new Uint8Array(),
};

/** Where ofp_table_features has its length, its table and how many entries that has. */
const LENGTH_AT = 0;
const TABLE_AT = 2;
const MAX_ENTRIES_AT = 60;
const FEATURES_BYTES = 64;

/** What it says that it can hold; what it does not say is not limited. */
export function roomIn(parts: readonly MultipartReplyBody[]): Amounts {
  const rules = Math.min(...parts.flatMap(entriesIn));
  const groups = Math.min(...parts.flatMap(groupsIn));
  const meters = parts.flatMap((one) => (one.kind === 'meterFeatures' ? [one.maxMeter] : []))[0];
  return {
    ...(Number.isFinite(rules) && { rules }),
    ...(Number.isFinite(groups) && { groups }),
    ...(meters !== undefined && { meters }),
  };
}

/** Of each table where tenants' rules may be: any may be the one that is full. */
function entriesIn(part: MultipartReplyBody): readonly number[] {
  if (part.kind === 'table') {
    return part.tables.flatMap((one) => (one.of10 === undefined ? [] : [one.of10.maxEntries]));
  }
  if (part.kind !== 'other' || part.mpType !== multipartType.tableFeatures) return [];
  const dv = new DataView(part.body.buffer, part.body.byteOffset, part.body.byteLength);
  const found: number[] = [];
  for (let at = 0; at + FEATURES_BYTES <= dv.byteLength; ) {
    if (dv.getUint8(at + TABLE_AT) < tables.egress) found.push(dv.getUint32(at + MAX_ENTRIES_AT));
    at += Math.max(FEATURES_BYTES, Math.ceil(dv.getUint16(at + LENGTH_AT) / 8) * 8);
  }
  return found;
}

/** Of each type that it has. */
function groupsIn(part: MultipartReplyBody): readonly number[] {
  if (part.kind !== 'groupFeatures') return [];
  const { types, maxAll, maxSelect, maxIndirect, maxFf } = part;
  const all = [
    [groupType.all, maxAll],
    [groupType.select, maxSelect],
    [groupType.indirect, maxIndirect],
    [groupType.ff, maxFf],
  ] as const;
  return all.flatMap(([type, max]) => (has(types, type) ? [max] : []));
}

function has(types: number, type: number): boolean {
  return (types & (1 << type)) !== 0;
}

/** Why flows of `spread` cannot be spread there: nothing is tried that it says it has not. */
export function whyNoSelect(
  parts: readonly MultipartReplyBody[],
  spread: string | undefined,
): string | undefined {
  if (spread === undefined) return undefined;
  const said = parts.find((one) => one.kind === 'groupFeatures');
  if (said === undefined || has(said.types, groupType.select)) return undefined;
  return (
    `${spread} has "spread: select", and the datapath says that it has no select groups: ` +
    'remove that, or let the link begin elsewhere'
  );
}
