/**
 * Which datapaths a datapath waits for after a start, before it sends elsewhere and before it
 * breaks what others may send into (hypervisor/datapath/start-order.ts).
 */
import t from 'tap';
import { type Milestone, StartOrder } from '../../hypervisor/datapath/start-order.ts';
import { limits } from '../../slices/limits.ts';
import { datapath } from '../slices/networks.ts';

function started() {
  const datapaths = ['s1', 's2', 's3'].map((name, i) => ({
    name: datapath(name),
    config: { dpid: BigInt(i + 1) },
    wasReady: false,
    state: { type: 'away' },
  }));
  const clock = { nowMs: 7_000 };
  const asked: (() => void)[] = [];
  const after = (_: number, run: () => void) => void asked.push(run);
  const world = { nowMs: () => clock.nowMs, after };
  // Nothing was ever sent to the third.
  const departures = { hasSentTo: (dpid: bigint) => dpid < 3n };
  const context = { world, startedMs: 7_000, departures, datapaths: () => datapaths };
  const order = new StartOrder(context as never);
  const poll = (): void => {
    for (const run of asked.splice(0)) run();
  };
  const isPast = (milestone: Milestone): boolean => order.isPast(milestone);
  return { order, isPast, datapaths, clock, poll };
}

t.test('one waits for the other, for each milestone', async (t) => {
  const { order, isPast, clock } = started();
  order.reached(datapath('s1'), 'made');
  t.equal(isPast('made'), false, 's2 has not made what s1 would send into');
  order.reached(datapath('s2'), 'made');
  t.equal(isPast('made'), true);
  order.reached(datapath('s1'), 'changed');
  t.equal(isPast('changed'), false, 's2 may send into what s1 would break');
  t.equal(isPast('made'), true, 'who has changed has made');
  order.reached(datapath('s2'), 'changed');
  t.equal(isPast('changed'), false, 'what s2 sent before is on its way');
  clock.nowMs += limits.unmarkedMs;
  t.equal(isPast('changed'), true);
});

t.test('one that is ready, or is left unchanged, is waited for no more', async (t) => {
  for (const how of ['ready', 'refused'] as const) {
    const { order, isPast, datapaths } = started();
    order.reached(datapath('s1'), 'made');
    const [, other] = datapaths;
    if (other === undefined) throw new Error('there are two');
    if (how === 'ready') other.wasReady = true;
    else other.state = { type: 'refused' };
    t.equal(isPast('made'), true, how);
  }
});

t.test('one that does not connect is not waited for for ever', async (t) => {
  const { order, isPast, clock } = started();
  order.reached(datapath('s1'), 'made');
  clock.nowMs += limits.startOrderMs - 1;
  t.equal(isPast('made'), false);
  clock.nowMs += 1;
  t.equal(isPast('made'), true);
  t.equal(isPast('changed'), true);
});

t.test('what comes after the start waits until it is over', async (t) => {
  for (const how of ['ready', 'late'] as const) {
    const { order, datapaths, clock, poll } = started();
    let ran = 0;
    const run = (): void => {
      ran += 1;
    };
    order.whenOver(run);
    poll();
    t.equal(ran, 0);
    if (how === 'ready') for (const one of datapaths.slice(0, 2)) one.wasReady = true;
    else clock.nowMs += limits.startOrderMs;
    poll();
    t.equal(ran, 1, how);
    order.whenOver(run);
    t.equal(ran, 2, 'and at once then');
  }
});
