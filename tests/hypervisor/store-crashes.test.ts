/**
 * A store on a disk that does all that disks do (support/fake-disk.ts): whenever the machine stops,
 * what was reported durable is there, and what is there is a state that was once the store's.
 */
import t from 'tap';
import { openStore } from '../../hypervisor/store/store.ts';
import type { Rewriting, Store } from '../../hypervisor/world/world.ts';
import { Random } from '../openflow/random.ts';
import { FakeDisk } from '../support/fake-disk.ts';

const FILE = '/limevisor.db';
const KEYS = 6;

function open(disk: FakeDisk, random: Random): Store {
  const ground = { disk, lock: () => () => undefined, after: () => () => undefined };
  return openStore(FILE, () => random.number(1 << 30) / 2 ** 30, ground);
}

/** Appends set keys to the number of the append: which state a store is in follows from that. */
class Life {
  readonly #store: Store;
  readonly #random: Random;
  /** By append, the key that it set. */
  readonly keys: number[];
  acknowledged = -1;
  madeAnew = 0;
  #rewriting: Rewriting | undefined;

  constructor(store: Store, random: Random, keys: readonly number[]) {
    this.#store = store;
    this.#random = random;
    this.keys = [...keys];
  }

  append(): void {
    const key = this.#random.number(KEYS);
    const number = this.keys.push(key) - 1;
    const text = `${key}=${number};`.repeat(1 + this.#random.number(60));
    this.#store.append(new TextEncoder().encode(text), () => {
      this.acknowledged = Math.max(this.acknowledged, number);
    });
  }

  /** A step on the way to a smaller log. */
  renew(): void {
    if (this.#rewriting === undefined) {
      this.#rewriting = this.#store.rewrite();
      const now = [...valuesAfter(this.keys, this.keys.length - 1)];
      const text = now.map(([key, value]) => `${key}=${value};`).join('');
      this.#rewriting.add(new TextEncoder().encode(text));
    } else {
      const { finish } = this.#rewriting;
      this.#rewriting = undefined;
      this.isFinishing = true;
      finish((isMade) => {
        this.isFinishing = false;
        if (isMade) this.madeAnew += 1;
      });
    }
  }

  isFinishing = false;
}

/** What each key is after so many appends. */
function valuesAfter(keys: readonly number[], last: number): Map<number, number> {
  const values = new Map<number, number>();
  for (const [number, key] of keys.slice(0, last + 1).entries()) values.set(key, number);
  return values;
}

function valuesIn(store: Store): Map<number, number> {
  const values = new Map<number, number>();
  for (const { bytes } of store.scan()) {
    for (const one of new TextDecoder().decode(bytes).split(';')) {
      const [key, value] = one.split('=');
      if (value !== undefined) values.set(Number(key), Number(value));
    }
  }
  return values;
}

interface Run {
  readonly trouble: string | undefined;
  readonly madeAnew: number;
}

/** Several lives, each ended by a crash; what is wrong with what one of them finds. */
function run(seed: number, ignores: FakeDisk['ignores'] = 'nothing'): Run {
  const random = new Random(seed);
  let disk = new FakeDisk(random);
  let keys: readonly number[] = [];
  let madeAnew = 0;
  for (let lives = 0; lives < 6; lives++) {
    disk.ignores = ignores;
    disk.zerosBytesMax = random.number(2) * 4_000;
    const life = new Life(open(disk, random), random, keys);
    for (let i = random.number(120); i > 0; i--) {
      const what = random.number(12);
      if (what < 5) life.append();
      else if (what === 5 && !life.isFinishing) life.renew();
      else disk.step();
    }
    madeAnew += life.madeAnew;
    disk = disk.crash(random);
    try {
      const values = valuesIn(open(disk.crash(random), random));
      const last = Math.max(-1, ...values.values());
      if (last < life.acknowledged) {
        return { trouble: `${life.acknowledged} was kept, ${last} is there`, madeAnew };
      }
      const want = [...valuesAfter(life.keys, last)].sort().join(' ');
      const have = [...values].sort().join(' ');
      if (want !== have) return { trouble: `after ${last}: ${have}, not ${want}`, madeAnew };
      keys = life.keys.slice(0, last + 1);
    } catch (error) {
      return { trouble: `it does not open: ${(error as Error).message}`, madeAnew };
    }
  }
  return { trouble: undefined, madeAnew };
}

const seeds = Array.from({ length: 120 }, (_, i) => i + 1);

t.test('whatever a crash leaves', async (t) => {
  const runs = seeds.map((seed) => ({ seed, ...run(seed) }));
  t.strictSame(
    runs.filter((one) => one.trouble !== undefined).map((one) => [one.seed, one.trouble]),
    [],
  );
  const madeAnew = runs.reduce((sum, one) => sum + one.madeAnew, 0);
  t.ok(madeAnew > 20, `the store was made anew ${madeAnew} times`);
});

for (const ignores of ['sync', 'syncFolder'] as const) {
  t.test(`a canary: without ${ignores} it is found out`, async (t) => {
    const found = seeds.filter((seed) => run(seed, ignores).trouble !== undefined);
    t.ok(found.length > 3, `${found.length} of ${seeds.length} runs find it`);
  });
}
