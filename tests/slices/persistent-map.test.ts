/**
 * A persistent map is a Map, whatever is put into it and taken out; its copies share what did not
 * change, and say what did.
 */
import t from 'tap';
import { changedKeys, PersistentMap } from '../../slices/network/persistent-map.ts';
import { Random } from '../openflow/random.ts';

const sorted = (entries: Iterable<readonly [string, number]>) =>
  [...entries].sort(([one], [other]) => (one < other ? -1 : 1));

t.test('any changes, in any order', async (t) => {
  const random = new Random(5);
  let map = PersistentMap.empty<string, number>();
  const dumb = new Map<string, number>();
  for (let i = 0; i < 4_000; i++) {
    const key = `key ${random.number(i < 2_000 ? 600 : 30)}`;
    const before = { map, dumb: new Map(dumb) };
    if (random.number(3) === 0) {
      map = map.without(key);
      dumb.delete(key);
    } else {
      const value = random.number(3);
      map = map.with(key, value);
      dumb.set(key, value);
    }
    if (map.get(key) !== dumb.get(key) || map.size !== dumb.size) t.fail(`${i}: ${key}`);
    if (i % 100 !== 0) continue;
    t.strictSame(sorted(map), sorted(dumb));
    t.strictSame(sorted(before.map), sorted(before.dumb), 'the copy of before is as it was');
    const isOther = before.dumb.get(key) !== dumb.get(key);
    t.strictSame(changedKeys(before.map, map), isOther ? [key] : []);
    t.strictSame([...map.keys()].sort(), [...dumb.keys()].sort());
    t.equal(map.with(key, dumb.get(key) ?? 0) === map, dumb.has(key), 'no change is no other map');
  }
  t.strictSame(sorted(PersistentMap.from(dumb)), sorted(dumb));
});
