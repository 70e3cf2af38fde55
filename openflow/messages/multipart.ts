/**
 * Bodies of multipart requests and replies of both versions, one line each (OF1.3.5 section 7.3.5,
 * OF1.0.1 section 5.3.5).
 *
 * One frame at a time; request-parts.ts joins what a controller sent in several. What filters and
 * rows look like is statistics.ts's. Kinds that nothing here needs to understand stay bytes
 * (`other`).
 */

import { bytesOf, layout } from '../layout/layout.ts';
import { badLength, list, type Part, struct } from '../layout/struct.ts';
import type { Writer } from '../layout/writer.ts';
import { multipartType as types, type Version, version } from '../values/constants.ts';
import { isError, ofError } from '../values/errors.ts';
import type { MultipartReplyBody, MultipartRequestBody, OfError } from '../values/values.ts';
import { multipart, multipart10 } from './message-layouts.ts';
import * as is from './statistics.ts';
import { port, port10 } from './structs.ts';

type MultipartBody = MultipartRequestBody | MultipartReplyBody;
export type MultipartKind = Exclude<MultipartBody['kind'], 'other'>;

/** A body: under which name the value has it, or else its fields are the value's. */
interface Shape {
  readonly key?: string;
  readonly part: Part<unknown>;
  /** Of a list: its rows. */
  readonly row?: Part<unknown>;
}
/** A version's request and reply. */
type Pair = readonly [request: Shape, reply: Shape];

function one(part: object, key?: string): Shape {
  return { part: part as Part<unknown>, ...(key !== undefined && { key }) };
}

function rows(key: string, row: object): Shape {
  return { key, part: list(row as Part<unknown>), row: row as Part<unknown> };
}

const nothing = one(struct('nothing', layout('Nothing', {}), {}));
const portDesc: Pair = [nothing, rows('ports', port)];
const filters = { of13: one(is.flowFilter, 'filter'), of10: one(is.flowFilter10, 'filter') };

/** OFPMP_*; OFPST_* has the same numbers. Groups and meters came after 1.0. */
const table: Readonly<Record<MultipartKind, { of13: Pair; of10?: Pair }>> = {
  desc: { of13: [nothing, one(is.desc)], of10: [nothing, one(is.desc)] },
  flow: {
    of13: [filters.of13, rows('flows', is.flowRow)],
    of10: [filters.of10, rows('flows', is.flowRow10)],
  },
  aggregate: {
    of13: [filters.of13, one(is.aggregate)],
    of10: [filters.of10, one(is.aggregate)],
  },
  table: {
    of13: [nothing, rows('tables', is.tableRow)],
    of10: [nothing, rows('tables', is.tableRow10)],
  },
  portStats: {
    of13: [one(is.portFilter), rows('ports', is.portRow)],
    of10: [one(is.portFilter10), rows('ports', is.portRow10)],
  },
  queueStats: {
    of13: [one(is.queueFilter), rows('queues', is.queueRow)],
    of10: [one(is.queueFilter10), rows('queues', is.queueRow10)],
  },
  groupStats: { of13: [one(is.groupFilter), rows('groups', is.groupRow)] },
  groupDesc: { of13: [nothing, rows('groups', is.groupDescRow)] },
  groupFeatures: { of13: [nothing, one(is.groupFeatures)] },
  meterStats: { of13: [one(is.meterFilter), rows('meters', is.meterRow)] },
  meterConfig: { of13: [one(is.meterFilter), rows('meters', is.meterConfigRow)] },
  meterFeatures: { of13: [nothing, one(is.meterFeatures)] },
  /** Open vSwitch has it in 1.0, too, under 1.3's number. */
  portDesc: { of13: portDesc, of10: [nothing, rows('ports', port10)] },
};

/** What may be asked and stays bytes. */
const asBytes: Readonly<Record<Version, readonly number[]>> = {
  [version.of10]: [types.experimenter],
  [version.of13]: [types.tableFeatures, types.experimenter],
};

function pairOf(spoken: Version, kind: string): Pair | undefined {
  if (!Object.hasOwn(table, kind)) return undefined;
  const { of10, of13 } = table[kind as MultipartKind];
  return spoken === version.of10 ? of10 : of13;
}

