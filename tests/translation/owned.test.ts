/**
 * What owners want, packed and unpacked (translation/intent/owners.ts), is what a list of all that
 * was ever said is: any order of changes, with places that several want.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { Owned } from '../../translation/intent/owners.ts';
import { Random } from '../openflow/random.ts';

interface Thing {
  readonly key: string;
  readonly what: number;
}

/** The last who wanted a place has it. */
class Dumb {
  all: { readonly owner: string; readonly thing: Thing }[] = [];

  set(owner: string, thing: Thing): void {
    this.delete(owner, thing.key);
    this.all.push({ owner, thing });
  }

  delete(owner: string, key: string): void {
    this.all = this.all.filter((one) => one.owner !== owner || one.thing.key !== key);
  }

  at(key: string) {
    return this.all.filter((one) => one.thing.key === key);
  }

  of(owner: string): readonly Thing[] {
    return this.all.filter((one) => one.owner === owner).map(({ thing }) => thing);
  }
}

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const made = () => new Owned<string, Thing>(({ key }) => key);
const inOrder = (things: Iterable<Thing>) => [...things].sort((a, b) => (a.key < b.key ? -1 : 1));

t.test('any changes, in any order', async (t) => {
  const random = new Random(3);
  const [owned, dumb] = [made(), new Dumb()];
  const owners = Array.from({ length: 12 }, (_, i) => `wiring ${i}`);
  // Others, so many that none of these is a value when it is asked for again.
  const crowd = Array.from({ length: 700 }, (_, i) => ({ key: `crowd ${i}`, what: i }));
  for (let i = 0; i < 1_500; i++) {
    const owner = random.pick(owners);
    const key = `place ${random.number(40)}`;
    const what = random.number(3);
    if (what === 0) {
      owned.delete(owner, key);
      dumb.delete(owner, key);
    } else {
      const thing = { key, what: random.number(1_000) };
      owned.set(owner, key, thing);
      dumb.set(owner, thing);
    }
    if (random.number(40) === 0) {
      const other = random.pick(owners);
      owned.forget(other);
      for (const { key } of dumb.of(other)) dumb.delete(other, key);
    }
    if (i % 15 !== 0) continue;
    for (let j = 0; j < 8; j++) {
      const others = made();
      others.fill('crowd', new Map(crowd.map((one) => [one.key, one])));
      others.set('crowd', 'crowd 0', { key: 'crowd 0', what: i });
    }
    const keys = Array.from({ length: 40 }, (_, k) => `place ${k}`);
    t.strictSame(
      keys.map((one) => owned.ownersOf(one)),
      keys.map((one) => dumb.at(one).map((w) => w.owner)),
    );
    t.strictSame(
      keys.map((one) => owned.get(one)),
      keys.map((one) => dumb.at(one).at(-1)?.thing),
    );
    const stands = keys.filter((one) => dumb.at(one).length > 0);
    t.equal(owned.size, stands.length);
    t.strictSame([...owned.keys()].sort(), stands.sort());
    for (const one of owners) {
      t.strictSame(inOrder(owned.of(one).values()), inOrder(dumb.of(one)));
      t.equal(owned.has(one), dumb.of(one).length > 0);
    }
  }
});

t.test('what is filled in at once stands where others do', async (t) => {
  const owned = made();
  const [one, two] = [
    { key: 'place', what: 1 },
    { key: 'place', what: 2 },
  ];
  owned.fill('red', new Map([['place', one]]));
  t.ok(owned.isLike('red', new Map([['place', one]])));
  t.notOk(owned.isLike('red', new Map([['place', two]])));
  t.notOk(owned.isLike('red', new Map()));
  t.ok(owned.isLike('nobody', new Map()));
  owned.fill('blue', new Map([['place', two]]));
  t.strictSame([owned.size, owned.get('place'), owned.ownerOf('place')], [1, two, 'blue']);
  owned.forget('blue');
  t.strictSame([owned.size, owned.get('place'), owned.ownerOf('place')], [1, one, 'red']);
  owned.clear();
  t.strictSame([owned.size, owned.get('place'), [...owned.keys()]], [0, undefined, []]);
});

/** Markers, canaries and heals come and go for as long as a process lives. */
t.test('of owners that went nothing is kept', async (t) => {
  const owned = made();
  const usedAfterMany = (): number => {
    for (let i = 0; i < 20_000; i++) {
      owned.set(`marker ${i}`, 'place', { key: 'place', what: i });
      owned.delete(`marker ${i}`, 'place');
    }
    for (let i = 0; i < 4; i++) gc();
    return process.memoryUsage().heapUsed;
  };
  const before = usedAfterMany();
  const grown = usedAfterMany() - before;
  t.ok(grown < 1_000_000, `${grown} bytes more after 20,000 owners`);
});
