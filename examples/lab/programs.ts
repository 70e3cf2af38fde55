/**
 * What runs beside the switches: tenants' controllers, and Limevisor itself.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask, Unreachable } from '../../hypervisor/operator/client.ts';
import type { MigrateResult } from '../../hypervisor/operator/control.ts';
import type { StatusReport } from '../../hypervisor/operator/report.ts';
import { askUnixctl } from '../../hypervisor/world/unixctl.ts';
import { roundsFor } from '../../translation/datapath/canary-flips.ts';
import type { Strategy } from '../../translation/migration/migration.ts';
import type { Lab, Spoken } from './lab.ts';
import { needPrograms, type Running } from './processes.ts';
import { until, untilStarted } from './wait.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
export const root = path.resolve(here, '../..');

let program: string | undefined;

/** What `limevisor` runs, without the shells that look for it: once is enough for all commands. */
function limevisor(...words: readonly string[]): readonly string[] {
  program ??= execFileSync(path.join(root, 'tests/support/program.sh'), {
    encoding: 'utf8',
  }).trim();
  const flags = ['--disable-warning=ExperimentalWarning'];
  return [process.execPath, ...flags, path.join(root, program), ...words];
}

/** os-ken with an application of examples/controllers/, listening on `port`. */
export async function startOsken(
  lab: Lab,
  port: number,
  log: string,
  application: readonly string[] = ['learning_switch.py'],
): Promise<Running> {
  needPrograms({ '/usr/bin/osken-manager': 'python3-os-ken' });
  const [file = '', ...flags] = application;
  const app = path.join(root, 'examples/controllers', file);
  const command = ['/usr/bin/python3', '/usr/bin/osken-manager', '--nouse-stderr'];
  const listen = ['--ofp-listen-host', '127.0.0.1', '--ofp-tcp-listen-port', String(port)];
  const env = ['env', 'PYTHONUNBUFFERED=1', 'PYTHONWARNINGS=ignore'];
  const argv = [...env, ...command, ...listen, ...flags, app];
  const running = lab.inside.start(argv, path.join(lab.dir, log));
  await untilStarted('os-ken', running, 60_000, () => isListening(lab, port));
  return running;
}

/** Open vSwitch's own learning controller; its rules last `idleSec` seconds unused. */
export async function startTestController(
  lab: Lab,
  port: number,
  idleSec = 5,
  spoken: Spoken = 'OpenFlow13',
  more: readonly string[] = [],
): Promise<Running> {
  needPrograms({ 'ovs-testcontroller': 'openvswitch-testcontroller' });
  const own = [
    `--unixctl=${path.join(lab.dir, `controller-${port}.ctl`)}`,
    `--max-idle=${idleSec}`,
  ];
  const argv = ['ovs-testcontroller', '-O', spoken, `ptcp:${port}`, ...own, ...more];
  const running = lab.inside.start(argv, path.join(lab.dir, `controller-${port}.log`));
  await untilStarted('ovs-testcontroller', running, 20_000, () => isListening(lab, port));
  return running;
}

/**
 * Starts Limevisor with a configuration file, copied to the lab's directory; where it says DIR, the
 * copy says which that is.
 */
export async function startLimevisor(
  lab: Lab,
  file: string,
  command: readonly string[] = limevisor('run'),
): Promise<Running> {
  const copy = path.join(lab.dir, 'network.yaml');
  const text = fs.readFileSync(file, 'utf8').replace(/^control:.*$/m, `control: ${socketOf(lab)}`);
  fs.writeFileSync(copy, text.replaceAll('DIR', lab.dir));
  return restartLimevisor(lab, command);
}

/** Starts it again, with the store that it left. */
export async function restartLimevisor(
  lab: Lab,
  command: readonly string[] = limevisor('run'),
): Promise<Running> {
  const argv = [...command, path.join(lab.dir, 'network.yaml')];
  const running = lab.inside.start(argv, path.join(lab.dir, 'limevisor.log'));
  await untilStarted('limevisor', running, 60_000, async () =>
    (await answers(lab)) ? true : undefined,
  );
  return running;
}

/** kill -9, at once; ends when nothing answers any more. */
export async function killLimevisor(lab: Lab): Promise<void> {
  await lab.inside.run(['pkill', '-9', '-f', `main.[jt]s run ${lab.dir}`]);
  await until('its death', 30_000, async () => ((await answers(lab)) ? undefined : true));
}

export function socketOf(lab: Lab): string {
  return path.join(lab.dir, 'limevisor.sock');
}

