/**
 * Entries that simulated switches add by themselves (NXAST_LEARN2): from a packet, with a time-out
 * that each packet of theirs begins anew, so many with one cookie at most; they go with the last
 * entry that learns them. As Open vSwitch's manual has it (ovs-actions(7), "learn").
 */

import { numberBytes } from '../../openflow/match/oxm.ts';
import { fields } from '../../openflow/values/fields.ts';
import type { Action, Instruction, LearnSpec, Match, Oxm } from '../../openflow/values/values.ts';
import { textOf } from './descriptions.ts';
import { nameOfHeader, readField } from './fields.ts';
import type { Entry, Walk } from './pipeline.ts';

type Learn = Extract<Action, { type: 'learn' }>;

const FOREVER = Number.POSITIVE_INFINITY;

/** When entries end that were learnt. */
const ends = new WeakMap<Entry, number>();

function isLearnt(entry: Entry): boolean {
  return ends.has(entry);
}

const texts = new WeakMap<Match, string>();

/** Made once. */
export function matchText(match: Match): string {
  const known = texts.get(match);
  if (known !== undefined) return known;
  const text = match
    .map((f) => `${f.oxmClass}.${f.field}=${f.value.join()}/${f.mask?.join()}`)
    .join(' ');
  texts.set(match, text);
  return text;
}

/** Those that were learnt, of a table's entries. */
export function learntIn(entries: readonly Entry[], nowMs: number): readonly Entry[] {
  return entries.filter((one) => isLearnt(one) && !isOver(one, nowMs));
}

/** Whether its time is over. */
export function isOver(entry: Entry, nowMs: number): boolean {
  return (ends.get(entry) ?? FOREVER) <= nowMs;
}

/** The entries after a packet has come to an action that learns; the same if none came. */
export function learn(
  entries: readonly Entry[],
  action: Learn,
  walk: Walk,
  nowMs: number,
  news: () => void,
): readonly Entry[] {
  const { table, priority, cookie, limit, hardTimeoutSec, specs } = action;
  const match = specs.filter(({ does }) => does === 'match').map((one) => oxmOf(one, walk));
  const actions = specs.filter(({ does }) => does === 'load').map((one) => loadOf(one, walk));
  const instructions: readonly Instruction[] = [{ type: 'applyActions', actions }];
  const endMs = hardTimeoutSec === 0 ? FOREVER : nowMs + hardTimeoutSec * 1_000;
  const key = matchText(match);
  const old = entries.find((one) => {
    return one.tableId === table && one.priority === priority && matchText(one.match) === key;
  });
  if (old !== undefined && !isOver(old, nowMs)) {
    const isNews = textOf(old.instructions) !== textOf(instructions);
    old.instructions = instructions;
    ends.set(old, endMs);
    if (isNews) news();
    return entries;
  }
  const others = entries.filter((one) => !isOver(one, nowMs));
  const count = others.filter((one) => one.tableId === table && one.cookie === cookie).length;
  if (limit > 0 && count >= limit) return others;
  const entry: Entry = {
    tableId: table,
    priority,
    match,
    instructions,
    cookie,
    flags: 0,
    packets: 0,
  };
  ends.set(entry, endMs);
  news();
  return [...others, entry];
}

/** Without those that nothing learns any more. */
export function stillLearnt(entries: readonly Entry[]): readonly Entry[] {
  if (!entries.some(isLearnt)) return entries;
  const cookies = new Set(entries.flatMap(({ instructions }) => learntBy(instructions)));
  return entries.filter((one) => !isLearnt(one) || cookies.has(one.cookie));
}

function learntBy(instructions: readonly Instruction[]): readonly bigint[] {
  const actions = instructions.flatMap((one) => (one.type === 'applyActions' ? one.actions : []));
  return actions.flatMap((one) => (one.type === 'learn' ? [one.cookie] : []));
}

function bitsIn({ from, bits }: LearnSpec, walk: Walk): bigint {
  const mask = (1n << BigInt(bits)) - 1n;
  if (typeof from === 'bigint') return from & mask;
  return (readField(walk, nameOfHeader(from.field)) >> BigInt(from.firstBit)) & mask;
}

function oxmOf(spec: LearnSpec, walk: Walk): Oxm {
  const name = nameOfHeader(spec.field);
  const row = rowOf(name);
  const { oxmClass, field, size } = row;
  const value = numberBytes(bitsIn(spec, walk) << BigInt(spec.firstBit), size);
  if (spec.bits === row.bits) return { oxmClass, field, value };
  const mask = ((1n << BigInt(spec.bits)) - 1n) << BigInt(spec.firstBit);
  return { oxmClass, field, value, mask: numberBytes(mask, size) };
}

function loadOf(spec: LearnSpec, walk: Walk): Action {
  const { field, firstBit, bits } = spec;
  return { type: 'load', field, firstBit, bits, value: bitsIn(spec, walk) };
}

function rowOf(name: string) {
  const row = known[name as keyof typeof known];
  if (row === undefined) throw new Error(`the simulated switch learns no ${name}`);
  return row;
}

const known = {
  metadata: fields.metadata,
  vlan_vid: fields.vlan_vid,
  reg8: fields.reg8,
  reg9: fields.reg9,
};
