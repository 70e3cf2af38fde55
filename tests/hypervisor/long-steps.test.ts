/**
 * What concerns everybody is reckoned in steps, none of which does much: a step is counted in calls
 * of our functions (V8's coverage), and not timed. All of it is hundreds for each vswitch.
 */
import t from 'tap';
import { nextOf } from '../../hypervisor/datapath/paced-snapshots.ts';
import { differenceTo } from '../../hypervisor/operator/control-apply.ts';
import { avoidingNothing } from '../../slices/network/drained-datapaths.ts';
import { noFailures } from '../../slices/network/failures.ts';
import {
  compile,
  failing,
  isInfeasible,
  led,
  nothingRemembered,
  recoded,
  type Snapshot,
} from '../../slices/network/snapshot.ts';
import type { Infeasible } from '../../slices/network/values.ts';
import type { Steps } from '../../slices/steps.ts';
import { planDrain } from '../../translation/migration/drain-plan.ts';
import { type Running, reconfiguration } from '../../translation/migration/reconfiguration.ts';
import { textOf } from '../bench/growth-network.ts';
import { configOf, datapath } from '../slices/networks.ts';
import { Calls } from '../support/calls.ts';

const TENANTS = 60;
const CALLS_MAX = 5_000;

const s1 = datapath('s1');
const config = configOf(textOf({ tenants: TENANTS, datapaths: 5, hosts: 2 }));

function whole<T>(found: T | Infeasible): T {
  if (typeof found === 'object' && found !== null && isInfeasible(found as Infeasible)) {
    throw new Error(JSON.stringify(found));
  }
  return found as T;
}

/** Nobody has left, and nobody moves. */
function runningOf(snapshot: Snapshot): Running {
  const all = [...snapshot.vswitches.values()];
  const ids = new Map(all.map(({ name, id }) => [name, id] as const));
  const contents = () => ({ rules: 0, groups: 0, meters: 0 });
  const census = { names: new Set(ids.keys()), left: new Map(), who: new Map(), contents };
  const known = { ids, freedIds: [], placements: new Map(), portConfigs: new Map() };
  const { told } = snapshot.config;
  return { snapshot, known, census, departure: 1, migrations: [], nowMs: 0, told };
}

/** The most calls of one step, those of all, and what came of it. */
function counted<R>(calls: Calls, steps: Steps<R>) {
  let most = 0;
  let all = 0;
  calls.take();
  for (;;) {
    const { done, value } = steps.next();
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
    const reckoned = counted(calls, steps);
    expect(name, reckoned);
    expect(`${name}, what follows`, counted(calls, nextOf(before, whole(reckoned.value))));
  }
  const file = textOf({ tenants: TENANTS + 1, datapaths: 5, hosts: 2 });
  const without = configOf(file.replace('  - s3:1 - s1:1\n', ''));
  const applied = counted(calls, reconfiguration(runningOf(before), without));
  expect('another file', applied);
  if ('whyNot' in applied.value) throw new Error(applied.value.whyNot.join());
  expect('how it differs', counted(calls, differenceTo(applied.value)));
  const now = { isUp: () => true, booksOf: () => undefined, underWay: () => undefined };
  const plan = counted(calls, planDrain(before, 's1', true, now));
  t.match(plan.value, { type: 'plan', isDone: false });
  expect('a drain is planned', plan);
});