/** What `limevisor status` shows, asked over the socket: a command is a process for each look. */
export function statusOf(lab: Lab): Promise<StatusReport> {
  return ask<StatusReport>(socketOf(lab), 'status', {});
}

/** Which of the tenants' ports are up and which are not, as a text. */
export async function portStates(lab: Lab): Promise<string> {
  const { vswitches } = await statusOf(lab);
  return vswitches
    .flatMap(({ name, ports }) => ports.map(({ port, state }) => `${name}:${port} ${state}`))
    .join();
}

/** Until each datapath of the file is connected and holds what it should. */
export async function untilReady(lab: Lab, withinMs = 30_000): Promise<void> {
  await until('all datapaths', withinMs, async () => {
    const { datapaths } = await statusOf(lab);
    return datapaths.every((one) => one.state === 'ready') ? true : undefined;
  });
}

/** Gives a vswitch a rule that listens at a socket in the lab's directory, as its controller. */
export async function addRule(
  lab: Lab,
  socket: string,
  rule = 'actions=flood',
  speaks: Spoken = 'OpenFlow13',
): Promise<void> {
  const at = path.join(lab.dir, socket);
  await lab.inside.run(['ovs-ofctl', '-O', speaks, 'add-flow', at, rule]);
}

/** How a migration ended, asked for over the socket: many commands at once take the machine. */
export function migrate(lab: Lab, vswitch: string, to: string): Promise<string | undefined> {
  return migrateBy(lab, vswitch, to, 'lime');
}

export async function migrateBy(
  lab: Lab,
  vswitch: string,
  to: string,
  strategy: Strategy,
): Promise<string | undefined> {
  const args = { vswitch, to, strategy, noWatch: true };
  const result = await ask<MigrateResult>(socketOf(lab), 'migrate', args, () => undefined);
  return result.migration?.state.type;
}

/** How many flows are cached now, of all bridges that are not apart. */
export async function cachedFlows(lab: Lab): Promise<number> {
  const shown = await unixctl(lab, 'upcall/show');
  return Number(/flows +: \(current (\d+)\)/.exec(shown)?.[1] ?? Number.NaN);
}

/**
 * Until cached flows follow the rules: the end of a round of revalidators that may have begun
 * before, and then of as many as it takes until each flow was met (canary-flips.ts).
 */
export async function revalidated(lab: Lab): Promise<void> {
  const rounds = 1 + roundsFor(await cachedFlows(lab));
  for (let i = 0; i < rounds; i += 1) await unixctl(lab, 'revalidator/wait');
}

/** As ovs-appctl, without a program for each call. */
function unixctl(lab: Lab, method: string): Promise<string> {
  return new Promise((resolve, reject) => {
    askUnixctl(path.join(lab.dir, 'vswitchd.ctl'), method, [], (text) => {
      if (text === undefined) reject(new Error(`Open vSwitch does not answer ${method}`));
      else resolve(text);
    });
  });
}

function answers(lab: Lab): Promise<boolean> {
  return statusOf(lab).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Unreachable) return false;
      throw error;
    },
  );
}

/** A limevisor command's answer as JSON; rejects with what it said when it fails. */
export async function limevisorJson<T>(lab: Lab, ...args: readonly string[]): Promise<T> {
  const ended = await attempt(lab, [...args, '--json']);
  if (ended.code === 0) return JSON.parse(ended.stdout) as T;
  throw new Error(`limevisor ${args.join(' ')}: exit ${ended.code}: ${ended.stderr.trim()}`);
}

/** A limevisor command, whatever it answers. */
export function attempt(lab: Lab, args: readonly string[]) {
  return lab.inside.attempt(limevisor(...args, '--socket', socketOf(lab)));
}

/** Waits until somebody listens on a port of the lab's loopback. */
export async function listens(lab: Lab, port: number, who: string): Promise<void> {
  await until(`${who} listening on ${port}`, 20_000, () => isListening(lab, port));
}

/** A socket's state there, proc(5). */
const LISTENS = '0A';

/** Asked of the kernel's own tables: a command is a process for each look. */
function isListening(lab: Lab, port: number): true | undefined {
  const at = port.toString(16).toUpperCase().padStart(4, '0');
  const isThere = new RegExp(`: [0-9A-F]+:${at} [0-9A-F]+:0000 ${LISTENS} `);
  const tables = ['tcp', 'tcp6'].map((name) => `/proc/${lab.pid}/net/${name}`);
  const isIn = (table: string) =>
    fs.existsSync(table) && isThere.test(fs.readFileSync(table, 'utf8'));
  return tables.some(isIn) ? true : undefined;
}
