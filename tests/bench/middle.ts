/**
 * What stands between the generator's switches and its controllers: a process, or nothing.
 *
 * Nothing is left behind, however we end: the kernel ends our processes with us (setpriv), and the
 * folder goes when the pipe that its keeper reads from does. Nothing listens but on loopback.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Middle {
  /** Where switches connect. */
  readonly port: number;
  /** Nanoseconds of CPU that it has used, over all its threads; 0 when it is nothing. */
  cpuNs(): number;
  /** Its process; undefined when it is nothing. */
  readonly pid: number | undefined;
  /** The end of what it has logged. */
  said(): string;
  /** Of a Limevisor that serves it. */
  readonly api?: ServedApi;
  stop(): Promise<void>;
}

const root = resolve(import.meta.dirname, '../..');
const STOP_MS = 15_000;
const START_MS = 120_000;
const STDERR_CHARS_KEPT = 4_000;

const running = new Set<ChildProcess>();
let folder: string | undefined;

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(130));
}

/** A folder of this run's own. */
export function ownFolder(): string {
  if (folder !== undefined) return folder;
  folder = fs.mkdtempSync(join(tmpdir(), 'lv-bench-'));
  const keeper = 'cat >/dev/null; sleep 1; rm -rf "$1"';
  const stdio = ['pipe', 'ignore', 'ignore'] as const;
  spawn('sh', ['-c', keeper, 'sh', folder], { stdio: [...stdio] }).unref();
  return folder;
}

/** Switches connect to the controllers themselves. */
export function nothing(controllerPort: number): Middle {
  return {
    port: controllerPort,
    cpuNs: () => 0,
    pid: undefined,
    said: () => '',
    stop: async () => undefined,
  };
}

export async function startRelay(controllerPort: number): Promise<Middle> {
  const program = join(import.meta.dirname, 'framing-relay.ts');
  const child = start(process.execPath, [program, String(controllerPort)]);
  const port = Number(await firstLine(child.process, child.process.stdout, child.trouble));
  return middleOf(port, child);
}

function middleOf(port: number, { process, trouble }: Child): Middle {
  const { pid } = process;
  return { port, cpuNs: () => cpuNs(process), pid, said: trouble, stop: () => stop(process) };
}

export interface LimevisorOptions {
  readonly tenants: number;
  readonly switches: number;
  readonly controllerPort: number;
  /** A folder for a CPU profile (node --cpu-prof). */
  readonly profileTo: string | undefined;
  /** Its API is served, too. */
  readonly hasApi?: boolean;
}

/** Where its API is, and the token of an operator. */
export interface ServedApi {
  readonly url: string;
  readonly token: string;
}

/** Runs with a file that is made of a folder of its own and the port that it listens on. */
export async function runLimevisor(
  textOf: (own: string, port: number) => string,
  profileTo: string | undefined,
): Promise<Middle & { readonly own: string }> {
  const own = fs.mkdtempSync(join(ownFolder(), 'lv-'));
  const port = await freePort();
  const file = join(own, 'network.yaml');
  fs.writeFileSync(file, textOf(own, port));
  const profiled = ['--cpu-prof', `--cpu-prof-dir=${profileTo}`];
  const child =
    profileTo === undefined
      ? start(join(root, 'limevisor'), ['run', file])
      : start(process.execPath, [...profiled, join(root, 'hypervisor/main.ts'), 'run', file]);
  await said(child, 'limevisor runs');
  await listening(port);
  return { ...middleOf(port, child), own };
}

export async function startLimevisor(options: LimevisorOptions): Promise<Middle> {
  const apiPort = options.hasApi === true ? await freePort() : undefined;
  const more = apiPort === undefined ? '' : `api: { listen: ['ptcp:${apiPort}:127.0.0.1'] }\n`;
  const textOf = (own: string, port: number) => more + configuration(own, port, options);
  const { own, ...middle } = await runLimevisor(textOf, options.profileTo);
  if (apiPort === undefined) return middle;
  await listening(apiPort);
  const token = fs.readFileSync(join(own, 'store.db.token'), 'utf8').trim();
  return { ...middle, api: { url: `http://127.0.0.1:${apiPort}`, token } };
}

