/**
 * Flips of a canary prove that every cached flow follows a change, and fewer do not: against
 * revalidators that go in rounds and leave flows out, from seeds (DESIGN 6, "Flips of a canary").
 */
import t from 'tap';
import { encode } from '../../openflow/messages/codec.ts';
import { version } from '../../openflow/values/constants.ts';
import type { Port } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { canaryFlow, canaryIn, canaryOut } from '../../translation/datapath/canary.ts';
import { Flips } from '../../translation/datapath/canary-flips.ts';
import { addFlow } from '../../translation/entries/physical-tables.ts';
import { Revalidators } from '../sim/revalidators.ts';
import { SimWorld } from '../sim/world.ts';

const PORT = 3 as Port;

t.test('a frame that was sent back shows the version of the entry', async (t) => {
  const sent = canaryOut(PORT, [1, 2, 3, 0xffff_ffff]);
  if (sent.type !== 'packetOut') throw new Error('it is sent by a packet-out');
  t.strictSame(canaryIn(sent.data), { number: '1 2 3 4294967295', version: undefined }, 'asking');
  const [instruction] = [canaryFlow(PORT, 0xfedc_ba98).instructions].flat();
  const actions = instruction?.type === 'applyActions' ? instruction.actions : [];
  const back = sent.data.slice();
  for (const one of actions) if (one.type === 'setField') back.set(one.oxm.value, 6);
  t.strictSame(canaryIn(back), { number: '1 2 3 4294967295', version: 0xfedc_ba98 }, 'sent back');
  for (const bent of [0, 7, 12]) {
    const other = back.slice();
    other[bent] = 0x55;
    t.equal(canaryIn(other), undefined, `byte ${bent} is another`);
  }
  for (const speaks of [version.of10, version.of13]) {
    t.ok(encode(speaks, addFlow(canaryFlow(PORT, 7), false)).length > 0, 'both versions say it');
  }
});

t.test('a version that is seen at once proves nothing', async (t) => {
  const seen: string[] = [];
  const flips = new Flips<() => void>();
  flips.wait(() => void seen.push('over'), 0, true);
  for (let i = 0; i < limits.canaryUnprovedMax + 2; i += 1) {
    flips.acknowledge(flips.flip(0));
    for (const done of flips.see(flips.acknowledged, flips.acknowledged, true, 0)) done();
  }
  t.strictSame(seen, []);
  t.ok(flips.uncached >= limits.canaryUnprovedMax, 'and that is known');
  const others = new Flips<() => void>();
  others.wait(() => void seen.push('without a cache'), 0, true);
  for (let i = 0; i < limits.canaryFlips; i += 1) {
    t.strictSame(seen, []);
    others.acknowledge(others.flip(0));
    for (const done of others.see(others.acknowledged, others.acknowledged, false, 0)) done();
  }
  t.strictSame(seen, ['without a cache'], 'where no flows are cached it is enough');
});

t.test('who comes later waits for three of his own', async (t) => {
  const seen: string[] = [];
  const flips = new Flips<() => void>();
  const show = (): void => {
    for (const done of flips.see(flips.acknowledged, flips.acknowledged, false, 0)) done();
  };
  const flip = (): void => flips.acknowledge(flips.flip(0));
  flips.wait(() => void seen.push('first'), 0, true);
  flip();
  show();
  flip();
  flips.wait(() => void seen.push('second'), 0, true);
  t.ok(flips.isDue(0, 1), 'a version that is after his change is sent at once');
  flip();
  show();
  flip();
  show();
  t.strictSame(seen, ['first'], 'one sighting may be of two flips');
  flip();
  show();
  t.strictSame(seen, ['first', 'second']);
  t.notOk(flips.isWaited || flips.isDue(0, 0), 'nothing more is sent');
});

const NEW_PER_MS = limits.newFlowsPerMs;

/** How many cached flows there are, of those how many no round has met, and the seeds of each. */
const LOADS = [
  { met: 12, fresh: 12, seeds: 100 },
  { met: 1_000, fresh: 100, seeds: 20 },
  { met: 200, fresh: 4_000, seeds: 10 },
  { met: 30_000, fresh: 10_000, seeds: 1 },
];

t.test('when it is over no flow is older than the change, whatever the seed', async (t) => {
  for (const load of LOADS) {
    const { stale, atBarrier } = staleOf(load);
    t.equal(stale, 0, `${JSON.stringify(load)}: ${atBarrier} were stale at the barrier`);
    t.ok(atBarrier > load.seeds, 'there was something to prove');
  }
});

