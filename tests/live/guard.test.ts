/**
 * Rules that change while a vswitch has two bodies: on real switches, as hosts see it.
 *
 * LIME 4.1: "if the first packet was handled by a newly-installed rule, the second should not be
 * handled by an older rule". Open vSwitch's caches are off here, so a barrier means what it says
 * and a single switch has no stale window of its own.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import {
  limevisorJson,
  listens,
  root,
  startLimevisor,
  startTestController,
} from '../../examples/lab/programs.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { configFile, figure3, untilServed } from '../../examples/live-migration/experiment.ts';
import type { MigrateResult } from '../../hypervisor/control.ts';

const script = path.join(root, 'examples/lab/causality.py');
const controller = path.join(root, 'examples/controllers/versions.ts');

t.test('no packet meets an older rule than its cause, and none is lost', async (t) => {
  const lab = await startLab({ ...figure3, exact: true });
  t.teardown(() => lab.stop());
  const log = path.join(lab.dir, 'versions.log');
  lab.inside.start([process.execPath, controller, '6661', '3', '5'], log);
  await listens(lab, 6661, 'the controller');
  await startTestController(lab, 6662);
  // With the caches off a barrier is proof enough, so rounds are short and many.
  const text = fs
    .readFileSync(configFile, 'utf8')
    .replace(/(dpid: 0{15}[1-4]) \}/g, '$1, ack: barrier }');
  const file = path.join(lab.dir, 'guard.yaml');
  fs.writeFileSync(file, text);
  await startLimevisor(lab, file);
  await untilServed(lab);
  const python = (host: string, ...args: readonly string[]) =>
    lab.inside.start(lab.on(host, ['/usr/bin/python3', script, ...args]));
  python('red-h2', 'echo', 'eth0');
  await sleep(500);
  const probe = python('red-h1', 'probe', 'eth0', '02:00:00:00:00:02');
  let said = '';
  probe.child.stdout?.on('data', (chunk) => {
    said += String(chunk);
  });
  await sleep(500);
  for (const to of ['s4', 's3', 's4', 's3']) {
    const result = await limevisorJson<MigrateResult>(lab, 'migrate', 'red/v3', '--to', to);
    t.equal(result.migration?.state.type, 'done', `moved to ${to}`);
  }
  await sleep(300);
  await probe.end('SIGINT');
  const found = JSON.parse(said) as Record<string, number>;
  t.comment(JSON.stringify(found));
  t.equal(found['broken'], 0, 'no version went back along any chain of cause and effect');
  t.equal(found['lost'], 0, 'nothing was lost');
  t.equal(found['duplicates'], 0, 'nothing came twice');
  t.ok((found['versions'] ?? 0) > 50, `rules changed all the time (${found['versions']} versions)`);
  const versions = fs.readFileSync(log, 'utf8');
  t.notMatch(versions, /error/, 'the controller got no error');
  await until('rules still changing afterwards', 5_000, () =>
    fs.readFileSync(log, 'utf8').length > versions.length ? true : undefined,
  );
});
