/**
 * What concerns everybody is reckoned in steps, none of which does much: a step is counted in calls
 * of our functions (V8's coverage), and not timed. All of it is hundreds for each vswitch.
 */
import t from 'tap';
import { nextOf } from '../../hypervisor/datapath/paced-snapshots.ts';
import { waysOf } from '../../hypervisor/migrate/apply-plans.ts';
import { differenceTo } from '../../hypervisor/operator/control-apply.ts';
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
import { reconfiguration } from '../../translation/migration/reconfiguration.ts';
import { GrowthNetwork, textOf } from '../bench/growth-network.ts';
import { GrowthWorld } from '../bench/growth-world.ts';
import { configOf, datapath, vswitchName } from '../slices/networks.ts';
import { Calls } from '../support/calls.ts';
import { runningOf } from './apply-texts.ts';

/** So many that what is done for each of them in one step is too much. */
const TENANTS = 200;
const CALLS_MAX = 4_000;
/** Steps that are counted together, where there are many: each takes less than all of them. */
const TOGETHER = 4;

const s1 = datapath('s1');
const config = configOf(textOf({ tenants: TENANTS, datapaths: 5, hosts: 2 }));

function whole<T>(found: T | Infeasible): T {
  if (typeof found === 'object' && found !== null && isInfeasible(found as Infeasible)) {
    throw new Error(JSON.stringify(found));
  }
  return found as T;
}

/** The most calls of one step at most, those of all, and what came of it. */
function counted<R>(calls: Calls, steps: Steps<R>, together = 1) {
  let most = 0;
  let all = 0;
  calls.take();
  for (let i = 1; ; i++) {
    const { done, value } = steps.next();
    if (done !== true && i % together !== 0) continue;
    const own = calls.take();
    most = Math.max(most, own);
    all += own;
    if (done === true) return { most, all, value };
  }
}

t.test('no step of it is long', async (t) => {
  const before = whole(compile(config, nothingRemembered));
  const calls = new Calls();
  t.teardown(() => calls.stop());
  const around = { ...avoidingNothing, now: new Set([s1]), goal: new Set([s1]) };
  const changes: Readonly<Record<string, Steps<Snapshot | Infeasible>>> = {
    'a datapath is lost': failing(before, { ...noFailures, lost: new Set([s1]) }),
    'ways lead around it': led(before, around),
    'it has one table': recoded(before, datapath('s3'), 'flat of 1.3'),
  };
  const expect = (name: string, { most, all }: { most: number; all: number }): void => {
    t.ok(most <= CALLS_MAX, `${name}: ${most} calls in one step, ${all} in all`);
    t.ok(all > CALLS_MAX, `${name}: it is long enough to be counted`);
  };
  for (const [name, steps] of Object.entries(changes)) {
    const reckoned = counted(calls, steps, TOGETHER);
    expect(name, reckoned);
    expect(
      `${name}, what follows`,
      counted(calls, nextOf(before, whole(reckoned.value)), TOGETHER),
    );
  }
  const file = textOf({ tenants: TENANTS + 1, datapaths: 5, hosts: 2 });
  const without = configOf(file.replace('  - s3:1 - s1:1\n', ''));
  const applied = counted(calls, reconfiguration(runningOf(before), without), TOGETHER);
  expect('another file', applied);
  if ('whyNot' in applied.value) throw new Error(applied.value.whyNot.join());
  expect('how it differs', counted(calls, differenceTo(applied.value)));
  expect('what the store is to have of it', counted(calls, waysOf(applied.value.adding), TOGETHER));
  const now = { isUp: () => true, booksOf: () => undefined, underWay: () => undefined };
  const plan = counted(calls, planDrain(before, 's1', true, now), TOGETHER);
  t.match(plan.value, { type: 'plan', isDone: false });
  expect('a drain is planned', plan);
});

t.test('a vswitch with many ports is placed elsewhere', async (t) => {
  const before = whole(
    compile(configOf(textOf({ tenants: 3, datapaths: 5, hosts: 128 })), nothingRemembered),
  );
  const calls = new Calls();
  t.teardown(() => calls.stop());
  const name = vswitchName('t0/v1');
  const { bodies, ...placement } = placementOf(before, name);
  const both = { ...placement, bodies: [...bodies, datapath('s5')] };
  const placed = counted(calls, placing(before, name, both));
  t.ok(placed.most <= CALLS_MAX, `${placed.most} calls in one step, ${placed.all} in all`);
  t.ok(placed.all > 2 * CALLS_MAX, 'it would be a long one');
  const next = counted(calls, nextOf(before, whole(placed.value)));
  t.ok(next.most <= CALLS_MAX, `what follows: ${next.most} calls in one step`);
});

/** A step takes that long at least, so that what is reckoned takes several turns. */
const PER_LOOK_MS = 0.5;

t.test('what is reckoned is reckoned again when something else serves meanwhile', async (t) => {
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
