/**
 * Rules that change while a vswitch moves there and back, and probes that tell by which version of
 * a rule they were handled (examples/lab/causality.py): what guard.test.ts judges, and what
 * tests/bench/losses.ts prints.
 *
 * One body is 20 ms further away than the other. Open vSwitch's caches are off, so a barrier means
 * what it says and a single switch has no stale window of its own.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { startLab } from '../../examples/lab/lab.ts';
import {
  listens,
  root,
  socketOf,
  startLimevisor,
  startTestController,
  untilReady,
} from '../../examples/lab/programs.ts';
import { sleep } from '../../examples/lab/wait.ts';
import { configFile, figure3, untilServed } from '../../examples/live-migration/experiment.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { MigrateResult } from '../../hypervisor/operator/migration-asked.ts';
import type { GuardKind, Migration } from '../../translation/migration/migration.ts';

export interface Found {
  readonly sent: number;
  readonly lost: number;
  readonly duplicates: number;
  /** Packets that met an older rule than what caused them. */
  readonly broken: number;
  readonly versions: number;
  readonly controllerErrors: number;
  readonly moves: readonly Migration[];
}

const causality = path.join(root, 'examples/lab/causality.py');
const versions = path.join(root, 'examples/controllers/versions.ts');
const delay = path.join(root, 'examples/lab/delay.ts');
/** Limevisor without guards. */
export const unguarded = [process.execPath, path.join(root, 'tests/live/unguarded.ts')];

export interface Observed {
  /** Of the rule that changes. */
  readonly table: string;
  readonly guard?: GuardKind;
  /** What runs Limevisor. */
  readonly command?: readonly string[];
}

/** Four migrations there and back while a rule changes and probes run; what the probes saw. */
export async function observe({ table, guard = 'redirect', command }: Observed): Promise<Found> {
  const lab = await startLab({
    ...figure3,
    exact: true,
    controllers: { s4: 'tcp:127.0.0.1:6654' },
  });
  try {
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
    await untilReady(lab);
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
    const moves: Migration[] = [];
    for (const to of ['s4', 's3', 's4', 's3']) {
      const asked = { vswitch: 'red/v3', to, guard, noWatch: true };
      const result = await ask<MigrateResult>(socketOf(lab), 'migrate', asked);
      const { migration } = result;
      if (migration?.state.type !== 'done') throw new Error(JSON.stringify(result));
      moves.push(migration);
    }
    await sleep(300);
    await probe.end('SIGINT');
    const errors = fs.readFileSync(log, 'utf8').match(/error/g) ?? [];
    const probes = JSON.parse(said) as Omit<Found, 'controllerErrors' | 'moves'>;
    return { ...probes, controllerErrors: errors.length, moves };
  } finally {
    await lab.stop();
  }
}

/** The neighbours take their time, so each move leaves the traffic split between the bodies. */
function patiently(config: string): string {
  return config
    .replace(/(dpid: 0{15}[12]) \}\n {2}s/g, '$1, ack: settle 300ms }\n  s')
    .replace(/(dpid: 0{15}[34]) \}\n/g, '$1, ack: barrier }\n');
}
