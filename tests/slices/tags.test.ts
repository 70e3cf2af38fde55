/**
 * Tags: one way, one tag, for as long as the way is there; no room is said; reuse comes last.
 */

import t from 'tap';
import type { Tag } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { allocateTags, emptyTags, type TagTable } from '../../slices/network/tags.ts';
import { Random } from '../openflow/random.ts';

function allocate(table: TagTable, keys: readonly string[]): TagTable {
  const next = allocateTags(table, keys);
  if (next === undefined) throw new Error('no room');
  return next;
}

const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `k${i}`);

t.test('never two keys of one tag, never a tag of a key that stays changed', async (t) => {
  const random = new Random(3);
  let table = emptyTags;
  for (let round = 0; round < 2000; round++) {
    const keys = [...new Set(random.some(60, () => `key${random.number(80)}`))];
    const next = allocate(table, keys);
    const tags = [...next.byKey.values()];
    const kept = keys.every((key) => (table.byKey.get(key) ?? next.byKey.get(key)) !== undefined);
    const same = [...table.byKey].every(([key, tag]) => (next.byKey.get(key) ?? tag) === tag);
    const fits = tags.every((tag) => tag >= 1 && tag <= limits.tagMax);
    if (new Set(tags).size !== keys.length || next.byKey.size !== keys.length) t.fail('two keys');
    if (!kept || !same || !fits) t.fail(`round ${round}`);
    table = next;
  }
  t.pass('2000 rounds');
});

t.test('the table given stays as it was', async (t) => {
  const one = allocate(emptyTags, ['a', 'b']);
  allocate(one, ['c']);
  t.strictSame([...one.byKey.keys()].sort(), ['a', 'b']);
  t.equal(emptyTags.byKey.size, 0);
});

t.test('all VLAN ids can be used, and not one more', async (t) => {
  const full = allocate(emptyTags, many(limits.tagMax));
  t.equal(new Set(full.byKey.values()).size, 4094);
  t.equal(allocateTags(emptyTags, many(limits.tagMax + 1)), undefined);
  t.equal(allocateTags(full, [...many(limits.tagMax), 'more']), undefined);
  const swapped = allocate(full, ['new', ...many(limits.tagMax).slice(1)]);
  t.equal(swapped.byKey.get('new'), full.byKey.get('k0'), 'the one that became free');
});

t.test('a key that is asked for twice has one tag', async (t) => {
  t.equal(allocate(emptyTags, ['a', 'a', 'b']).byKey.size, 2);
});

t.test('a freed tag is not used while there are tags that never were', async (t) => {
  let table = emptyTags;
  const seen = new Set<Tag>();
  for (let i = 0; i < limits.tagMax; i++) {
    table = allocate(table, [`way${i}`]);
    for (const tag of table.byKey.values()) seen.add(tag);
  }
  t.equal(seen.size, limits.tagMax, 'each of 4094 ways one after the other got a tag of its own');
});

t.test('of freed tags the one that has been free for longest is used first', async (t) => {
  // All are in use; then first a late one is freed, then an early one, while frames are in flight.
  const keys = many(limits.tagMax);
  const full = allocate(emptyTags, keys);
  const late = allocate(
    full,
    keys.filter((key) => key !== 'k4000'),
  );
  const both = allocate(
    late,
    keys.filter((key) => key !== 'k4000' && key !== 'k5'),
  );
  const next = allocate(both, [...both.byKey.keys(), 'new']);
  t.equal(next.byKey.get('new'), full.byKey.get('k4000'));
});
