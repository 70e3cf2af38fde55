/**
 * Random lives of a hypervisor, and a start from every state that its store was in.
 *
 * Large books, groups in chains, meters, migrations, ports, several tenants, requests that take
 * many turns and many commits, refusals of switches, and a store that is made anew meanwhile.
 */
import type { Store } from '../../hypervisor/world/world.ts';
import { Random } from '../openflow/random.ts';
import { RecordingStore } from '../support/recording-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import { bookOf, Life, lifeText } from './life.ts';

export interface Options {
  readonly seed: number;
  readonly requests: number;
  /** How many of the states are tried; all by default. */
  readonly startsMax?: number;
  /** Whether switches refuse some of what they are sent. */
  readonly refusals?: boolean;
}

export interface Found {
  readonly states: number;
  readonly starts: number;
  /** Commits that came while one request was being carried out, and times of making anew. */
  readonly troubles: readonly string[];
  readonly acknowledged: number;
  readonly madeAnew: number;
}

export function live({ seed, requests, startsMax, refusals = false }: Options): Found {
  const random = new Random(seed);
  const store = new RecordingStore();
  const life = new Life(random, store, refusals);
  const troubles: string[] = [];
  let acknowledged = 0;
  let madeAnew = 0;
  for (let i = 0; i < requests; i++) {
    life.comeBack();
    life.ask();
    store.isLarge = random.number(8) === 0;
    life.net.run(random.number(3) === 0 ? random.number(60) : 0);
    const before = store.states.length;
    if (random.number(4) === 0) store.replace();
    madeAnew += store.states.length - before;
    if (random.number(6) !== 0) continue;
    acknowledged += 1;
    const lost = life.whatABarrierLeavesOut();
    if (lost !== undefined) troubles.push(`acknowledged and not kept: ${lost}`);
  }
  life.net.run(2_000);
  const { states } = store;
  const picked = pickedFrom(states, startsMax ?? states.length, random);
  for (const [i, state] of picked) {
    const why = startTwice(RecordingStore.in(state), refusals);
    if (why !== undefined) troubles.push(`state ${i} of ${states.length}: ${why}`);
  }
  return { states: states.length, starts: picked.length, troubles, acknowledged, madeAnew };
}

function pickedFrom<T>(all: readonly T[], countMax: number, random: Random): [number, T][] {
  const picked = [...all.entries()];
  while (picked.length > countMax) picked.splice(random.number(picked.length), 1);
  return picked;
}

/** Why a start from there is not right, or a start from what that start leaves. */
function startTwice(store: Store, mayLeaveOut: boolean): string | undefined {
  try {
    const first = new FakeNetwork(lifeText, store).loaded();
    const leftOut = [...first.hypervisor.alarms.keys()];
    if (!mayLeaveOut && leftOut.length > 0) return leftOut.join('; ');
    const shared = sharedIds(first);
    if (shared !== undefined) return shared;
    first.hypervisor.journal.flush();
    const second = new FakeNetwork(lifeText, store).loaded();
    const [had, has] = [booksOf(first), booksOf(second)];
    if (second.hypervisor.alarms.size > 0) return 'the second start leaves something out';
    return had === has ? undefined : `another start has ${has} and not ${had}`;
  } catch (error) {
    return `it does not start: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** What datapaths would be told twice under one number. */
function sharedIds({ hypervisor }: FakeNetwork): string | undefined {
  const runtimes = hypervisor.runtimes();
  const groups = runtimes.flatMap(({ groups: { table } }) => table.groups().map((g) => g.below));
  const meters = runtimes.flatMap(({ meters: { table } }) => table.below().map((m) => m.below));
  const ids = runtimes.map(({ vswitch }) => vswitch.id as number);
  for (const [what, all] of Object.entries({ groups, meters, ids })) {
    if (new Set(all).size < all.length) return `two ${what} share a number: ${all.join(' ')}`;
  }
  return undefined;
}

function booksOf({ hypervisor, world }: FakeNetwork): string {
  return JSON.stringify(hypervisor.runtimes().map((one) => bookOf(one, world.now)));
}
