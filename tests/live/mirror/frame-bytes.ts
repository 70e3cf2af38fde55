/**
 * A frame's bytes as they are compared: less what may differ, which is one table with its clauses.
 *
 * Values hide what the codec normalises: padding, the order of fields, masks that are cut. So what
 * both sides sent is compared as bytes, too.
 */
import { viewOf } from '../../openflow/hex.ts';

/** Bytes of a frame, or of each of its rows, that are not compared: from, and up to. */
type Range = readonly [from: number, to: number];

interface Line {
  /** Of both versions, or of one. */
  readonly version?: 1 | 4;
  readonly type: number;
  /** Of multiparts. */
  readonly mpType?: number;
  /** Of vendors': which it is, and where in the frame it says so. */
  readonly subtype?: { readonly at: number; readonly is: number };
  /** Where rows begin, if there are any; else the frame is one row. */
  readonly rowsAt?: number;
  /** How long each is, or where it says so in 16 bits. */
  readonly row?: { readonly size: number } | { readonly lengthAt: number };
  /** Rows that both sides have. */
  readonly keeps?: (row: Uint8Array) => boolean;
  /** Where a match of 1.3 begins: its fields may stand in any order that prerequisites allow. */
  readonly matchAt?: number;
  readonly hides: readonly Range[];
  readonly why: string;
}

/** The last tables are ours. */
const TENANT_TABLES = 240;

function isTheirs([tableId = 0]: Uint8Array): boolean {
  return tableId < TENANT_TABLES;
}

const STATS = 19;
const STATS_10 = 17;
const order = 'no order is defined (OF1.3.5 sections 7.3.5.2 to 7.3.5.13)';
const times = `times; ${order}`;

const legal: readonly Line[] = [
  {
    ...{ type: 6, version: 4, hides: [[20, 21] as const, [24, 28] as const] },
    why: 'n_tables and capabilities: some tables are ours (OF1.3.5 section 7.3.1)',
  },
  {
    ...{ type: 6, version: 1, rowsAt: 32, row: { size: 48 }, hides: [] },
    why: 'n_tables and capabilities are in front of the rows; ports in any order',
  },
  {
    ...{ type: 11, version: 4, matchAt: 48, hides: [[20, 28]] },
    why: 'times (OF1.3.5 section 7.4.2); the order of fields, as in statistics',
  },
  { type: 10, version: 4, hides: [[16, 20]], why: 'cookie of a packet-in: compared as a value' },
  { type: 11, version: 1, hides: [[60, 68]], why: 'times (OF1.0.1 section 5.4.3)' },
  {
    ...{ type: STATS, mpType: 0, hides: [[16, 1072]] as const },
    why: 'who made the switch: it was us (OF1.3.5 section 7.3.5.1)',
  },
  {
    ...{ type: STATS, mpType: 1, rowsAt: 16, row: { lengthAt: 0 }, matchAt: 48, hides: [[4, 12]] },
    why: `${times}; fields in any order that prerequisites allow (section 7.2.3.6)`,
  },
  {
    ...{ type: STATS, mpType: 3, rowsAt: 16, row: { size: 24 }, keeps: isTheirs },
    hides: [[8, 24]],
    why: 'rows of tables that are ours; counts are since the switch began (section 7.3.5.4)',
  },
  {
    ...{ type: STATS, mpType: 4, rowsAt: 16, row: { size: 112 }, hides: [[104, 112]] },
    why: times,
  },
  {
    ...{ type: STATS, mpType: 5, rowsAt: 16, row: { size: 40 }, hides: [[8, 40]] },
    why: 'what queue 0 has sent: compared as values; times (section 7.3.5.8)',
  },
  {
    ...{ type: STATS, mpType: 6, rowsAt: 16, row: { lengthAt: 0 }, hides: [[32, 40]] },
    why: times,
  },
  { ...{ type: STATS, mpType: 7, rowsAt: 16, row: { lengthAt: 0 }, hides: [] }, why: order },
  {
    ...{ type: STATS, mpType: 8, hides: [[24, 40]] as const },
    why: 'how many groups there may be is a quota (section 7.3.5.11)',
  },
  {
    ...{ type: STATS, mpType: 9, rowsAt: 16, row: { lengthAt: 4 }, hides: [[32, 40]] },
    why: times,
  },
  { ...{ type: STATS, mpType: 10, rowsAt: 16, row: { lengthAt: 0 }, hides: [] }, why: order },
  {
    ...{ type: STATS, mpType: 11, hides: [[16, 20]] as const },
    why: 'how many meters there may be is a quota (section 7.3.5.14)',
  },
  {
    ...{ type: STATS, mpType: 12, hides: [[16, 0xffff]] as const },
    why: 'what tables can do: no more is promised than is there (section 7.3.5.5)',
  },
  { ...{ type: STATS, mpType: 13, rowsAt: 16, row: { size: 64 }, hides: [] }, why: order },
  {
    ...{ type: STATS_10, version: 1, mpType: 0, hides: [[12, 1068]] as const },
    why: 'who made the switch: it was us (OF1.0.1 section 5.3.5)',
  },
  {
    ...{ type: STATS_10, version: 1, mpType: 1, rowsAt: 12, row: { lengthAt: 0 } },
    ...{ hides: [[44, 52]], why: times },
  },
  {
    ...{ type: STATS_10, version: 1, mpType: 3, rowsAt: 12, row: { size: 64 }, keeps: isTheirs },
    hides: [
      [40, 44],
      [48, 64],
    ],
    why: 'as in 1.3; how many rules there may be is a quota (OF1.0.1 section 5.3.5)',
  },
  {
    ...{ type: STATS_10, version: 1, mpType: 4, rowsAt: 12, row: { size: 104 } },
    ...{ hides: [], why: order },
  },
  {
    ...{ type: STATS_10, version: 1, mpType: 5, rowsAt: 12, row: { size: 32 } },
    ...{ hides: [[8, 32]], why: 'as in 1.3' },
  },
  {
    ...{ type: STATS_10, version: 1, mpType: 13, rowsAt: 12, row: { size: 48 } },
    ...{ hides: [], why: order },
  },
  {
    ...{ type: STATS_10, version: 1, mpType: 0xffff, subtype: { at: 16, is: 0 } },
    ...{
      rowsAt: 24,
      row: { lengthAt: 0 },
      hides: [
        [4, 12],
        [24, 28],
      ],
      why: `Nicira’s flow statistics: ${times}`,
    },
  },
  {
    ...{ type: STATS_10, version: 1, mpType: 0xffff, subtype: { at: 16, is: 2 } },
    ...{ rowsAt: 24, row: { lengthAt: 0 }, hides: [] },
    why: 'what monitors tell of several rules that change at once: no order is defined',
  },
  {
    ...{ type: STATS, version: 4, mpType: 0xffff, subtype: { at: 20, is: 1870 } },
    ...{ rowsAt: 24, row: { lengthAt: 0 }, matchAt: 24, hides: [] },
    why: 'as in 1.0; fields in any order that prerequisites allow (section 7.2.3.6)',
  },
  {
    ...{ type: 4, version: 1, subtype: { at: 12, is: 14 }, hides: [[28, 36]] as const },
    why: 'times of Nicira’s flow-removed',
  },
  {
    ...{ type: 23, version: 4, rowsAt: 16, row: { lengthAt: 8 }, hides: [], why: order },
  },
  { type: 21, version: 1, rowsAt: 16, row: { lengthAt: 4 }, hides: [], why: order },
];

