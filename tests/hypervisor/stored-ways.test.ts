/**
 * The numbers of ways in the store: a change writes what it changes, and a start finds what was
 * there, in whatever form earlier versions have written it, or with parts missing.
 */

import t from 'tap';
import { Journal } from '../../hypervisor/store/journal.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import type { WayNumber } from '../../slices/ids.ts';
import { FreedNumbers } from '../../slices/network/freed-numbers.ts';
import {
  isInfeasible,
  placedOn,
  type Remembered,
  type Snapshot,
  withEncoding,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import { noHopTags, type WayNumbers } from '../../slices/network/tags.ts';
import { Random } from '../openflow/random.ts';
import { memoryStore, sizeOf } from '../support/memory-store.ts';
import { randomSnapshot } from '../translation/random-network.ts';
import { FakeWorld } from './fake-world.ts';

function put(store: Store, write: (journal: Journal) => void): void {
  const journal = new Journal(new FakeWorld(), store);
  journal.load();
  write(journal);
  journal.flush();
}

type Numbers = Pick<Remembered, 'taggedWays' | 'labels' | 'hopTags'>;

function meaning({ taggedWays, labels, hopTags = noHopTags }: Numbers) {
  const numbers = ({ byKey, last, freed }: WayNumbers<number>) => {
    return { byKey: [...byKey].sort(), last, freed: [...freed] };
  };
  const hops = [...hopTags].map(([arrival, table]) => ({ arrival, ...numbers(table) }));
  const byName = (one: { arrival: string }, other: { arrival: string }) =>
    one.arrival < other.arrival ? -1 : 1;
  return [numbers(taggedWays), numbers(labels), ...hops.sort(byName)];
}

const found = (store: Store) => new Journal(new FakeWorld(), store).load();

/** A vswitch moves, or a datapath speaks otherwise. */
function next(random: Random, before: Snapshot): Snapshot {
  const datapath = random.pick([...before.datapaths.keys()]);
  const vswitch = random.pick([...before.vswitches.values()]);
  const after =
    random.number(3) === 0
      ? withEncoding(before, datapath, random.pick(['pipeline', 'flat of 1.0']))
      : withPlacement(before, vswitch.name, placedOn(vswitch, datapath));
  return isInfeasible(after) ? before : after;
}

t.test('after each of many changes the store has what there is', async (t) => {
  for (let seed = 0; seed < 10; seed++) {
    const random = new Random(seed);
    const store = memoryStore();
    let last = randomSnapshot(random);
    put(store, (journal) => journal.put({ type: 'ways', after: last }));
    const journal = new Journal(new FakeWorld(), store);
    journal.load();
    for (let i = 0; i < 60; i++) {
      const after = next(random, last);
      journal.put({ type: 'ways', after, before: last });
      journal.flush();
      last = after;
      if (i % 10 === 0) t.same(meaning(found(store).remembered), meaning(last), `seed ${seed}`);
    }
    t.ok(last.labels.freed.length + last.taggedWays.freed.length > 0, 'some are free again');
  }
});

t.test('a change writes what it touches, however many ways there are', async (t) => {
  const random = new Random(7);
  const snapshot = randomSnapshot(random, 14);
  const store = memoryStore();
  put(store, (journal) => journal.put({ type: 'ways', after: snapshot }));
  const whole = sizeOf(store.load());
  const journal = new Journal(new FakeWorld(), store);
  journal.load();
  const [vswitch] = snapshot.vswitches.values();
  const [datapath] = [...snapshot.datapaths.keys()].slice(-1);
  if (vswitch === undefined || datapath === undefined) throw new Error('there is one');
  const moved = withPlacement(snapshot, vswitch.name, placedOn(vswitch, datapath));
  if (isInfeasible(moved)) throw new Error(moved.why);
  journal.put({ type: 'ways', after: moved, before: snapshot });
  journal.flush();
  t.ok(sizeOf(store.load()) - whole < whole / 2, `${sizeOf(store.load()) - whole} of ${whole}`);
});

t.test('a store of before has all of it in two texts; the start writes it anew', async (t) => {
  const snapshot = randomSnapshot(new Random(3));
  const store = memoryStore();
  const text = ({ byKey, last }: Snapshot['labels'], freed: readonly number[]) => {
    return { byKey: [...byKey], last: last + freed.length, freed };
  };
  const { last } = snapshot.labels;
  put(store, (journal) => {
    journal.put({
      type: 'text',
      key: 'labels',
      value: text(snapshot.labels, [last + 2, last + 1]),
    });
    journal.put({ type: 'text', key: 'tags', value: { byKey: [], last: 3, freed: [2, 3, 1] } });
  });
  const { remembered } = found(store);
  t.same([...remembered.labels.byKey].sort(), [...snapshot.labels.byKey].sort());
  t.same([...remembered.labels.freed], [last + 2, last + 1]);
  t.same([...remembered.taggedWays.freed], [2, 3, 1]);
  t.equal(remembered.hopTags, undefined);
  const { taggedWays, labels } = remembered;
  put(store, (journal) =>
    journal.put({ type: 'ways', after: { ...snapshot, taggedWays, labels } }),
  );
  t.same(meaning(found(store).remembered), meaning(remembered));
});

t.test('whatever is missing, no number is lost, and none is another one’s', async (t) => {
  const random = new Random(5);
  const snapshot = randomSnapshot(random, 14);
  const numbers = Array.from({ length: 300 }, (_, i) => (i + 1) as WayNumber);
  const taggedWays = { byKey: new Map(), last: 300, freed: FreedNumbers.from(numbers) };
  for (const gone of ['wayNumbers', 'freedTags/1', 'freedTags/0', 'ways/red/v0']) {
    const store = memoryStore();
    put(store, (journal) => {
      journal.put({ type: 'ways', after: { ...snapshot, taggedWays } });
      journal.put({ type: 'text', key: gone, value: undefined });
    });
    const { remembered } = found(store);
    for (const { byKey, last, freed } of [remembered.taggedWays, remembered.labels]) {
      const all: number[] = [...byKey.values(), ...freed];
      t.equal(new Set(all).size, all.length, `${gone}: each once`);
      if (gone !== 'wayNumbers') t.equal(all.length, last, `${gone}: all are somewhere`);
    }
  }
});

t.test('two vswitches never have ways of one number', async (t) => {
  const store = memoryStore();
  put(store, (journal) => {
    journal.put({
      type: 'text',
      key: 'ways/red/v1',
      value: { tags: [['enter/1/1/s1', 4]], labels: [] },
    });
    journal.put({
      type: 'text',
      key: 'ways/red/v2',
      value: { tags: [['enter/2/1/s1', 4]], labels: [] },
    });
  });
  const { remembered, unreadable } = found(store);
  t.same([...remembered.taggedWays.byKey], [['enter/1/1/s1', 4]]);
  t.same([...remembered.taggedWays.freed], [1, 2, 3]);
  t.same(unreadable, ['ways/red/v2']);
});