/** Kinds by number. */
const kinds = new Map(
  (Object.keys(table) as MultipartKind[]).map((kind) => [types[kind], kind] as const),
) as ReadonlyMap<number, MultipartKind>;

/** Whether a version has statistics of this kind. */
export function hasKind(spoken: Version, kind: MultipartBody['kind']): boolean {
  return kind === 'other' || pairOf(spoken, kind) !== undefined;
}

/** OFPMP_* of a body. */
export function typeOfBody(body: MultipartBody): number {
  return body.kind === 'other' ? body.mpType : types[body.kind];
}

const REQUEST = 0;
const REPLY = 1;

/** The body behind a multipart's fixed part, which has its type. */
export function requestBody(spoken: Version): Part<MultipartRequestBody> {
  return bodyPart(spoken, REQUEST) as Part<MultipartBody> as Part<MultipartRequestBody>;
}

export function replyBody(spoken: Version): Part<MultipartReplyBody> {
  return bodyPart(spoken, REPLY) as Part<MultipartBody> as Part<MultipartReplyBody>;
}

function bodyPart(spoken: Version, side: typeof REQUEST | typeof REPLY): Part<MultipartBody> {
  const fixed = spoken === version.of10 ? multipart10 : multipart;
  return {
    minimum: 0,
    isExact: false,
    read: (dv, at, end, strict) => {
      const mpType = fixed.get.mpType(dv, at - fixed.size);
      const kind = kinds.get(mpType);
      const shape = kind && pairOf(spoken, kind)?.[side];
      if (kind !== undefined && shape !== undefined) {
        return readShape(kind, shape, dv, at, end, strict);
      }
      if (side === REQUEST && !asBytes[spoken].includes(mpType)) {
        return ofError('badRequest', 'badMultipart', `multipart type ${mpType}`);
      }
      const body = bytesOf(dv, at, end - at).slice();
      return { value: { kind: 'other', mpType, body }, size: end - at };
    },
    write: (to, body) => {
      fixed.set.mpType(to.dv, to.at - fixed.size, typeOfBody(body));
      if (body.kind === 'other') to.put(body.body);
      else writeShape(to, spoken, side, body);
    },
  };
}

function readShape(
  kind: string,
  { key, part }: Shape,
  dv: DataView,
  at: number,
  end: number,
  strict: boolean,
): { value: MultipartBody; size: number } | OfError {
  const size = end - at;
  if (size < part.minimum || (part.isExact && size > part.minimum)) {
    return badLength(`multipart ${kind} of a wrong length`);
  }
  const found = part.read(dv, at, end, strict);
  if (isError(found)) return found;
  const fields = key === undefined ? (found.value as object) : { [key]: found.value };
  return { value: { kind, ...fields } as MultipartBody, size };
}

function writeShape(
  to: Writer,
  spoken: Version,
  side: typeof REQUEST | typeof REPLY,
  body: MultipartBody,
): void {
  const shape = pairOf(spoken, body.kind)?.[side];
  if (shape === undefined) throw new Error(`OpenFlow 1.0 has no statistics of kind ${body.kind}`);
  const { key, part } = shape;
  part.write(to, key === undefined ? body : (body as unknown as Record<string, unknown>)[key]);
}

/** A reply that is a list: under which name the value has it, and how a row is written. */
export interface ListRow {
  readonly key: string;
  readonly row: Part<unknown>;
}

/** The list a reply's kind is, if it is one. */
export function listOf(spoken: Version, kind: string): ListRow | undefined {
  const { key, row } = pairOf(spoken, kind)?.[REPLY] ?? {};
  return key === undefined || row === undefined ? undefined : { key, row };
}

/** The rows of a reply that is a list. */
export function rowsOf(reply: MultipartReplyBody, { key }: ListRow): readonly unknown[] {
  // Each list's key names an array of the value; the compiler cannot pair them up by kind.
  return (reply as unknown as Record<string, readonly unknown[]>)[key] ?? [];
}

/** The reply of a kind of list that has these rows. */
export function listReply(kind: string, { key }: ListRow, all: unknown[]): MultipartReplyBody {
  return { kind, [key]: all } as unknown as MultipartReplyBody;
}
