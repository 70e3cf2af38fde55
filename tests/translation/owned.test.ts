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

const made = (compared = new Set<string>()) => new Owned<string, Thing>(({ key }) => key, compared);
const isSame = (one: Thing, other: Thing) => one.what === other.what;
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
      others.of('crowd');
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
  owned.fill('blue', new Map([['place', two]]));
  t.strictSame([owned.size, owned.get('place'), owned.ownerOf('place')], [1, two, 'blue']);
  owned.forget('blue');
  t.strictSame([owned.size, owned.get('place'), owned.ownerOf('place')], [1, one, 'red']);
  owned.clear();
  t.strictSame([owned.size, owned.get('place'), [...owned.keys()]], [0, undefined, []]);
});

/** What differs from all that an owner wants, looked at one by one. */
function expectedOf(have: readonly Thing[], want: ReadonlyMap<string, Thing>) {
  const found = { make: [] as string[], change: [] as string[], break: [] as string[] };
  const old = new Map(have.map((one) => [one.key, one.what]));
  for (const [key, { what }] of want) {
    if (!old.has(key)) found.make.push(key);
    else if (old.get(key) !== what) found.change.push(key);
  }
  for (const key of old.keys()) if (!want.has(key)) found.break.push(key);
  return found;
}

t.test('what differs, of what is packed and of what is values', async (t) => {
  const random = new Random(5);
  let steps = 0;
  for (let i = 0; i < 200; i++) {
    const compared = new Set<string>();
    const [owned, dumb] = [made(compared), new Dumb()];
    const count = random.pick([0, 3, 40, 300]);
    const things = () =>
      Array.from({ length: count }, () => {
        return { key: `place ${random.number(count + 5)}`, what: random.number(3) };
      });
    for (const thing of things()) dumb.set('red', thing);
    owned.fill('red', new Map(dumb.of('red').map((one) => [one.key, one])));
    const isOpen = random.number(2) === 0;
    if (isOpen) owned.of('red');
    const changes = things().slice(0, random.number(6));
    for (const thing of changes) {
      owned.set('red', thing.key, thing);
      dumb.set('red', thing);
    }
    const gone = dumb.of('red').slice(0, random.number(4));
    for (const { key } of gone) {
      owned.delete('red', key);
      dumb.delete('red', key);
    }
    const kept = dumb.of('red').map((one) => ({ ...one }));
    const want = new Map([...kept.slice(random.number(5)), ...things().slice(0, 5)].map(keyed));
    compared.add('red');
    const differing = owned.differing('red', want, isSame);
    let step = differing.next();
    for (; step.done !== true; step = differing.next()) steps += 1;
    const { found } = step.value;
    const sorted = { ...found, break: [...found.break].sort() };
    const expected = expectedOf(dumb.of('red'), want);
    t.strictSame(sorted, { ...expected, break: expected.break.sort() });
    for (const key of found.break) t.ok(step.value.have.get(key), 'it is said what goes');
    t.ok(compared.has('red'), 'to compare changes nothing');
    if (dumb.of('red').length === 0) continue;
    owned.set('red', 'another', { key: 'another', what: 1 });
    t.notOk(compared.has('red'), 'a change is noticed');
  }
  t.ok(steps > 100, 'many are compared in steps');
});

const keyed = (one: Thing) => [one.key, one] as const;

t.test('a large one is packed bit by bit, while it changes', async (t) => {
  const random = new Random(7);
  const [owned, dumb] = [made(), new Dumb()];
  const others = made();
  const crowd = (i: number) => Array.from({ length: 300 }, (_, j) => ({ key: `${j}`, what: i }));
  for (let i = 0; i < 600; i++) {
    const thing = { key: `place ${random.number(1_900)}`, what: i };
    if (i % 50 === 0) owned.of('red');
    owned.set('red', thing.key, thing);
    dumb.set('red', thing);
    others.set(`crowd ${i % 20}`, 'place', { key: 'place', what: i });
    if (i % 30 === 0) others.fill(`crowd ${i % 20}`, new Map(crowd(i).map(keyed)));
    others.of(`crowd ${i % 20}`);
  }
  t.strictSame(inOrder(owned.of('red').values()), inOrder(dumb.of('red')));
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
