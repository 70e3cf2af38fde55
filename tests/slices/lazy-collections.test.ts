/** Lazy maps and sets are what a Map or Set is, whatever is done to them. */

import t from 'tap';
import { LazyMap, LazySet } from '../../slices/lazy-collections.ts';

t.test('a lazy map is what a Map is after each step', async (t) => {
  const [lazy, map] = [new LazyMap<number, string>(), new Map<number, string>()];
  const same = (): void => {
    t.equal(lazy.size, map.size);
    t.strictSame([...lazy], [...map]);
    t.strictSame([...lazy.entries()], [...map.entries()]);
    t.strictSame([...lazy.keys()], [...map.keys()]);
    t.strictSame([...lazy.values()], [...map.values()]);
    for (const key of [1, 2, 3]) {
      t.equal(lazy.get(key), map.get(key));
      t.equal(lazy.has(key), map.has(key));
    }
  };
  same();
  t.equal(lazy.delete(1), map.delete(1));
  for (const key of [3, 1, 3]) {
    lazy.set(key, `${key}`);
    map.set(key, `${key}`);
    same();
  }
  t.equal(lazy.delete(3), map.delete(3));
  t.equal(lazy.delete(2), map.delete(2));
  same();
  lazy.clear();
  map.clear();
  same();
});

t.test('a lazy set is what a Set is after each step', async (t) => {
  const [lazy, set] = [new LazySet<number>(), new Set<number>()];
  const same = (): void => {
    t.equal(lazy.size, set.size);
    t.strictSame([...lazy], [...set]);
    t.strictSame([...lazy.values()], [...set.values()]);
    for (const value of [1, 2, 3]) t.equal(lazy.has(value), set.has(value));
  };
  same();
  t.equal(lazy.delete(1), set.delete(1));
  for (const value of [3, 1, 3]) {
    lazy.add(value);
    set.add(value);
    same();
  }
  t.equal(lazy.delete(3), set.delete(3));
  same();
  lazy.clear();
  set.clear();
  same();
});

t.test('two of them that are empty have nothing together', async (t) => {
  const [one, other] = [new LazyMap<number, number>(), new LazyMap<number, number>()];
  one.set(1, 1);
  t.equal(other.size, 0);
  t.strictSame([...new LazySet<number>()], []);
});