t.test('after two flips some are, even where every flow was met before', async (t) => {
  const load = { kept: 3_000, met: 1_000, fresh: 0, seeds: 30 };
  t.ok(staleOf(load, 2).stale > 0);
  t.equal(staleOf(load, 3).stale, 0, 'three are enough for those');
});

t.test('three flips are not enough for flows that no round has met', async (t) => {
  t.ok(staleOf({ met: 200, fresh: 4_000, seeds: 4 }, 3).stale > 0);
  t.ok(staleOf({ met: 200, fresh: 16_000, seeds: 4 }, 5).stale > 0, 'nor are five, for thousands');
});

t.test('how many flips are enough follows from when the last whole round began', async (t) => {
  const needed = (sincePauseMs: number): number => {
    const flips = new Flips<string>();
    const count = (nowMs: number): number => {
      flips.wait('', nowMs, true);
      for (let seen = 1; ; seen += 1) {
        flips.acknowledge(flips.flip(nowMs));
        flips.see(flips.seen, flips.acknowledged, true, nowMs);
        if (flips.see(flips.acknowledged, flips.acknowledged, true, nowMs).length > 0) return seen;
      }
    };
    count(0);
    return count(sincePauseMs);
  };
  t.strictSame([1, 4, 30, 1_000, 60_000].map(needed), [4, 5, 8, 13, 16]);
});

interface Load {
  /** Flows that the change does not concern, none unless it says so. */
  readonly kept?: number;
  readonly met: number;
  readonly fresh: number;
  readonly seeds: number;
}

/** `count` flips, or as many as are asked for. */
function staleOf(load: Load, count?: number) {
  const { canaryFlips, cachedFlowsMax } = limits;
  // Two rounds at least are what one flip less asks for.
  if (count !== undefined) Object.assign(limits, { canaryFlips: count - 1, cachedFlowsMax: 1 });
  let [stale, atBarrier] = [0, 0];
  try {
    for (let seed = 0; seed < load.seeds; seed += 1) {
      const found = oneChange(seed, load);
      stale += found.stale;
      atBarrier += found.atBarrier;
    }
  } finally {
    Object.assign(limits, { canaryFlips, cachedFlowsMax });
  }
  return { stale, atBarrier };
}

/** Flips as fast as they are asked for, and shows each frame; ends when `isOver` says so. */
function flipping(world: SimWorld, cached: Revalidators, isOver: () => boolean) {
  const { random } = world;
  const canary = cached.make(false);
  canary.isOperational = true;
  const flips = new Flips<() => void>();
  const go = (): void => {
    if (!flips.isDue(world.now, limits.canaryPauseMs)) return;
    const next = flips.flip(world.now);
    world.after(random() * 2, () => {
      cached.show(next);
      world.after(random() * 2, () => {
        flips.acknowledge(next);
        go();
      });
    });
  };
  const send = (): void => {
    const { acknowledged } = flips;
    world.after(random() * 2, () => {
      const { shows } = canary;
      world.after(random() * 2, () => {
        for (const done of flips.see(shows, acknowledged, true, world.now)) done();
        go();
        if (!isOver()) send();
      });
    });
  };
  send();
  return (done: () => void): void => {
    flips.wait(done, world.now, true);
    go();
  };
}

/**
 * One proof, and at some moment after it a change that deletes all flows, with a proof of its own:
 * how many flows are older than the change when that is over.
 */
function oneChange(seed: number, { kept = 0, met, fresh }: Load) {
  const world = new SimWorld(seed);
  const { random } = world;
  const cached = new Revalidators(world, 1 + (seed % 3));
  for (let i = 0; i < kept + met; i += 1) cached.make(i >= kept).isOperational = true;
  let [stale, atBarrier] = [-1, -1];
  const isOver = (): boolean => stale >= 0;
  const prove = flipping(world, cached, isOver);
  const change = (): void => {
    cached.doom();
    atBarrier = cached.stale();
    prove(() => {
      stale = cached.stale();
    });
  };
  // New flows come no faster than they can be made.
  const makeSome = (left: number): void => {
    if (left === 0) {
      change();
      return;
    }
    const some = Math.min(left, NEW_PER_MS);
    for (let i = 0; i < some; i += 1) cached.make(true);
    world.after(1, () => makeSome(left - some));
  };
  // In half of them others change something all the time, so that rounds are under way.
  const touch = (): void => {
    cached.touch();
    if (!isOver()) world.after(random() * 6, touch);
  };
  if (seed % 2 === 0) touch();
  prove(() => world.after(random() * 50, () => makeSome(fresh)));
  world.runUntil(20_000);
  if (!isOver()) throw new Error(`seed ${seed}: the flips were never over`);
  return { stale, atBarrier };
}
