/**
 * Experimenters' actions: those of Nicira's that we know (nicira-ext.h), one line each, and all
 * others as bytes. They are the same in both versions; 1.0 calls an experimenter a vendor.
 *
 * A Nicira action in a form that we do not know is bytes, too.
 */

import {
  type Kinds,
  layout,
  pad,
  tag16,
  tag32,
  u8,
  u16,
  u32,
  u64,
  type Values,
} from '../layout/layout.ts';
import { type Part, type Parts, type PartValues, rest, struct } from '../layout/struct.ts';
import { variantHead } from '../layout/variants.ts';
import { nshMdType as mdTypeProperty, meterIdProperty, nicira } from '../values/constants.ts';
import { isError, ofError } from '../values/errors.ts';
import type { Action, ActionOf, LearnSpec, OfError } from '../values/structure-values.ts';
import { learntFields } from './learnt-fields.ts';

/** OFPAT_EXPERIMENTER, and OFPAT_VENDOR. */
export const experimenterType = 0xffff;

const head = { ...variantHead, experimenter: tag32, subtype: tag16 };
const headLayout = layout('Action nicira', head);
/** Nicira's actions are no shorter. */
const NICIRA_BYTES = 16;

function badForm(why: string): OfError {
  return ofError('badAction', 'badLen', why);
}

interface Line<T extends Action['type']> extends Part<ActionOf<T>> {
  readonly subtype: number;
}

/** `heard` and `said`: see struct.ts. */
function line<T extends Action['type'], const F extends Kinds, const P extends Parts>(
  type: T,
  subtype: number,
  kinds: F,
  parts: P,
  heard?: (raw: Values<F> & PartValues<P>) => ActionOf<T> | OfError,
  said?: (action: ActionOf<T>) => Values<F> & PartValues<P>,
): Line<T> {
  const fixed = layout(`Action ${type}`, { ...head, ...kinds });
  const meaning = { ...(heard && { heard }), ...(said && { said }) };
  const rules = { type, badLength: badForm, ...meaning } as object;
  const part = struct(`action ${type}`, fixed, parts, rules) as unknown as Part<ActionOf<T>>;
  return {
    subtype,
    minimum: part.minimum,
    isExact: part.isExact,
    read: (dv, at, end, strict) => part.read(dv, at, end, strict),
    write: (to, action) => {
      const { at } = to;
      part.write(to, action);
      headLayout.set.experimenter(to.dv, at, nicira.experimenter);
      headLayout.set.subtype(to.dv, at, subtype);
    },
  };
}

/** The property that says which network service header; an encap need not have it. */
const property = layout('PropertyNshMdType', {
  propertyClass: u16,
  type: u8,
  length: u8,
  mdType: u8,
  pad: pad(3),
});
const mdType: Part<number | undefined> = {
  minimum: 0,
  isExact: false,
  read: (dv, at, end) => {
    if (at === end) return { value: undefined, size: 0 };
    if (end - at !== property.size) return badForm('an encap of this length');
    const { propertyClass, type, mdType } = property.read(dv, at);
    const isIt = propertyClass === mdTypeProperty.propertyClass && type === mdTypeProperty.type;
    return isIt ? { value: mdType, size: property.size } : badForm('another property');
  },
  write: (to, mdType) => {
    if (mdType === undefined) return;
    const at = to.room(property.size);
    property.write(to.dv, at, { ...mdTypeProperty, length: mdTypeProperty.size, mdType });
  },
};

/** How many go up is measured; all else that the action may say is as without it. */
const measured = layout('PropertyMeterId', { type: u16, length: u16, meterId: u32 });
const meterId: Part<number> = {
  minimum: measured.size,
  isExact: true,
  read: (dv, at, end) => {
    if (end - at !== measured.size) return badForm('a controller2 of this length');
    const { type, length, meterId } = measured.read(dv, at);
    const isIt = type === meterIdProperty.type && length === meterIdProperty.size;
    return isIt ? { value: meterId, size: measured.size } : badForm('another property');
  },
  write: (to, meterId) => {
    const at = to.room(measured.size);
    measured.write(to.dv, at, { type: meterIdProperty.type, length: measured.size, meterId });
  },
};

const only = {};
const fields = {
  move: { bits: u16, fromBit: u16, toBit: u16, from: u32, to: u32 },
  /** The first bit, ten of these bits; the number of bits less one, six. */
  load: { bits: u16, field: u32, value: u64 },
  controller: { maxLen: u16, controllerId: u16, reason: u8, pad: pad(1) },
  learn: {
    ...{ idleTimeoutSec: u16, hardTimeoutSec: u16, priority: u16, cookie: u64, flags: u16 },
    ...{ table: u8, pad: pad(1), finIdleTimeoutSec: u16, finHardTimeoutSec: u16, limit: u32 },
    ...{ resultBits: u16, pad2: pad(2) },
  },
};

