/**
 * What concerns everybody is computed in steps, none of which does much: a step is counted in calls
 * of our functions (V8's coverage), and not timed. All of it is hundreds for each vswitch.
 */
import t, { type Test } from 'tap';
import { nextOf } from '../../hypervisor/datapath/paced-snapshots.ts';
import { waysOf } from '../../hypervisor/migrate/apply-plans.ts';
import { differenceTo } from '../../hypervisor/operator/control-apply.ts';
import { endText, type Port } from '../../slices/ids.ts';
import { plugging } from '../../slices/network/changed-config.ts';
import { avoidingNothing } from '../../slices/network/drained-datapaths.ts';
import { noFailures } from '../../slices/network/failures.ts';
import {
  compile,
  failing,
  isInfeasible,
  led,
  nothingRemembered,
  placementOf,
  placing,
  recoded,
  type Snapshot,
} from '../../slices/network/snapshot.ts';
import type { Infeasible } from '../../slices/network/values.ts';
import type { Steps } from '../../slices/steps.ts';
import { planDrain } from '../../translation/migration/drain-plan.ts';
import { planHostMove } from '../../translation/migration/host-move-plan.ts';
import { reconfiguration } from '../../translation/migration/reconfiguration.ts';
import { GrowthNetwork, textOf } from '../bench/growth-network.ts';
import { GrowthWorld } from '../bench/growth-world.ts';
import { configOf, datapath, vswitchName } from '../slices/networks.ts';
import { Calls } from '../support/calls.ts';
import { runningOf } from './apply-texts.ts';

/** So many that what is done for each of them in one step is too much. */
const TENANTS = 200;
const CALLS_MAX = 4_000;

const s1 = datapath('s1');
const config = configOf(textOf({ tenants: TENANTS, datapaths: 5, hosts: 2 }));

function whole<T>(found: T | Infeasible): T {
  if (typeof found === 'object' && found !== null && isInfeasible(found as Infeasible)) {
    throw new Error(JSON.stringify(found));
  }
  return found as T;
}

/** Those that take longest are counted: a count costs more than most steps. */
const COUNTED = 32;

/** The most calls of one step, those of all, and what came of it. */
function counted<R>(begin: () => Steps<R>) {
  const some = longestOf(begin);
  let most = 0;
  let all = 0;
  calls.take();
  const steps = begin();
  for (let i = 0; ; i++) {
    if (some.has(i)) all += calls.take();
    const { done, value } = steps.next();
    if (some.has(i) || done === true) {
      const own = calls.take();
      if (some.has(i)) most = Math.max(most, own);
      all += own;
    }
    if (done === true) return { most, all, value };
  }
}

/** By their places. Each is timed twice, since V8 compiles and collects in some. */
function longestOf(begin: () => Steps<unknown>): ReadonlySet<number> {
  const [one, other] = [timesOf(begin()), timesOf(begin())];
  const times = one.map((ms, i) => ({ i, ms: Math.min(ms, other[i] ?? ms) }));
  times.sort((a, b) => b.ms - a.ms);
  return new Set(times.slice(0, COUNTED).map(({ i }) => i));
}

function timesOf(steps: Steps<unknown>): number[] {
  const times: number[] = [];
  for (let isOver = false; !isOver; ) {
    const beganMs = performance.now();
    isOver = steps.next().done === true;
    times.push(performance.now() - beganMs);
  }
  return times;
}

const before = whole(compile(config, nothingRemembered));
const calls = new Calls();
t.teardown(() => calls.stop());

function expectShort(t: Test, name: string, { most, all }: { most: number; all: number }): void {
  t.ok(most <= CALLS_MAX, `${name}: ${most} calls in one step, ${all} in all`);
  t.ok(all > CALLS_MAX, `${name}: it is long enough to be counted`);
}

