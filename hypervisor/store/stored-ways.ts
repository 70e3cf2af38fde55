/**
 * The numbers of ways as the store has them: for each vswitch those of the ways that end at it, so
 * that a change writes what it changes; how far each kind of number was given out; and those that
 * are free again, in their order, by blocks.
 *
 *   ways/<vswitch>     {"tags":[[key,number]...],"labels":[[key,number]...]}
 *   wayNumbers         {"tags":{"last":..,"from":..,"to":..},"labels":{...}}
 *   freedTags/<n>, freedLabels/<n>   blocks (slices/network/freed-numbers.ts)
 *   tags, labels       all of it in one text each, of stores of before
 */

import type { Label, Tag, VswitchName } from '../../slices/ids.ts';
import { FreedNumbers } from '../../slices/network/freed-numbers.ts';
import { changedKeys } from '../../slices/network/persistent-map.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { WayNumbers } from '../../slices/network/tags.ts';

export type Ways = Pick<Snapshot, 'wires' | 'tags' | 'labels'>;
type Put = (key: string, text: string | undefined) => void;

/** Puts what differs from `before`, which is in the store; or, without it, from `stored`. */
export function putWays(
  put: Put,
  stored: ReadonlyMap<string, string>,
  after: Ways,
  before: Ways | undefined,
): void {
  if (before === undefined) putAllWays(put, stored, after);
  else putChangedWays(put, before, after);
}

function putChangedWays(put: Put, before: Ways, after: Ways): void {
  for (const name of changedKeys(before.wires, after.wires)) {
    const text = waysText(after, name);
    if (text !== waysText(before, name)) put(`ways/${name}`, text);
  }
  putBlocks(put, 'freedTags', before.tags.freed, after.tags.freed);
  putBlocks(put, 'freedLabels', before.labels.freed, after.labels.freed);
  const counters = countersText(after);
  if (counters !== countersText(before)) put('wayNumbers', counters);
}

/** Takes away what a store of before, or another configuration, has. */
function putAllWays(put: Put, stored: ReadonlyMap<string, string>, after: Ways): void {
  const texts = new Map<string, string | undefined>([
    ['wayNumbers', countersText(after)],
    ...[...after.wires.keys()].map((name) => [`ways/${name}`, waysText(after, name)] as const),
  ]);
  for (const [kind, { freed }] of [
    ['freedTags', after.tags],
    ['freedLabels', after.labels],
  ] as const) {
    for (const [block, numbers] of freed.blocks) {
      texts.set(`${kind}/${block}`, JSON.stringify(numbers));
    }
  }
  for (const [key, text] of texts) if (stored.get(key) !== text) put(key, text);
  for (const key of stored.keys()) {
    const [kind = ''] = key.split('/', 1);
    if (kinds.has(kind) && !texts.has(key)) put(key, undefined);
  }
}

const kinds: ReadonlySet<string> = new Set([
  ...['ways', 'wayNumbers', 'freedTags', 'freedLabels', 'tags', 'labels'],
]);

function waysText({ wires, tags, labels }: Ways, name: VswitchName): string | undefined {
  const keys = new Set((wires.get(name) ?? []).map(({ key }) => key));
  const numbersIn = ({ byKey }: WayNumbers<number>): readonly (readonly [string, number])[] =>
    [...keys].flatMap((key) => {
      const number = byKey.get(key);
      return number === undefined ? [] : [[key, number] as const];
    });
  const own = { tags: numbersIn(tags), labels: numbersIn(labels) };
  return own.tags.length + own.labels.length === 0 ? undefined : JSON.stringify(own);
}

function countersText({ tags, labels }: Ways): string {
  const counters = ({ last, freed: { from, to } }: WayNumbers<number>) => ({ last, from, to });
  return JSON.stringify({ tags: counters(tags), labels: counters(labels) });
}

function putBlocks(
  put: Put,
  kind: string,
  before: FreedNumbers<number>,
  after: FreedNumbers<number>,
): void {
  for (const block of changedKeys(before.blocks, after.blocks)) {
    const numbers = after.blocks.get(block);
    put(`${kind}/${block}`, numbers && JSON.stringify(numbers));
  }
}