/** The actions that a copy of the packet undergoes are of the version of what they are in. */
export function niciraActions(actions: Part<readonly Action[]>) {
  const lines = {
    resubmit: line('resubmit', nicira.resubmitTable, { inPort: u16, table: u8, pad: pad(3) }, only),
    move: line('move', nicira.regMove, fields.move, only, heardMove, (move) => ({
      fromBit: 0,
      toBit: 0,
      ...move,
    })),
    controller: line('controller', nicira.controller, fields.controller, only),
    controller2: line('controller2', nicira.controller2, { pad: pad(6) }, { meterId }),
    note: line('note', nicira.note, {}, { data: rest }),
    /** 1.0 has no other word for it. */
    decNwTtl: line('decNwTtl', nicira.decTtl, { pad: pad(6) }, only),
    load: line('load', nicira.regLoad, fields.load, only, heardLoad, (load) => ({
      ...load,
      bits: load.firstBit * 64 + load.bits - 1,
    })),
    clone: line('clone', nicira.clone, { pad: pad(6) }, { actions }),
    encap: line(
      'encap',
      nicira.encap,
      { headerSize: pad(2), packetType: u32 },
      { mdType },
      ({ packetType, mdType }) =>
        mdType === undefined
          ? { type: 'encap', packetType }
          : { type: 'encap', packetType, mdType },
      ({ packetType, mdType }) => ({ packetType, mdType }),
    ),
    decap: line('decap', nicira.decap, { pad: pad(2), packetType: u32 }, only),
    learn: line(
      'learn',
      nicira.learn2,
      fields.learn,
      { specs: learntFields },
      heardLearn,
      (learn) => ({
        ...learn,
        ...{ idleTimeoutSec: 0, finIdleTimeoutSec: 0, finHardTimeoutSec: 0, resultBits: 0 },
      }),
    ),
  };
  return lines;
}

type Lines = ReturnType<typeof niciraActions>;

function heardMove({ bits, from, fromBit, toBit, to }: Values<typeof fields.move>) {
  const places = { ...(fromBit !== 0 && { fromBit }), to, ...(toBit !== 0 && { toBit }) };
  return { type: 'move', bits, from, ...places } as const;
}

function heardLoad({ bits, field, value }: Values<typeof fields.load>) {
  return { type: 'load', field, firstBit: bits >> 6, bits: (bits & 63) + 1, value } as const;
}

/** We have nothing learnt that ends when nobody uses it, nor have what came of it written down. */
function heardLearn({
  idleTimeoutSec,
  finIdleTimeoutSec,
  finHardTimeoutSec,
  resultBits,
  ...learn
}: Values<typeof fields.learn> & { readonly specs: readonly LearnSpec[] }) {
  const isOther = idleTimeoutSec + finIdleTimeoutSec + finHardTimeoutSec + resultBits > 0;
  return isOther ? badForm('a learn with other time-outs') : ({ type: 'learn', ...learn } as const);
}

/** All that is not Nicira's, or not known. */
export const opaque = struct(
  'action experimenter',
  layout('Action experimenter', { ...variantHead, experimenter: u32 }),
  { data: rest },
  { type: 'experimenter', badLength: badForm },
) as unknown as Part<ActionOf<'experimenter'>>;

/** What an experimenter's action is; a clone in a clone stays bytes. */
export function experimenterPart(lines: Partial<Lines>): Part<Action> {
  const bySubtype = new Map(Object.values(lines).map((one) => [one.subtype, one as Part<Action>]));
  /** What has no other form is wrong, as Open vSwitch has it. */
  const hasOneForm = new Set<Part<Action> | undefined>([lines.resubmit, lines.decNwTtl]);
  return {
    minimum: opaque.minimum,
    isExact: false,
    read: (dv, at, end, strict) => {
      const isNicira =
        end - at >= NICIRA_BYTES && headLayout.get.experimenter(dv, at) === nicira.experimenter;
      const known = isNicira ? bySubtype.get(headLayout.get.subtype(dv, at)) : undefined;
      const found = known?.read(dv, at, end, strict);
      if (found === undefined || (isError(found) && !hasOneForm.has(known))) {
        return opaque.read(dv, at, end, strict);
      }
      return found;
    },
    write: (to, action) => opaque.write(to, action as ActionOf<'experimenter'>),
  };
}
