/**
 * A tenant moves whole, its hosts with it, on real switches: to a zone and back; and a driver that
 * fails when one of two hosts is there takes all of it back.
 */
import t from 'tap';
import { attempt, limevisorJson } from '../../examples/lab/programs.ts';
import type { MigrateResult } from '../../hypervisor/operator/migration-asked.ts';
import { home, mustReach, near, startHostsLab, whereIs } from './ensemble-hosts-lab.ts';

const lab = await startHostsLab(t);

t.test('to a zone and back, hosts and all', async (t) => {
  await mustReach(lab);
  const there = ['migrate', 'red', '--hosts', '--to', 'far', '--driver', 'netns', '--no-watch'];
  const result = await limevisorJson<MigrateResult>(lab, ...there);
  t.equal(result.ensemble?.state.type, 'done', JSON.stringify(result.ensemble?.state));
  const moved = await whereIs(lab);
  t.notMatch(moved, /s1|s2/);
  t.match(moved, /red\/h1 s[34], red\/h2 s[34]/);
  await mustReach(lab);
  const back = home.flatMap((one) => ['--to', one]);
  const asked = ['migrate', 'red', '--hosts', ...back, '--driver', 'netns', '--no-watch'];
  const returned = await limevisorJson<MigrateResult>(lab, ...asked);
  t.equal(returned.ensemble?.state.type, 'done', JSON.stringify(returned.ensemble?.state));
  t.equal(await whereIs(lab), near);
  await mustReach(lab);
});

t.test('a driver that fails takes all of it back, the other host too', async (t) => {
  const drivers = ['--driver', 'netns', '--driver', 'red/h2=exec', '--moves-at-once', '1'];
  const asked = ['migrate', 'red', '--hosts', '--to', 'far', ...drivers];
  const { code, stderr } = await attempt(lab, asked);
  t.equal(code, 5, stderr);
  t.match(stderr, /undone after \d+ ms: red\/h2: \/bin\/false/);
  t.equal(await whereIs(lab), near);
  await mustReach(lab);
});

t.test(
  'a switch is drained with the hosts that are plugged in there, and both return',
  async (t) => {
    const how = ['--everything', '--hosts', '--driver', 'netns', '--no-watch'];
    const drained = await attempt(lab, ['drain', 's1', ...how]);
    t.equal(drained.code, 0, drained.stderr);
    t.notMatch(await whereIs(lab), /s1/);
    await mustReach(lab);
    const returned = await attempt(lab, ['undrain', 's1', '--everything']);
    t.equal(returned.code, 0, returned.stderr);
    t.equal(await whereIs(lab), near);
    await mustReach(lab);
  },
);
