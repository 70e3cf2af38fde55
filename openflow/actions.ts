/**
 * Actions and lists of them, bytes to values and back (OF1.3.5 section 7.2.5).
 *
 * Used by packet-outs, instructions (instructions.ts) and buckets (groups.ts). An action type is
 * one row of `rows`; a type of values.ts without a row does not compile.
 */
import { nshMdType as mdTypeProperty, nicira } from './constants.ts';
import { isError, ofError } from './errors.ts';
import { bytesOf } from './layout.ts';
import { writeOxm } from './matchwire.ts';
import { readSetField } from './set-field.ts';
import { actionLayouts as layouts } from './structs.ts';
import type { Action, Action13, OfError } from './values.ts';
import type { Writer } from './writer.ts';

type ActionType = Action13['type'];
type ActionOf<T extends ActionType> = Extract<Action13, { readonly type: T }>;

interface Row<A> {
  /** OFPAT_*. */
  readonly number: number;
  /** Exact length in bytes; absent where it varies. */
  readonly size?: number;
  read(
    dv: DataView,
    at: number,
    length: number,
    strict: boolean,
    isInner?: boolean,
  ): Action | OfError;
  /** Writes what follows the type and length, at `at` or appended. */
  write?(to: Writer, at: number, action: A): void;
}

const { output, group, setQueue, ttl, ethertype, experimenter, move, resubmit } = layouts;
const { load, clone, encap, decap, nshMdType } = layouts;

type Tag = 'pushVlan' | 'pushMpls' | 'popMpls' | 'pushPbb';
type Plain = 'popVlan' | 'popPbb' | 'copyTtlOut' | 'copyTtlIn' | 'decMplsTtl' | 'decNwTtl';
type SetTtl = 'setMplsTtl' | 'setNwTtl';

/** The push and pop actions that carry an ethertype. */
function tag(type: Tag, number: number): Row<ActionOf<Tag>> {
  return {
    number,
    size: 8,
    read: (dv, at) => ({ type, ethertype: ethertype.get.ethertype(dv, at) }),
    write: (to, at, action) => ethertype.set.ethertype(to.dv, at, action.ethertype),
  };
}

/** The actions that carry nothing. */
function plain(type: Plain, number: number): Row<ActionOf<Plain>> {
  return { number, size: 8, read: () => ({ type }) };
}

function setTtl(type: SetTtl, number: number): Row<ActionOf<SetTtl>> {
  return {
    number,
    size: 8,
    read: (dv, at) => ({ type, ttl: ttl.get.ttl(dv, at) }),
    write: (to, at, action) => ttl.set.ttl(to.dv, at, action.ttl),
  };
}

/** OFPAT_EXPERIMENTER. */
const experimenterType = 0xffff;

