/**
 * Every way's label, or its number and VLAN tags (tags.ts, hop-tags.ts), and the vports that get
 * none when there are too many.
 */
import { limits } from '../limits.ts';
import { type Steps, withEach } from '../steps.ts';
import { allocateHopTags, changingHopTags } from './hop-tags.ts';
import { renamedNumbers, renamedTags } from './older-ways.ts';
import {
  allocateNumbers,
  changingNumbers,
  type KeyChange,
  type TaggedWays,
  type WayNumbers,
} from './tags.ts';
import type { Carriage, Infeasible, Snapshot, Wire } from './values.ts';

type Numbers = Pick<Snapshot, 'taggedWays' | 'labels' | 'hopTags'>;

/** `ofNetwork`: the tags of a store that had no others (hop-tags.ts). */
export function numberWays(
  wires: readonly Wire[],
  known: Numbers & Pick<Snapshot, 'config'>,
  ofNetwork?: TaggedWays,
): Numbers | Infeasible {
  const [tagged, labelled] = [over(wires, 'tag'), over(wires, 'label')];
  const before = {
    ...known,
    taggedWays: renamedNumbers(known.taggedWays, tagged),
    labels: renamedNumbers(known.labels, labelled),
    hopTags: renamedTags(known.hopTags, tagged),
  };
  const taggedWays = allocateNumbers(before.taggedWays, tagged.map(keyOf));
  if (taggedWays === undefined) return tooMany(tagged, before.taggedWays, 'over flat datapaths ');
  const labels = allocateNumbers(before.labels, labelled.map(keyOf));
  if (labels === undefined) return tooMany(labelled, before.labels, '');
  const hopTags = allocateHopTags(tagged, before, ofNetwork && before.taggedWays);
  return 'why' in hopTags ? hopTags : { taggedWays, labels, hopTags };
}

/** After some wires have become others; undefined when there are too many. */
export function* changingWayNumbers(
  before: Numbers,
  gone: readonly Wire[],
  made: readonly Wire[],
): Steps<Numbers | undefined> {
  const tagged = yield* changeOver('tag', gone, made);
  const taggedWays = yield* changingNumbers(before.taggedWays, tagged);
  const labelled = yield* changeOver('label', gone, made);
  const labels = yield* changingNumbers(before.labels, labelled);
  const hopTags = yield* changingHopTags(before.hopTags, gone, made);
  return taggedWays && labels && hopTags && { taggedWays, labels, hopTags };
}

function* changeOver(
  carriage: Carriage,
  gone: readonly Wire[],
  made: readonly Wire[],
): Steps<KeyChange> {
  const wanted = new Set<string>();
  yield* withEach(made, (wire) => {
    if (wire.carriage === carriage) wanted.add(wire.key);
  });
  const left: string[] = [];
  yield* withEach(gone, (wire) => {
    if (wire.carriage === carriage && !wanted.has(wire.key)) left.push(wire.key);
  });
  return { wanted, gone: left };
}

function over(wires: readonly Wire[], carriage: Carriage): readonly Wire[] {
  return wires.filter((wire) => wire.carriage === carriage);
}

function keyOf({ key }: Wire): string {
  return key;
}

/** Those that have a number keep it; of the others, the last have none. */
function tooMany(
  wires: readonly Wire[],
  { byKey }: Pick<WayNumbers<number>, 'byKey'>,
  which: string,
): Infeasible {
  const why = `${wires.length} ways ${which}are needed, and labels allow ${limits.labelMax}`;
  const isNew = ({ key }: Wire): boolean => !byKey.has(key);
  const byAge = [...wires.filter((one) => !isNew(one)), ...wires.filter(isNew)];
  return { why, lacking: byAge.slice(limits.labelMax).map(({ of }) => ({ vport: of, why })) };
}
