/**
 * What a peer sent, in slices: one peer's burst keeps nobody waiting, and nothing is taken while
 * its answers would have nowhere to go.
 */

import t from 'tap';
import { Inbox } from '../../hypervisor/channel/inbox.ts';
import { limits } from '../../slices/limits.ts';
import { FakeWorld } from './fake-world.ts';

const SLICE = limits.sliceBytesMax;

function inbox() {
  const world = new FakeWorld();
  const seen = {
    bytes: [] as number[],
    takes: [] as number[],
    reads: [] as boolean[],
    may: true,
    /** What it takes to look at a slice. */
    costMs: 0,
    /** Whether it is for nobody. */
    vain: false,
  };
  const one: Inbox = new Inbox(world, {
    take: (bytes) => {
      world.now += seen.costMs;
      seen.takes.push(bytes.length);
      seen.bytes.push(...bytes);
      if (seen.vain) one.wasInVain(bytes.length);
      return bytes.length;
    },
    mayTake: () => seen.may,
    read: (isOn) => void seen.reads.push(isOn),
  });
  const run = () => {
    const before = seen.takes.length;
    world.turn();
    return seen.takes.length - before;
  };
  return { world, one, seen, run };
}

t.test('what is short is taken at once, and the connection stays read', async (t) => {
  const { one, seen } = inbox();
  one.push(Uint8Array.of(1, 2));
  one.push(Uint8Array.of(3));
  t.strictSame([seen.bytes, seen.reads], [[1, 2, 3], []]);
});

t.test('a burst that is quickly looked at is one turn’s', async (t) => {
  const { one, seen } = inbox();
  one.push(new Uint8Array(3 * SLICE));
  t.strictSame([seen.takes, seen.reads], [[SLICE, SLICE, SLICE], []]);
});

t.test('another: as much as fits a turn, in order, not read meanwhile', async (t) => {
  const { one, seen, run } = inbox();
  seen.costMs = limits.turnMs;
  const burst = Uint8Array.from({ length: 3 * SLICE + 5 }, (_, i) => i * 7);
  one.push(burst);
  t.strictSame([seen.takes, seen.reads], [[SLICE], [false]]);
  one.push(Uint8Array.of(42)); // What had been read already.
  run();
  t.strictSame(seen.takes, [SLICE, SLICE, SLICE, 5, 1]);
  t.strictSame(Uint8Array.from(seen.bytes), Uint8Array.of(...burst, 42));
  t.strictSame(seen.reads, [false, true]);
});

t.test('held: nothing is taken until it may, and nothing is lost', async (t) => {
  const { world, one, seen } = inbox();
  seen.may = false;
  one.push(Uint8Array.of(1));
  one.push(Uint8Array.of(2));
  world.pass(1000);
  t.strictSame([seen.takes, seen.reads, one.isHeld], [[], [false], true]);
  seen.may = true;
  world.pass(limits.holdPollMs);
  t.strictSame([seen.bytes, seen.reads, one.isHeld], [[1, 2], [false, true], false]);
});

t.test('dropped: nothing is taken any more, and no timer is left', async (t) => {
  const { world, one, seen } = inbox();
  seen.may = false;
  one.push(Uint8Array.of(1));
  one.drop();
  seen.may = true;
  one.push(Uint8Array.of(2));
  world.pass(1000);
  t.strictSame([seen.takes, world.timers()], [[], 0]);
});

t.test('what was for nobody: one chunk in a turn', async (t) => {
  const { world, one, seen, run } = inbox();
  const vain = new Uint8Array(limits.inVainBytesMax);
  one.push(vain.subarray(1));
  one.wasInVain(vain.length - 1);
  t.strictSame(seen.reads, [], 'a few cost nobody anything');
  seen.vain = true;
  one.push(vain);
  t.strictSame([seen.takes.length, seen.reads, one.isHeld], [2, [false], false]);
  run();
  t.strictSame([seen.takes.length, seen.reads], [2, [false, true]]);
  one.push(vain);
  t.strictSame(seen.reads, [false, true, false]);
  seen.vain = false;
  run();
  one.push(vain);
  world.turn();
  t.strictSame(seen.reads, [false, true, false, true]);
});

t.test('it lags from what was left for later until a turn in which nothing came', async (t) => {
  const { world, one, seen, run } = inbox();
  one.push(new Uint8Array(SLICE));
  t.equal(one.laggingSinceMs, undefined);
  seen.costMs = limits.turnMs;
  one.push(new Uint8Array(2 * SLICE));
  const sinceMs = world.now;
  t.equal(one.laggingSinceMs, sinceMs);
  seen.costMs = 0;
  world.now += 7;
  run();
  // Read again: had the kernel more?
  one.push(new Uint8Array(SLICE));
  world.turn();
  t.equal(one.laggingSinceMs, undefined);
  seen.costMs = limits.turnMs;
  one.push(new Uint8Array(2 * SLICE));
  t.equal(one.laggingSinceMs, world.now);
});