const rows: { readonly [T in ActionType]: Row<ActionOf<T>> } = {
  output: {
    number: 0,
    size: 16,
    read: (dv, at) => ({
      type: 'output',
      port: output.get.port(dv, at),
      maxLen: output.get.maxLen(dv, at),
    }),
    write: (to, at, action) => {
      output.set.port(to.dv, at, action.port);
      output.set.maxLen(to.dv, at, action.maxLen);
    },
  },
  copyTtlOut: plain('copyTtlOut', 11),
  copyTtlIn: plain('copyTtlIn', 12),
  setMplsTtl: setTtl('setMplsTtl', 15),
  decMplsTtl: plain('decMplsTtl', 16),
  pushVlan: tag('pushVlan', 17),
  popVlan: plain('popVlan', 18),
  pushMpls: tag('pushMpls', 19),
  popMpls: tag('popMpls', 20),
  setQueue: {
    number: 21,
    size: 8,
    read: (dv, at) => ({ type: 'setQueue', queueId: setQueue.get.queueId(dv, at) }),
    write: (to, at, action) => setQueue.set.queueId(to.dv, at, action.queueId),
  },
  group: {
    number: 22,
    size: 8,
    read: (dv, at) => ({ type: 'group', groupId: group.get.groupId(dv, at) }),
    write: (to, at, action) => group.set.groupId(to.dv, at, action.groupId),
  },
  setNwTtl: setTtl('setNwTtl', 23),
  decNwTtl: plain('decNwTtl', 24),
  setField: {
    number: 25,
    read: readSetField,
    write: (to, _at, action) => writeOxm(to, action.oxm),
  },
  pushPbb: tag('pushPbb', 26),
  popPbb: plain('popPbb', 27),
  resubmit: {
    number: experimenterType,
    size: resubmit.size,
    read: readExperimenter,
    write: (to, at, action) => {
      resubmit.set.experimenter(to.dv, at, nicira.experimenter);
      resubmit.set.subtype(to.dv, at, nicira.resubmitTable);
      resubmit.set.inPort(to.dv, at, action.inPort);
      resubmit.set.table(to.dv, at, action.table);
    },
  },
  move: {
    number: experimenterType,
    size: move.size,
    read: readExperimenter,
    write: (to, at, { bits, from, fromBit = 0, to: dst }) => {
      const { experimenter: id, regMove: subtype } = nicira;
      const head = { type: experimenterType, experimenter: id, subtype };
      move.write(to.dv, at, { ...head, bits, fromBit, toBit: 0, from, to: dst });
    },
  },
  load: {
    number: experimenterType,
    size: load.size,
    read: readExperimenter,
    write: (to, at, { field, firstBit, bits, value }) => {
      load.write(to.dv, at, {
        ...niciraHead(nicira.regLoad),
        bits: firstBit * 64 + bits - 1,
        field,
        value,
      });
    },
  },
  clone: {
    number: experimenterType,
    read: readExperimenter,
    write: (to, at, { actions }) => {
      to.room(clone.size - 4);
      clone.write(to.dv, at, niciraHead(nicira.clone));
      writeActions(to, actions);
    },
  },
  encap: {
    number: experimenterType,
    read: readExperimenter,
    write: (to, at, { packetType, mdType }) => {
      to.room(encap.size - 4);
      encap.write(to.dv, at, { ...niciraHead(nicira.encap), headerSize: 0, packetType });
      if (mdType === undefined) return;
      const start = to.room(nshMdType.size);
      nshMdType.write(to.dv, start, { ...mdTypeProperty, length: mdTypeProperty.size, mdType });
    },
  },
  decap: {
    number: experimenterType,
    size: decap.size,
    read: readExperimenter,
    write: (to, at, { packetType }) => {
      decap.write(to.dv, at, { ...niciraHead(nicira.decap), packetType });
    },
  },
  experimenter: {
    number: experimenterType,
    read: readExperimenter,
    write: (to, at, action) => {
      to.room(experimenter.size - 4);
      experimenter.set.experimenter(to.dv, at, action.experimenter);
      to.put(action.data);
    },
  },
};

function niciraHead(subtype: number) {
  return { type: experimenterType, experimenter: nicira.experimenter, subtype };
}

const byNumber = new Map<number, Row<never>>();
for (const row of Object.values(rows)) byNumber.set(row.number, row);

/**
 * Reads the actions in [at, end). `strict`: as a controller asks (see matchwire.ts). `isInner`: of
 * a clone; one in another is not read, or a peer could nest them as deep as it likes.
 */
