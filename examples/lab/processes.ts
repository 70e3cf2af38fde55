/**
 * Processes in namespaces of their own: nothing on the machine is touched, nothing can leak.
 *
 * A holder is the first process of a new process, network and mount namespace. When it ends, the
 * kernel ends every process inside and removes every interface. It reads from a pipe that we
 * hold, so it ends when we do, however we die.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';

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
  /** Signals the program itself, and waits until it has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
}

const SETUP = 'mount -t tmpfs none /run && mkdir /run/netns && ip link set lo up && echo ready';

/** `keep`: the holder outlives us, and with it everything inside. */
export async function openNamespaces(keep: boolean): Promise<Namespaces> {
  if (process.getuid?.() !== 0) {
    throw new Error('the lab makes network namespaces, which needs root; run it with sudo');
  }
  const wait = keep ? 'exec sleep infinity' : 'exec cat';
  const flags = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const holder = spawn('unshare', [...flags, 'sh', '-c', `${SETUP} && ${wait}`], {
    stdio: [keep ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: keep,
  });
  await ready(holder);
  if (keep) {
    holder.unref();
    holder.stdout?.destroy();
    holder.stderr?.destroy();
  }
  const first = childOf(holder.pid ?? 0);
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
      if (holder.exitCode !== null || holder.signalCode !== null) return;
      const over = once(holder, 'exit');
      process.kill(first, 'SIGKILL');
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
    holder.once('error', (error) => reject(new Error(`cannot run unshare: ${error.message}`)));
    holder.once('exit', () => reject(new Error(`namespaces cannot be made: ${trouble.trim()}`)));
  });
}

function start(args: readonly string[], log: string | undefined, keep: boolean): Running {
  const out = log === undefined ? 'pipe' : fs.openSync(log, 'a');
  const child = spawn('nsenter', args, { stdio: ['ignore', out, out], detached: keep });
  if (typeof out === 'number') fs.closeSync(out);
  if (keep) child.unref();
  return {
    child,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const over = once(child, 'exit');
      // nsenter forks into the process namespace: the program is its child.
      const inner = childOf(child.pid ?? 0);
      if (inner !== undefined) process.kill(inner, signal);
      await over;
    },
  };
}

async function attempt(args: readonly string[]): Promise<Ended> {
  const child = spawn('nsenter', args, { stdio: ['ignore', 'pipe', 'pipe'] });
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

function childOf(pid: number): number | undefined {
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
      execFileSync('sh', ['-c', `command -v ${program}`], {
        env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
      });
    } catch {
      throw new Error(`${program} is missing; "make setup" installs it (Debian: ${debian})`);
    }
  }
}