/** Every tenant has a vswitch with one port on every datapath; lanes count tenant by tenant. */
function configuration(
  own: string,
  port: number,
  { tenants, switches, controllerPort }: LimevisorOptions,
): string {
  const all = Array.from({ length: switches }, (_, s) => s + 1);
  const lines = [
    `listen: ['ptcp:${port}:127.0.0.1']`,
    `control: ${join(own, 'control.sock')}`,
    `store: ${join(own, 'store.db')}`,
    'datapaths:',
    ...all.map((s) => `  s${s}: { dpid: ${s}, ack: barrier }`),
    'tenants:',
  ];
  for (let tenant = 0; tenant < tenants; tenant++) {
    const dpid = (s: number): number => tenant * switches + s;
    lines.push(
      `  t${tenant + 1}:`,
      `    controllers: ['tcp:127.0.0.1:${controllerPort}']`,
      '    vswitches:',
      ...all.map((s) => `      v${s}: { dpid: ${dpid(s)}, on: s${s} }`),
      '    hosts:',
      ...all.map((s) => `      h${s}: { port: 'v${s}:1', at: 's${s}:${tenant + 1}' }`),
      // Where rules of one tenant alone send frames.
      ...(tenants === 1 ? all.map((s) => `      o${s}: { port: 'v${s}:2', at: 's${s}:2' }`) : []),
    );
  }
  return `${lines.join('\n')}\n`;
}

export interface Child {
  readonly process: ChildProcess;
  /** The end of what it wrote to its standard error. */
  trouble(): string;
}

/** A program that ends with us. */
export function start(program: string, args: readonly string[]): Child {
  const withUs = ['--pdeathsig', 'KILL', '--', program, ...args];
  const child = spawn('setpriv', withUs, { stdio: ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let stderr = '';
  child.stderr?.on('data', (text) => {
    stderr = (stderr + String(text)).slice(-STDERR_CHARS_KEPT);
  });
  return { process: child, trouble: () => stderr };
}

async function firstLine(
  child: ChildProcess,
  from: ChildProcess['stdout'],
  trouble: () => string,
): Promise<string> {
  const died = once(child, 'exit').then(() => {
    throw new Error(`the relay ended: ${trouble()}`);
  });
  if (from === null) throw new Error('the relay has no output');
  const [text] = await Promise.race([once(from, 'data'), died]);
  died.catch((error: unknown) => error); // It will end some day, and that is fine.
  return String(text).trim();
}

async function said(child: Child, words: string): Promise<void> {
  const startedMs = performance.now();
  while (!child.trouble().includes(words)) {
    if (child.process.exitCode !== null) throw new Error(`limevisor ended: ${child.trouble()}`);
    if (performance.now() - startedMs > START_MS) throw new Error('limevisor does not start');
    await new Promise((done) => setTimeout(done, 10));
  }
}

/** It says that it runs a moment before it listens. */
export async function listening(port: number): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    const socket = net.connect(port, '127.0.0.1');
    const isThere = await new Promise<boolean>((done) => {
      socket.once('connect', () => done(true)).once('error', () => done(false));
    });
    socket.destroy();
    if (isThere) return;
    if (performance.now() - startedMs > START_MS) throw new Error(`nobody listens on ${port}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}

/** /proc/PID/task/TID/schedstat: time on a CPU in nanoseconds, then two more numbers. */
function cpuNs({ pid }: ChildProcess): number {
  let sum = 0;
  for (const task of fs.readdirSync(`/proc/${pid}/task`)) {
    sum += Number(fs.readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
  }
  return sum;
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no TCP port is free');
  return address.port;
}