t.test('no step of it is long', async (t) => {
  /** What it becomes by a change, in steps, and by what follows from that. */
  const changed = (name: string, from: Snapshot, begin: () => Steps<Snapshot | Infeasible>) => {
    const computed = counted(begin);
    const next = whole(computed.value);
    expectShort(t, name, computed);
    const follows = counted(() => nextOf(from, next));
    expectShort(t, `${name}, what follows`, follows);
    return next;
  };
  const lost = { ...noFailures, lost: new Set([s1]) };
  const around = { ...avoidingNothing, now: new Set([s1]), goal: new Set([s1]) };
  const without = changed('a datapath is lost', before, () => failing(before, lost));
  changed('it comes again', without, () => failing(without, noFailures));
  const drained = changed('ways lead around it', before, () => led(before, around));
  changed('and over it again', drained, () => led(drained, avoidingNothing));
  changed('it has one table', before, () => recoded(before, datapath('s3'), 'flat of 1.3'));
  const now = { isUp: () => true, tablesOf: () => undefined, underWay: () => undefined };
  const plan = counted(() => planDrain(before, 's1', true, now));
  t.match(plan.value, { type: 'plan', isDone: false });
  expectShort(t, 'a drain is planned', plan);
  const back = counted(() => planDrain(drained, 's1', false, now));
  t.match(back.value, { type: 'plan', isDone: false });
  expectShort(t, 'its end is planned', back);
});

t.test('no step of another file is long', async (t) => {
  const file = textOf({ tenants: TENANTS + 1, datapaths: 5, hosts: 2 });
  const without = configOf(file.replace('  - s3:1 - s1:1\n', ''));
  const applied = counted(() => reconfiguration(runningOf(before), without));
  expectShort(t, 'another file', applied);
  const { value: plan } = applied;
  if ('whyNot' in plan) throw new Error(plan.whyNot.join());
  const differs = counted(() => differenceTo(plan));
  expectShort(t, 'how it differs', differs);
  const kept = counted(() => waysOf(plan.adding));
  expectShort(t, 'what the store is to have of it', kept);
});

t.test('a host that moves concerns its vswitch', async (t) => {
  const host = before.config.hosts.find(({ name }) => name === 't0/h0x0');
  if (host === undefined) throw new Error('it is there');
  const also = { device: datapath('s4'), port: 5_000 as Port };
  const both = counted(() => plugging(before, host.name, { at: host.at, also }));
  const there = counted(() => nextOf(before, whole(both.value)));
  calls.take();
  const asked = { host: host.name, to: endText(also), driver: 'manual' };
  const plan = planHostMove(before, asked, {
    isReady: () => true,
    tablesOf: () => undefined,
    whyNoDriver: () => undefined,
    underWay: () => undefined,
  });
  const planned = calls.take();
  t.equal(plan.type, 'hostPlan');
  // Of 800 hosts each is looked at to find it, and those beside it.
  t.ok(both.all <= CALLS_MAX, `it is at two places: ${both.all} calls`);
  t.ok(there.all <= CALLS_MAX, `what follows: ${there.all} calls`);
  t.ok(planned <= 2 * CALLS_MAX, `it is planned at once: ${planned} calls`);
});

t.test('a vswitch with many ports is placed elsewhere', async (t) => {
  const before = whole(
    compile(configOf(textOf({ tenants: 3, datapaths: 5, hosts: 128 })), nothingRemembered),
  );
  const name = vswitchName('t0/v1');
  const { bodies, ...placement } = placementOf(before, name);
  const both = { ...placement, bodies: [...bodies, datapath('s5')] };
  const placed = counted(() => placing(before, name, both));
  t.ok(placed.most <= CALLS_MAX, `${placed.most} calls in one step, ${placed.all} in all`);
  t.ok(placed.all > 2 * CALLS_MAX, 'it would be a long one');
  const next = counted(() => nextOf(before, whole(placed.value)));
  t.ok(next.most <= CALLS_MAX, `what follows: ${next.most} calls in one step`);
});

/** A step takes that long at least, so that what is computed takes several turns. */
const PER_LOOK_MS = 0.5;

t.test('what is computed is computed again when something else serves meanwhile', async (t) => {
  const size = { tenants: 3, datapaths: 8, hosts: 40 };
  const { hypervisor, world } = new GrowthNetwork(size, true, new GrowthWorld(PER_LOOK_MS));
  const { executor } = hypervisor;
  const all = ['t0/v1', 't1/v1', 't2/v1'].map(vswitchName);
  world.turn(() => {
    for (const name of all) {
      const { vswitches, placements } = hypervisor.snapshot();
      const [vswitch, on] = [vswitches.get(name), placements.get(name)?.primary];
      if (vswitch === undefined || on === undefined) throw new Error(`no vswitch ${name}`);
      executor.start(vswitch, on, datapath('s8'), 'lime');
    }
  });
  world.runUntil(() => executor.all().every(({ state }) => state.type === 'done'));
  const { placements } = hypervisor.snapshot();
  const primaries = all.map((name) => placements.get(name)?.bodies);
  t.strictSame(primaries, Array(all.length).fill([datapath('s8')]), 'each is where it is to be');
});
