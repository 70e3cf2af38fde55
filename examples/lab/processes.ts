/**
 * Processes in namespaces of their own: nothing on the machine is touched, nothing can leak.
 *
 * A holder is the first process of a new process, network and mount namespace. When it ends, the
 * kernel ends every process inside and removes every interface. It reads from a pipe that we
 * hold, so it ends when we do, however we die. A shell outside waits for it, in a session of its
 * own that no Ctrl-C reaches, and then removes the directory.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Namespaces {
  /** The holder, as this machine sees it: kill it, and all is gone. */
  readonly pid: number;
  /** Starts a program inside; `argv` as for exec. Output goes to `log`, or is piped. */
  start(argv: readonly string[], log?: string): Running;
  /** Runs a program inside to its end; rejects when it fails, with what it said. */
  run(argv: readonly string[]): Promise<string>;
  /** As `run`, whatever the exit code. */
  attempt(argv: readonly string[]): Promise<Ended>;
  stop(): Promise<void>;
}

/** A process inside. */
export interface Running {
  readonly child: ChildProcess;
  /** Where its output goes, when it is not piped. */
  readonly log: string | undefined;
  /** Signals the program itself, and waits until it has ended and all its output is here. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Signals the program itself: stops it, lets it go on, or tells it something. */
  signal(signal: NodeJS.Signals): Promise<void>;
}

// IPv6 off for what is made later: the switches' own interfaces would speak up on the links.
const SETUP = [
  'mount -t tmpfs none /run',
  'mkdir /run/netns',
  'ip link set lo up',
  'sysctl -qew net.ipv6.conf.default.disable_ipv6=1',
  'echo ready',
].join(' && ');

/** Ours, and where sudo's or a container's PATH may forget to look. */
function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
}

/**
 * Removes `dir` when all is over. `keep`: the holder outlives us, and with it everything inside
 * and the directory.
 */
export async function openNamespaces(dir: string, keep: boolean): Promise<Namespaces> {
  if (process.getuid?.() !== 0) {
    throw new Error('the lab makes network namespaces, which needs root; run it with sudo');
  }
  const flags = '--net --mount --pid --fork --kill-child --mount-proc';
  const inner = `${SETUP} && exec ${keep ? 'sleep infinity' : 'cat'}`;
  const outer = `unshare ${flags} sh -c "$1"; ${keep ? ':' : 'rm -rf "$2"'}`;
  const holder = spawn('sh', ['-c', outer, 'lab', inner, dir], {
    stdio: [keep ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: true,
    env: environment(),
  });
  await ready(holder);
  if (keep) {
    holder.unref();
    holder.stdout?.destroy();
    holder.stderr?.destroy();
  }
  const first = childOf(childOf(holder.pid));
  if (first === undefined) throw new Error('the namespaces ended as they were made');
  const enter = ['-t', String(first), '--net', '--mount', '--pid', '--'];
  return {
    pid: first,
    start: (argv, log) => start([...enter, ...argv], log, keep),
    attempt: (argv) => attempt([...enter, ...argv]),
    async run(argv) {
      const ended = await attempt([...enter, ...argv]);
      if (ended.code === 0) return ended.stdout;
      throw new Error(`"${argv.join(' ')}" failed (${ended.code}): ${ended.stderr.trim()}`);
    },
    async stop() {
      if (hasEnded(holder)) return;
      const over = once(holder, 'exit');
      signalTo(first, 'SIGKILL');
      await over;
    },
  };
}

function ready(holder: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let trouble = '';
    holder.stderr?.on('data', (chunk) => {
      trouble += String(chunk);
    });
    holder.stdout?.once('data', () => resolve());
    holder.once('error', (error) => reject(new Error(`cannot run sh: ${error.message}`)));
    holder.once('exit', () => reject(new Error(`namespaces cannot be made: ${trouble.trim()}`)));
  });
}

function start(args: readonly string[], log: string | undefined, keep: boolean): Running {
  const out = log === undefined ? 'pipe' : fs.openSync(log, 'a');
  const env = environment();
  const child = spawn('nsenter', args, { stdio: ['ignore', out, out], detached: keep, env });
  if (typeof out === 'number') fs.closeSync(out);
  if (keep) child.unref();
  const closed = new Promise((resolve) => child.once('close', resolve));
  // nsenter forks into the process namespace: the program is its child, a moment later.
  const program = async (): Promise<number | undefined> => {
    let inner = childOf(child.pid);
    while (inner === undefined && !hasEnded(child)) {
      await sleep(1);
      inner = childOf(child.pid);
    }
    return inner;
  };
  return {
    child,
    log,
    async end(signal) {
      // Of a lab that is kept: nothing else may hold us up until it has ended.
      child.ref();
      const inner = await program();
      if (inner !== undefined) signalTo(inner, signal);
      await closed;
    },
    async signal(signal) {
      const inner = await program();
      if (inner !== undefined) signalTo(inner, signal);
      // nsenter stops with what it runs, and would never end.
      if (signal === 'SIGCONT') child.kill(signal);
    },
  };
}

async function attempt(args: readonly string[]): Promise<Ended> {
  const env = environment();
  const child = spawn('nsenter', args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 1, stdout, stderr };
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // ESRCH: it has ended by itself, a moment ago.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function childOf(pid: number | undefined): number | undefined {
  try {
    const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return children === '' ? undefined : Number(children.split(' ')[0]);
  } catch {
    return undefined; // It has ended: no child to speak of.
  }
}

/** Fails early, with the Debian package to install, when a program is missing. */
export function needPrograms(programs: Readonly<Record<string, string>>): void {
  for (const [program, debian] of Object.entries(programs)) {
    try {
      execFileSync('sh', ['-c', `command -v ${program}`], { env: environment() });
    } catch {
      throw new Error(`${program} is missing; "make setup" installs it (Debian: ${debian})`);
    }
  }
}

/** What it said last, at any time: from now on it is listened to. */
export function lastLineOf({ child }: Running): () => string {
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += String(chunk);
    // The last line, and one that is not whole.
    text = text.split('\n').slice(-2).join('\n');
  });
  return () => text.trim().split('\n').at(-1) ?? '';
}
