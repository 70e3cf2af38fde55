/**
 * `limevisor show` prints a file that makes what runs: for each file of the examples and for random
 * configurations, with vswitches where migrations have left them, the text reads as what runs, and
 * to apply it would change nothing.
 */
import { globSync, readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { networkText } from '../../examples/fat-tree/network.ts';
import { fileText } from '../../hypervisor/operator/file-text.ts';
import { type Config, readConfig } from '../../slices/config/config.ts';
import { differenceOf } from '../../slices/config/difference.ts';
import { runningConfig } from '../../slices/network/running-config.ts';
import {
  compile,
  isInfeasible,
  nothingRemembered,
  type Snapshot,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import { admitBeside } from '../../slices/placement/admission.ts';
import { Metered } from '../../slices/placement/meters.ts';
import { atOnce } from '../../slices/steps.ts';
import { reconfiguration } from '../../translation/migration/reconfiguration.ts';
import { Random } from '../openflow/random.ts';
import { treeOf } from '../slices/networks.ts';
import { randomConfig, readTree } from '../slices/random-configs.ts';
import { runningOf } from './apply-texts.ts';

/** As a start has it; undefined where some of it cannot be. */
function served(file: Config): Snapshot | undefined {
  const { config, unplaced } = admitBeside(undefined, file);
  if (unplaced.size > 0) return undefined;
  const snapshot = compile(config, nothingRemembered);
  return isInfeasible(snapshot) ? undefined : snapshot;
}

/** Each that may be elsewhere is on a datapath that chance has chosen. */
function moved(before: Snapshot, random: Random): Snapshot {
  const datapaths = [...before.datapaths.keys()];
  const metered = new Metered(before.config);
  let snapshot = before;
  for (const { name, members } of before.vswitches.values()) {
    if (members.length > 0 || random.number(2) === 0) continue;
    const mayBe = datapaths.filter((one) => !metered.closedTo(name).has(one));
    const on = random.pick(mayBe.length > 0 ? mayBe : datapaths);
    const next = withPlacement(snapshot, name, { bodies: [on], primary: on, homes: new Map() });
    if (!isInfeasible(next)) snapshot = next;
  }
  return snapshot;
}

function isShown(t: Test, what: string, snapshot: Snapshot): void {
  const running = runningConfig(snapshot);
  const text = fileText(running);
  const read = readConfig(treeOf(text), [], '/elsewhere');
  if (!('config' in read)) {
    t.fail(`${what}: ${JSON.stringify(read.problems)}\n${text}`);
    return;
  }
  t.strictSame(differenceOf(running, read.config), [], what);
  const plan = atOnce(reconfiguration(runningOf(snapshot), read.config));
  if ('whyNot' in plan) t.fail(`${what} is not applied: ${plan.whyNot.join('; ')}\n${text}`);
  else {
    // Nobody's wiring is another, either.
    const { came, gone, changed, touched } = plan;
    const all = [came, gone, changed, touched].map(({ length }) => length);
    t.strictSame(all, [0, 0, 0, 0], `${what} changes nothing`);
  }
}

t.test('every file of the examples', async (t) => {
  const paths = globSync('examples/*/*.yaml').sort();
  t.ok(paths.length > 10, `${paths.length} files`);
  const texts = paths.map((path) => {
    return [path, readFileSync(path, 'utf8').replaceAll('DIR', '/run/lab')] as const;
  });
  const random = new Random(5);
  for (const [path, text] of [...texts, ['fat tree', networkText()] as const]) {
    const config = readTree(treeOf(text));
    const snapshot = config && served(config);
    if (snapshot === undefined) t.fail(`${path} does not start`);
    else {
      isShown(t, path, snapshot);
      isShown(t, `${path}, moved`, moved(snapshot, random));
    }
  }
});

t.test('random configurations', async (t) => {
  let count = 0;
  for (let seed = 0; count < 80 && seed < 2_000; seed += 1) {
    const random = new Random(seed);
    const snapshot = served(randomConfig(random));
    if (snapshot === undefined) continue;
    count += 1;
    isShown(t, `seed ${seed}`, snapshot);
    isShown(t, `seed ${seed}, moved`, moved(snapshot, random));
  }
  t.equal(count, 80, 'so many can be served');
  // Where a limit of bandwidth and a datapath without meters met.
  for (const seed of [2497, 2747, 2925]) {
    const snapshot = served(randomConfig(new Random(seed)));
    if (snapshot !== undefined) isShown(t, `seed ${seed}`, snapshot);
  }
});