/** All parts of one message, as text. */
export function bytesText(frames: readonly Uint8Array[]): string {
  const [first] = frames;
  if (first === undefined) return '';
  const line = lineOf(first);
  if (line?.rowsAt === undefined) {
    return frames.map((frame) => hidden(ordered(frame, line), line?.hides ?? [])).join(' ');
  }
  const { rowsAt, row, hides, keeps = () => true } = line;
  const all = frames.flatMap((frame) => rowsOf(frame.subarray(rowsAt), row ?? { size: 0 }));
  const rows = all.filter(keeps);
  const head = hidden(first.subarray(4, Math.min(8, rowsAt)), []);
  return [head, ...rows.map((one) => hidden(ordered(one, line), hides)).sort()].join('\n      ');
}

/** With the fields of its match in the order of their numbers. */
function ordered(bytes: Uint8Array, line: Line | undefined): Uint8Array {
  if (line?.matchAt === undefined || line.matchAt >= bytes.length) return bytes;
  const dv = viewOf(bytes);
  const end = line.matchAt + dv.getUint16(line.matchAt + 2);
  const fields: Uint8Array[] = [];
  for (let at = line.matchAt + 4; at < end; ) {
    const size = 4 + (bytes[at + 3] ?? 0);
    fields.push(bytes.subarray(at, at + size));
    at += size;
  }
  const key = (field: Uint8Array): number => viewOf(field).getUint32(0);
  const sorted = fields.toSorted((a, b) => key(a) - key(b)).flatMap((field) => [...field]);
  const made = bytes.slice();
  made.set(sorted, line.matchAt + 4);
  return made;
}

function lineOf(frame: Uint8Array): Line | undefined {
  const [version, type] = frame;
  const mpType = viewOf(frame).byteLength >= 10 ? viewOf(frame).getUint16(8) : undefined;
  return legal.find((one) => {
    if (one.type !== type || (one.version ?? 4) !== version) return false;
    const { subtype } = one;
    const isLong = subtype === undefined || frame.length >= subtype.at + 4;
    if (!isLong) return false;
    if (subtype !== undefined && viewOf(frame).getUint32(subtype.at) !== subtype.is) return false;
    return one.mpType === undefined || one.mpType === mpType;
  });
}

function rowsOf(body: Uint8Array, row: NonNullable<Line['row']>): readonly Uint8Array[] {
  const rows: Uint8Array[] = [];
  for (let at = 0; at < body.length; ) {
    const size = 'size' in row ? row.size : viewOf(body).getUint16(at + row.lengthAt);
    const length = Math.max(8, size);
    rows.push(body.subarray(at, at + length));
    at += length;
  }
  return rows;
}

function hidden(bytes: Uint8Array, ranges: readonly Range[]): string {
  const isHidden = (i: number): boolean => ranges.some(([from, to]) => i >= from && i < to);
  return Array.from(bytes, (byte, i) =>
    isHidden(i) ? '..' : byte.toString(16).padStart(2, '0'),
  ).join('');
}
