/**
 * A tenant moves whole, its hosts with it, on real switches: to a zone and back; and a driver that
 * fails when one of two hosts is there takes all of it back.
 */
import t from 'tap';
import { startPing } from '../../examples/lab/ping.ts';
import { attempt, limevisorJson } from '../../examples/lab/programs.ts';
import type { HostMoveResult } from '../../hypervisor/operator/control-hosts.ts';
import type { Found } from '../../hypervisor/operator/history-text.ts';
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

t.test('what has moved is found again: all as one, and a host alone', async (t) => {
  const printed = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await attempt(lab, args);
    t.equal(code, 0, stderr);
    return stdout;
  };
  const list = await printed('migrations');
  t.match(list, /^1 .* red --hosts --to far +done /m);
  t.match(list, /^ {2}move-1 .* red\/h[12] +s[12]:1 -> s[34]:\d+ +by netns +done /m);
  const whole = await printed('migrations', 'show', '1');
  t.match(whole, /\n {2}cost +\d+ messages that changed datapaths; s\d held \d+ entries at most\n/);
  t.match(whole, /\n {2}boundary +.* crossed between the two sides in /);
  t.match(whole, /\nmove-1: red\/h[12]: s[12]:1 -> s[34]:\d+ \(netns\): done\n/);

  const moved = ['move', 'red/h1', '--to', 's4:7', '--driver', 'netns', '--probe'];
  const { move } = await limevisorJson<HostMoveResult>(lab, ...moved);
  const name = `move-${move?.id}`;
  t.match(
    await printed('migrations'),
    new RegExp(`^${name} .* red/h1 +s1:1 -> s4:7 .* done `, 'm'),
  );
  const found = await limevisorJson<Found>(lab, 'migrations', 'show', name);
  t.strictSame(found, { migrations: [], hostMoves: [move] });
  const { sent = 0, lost, ports = [] } = move?.probed ?? {};
  t.ok(sent > 10 && ports.length === 1, JSON.stringify(move?.probed));
  const text = await printed('migrations', 'show', name);
  t.match(text, /^move-\d+: red\/h1: s1:1 -> s4:7 \(netns\): done\n {2}port +red\/v1:1\n/);
  t.match(text, /\n {2}acknowledged s1 by .*, s4 by /);
  t.match(text, /\n {2}both places +(no|\d+) frames? for it left at both\n/);
  t.match(text, new RegExp(`\n {2}loss +of ${sent} probes ${lost} were lost$`, 'm'));
  t.comment(text);
  await printed('move', 'red/h1', '--to', 's1:1', '--driver', 'netns');
});

t.test('of one vswitch it is known what crossed, too; who moves no hosts is asked', async (t) => {
  const wrong = await attempt(lab, ['migrate', 'red/v1', '--to', 's4', '--driver', 'netns']);
  t.match(wrong, { code: 2, stderr: /"--driver netns" moves hosts, and none is asked for/ });
  const ping = startPing(lab, 'h1', '10.0.0.2', 5);
  for (const to of ['s4', 's1']) {
    const result = await limevisorJson<MigrateResult>(lab, 'migrate', 'red/v1', '--to', to);
    const { stdout } = await attempt(lab, ['migrations', 'show', `${result.migration?.id}`]);
    t.match(stdout, new RegExp(`\n {2}boundary +.*B crossed between ${to} and elsewhere in `));
    t.comment(stdout);
  }
  t.equal((await ping.stop()).lost, 0);
  t.equal(await whereIs(lab), near);
});