export function readActions(
  dv: DataView,
  at: number,
  end: number,
  strict: boolean,
  isInner = false,
): Action[] | OfError {
  const actions: Action[] = [];
  for (let next = at; next < end; ) {
    if (next + 8 > end) return ofError('badAction', 'badLen', 'cut in an action');
    const number = layouts.plain.get.type(dv, next);
    const length = layouts.plain.get.length(dv, next);
    if (length < 8 || length % 8 !== 0 || next + length > end) {
      return ofError('badAction', 'badLen', `action ${number} of ${length} bytes`);
    }
    const row = byNumber.get(number);
    if (!row) return ofError('badAction', 'badType', `action ${number}`);
    if (row.size !== undefined && row.size !== length) {
      return ofError('badAction', 'badLen', `action ${number} of ${length} bytes`);
    }
    const action = row.read(dv, next, length, strict, isInner);
    if (isError(action)) return action;
    actions.push(action);
    next += length;
  }
  return actions;
}

export function writeActions(to: Writer, actions: readonly Action[]): void {
  for (const action of actions) {
    const row = (rows as Partial<Record<string, Row<Action>>>)[action.type];
    // translation makes other actions of those first: to leave one out would be our mistake.
    if (!row) throw new Error(`OpenFlow 1.3 has no action ${action.type}`);
    const at = to.room(row.size ?? 4);
    row.write?.(to, at, action);
    to.align(at);
    layouts.plain.set.type(to.dv, at, row.number);
    to.end(layouts.plain, at);
  }
}

/** OFPAT_EXPERIMENTER; 1.0's vendor actions are the same bytes. */
export function readExperimenter(
  dv: DataView,
  at: number,
  length: number,
  strict: boolean,
  isInner = false,
): Action | OfError {
  const id = experimenter.get.experimenter(dv, at);
  const isNicira = id === nicira.experimenter && length >= resubmit.size;
  if (isNicira && resubmit.get.subtype(dv, at) === nicira.resubmitTable) {
    if (length !== resubmit.size) return ofError('badAction', 'badLen', `resubmit of ${length}`);
    const inPort = resubmit.get.inPort(dv, at);
    return { type: 'resubmit', inPort, table: resubmit.get.table(dv, at) };
  }
  if (isNicira && length === move.size && resubmit.get.subtype(dv, at) === nicira.regMove) {
    const { bits, fromBit, toBit, from, to } = move.read(dv, at);
    const start = fromBit === 0 ? {} : { fromBit };
    if (toBit === 0) return { type: 'move', bits, from, ...start, to };
  }
  const known = isNicira ? readNicira(dv, at, length, strict, isInner) : undefined;
  if (known !== undefined) return known;
  const body = at + experimenter.size;
  const data = bytesOf(dv, body, length - experimenter.size).slice();
  return { type: 'experimenter', experimenter: id, data };
}

/** The others of Nicira's that we know; undefined for what we do not, or not in this form. */
function readNicira(
  dv: DataView,
  at: number,
  length: number,
  strict: boolean,
  isInner: boolean,
): Action | undefined {
  switch (resubmit.get.subtype(dv, at)) {
    case nicira.regLoad: {
      if (length !== load.size) return undefined;
      const { bits, field, value } = load.read(dv, at);
      return { type: 'load', field, firstBit: bits >> 6, bits: (bits & 63) + 1, value };
    }
    case nicira.clone: {
      if (isInner || length < clone.size) return undefined;
      const actions = readActions(dv, at + clone.size, at + length, strict, true);
      return isError(actions) ? undefined : { type: 'clone', actions };
    }
    case nicira.encap:
      return readEncap(dv, at, length);
    case nicira.decap:
      if (length !== decap.size) return undefined;
      return { type: 'decap', packetType: decap.get.packetType(dv, at) };
    default:
      return undefined;
  }
}

function readEncap(dv: DataView, at: number, length: number): Action | undefined {
  const packetType = encap.get.packetType(dv, at);
  if (length === encap.size) return { type: 'encap', packetType };
  if (length !== encap.size + nshMdType.size) return undefined;
  const { propertyClass, type, mdType } = nshMdType.read(dv, at + encap.size);
  const isIt = propertyClass === mdTypeProperty.propertyClass && type === mdTypeProperty.type;
  return isIt ? { type: 'encap', packetType, mdType } : undefined;
}
