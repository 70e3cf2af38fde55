/**
 * Rules that change while a vswitch has two bodies: on real switches, as hosts see it.
 *
 * LIME 4.1: "if the first packet was handled by a newly-installed rule, the second should not be
 * handled by an older rule". One body is 20 ms further away than the other. Open vSwitch's caches
 * are off, so a barrier means what it says and a single switch has no stale window of its own.
 */
import { once } from 'node:events';
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
import { sleep } from '../../examples/lab/wait.ts';
import { configFile, figure3, untilServed } from '../../examples/live-migration/experiment.ts';
import type { MigrateResult } from '../../hypervisor/operator/control.ts';

interface Found {
  readonly sent: number;
  readonly lost: number;
  readonly duplicates: number;
  /** Packets that met an older rule than what caused them. */
  readonly broken: number;
  readonly versions: number;
  readonly controllerErrors: number;
}

const causality = path.join(root, 'examples/lab/causality.py');
const versions = path.join(root, 'examples/controllers/versions.ts');
const delay = path.join(root, 'examples/lab/delay.ts');
const ATTEMPTS = 3;
const unguarded = [process.execPath, path.join(root, 'tests/live/unguarded.ts')];

for (const table of ['0', '7']) {
  t.test(`guarded, in table ${table}: nobody meets an older rule than his cause`, async (t) => {
    sound(t, await observe(t, table));
  });
}

function sound(t: Tap, found: Found): void {
  t.comment(JSON.stringify(found));
  t.equal(found.broken, 0, 'no version went back along any chain of cause and effect');
  t.equal(found.lost, 0, 'nothing was lost');
  t.equal(found.duplicates, 0, 'nothing came twice');
  t.equal(found.controllerErrors, 0, 'the controller got no error');
  t.ok(found.versions > 50, `rules changed all the time (${found.versions} versions)`);
}

t.test('canary: without guards the same probes find rules that go back', async (t) => {
  let found = await observe(t, '0', unguarded);
  // A packet has to meet both bodies while a rule changes: on a busy machine few do.
  for (let i = 1; i < ATTEMPTS && found.broken === 0; i += 1) {
    found = await observe(t, '0', unguarded);
  }
  t.comment(JSON.stringify(found));
  t.ok(found.broken > 0, 'the oracle sees what the guard prevents');
});

/** Four migrations there and back while a rule changes and probes run; what the probes saw. */
async function observe(t: Tap, table: string, command?: readonly string[]): Promise<Found> {
  const lab = await startLab({
    ...figure3,
    exact: true,
    controllers: { s4: 'tcp:127.0.0.1:6654' },
  });
  t.teardown(() => lab.stop());
  lab.inside.start(
    [process.execPath, delay, '6654', '6653', '20'],
    path.join(lab.dir, 'delay.log'),
  );
  const log = path.join(lab.dir, 'versions.log');
  lab.inside.start([process.execPath, versions, '6661', '3', '5', table], log);
  await listens(lab, 6661, 'the controller');
  await startTestController(lab, 6662);
  const file = path.join(lab.dir, 'guard.yaml');
  fs.writeFileSync(file, patiently(fs.readFileSync(configFile, 'utf8')));
  await startLimevisor(lab, file, command);
  await untilServed(lab);
  const python = (host: string, ...args: readonly string[]) =>
    lab.inside.start(lab.on(host, ['/usr/bin/python3', causality, ...args]));
  const echo = python('red-h2', 'echo', 'eth0');
  if (echo.child.stdout !== null) await once(echo.child.stdout, 'data');
  const probe = python('red-h1', 'probe', 'eth0', '02:00:00:00:00:02');
  let said = '';
  probe.child.stdout?.on('data', (chunk) => {
    said += String(chunk);
  });
  await sleep(500);
  for (const to of ['s4', 's3', 's4', 's3']) {
    const result = await limevisorJson<MigrateResult>(
      lab,
      'migrate',
      'red/v3',
      '--to',
      to,
      '--no-watch',
    );
    t.equal(result.migration?.state.type, 'done', `moved to ${to}`);
  }
  await sleep(300);
  await probe.end('SIGINT');
  const errors = fs.readFileSync(log, 'utf8').match(/error/g) ?? [];
  return {
    ...(JSON.parse(said) as Omit<Found, 'controllerErrors'>),
    controllerErrors: errors.length,
  };
}

/** The neighbours take their time, so each move leaves the traffic split between the bodies. */
function patiently(config: string): string {
  return config
    .replace(/(dpid: 0{15}[12]) \}\n {2}s/g, '$1, ack: settle 300ms }\n  s')
    .replace(/(dpid: 0{15}[34]) \}\n/g, '$1, ack: barrier }\n');
}

type Tap = Pick<typeof t, 'teardown' | 'equal' | 'ok' | 'comment'>;
