/**
 * The numbers of ways as the store has them: for each vswitch those of the ways that end at it, so
 * that a change writes only the changed ones; the next number of each kind; and the free numbers,
 * in their order, by blocks.
 *
 *   ways/<vswitch>     {"tags":[[key,number]...],"labels":[[key,number]...],
 *                       "hops":[[key,[[arrival,tag]...]]...]}, the last where there are tags
 *   wayNumbers         {"tags":{"last":..,"from":..,"to":..},"labels":{...}}
 *   hopTags/<arrival>  {"last":..,"from":..,"to":..} of the tags there (slices/network/hop-tags.ts)
 *   freedTags/<n>, freedLabels/<n>, freedHopTags/<arrival>/<n>   blocks of those that are free
 *                      again (slices/network/freed-numbers.ts)
 *   tags, labels       all of it in one text each, of stores of before
 *
 * "tags" are numbers of tagged ways; in stores of before these were also their tags, on every hop.
 */

import { Writer } from '../../openflow/layout/writer.ts';
import type { Label, Tag, VswitchName, WayNumber } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { FreedNumbers } from '../../slices/network/freed-numbers.ts';
import { arrivalsOf } from '../../slices/network/hop-tags.ts';
import { changedIn, PersistentMap } from '../../slices/network/persistent-map.ts';
import type { Remembered, Snapshot } from '../../slices/network/snapshot.ts';
import { emptyTags, type WayNumbers } from '../../slices/network/tags.ts';
import { atOnce, flatMapped, type Steps, withEach } from '../../slices/steps.ts';
import { writeText } from './store-entries.ts';

export type Ways = Pick<Snapshot, 'wires' | 'taggedWays' | 'labels' | 'hopTags'>;
type Put = (key: string, text: string | undefined) => void;
type Counters = { readonly last: number; readonly from: number; readonly to: number };

/** Puts what differs from `before`, which is in the store; or, without it, from `stored`. */
export function putWays(
  put: Put,
  stored: ReadonlyMap<string, string>,
  after: Ways,
  before: Ways | undefined,
): void {
  if (before === undefined) putAllWays(put, stored, after);
  else for (const [key, text] of atOnce(changedTexts(before, after)).texts) put(key, text);
}

/** Texts that become others, by their keys; and as the log has them. */
export interface WayTexts {
  readonly texts: ReadonlyMap<string, string | undefined>;
  readonly bytes: Uint8Array;
}

/** In steps, what `putWays` would put. */
export function* changedTexts(before: Ways, after: Ways): Steps<WayTexts> {
  const texts = new Map<string, string | undefined>();
  const out = new Writer(limits.outboxBytesAtFirst);
  const put: Put = (key, text) => {
    texts.set(key, text);
    writeText(out, key, text);
  };
  for (const name of yield* changedIn(before.wires, after.wires)) {
    const [had, has] = [yield* waysText(before, name), yield* waysText(after, name)];
    if (has !== had) put(`ways/${name}`, has);
    yield;
  }
  yield* putBlocks(put, 'freedTags', before.taggedWays.freed, after.taggedWays.freed);
  yield* putBlocks(put, 'freedLabels', before.labels.freed, after.labels.freed);
  for (const arrival of yield* changedIn(before.hopTags, after.hopTags)) {
    const [had = emptyTags, has = emptyTags] = [before, after].map((ways) =>
      ways.hopTags.get(arrival),
    );
    yield* putBlocks(put, `freedHopTags/${arrival}`, had.freed, has.freed);
    const counters = JSON.stringify(countersOf(has));
    if (counters !== JSON.stringify(countersOf(had))) put(`hopTags/${arrival}`, counters);
  }
  const counters = countersText(after);
  if (counters !== countersText(before)) put('wayNumbers', counters);
  return { texts, bytes: out.bytes.slice(0, out.at) };
}

