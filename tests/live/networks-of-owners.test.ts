/**
 * An experimenter with a token and nothing else, on real switches: one command makes a network from
 * a template, a controller of theirs connects, and hosts reach each other, within a minute. Other
 * controllers take over, the network is paused and goes on, kill -9 leaves it, and it ends on time.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { reaches } from '../../examples/lab/ping.ts';
import {
  attempt,
  killLimevisor,
  restartLimevisor,
  root,
  startOsken,
  startTestController,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import { ownersLab } from './owners-lab.ts';

const lab = await ownersLab(t);

/** As the experimenter types it: with no socket, and a home of its own. */
async function mine(...args: readonly string[]) {
  const home = ['env', `XDG_CONFIG_HOME=${path.join(lab.dir, 'ann')}`];
  return lab.inside.attempt([...home, path.join(root, 'limevisor'), ...args]);
}

const ip = (last: number) => `10.0.0.${last}`;
/** A controller that has just come deletes all rules before it makes its own. */
const meets = (from: string, last: number) =>
  until(`${from} to ${ip(last)}`, 30_000, async () => {
    return (await reaches(lab, from, ip(last), 2_000)) || undefined;
  });
const isApart = async (from: string, last: number) => !(await reaches(lab, from, ip(last)));

t.test('within a minute: a token, one command, a controller, pings', async (t) => {
  const beganMs = Date.now();
  const made = await attempt(lab, [
    ...['token', 'create', 'ann', '--role', 'owner', '--quota', 'student'],
  ]);
  t.equal(made.code, 0, made.stderr);
  fs.writeFileSync(path.join(lab.dir, 'ann.token'), made.stdout);
  const token = path.join(lab.dir, 'ann.token');
  const login = await mine('login', 'http://127.0.0.1:8640', '--token-file', token);
  t.match(login, { code: 0, stdout: /ann, owner/ });
  await startOsken(lab, 6661, 'osken.log');
  const wanted = ['template', 'big-switch', '--hosts', 'a,b', '--name', 'lab'];
  const more = ['--controller', 'tcp:127.0.0.1:6661', '--wait'];
  const one = await mine('network', ...wanted, ...more);
  t.match(one, { code: 0, stdout: /lab@ann is made; it ends .*\nready after/ }, one.stderr);
  t.ok(await meets('h1', 2), 'its hosts reach each other');
  t.ok(Date.now() - beganMs < 60_000, `${Date.now() - beganMs} ms`);
  t.comment(`from nothing to the first ping: ${Date.now() - beganMs} ms`);
});

t.test('what its owner sees, and nothing physical', async (t) => {
  const shown = await mine('network', 'show', 'lab');
  t.match(shown.stdout, /lab@ann\/sw +0000000000000001 +up +\d+ rules?/);
  t.match(shown.stdout, /controller +tcp:127\.0\.0\.1:6661 +up/);
  const flows = await mine('network', 'flows', 'lab/sw');
  t.match(flows.stdout, /n_packets=[1-9]/);
  const list = await mine('network', 'list');
  t.match(list.stdout, /lab@ann +running +\d{4}-\d\d-\d\d \d\d:\d\d.* +1 +2 +ann +student/);
  const events = await mine('network', 'events', 'lab');
  t.match(events.stdout, /network made/);
  for (const { stdout } of [shown, flows, list, events]) t.notMatch(stdout, /\bs[12]\b|s[12]:/);
  t.match(await mine('status'), { code: 4, stderr: /is an owner's; this is for a viewer/ });
});

t.test('other controllers, live', async (t) => {
  await startTestController(lab, 6662);
  const changed = await mine('network', 'controllers', 'lab', 'tcp:127.0.0.1:6662', '--wait');
  t.match(changed, { code: 0, stdout: /lab@ann has these controllers\nready/ }, changed.stderr);
  t.ok(await meets('h1', 2));
  const { key, certificate, ca } = lab.keys;
  const files = ['--private-key', key, '--certificate', certificate, '--ca-cert', ca];
  const ctl = `--unixctl=${path.join(lab.dir, 'over-tls.ctl')}`;
  const argv = ['ovs-testcontroller', '-O', 'OpenFlow13', 'pssl:6664', ctl, ...files];
  lab.inside.start(argv, path.join(lab.dir, 'over-tls.log'));
  const tls = await mine('network', 'controllers', 'lab', 'ssl:127.0.0.1:6664', '--wait');
  t.match(tls, { code: 0, stdout: /lab@ann has these controllers\nready/ }, tls.stderr);
  t.ok(await meets('h1', 2), 'over TLS, with the keys of its quota');
  const back = await mine('network', 'controllers', 'lab', 'tcp:127.0.0.1:6662', '--wait');
  t.equal(back.code, 0, back.stderr);
  const wrong = await mine('network', 'controllers', 'lab', 'tcp:127.0.0.1:6653');
  t.match(wrong, { code: 4, stderr: /is Limevisor's own address/ });
});

t.test('paused: no frame passes, and nothing of it is on a switch; then as it was', async (t) => {
  const entries = async (): Promise<number> => {
    const dumps = await Promise.all(['s1', 's2'].map((s) => lab.ofctl('dump-flows', s)));
    return dumps.join('').split('\n').length;
  };
  const before = await entries();
  t.match(await mine('network', 'pause', 'lab'), { code: 0, stdout: 'lab@ann is paused\n' });
  t.ok(await isApart('h1', 2));
  t.ok((await entries()) < before, `${await entries()} entries instead of ${before}`);
  t.match((await mine('network', 'show', 'lab')).stdout, /not ready:\n {2}it is paused/);
  const resumed = await mine('network', 'resume', 'lab', '--wait');
  t.match(resumed, { code: 0, stdout: /lab@ann goes on\nready/ }, resumed.stderr);
  t.ok(await meets('h1', 2));
});

t.test('kill -9 leaves it; a file that is applied, too; and it ends on time', async (t) => {
  await killLimevisor(lab);
  await restartLimevisor(lab);
  await untilReady(lab);
  t.equal((await mine('network', 'wait', 'lab')).code, 0);
  t.ok(await meets('h1', 2));
  const applied = await attempt(lab, ['apply', path.join(lab.dir, 'network.yaml')]);
  t.match(applied, { code: 0 }, applied.stderr);
  t.match((await attempt(lab, ['show'])).stdout, /lab@ann:/);
  t.ok(await meets('h2', 1));
  t.match(await mine('network', 'extend', 'lab', '--for', '8s'), { code: 0 });
  await until('its end', 60_000, async () => {
    const { stdout } = await mine('network', 'list');
    return stdout.startsWith('no network') || undefined;
  });
  t.same((await statusOf(lab)).vswitches, []);
  t.ok(await isApart('h1', 2));
  t.match((await attempt(lab, ['events'])).stdout, /network ends soon[\s\S]*network ended/);
});
