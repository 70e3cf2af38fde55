/**
 * Actions of both versions, one line each: their numbers, and what follows type and length (OF1.3.5
 * section 7.2.5, OF1.0.1 section 5.2.4).
 *
 * Used by packet-outs, instructions (instructions.ts) and buckets. An action of the values without
 * a line does not compile. Experimenters' are nicira-actions.ts's; what of 1.3 is said in 1.0's
 * words, and what cannot be, is actions10.ts's.
 */

import { bytes, type Kinds, layout, pad, u8, u16, u32, type Values } from '../layout/layout.ts';
import { port16 } from '../layout/numbers10.ts';
import { list, type Part, struct } from '../layout/struct.ts';
import { type Variant, variantHead, variants } from '../layout/variants.ts';
import { Writer } from '../layout/writer.ts';
import { setField } from '../match/set-field.ts';
import { port as ofpp } from '../values/constants.ts';
import { isError, ofError } from '../values/errors.ts';
import type { Action, Action10, Action13, ActionOf, OfError } from '../values/structure-values.ts';
import { experimenterPart, experimenterType, niciraActions, opaque } from './nicira-actions.ts';

/** A line: the part of an action, once its name is known. */
interface Line<A> {
  readonly number: number;
  readonly part: (type: string) => Part<A>;
}

function line<const F extends Kinds>(
  number: number,
  kinds: F,
  refuse?: (action: Values<F>) => OfError | undefined,
): Line<Values<F>> {
  const part = (type: string) => {
    const fixed = layout(`Action ${type}`, { ...variantHead, ...kinds });
    return struct(
      `action ${type}`,
      fixed,
      {},
      {
        type,
        badLength: badActionLength,
        refuse: (action, strict) => (strict ? refuse?.(action as Values<F>) : undefined),
      },
    ) as Part<unknown> as Part<Values<F>>;
  };
  return { number, part };
}

function known<A>(number: number, part: Part<A>): Line<A> {
  return { number, part: () => part };
}

/** No action is shorter (`struct ofp_action_header`). */
export const actionBytesMin = 8;

export function badActionLength(why: string): OfError {
  return ofError('badAction', 'badLen', why);
}

function refuseIf(isWrong: boolean, why: string): OfError | undefined {
  return isWrong ? ofError('badAction', 'badArgument', why) : undefined;
}

/** "Should refer to a valid physical port or OFPP_IN_PORT" (OF1.0.1 section 5.2.4). */
function hasQueues({ port }: { readonly port: number }): OfError | undefined {
  if (port <= 0xff00 || port === ofpp.inPort || port === ofpp.local) return undefined;
  return ofError('badAction', 'badOutPort', `port 0x${port.toString(16)} has no queues`);
}

const nothing = { pad: pad(4) };
const tag = { ethertype: u16, pad: pad(2) };
const ttl = { ttl: u8, pad: pad(3) };
const vid = { vid: u16, pad: pad(2) };
const pcp = { pcp: u8, pad: pad(3) };
const tos = { tos: u8, pad: pad(3) };
const tpPort = { port: u16, pad: pad(2) };
const enqueue = { port: port16, pad: pad(6), queueId: u32 };

const nicira = niciraActions({
  minimum: 0,
  isExact: false,
  // Or a peer could nest them as deep as it likes.
  read: (dv, at, end, strict) => innerActions.read(dv, at, end, strict),
  write: (to, actions) => actionList.write(to, actions),
});

/** What the two versions have for an action. */
interface Both<T extends Action['type']> {
  readonly of10?: Line<Omit<ActionOf<T>, 'type'>>;
  readonly of13?: Line<Omit<ActionOf<T>, 'type'>>;
}

function both<A>(number: number, part: Part<A>): { of10: Line<A>; of13: Line<A> } {
  return { of10: known(number, part), of13: known(number, part) };
}

/** OFPAT_*. */
const lines: { readonly [T in Action['type']]: Both<T> } = {
  output: {
    of10: line(0, { port: port16, maxLen: u16 }),
    of13: line(0, { port: u32, maxLen: u16, pad: pad(6) }),
  },
  setVlanVid: { of10: line(1, vid, (a) => refuseIf(a.vid > 0xfff, `VLAN id ${a.vid}`)) },
  setVlanPcp: { of10: line(2, pcp, (a) => refuseIf(a.pcp > 7, `VLAN priority ${a.pcp}`)) },
  stripVlan: { of10: line(3, nothing) },
  setNwSrc: { of10: line(6, { address: bytes(4) }) },
  setNwDst: { of10: line(7, { address: bytes(4) }) },
  setNwTos: { of10: line(8, tos, (a) => refuseIf((a.tos & 3) !== 0, `ToS ${a.tos} has ECN`)) },
  setTpSrc: { of10: line(9, tpPort) },
  setTpDst: { of10: line(10, tpPort) },
  enqueue: { of10: line(11, enqueue, hasQueues) },
  copyTtlOut: { of13: line(11, nothing) },
  copyTtlIn: { of13: line(12, nothing) },
  setMplsTtl: { of13: line(15, ttl) },
  decMplsTtl: { of13: line(16, nothing) },
  pushVlan: { of13: line(17, tag) },
  popVlan: { of13: line(18, nothing) },
  pushMpls: { of13: line(19, tag) },
  popMpls: { of13: line(20, tag) },
  setQueue: { of13: line(21, { queueId: u32 }) },
  group: { of13: line(22, { groupId: u32 }) },
  setNwTtl: { of13: line(23, ttl) },
  decNwTtl: { of10: known(experimenterType, nicira.decNwTtl), of13: line(24, nothing) },
  /** In 1.0 one for each address of Ethernet, and none for others: actions10.ts. */
  setField: { of13: known(25, setField) },
  pushPbb: { of13: line(26, tag) },
  popPbb: { of13: line(27, nothing) },
  resubmit: both(experimenterType, nicira.resubmit),
  move: both(experimenterType, nicira.move),
  load: both(experimenterType, nicira.load),
  note: both(experimenterType, nicira.note),
  controller: both(experimenterType, nicira.controller),
  controller2: { of13: known(experimenterType, nicira.controller2) },
  /** What nobody of 1.0 is told stays bytes in 1.0, and so can be said again. */
  clone: { of13: known(experimenterType, nicira.clone) },
  encap: { of13: known(experimenterType, nicira.encap) },
  decap: { of13: known(experimenterType, nicira.decap) },
  learn: { of13: known(experimenterType, nicira.learn) },
  experimenter: both(experimenterType, opaque),
};