/** Takes away what a store of before, or another configuration, has. */
function putAllWays(put: Put, stored: ReadonlyMap<string, string>, after: Ways): void {
  const texts = new Map<string, string | undefined>([
    ['wayNumbers', countersText(after)],
    ...[...after.wires.keys()].map(
      (name) => [`ways/${name}`, atOnce(waysText(after, name))] as const,
    ),
    ...[...after.hopTags].map(
      ([arrival, table]) => [`hopTags/${arrival}`, JSON.stringify(countersOf(table))] as const,
    ),
  ]);
  for (const [kind, { freed }] of [
    ['freedTags', after.taggedWays],
    ['freedLabels', after.labels],
    ...[...after.hopTags].map(([arrival, table]) => [`freedHopTags/${arrival}`, table] as const),
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
  ...['hopTags', 'freedHopTags'],
]);

function* waysText(ways: Ways, name: VswitchName): Steps<string | undefined> {
  const { taggedWays, labels, hopTags } = ways;
  const wires = ways.wires.get(name) ?? [];
  const keys = new Set(wires.map(({ key }) => key));
  const numbersIn = ({ byKey }: WayNumbers<number>) =>
    flatMapped(keys, (key) => {
      const number = byKey.get(key);
      return number === undefined ? [] : [[key, number] as const];
    });
  const hops = yield* flatMapped(wires, (wire) => {
    const tags = arrivalsOf(wire).flatMap((arrival) => {
      const tag = hopTags.get(arrival)?.byKey.get(wire.key);
      return tag === undefined ? [] : [[arrival, tag] as const];
    });
    return tags.length === 0 ? [] : [[wire.key, tags] as const];
  });
  const own = { tags: yield* numbersIn(taggedWays), labels: yield* numbersIn(labels) };
  if (own.tags.length + own.labels.length === 0) return undefined;
  return JSON.stringify(hops.length === 0 ? own : { ...own, hops });
}

function countersText({ taggedWays, labels }: Ways): string {
  return JSON.stringify({ tags: countersOf(taggedWays), labels: countersOf(labels) });
}

function countersOf({ last, freed: { from, to } }: WayNumbers<number>): Counters {
  return { last, from, to };
}

function* putBlocks(
  put: Put,
  kind: string,
  before: FreedNumbers<number>,
  after: FreedNumbers<number>,
): Steps<void> {
  yield* withEach(yield* changedIn(before.blocks, after.blocks), (block) => {
    const numbers = after.blocks.get(block);
    put(`${kind}/${block}`, numbers && JSON.stringify(numbers));
  });
}

/** What is put together while the texts of one kind of number are read. */
class DraftNumbers<N extends number> {
  readonly #byKey = new Map<string, N>();
  readonly #keys = new Map<N, string>();
  readonly blocks = new Map<number, readonly N[]>();
  counters: Counters | undefined;
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
  readonly tagged = new DraftNumbers<WayNumber>();
  readonly labels = new DraftNumbers<Label>();
  readonly #hops = new Map<string, DraftNumbers<Tag>>();

  at(arrival: string): DraftNumbers<Tag> {
    const known = this.#hops.get(arrival);
    if (known !== undefined) return known;
    const made = new DraftNumbers<Tag>();
    this.#hops.set(arrival, made);
    return made;
  }

  tables(): Pick<Remembered, 'taggedWays' | 'labels' | 'hopTags'> {
    const [taggedWays, labels] = [this.tagged.table(), this.labels.table()];
    const isOfBefore = this.#hops.size === 0 && taggedWays.last > 0;
    const hops = [...this.#hops].map(([arrival, numbers]) => [arrival, numbers.table()] as const);
    return { taggedWays, labels, hopTags: isOfBefore ? undefined : PersistentMap.from(hops) };
  }
}

interface Text {
  readonly parsed: unknown;
  /** The words behind the kind, but for the number of a block. */
  readonly name: string;
  readonly number: number;
}

interface WaysText {
  readonly tags: readonly [string, WayNumber][];
  readonly labels: readonly [string, Label][];
  readonly hops?: readonly [string, readonly [string, Tag][]][];
}

type WayReader = (draft: { readonly ways: DraftWays }, text: Text) => void;

/** By the first word of the key; each throws when it cannot make sense of the text. */
export const wayReaders: Readonly<Record<string, WayReader>> = {
  ways({ ways }, { parsed }) {
    const { tags, labels, hops = [] } = parsed as WaysText;
    ways.tagged.add(tags);
    ways.labels.add(labels);
    for (const [key, tagsOf] of hops) {
      for (const [arrival, tag] of tagsOf) ways.at(arrival).add([[key, tag]]);
    }
  },
  wayNumbers({ ways }, { parsed }) {
    const { tags, labels } = parsed as { tags: Counters; labels: Counters };
    ways.tagged.counters = tags;
    ways.labels.counters = labels;
  },
  freedTags({ ways }, { parsed, number }) {
    ways.tagged.blocks.set(number, numbersFrom(parsed));
  },
  freedLabels({ ways }, { parsed, number }) {
    ways.labels.blocks.set(number, numbersFrom(parsed));
  },
  hopTags({ ways }, { parsed, name }) {
    ways.at(name).counters = parsed as Counters;
  },
  freedHopTags({ ways }, { parsed, name, number }) {
    ways.at(name).blocks.set(number, numbersFrom(parsed));
  },
  tags({ ways }, { parsed }) {
    ways.tagged.whole = wholeFrom(parsed);
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