/** What is put together while the texts of one kind of number are read. */
class DraftNumbers<N extends number> {
  readonly #byKey = new Map<string, N>();
  readonly #keys = new Map<N, string>();
  readonly blocks = new Map<number, readonly N[]>();
  counters: { last: number; from: number; to: number } | undefined;
  whole: WayNumbers<N> | undefined;

  /** Throws when a number names another way already. */
  add(pairs: readonly (readonly [string, N])[]): void {
    for (const [key, number] of pairs) {
      const other = this.#keys.get(number) ?? key;
      if (other !== key) throw new Error(`the number ${number} names ${other} already`);
    }
    for (const [key, number] of pairs) {
      this.#byKey.set(key, number);
      this.#keys.set(number, key);
    }
  }

  /** Every number up to the last is somewhere, once, whatever the texts say. */
  table(): WayNumbers<N> {
    const { whole, counters = { last: 0, from: 0, to: 0 } } = this;
    if (whole !== undefined && this.#byKey.size === 0) return whole;
    const byKey = this.#byKey;
    const stored = FreedNumbers.restored(this.blocks, counters.from, counters.to);
    const listed = stored ?? [...this.blocks.values()].flat();
    const used = new Set(byKey.values());
    const last = [...used, ...listed].reduce<number>(
      (high, number) => Math.max(high, number),
      counters.last,
    );
    const freed = new Set([...listed].filter((number) => !used.has(number)));
    const isWhole = freed.size + used.size === last;
    if (isWhole && freed.size === stored?.length) return { byKey, last, freed: stored };
    const missing: N[] = [];
    for (let number = 1; number <= last; number++) {
      if (!used.has(number as N) && !freed.has(number as N)) missing.push(number as N);
    }
    return { byKey, last, freed: FreedNumbers.from([...missing, ...freed]) };
  }
}

export class DraftWays {
  readonly tags = new DraftNumbers<Tag>();
  readonly labels = new DraftNumbers<Label>();
}

interface Text {
  readonly parsed: unknown;
  readonly number: number;
}

type WayReader = (draft: { readonly ways: DraftWays }, text: Text) => void;

/** By the first word of the key; each throws when it cannot make sense of the text. */
export const wayReaders: Readonly<Record<string, WayReader>> = {
  ways({ ways }, { parsed }) {
    const { tags, labels } = parsed as { tags: [string, Tag][]; labels: [string, Label][] };
    ways.tags.add(tags);
    ways.labels.add(labels);
  },
  wayNumbers({ ways }, { parsed }) {
    type Counters = { last: number; from: number; to: number };
    const { tags, labels } = parsed as { tags: Counters; labels: Counters };
    ways.tags.counters = tags;
    ways.labels.counters = labels;
  },
  freedTags({ ways }, { parsed, number }) {
    ways.tags.blocks.set(number, numbersFrom(parsed));
  },
  freedLabels({ ways }, { parsed, number }) {
    ways.labels.blocks.set(number, numbersFrom(parsed));
  },
  tags({ ways }, { parsed }) {
    ways.tags.whole = wholeFrom(parsed);
  },
  labels({ ways }, { parsed }) {
    ways.labels.whole = wholeFrom(parsed);
  },
};

function numbersFrom<N extends number>(parsed: unknown): readonly N[] {
  if (Array.isArray(parsed) && parsed.every(Number.isSafeInteger)) return parsed as N[];
  throw new Error('these are no numbers of ways');
}

function wholeFrom<N extends number>(parsed: unknown): WayNumbers<N> {
  const { byKey, last, freed } = parsed as { last: number; freed: N[]; byKey: [string, N][] };
  const table = { byKey: new Map(byKey), last, freed: FreedNumbers.from(freed) };
  const numbers = new Set(table.byKey.values());
  if (numbers.size < table.byKey.size) throw new Error('a number names two ways');
  return table;
}
