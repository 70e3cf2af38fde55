/**
 * A store on a disk that does all that disks do (support/fake-disk.ts): whenever the machine stops,
 * what was reported durable is there, and what is there is a state that was once the store's. And
 * whenever the process is killed, what was reported written is there, also where syncs are put off.
 */
import t from 'tap';
import { openStore } from '../../hypervisor/store/store.ts';
import type { Rewriting, Store } from '../../hypervisor/world/world.ts';
import type { StoreSync } from '../../slices/config/values.ts';
import { Random } from '../openflow/random.ts';
import { FakeDisk } from '../support/fake-disk.ts';

const FILE = '/limevisor.db';
const KEYS = 6;

/** Timers that end when somebody says so. */
type Timers = (() => void)[];

function open(disk: FakeDisk, random: Random, sync?: StoreSync, timers: Timers = []): Store {
  const after = (_: number, run: () => void) => {
    timers.push(run);
    return () => undefined;
  };
  const ground = { disk, lock: () => () => undefined, after, ...(sync && { sync }) };
  return openStore(FILE, () => random.number(1 << 30) / 2 ** 30, ground);
}

/** Appends set keys to the number of the append: which state a store is in follows from that. */
class Life {
  readonly #store: Store;
  readonly #random: Random;
  /** By append, the key that it set. */
  readonly keys: number[];
  acknowledged = -1;
  /** What a kill must leave. */
  written = -1;
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
    const done = (): void => {
      this.acknowledged = Math.max(this.acknowledged, number);
      this.written = Math.max(this.written, number);
    };
    const written = (): void => {
      this.written = Math.max(this.written, number);
    };
    const isForDisk = this.#random.number(4) === 0;
    this.#store.append(new TextEncoder().encode(text), done, isForDisk ? undefined : written);
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
  /** Kills after which more was there than was durable. */
  readonly early: number;
}

interface How {
  readonly ignores?: FakeDisk['ignores'];
  readonly sync?: StoreSync;
}

/** Several lives, each ended by a crash or a kill; what is wrong with what one of them finds. */
function run(seed: number, { ignores = 'nothing', sync }: How = {}): Run {
  const random = new Random(seed);
  let disk = new FakeDisk(random);
  let keys: readonly number[] = [];
  let [madeAnew, early] = [0, 0];
  for (let lives = 0; lives < 6; lives++) {
    disk.ignores = ignores;
    disk.zerosBytesMax = random.number(2) * 4_000;
    const timers: Timers = [];
    const life = new Life(open(disk, random, sync, timers), random, keys);
    for (let i = random.number(120); i > 0; i--) {
      const what = random.number(12);
      if (what < 5) life.append();
      else if (what === 5 && !life.isFinishing) life.renew();
      else if (what === 6) timers.shift()?.();
      else disk.step();
    }
    madeAnew += life.madeAnew;
    const isKilled = random.number(2) === 0;
    if (isKilled) disk.kill();
    else disk = disk.crash(random);
    if (isKilled && life.written > life.acknowledged) early += 1;
    const kept = isKilled ? life.written : life.acknowledged;
    try {
      const values = valuesIn(open(isKilled ? disk : disk.crash(random), random, sync));
      const last = Math.max(-1, ...values.values());
      if (last < kept) return { trouble: `${kept} was kept, ${last} is there`, madeAnew, early };
      const want = [...valuesAfter(life.keys, last)].sort().join(' ');
      const have = [...values].sort().join(' ');
      if (want !== have) return { trouble: `after ${last}: ${have}, not ${want}`, madeAnew, early };
      keys = life.keys.slice(0, last + 1);
    } catch (error) {
      return { trouble: `it does not open: ${(error as Error).message}`, madeAnew, early };
    }
  }
  return { trouble: undefined, madeAnew, early };
}

const seeds = Array.from({ length: 120 }, (_, i) => i + 1);

for (const sync of ['always', 'background'] as const) {
  t.test(`whatever a crash or a kill leaves: ${sync}`, async (t) => {
    const runs = seeds.map((seed) => ({ seed, ...run(seed, { sync }) }));
    t.strictSame(
      runs.filter((one) => one.trouble !== undefined).map((one) => [one.seed, one.trouble]),
      [],
    );
    const sum = (of: 'madeAnew' | 'early') => runs.reduce((all, one) => all + one[of], 0);
    t.ok(sum('madeAnew') > 20, `the store was made anew ${sum('madeAnew')} times`);
    const early = sum('early');
    t.equal(early > 20, sync === 'background', `${early} kills found what was not durable yet`);
  });

  for (const ignores of ['sync', 'syncFolder'] as const) {
    t.test(`a canary: without ${ignores} it is found out: ${sync}`, async (t) => {
      const some = seeds.slice(0, 40);
      const found = some.filter((seed) => run(seed, { ignores, sync }).trouble !== undefined);
      t.ok(found.length > 3, `${found.length} of ${some.length} runs find it`);
    });
  }
}
