/**
 * Three flips of a canary prove that every cached flow follows a change, and two do not: against
 * revalidators that go in rounds, from seeds (DESIGN 6, "Three flips of a canary").
 */
import t from 'tap';
import { encode } from '../../openflow/messages/codec.ts';
import { version } from '../../openflow/values/constants.ts';
import type { Port } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { canaryFlow, canaryIn, canaryOut } from '../../translation/datapath/canary.ts';
import { Flips } from '../../translation/datapath/canary-flips.ts';
import { addFlow } from '../../translation/entries/physical-tables.ts';
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
  flips.wait(() => void seen.push('over'));
  for (let i = 0; i < limits.canaryUnprovedMax + 2; i += 1) {
    flips.acknowledge(flips.flip());
    for (const done of flips.see(flips.acknowledged, flips.acknowledged, true, true)) done();
  }
  t.strictSame(seen, []);
  t.ok(flips.uncached >= limits.canaryUnprovedMax, 'and that is known');
  const others = new Flips<() => void>();
  others.wait(() => void seen.push('without a cache'));
  for (let i = 0; i < limits.canaryFlips; i += 1) {
    t.strictSame(seen, []);
    others.acknowledge(others.flip());
    for (const done of others.see(others.acknowledged, others.acknowledged, false, true)) done();
  }
  t.strictSame(seen, ['without a cache'], 'where no flows are cached it is enough');
});

t.test('who comes later waits for three of his own', async (t) => {
  const seen: string[] = [];
  const flips = new Flips<() => void>();
  const show = (): void => {
    flips.see(flips.seen, flips.acknowledged, true, true);
    for (const done of flips.see(flips.acknowledged, flips.acknowledged, true, true)) done();
  };
  const flip = (): void => flips.acknowledge(flips.flip());
  flips.wait(() => void seen.push('first'));
  flip();
  show();
  flip();
  flips.wait(() => void seen.push('second'));
  t.ok(flips.isDue, 'a version that is after his change is sent at once');
  flip();
  show();
  flip();
  show();
  t.strictSame(seen, ['first'], 'one sighting may be of two flips');
  flip();
  show();
  t.strictSame(seen, ['first', 'second']);
  t.notOk(flips.isWaited || flips.isDue, 'nothing more is sent');
});

const FLOWS = 12;
const SEEDS = 400;

t.test('when it is over no flow is older than the change, whatever the seed', async (t) => {
  const stale = staleOf(limits.canaryFlips);
  t.equal(stale.sum, 0, `${SEEDS} changes, ${stale.atBarrier} flows were stale at the barrier`);
  t.ok(stale.atBarrier > SEEDS, 'there was something to prove');
});

t.test('after two flips some are', async (t) => {
  t.ok(staleOf(2).sum > 0);
});

function staleOf(count: number): { readonly sum: number; readonly atBarrier: number } {
  const before = limits.canaryFlips;
  Object.assign(limits, { canaryFlips: count });
  let [sum, atBarrier] = [0, 0];
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const found = oneChange(seed);
    sum += found.stale;
    atBarrier += found.atBarrier;
  }
  Object.assign(limits, { canaryFlips: before });
  return { sum, atBarrier };
}

interface Flow {
  /** When it was made, or visited last. */
  visitedMs: number;
  /** What it shows, of the canary. */
  shows: number;
}

/** One change at some moment, and how many flows are older than it when three flips are over. */
function oneChange(seed: number): { readonly stale: number; readonly atBarrier: number } {
  const world = new SimWorld(seed);
  const { random } = world;
  let version = 0;
  let isOver = false;
  const flows: Flow[] = Array.from({ length: FLOWS }, () => ({ visitedMs: 0, shows: 0 }));
  const canary: Flow = { visitedMs: 0, shows: 0 };
  const round = (): void => {
    if (isOver) return;
    const takesMs = 1 + random() * 60;
    // In whatever order, each once.
    for (const flow of [...flows, canary]) {
      world.after(random() * takesMs, () =>
        Object.assign(flow, { visitedMs: world.now, shows: version }),
      );
    }
    world.after(takesMs + random() * 5, round);
  };
  round();
  const flips = new Flips<() => void>();
  let [stale, atBarrier] = [-1, -1];
  const go = (): void => {
    if (!flips.isDue) return;
    const next = flips.flip();
    world.after(random() * 2, () => {
      version = next;
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
        for (const done of flips.see(shows, acknowledged, true, false)) done();
        go();
        if (!isOver) send();
      });
    });
  };
  world.after(random() * 200, () => {
    const changedMs = world.now;
    const older = (): number => flows.filter(({ visitedMs }) => visitedMs < changedMs).length;
    atBarrier = older();
    flips.wait(() => {
      stale = older();
      isOver = true;
    });
    go();
    send();
  });
  world.runUntil(5_000);
  if (stale < 0) throw new Error(`seed ${seed}: three flips were never over`);
  return { stale, atBarrier };
}