export { experimenterType };

type Column = ReadonlyMap<string, Variant<Action>>;

/** One version's, by name. */
function column(version: 'of10' | 'of13'): Column {
  const rows = new Map<string, Variant<Action>>();
  for (const [type, both] of Object.entries<{ of10?: Line<unknown>; of13?: Line<unknown> }>(
    lines,
  )) {
    const is = both[version];
    if (is === undefined) continue;
    rows.set(type, { number: is.number, part: is.part(type) as Part<Action> });
  }
  return rows;
}

export const actions10: Column = column('of10');
const actions13: Column = column('of13');

/** OFPAT_* of 1.3 by the names that values have. */
export const actionIds = Object.fromEntries(
  [...actions13].map(([name, { number }]) => [name, number]),
) as Readonly<Record<Action13['type'], number>>;

/** Is this one of those that 1.3 does not have? */
export function is10(action: Action): action is Action10 {
  return !actions13.has(action.type);
}

/** Lists of a version's actions. */
export function actionsOf(
  known: Iterable<Variant<Action>>,
  experimenter: Part<Action>,
  write: (action: Action) => Variant<Action>,
): Part<readonly Action[]> {
  const byNumber = new Map(Array.from(known, ({ number, part }) => [number, part]));
  byNumber.set(experimenterType, experimenter);
  const read = (number: number): Part<Action> | OfError =>
    byNumber.get(number) ?? ofError('badAction', 'badType', `action ${number}`);
  const rules = { name: 'an action', minimum: actionBytesMin, unit: 8, badLength: badActionLength };
  return inOrder(variants<Action>({ ...rules, read, write }));
}

const outputs: ReadonlySet<number> = new Set([
  ...[ofpp.inPort, ofpp.table, ofpp.normal, ofpp.flood, ofpp.all, ofpp.controller, ofpp.local],
]);

/**
 * Of several faults the first is told, as by Open vSwitch: a number that no port has is one, though
 * it is decoded here and refused later (translation/entries/reserved.ts).
 */
function inOrder(one: Part<Action>): Part<readonly Action[]> {
  const all = list(one);
  return {
    ...all,
    write: (to, actions) => all.write(to, actions),
    read: (dv, at, end, strict) => {
      const found = all.read(dv, at, end, strict);
      return strict && isError(found) ? (noOutputIn(one, dv, at, end) ?? found) : found;
    },
  };
}

/** The first output in front of what cannot be read that is to no port. */
function noOutputIn(
  one: Part<Action>,
  dv: DataView,
  from: number,
  end: number,
): OfError | undefined {
  for (let at = from; at < end; ) {
    const found = one.read(dv, at, end, true);
    if (isError(found)) return undefined;
    const { value, size } = found;
    if (value.type === 'output' && value.port >= 0xff00 && !outputs.has(value.port)) {
      return ofError('badAction', 'badOutPort', `port 0x${value.port.toString(16)} is no output`);
    }
    at += size;
  }
  return undefined;
}

function variantOf(action: Action): Variant<Action> {
  const found = actions13.get(action.type);
  // translation makes other actions of those first: to leave one out would be our mistake.
  if (found === undefined) throw new Error(`OpenFlow 1.3 has no action ${action.type}`);
  return found;
}

const { clone: _clone, ...innermost } = nicira;
const { resubmit, move, load, note, controller, decNwTtl } = nicira;
/** 1.0's vendor actions. */
export const experimenter10 = experimenterPart({
  ...{ resubmit, move, load, note, controller, decNwTtl },
});
/** Those in a clone. */
const innerActions = actionsOf(actions13.values(), experimenterPart(innermost), variantOf);
/** The actions of a version, as packet-outs, instructions and buckets have them. */
export const actionList = actionsOf(actions13.values(), experimenterPart(nicira), variantOf);

/** Actions as they stand in a packet-out, for templates. */
export function encodeActions(actions: readonly Action[]): Uint8Array {
  const to = new Writer();
  actionList.write(to, actions);
  return to.finish();
}
