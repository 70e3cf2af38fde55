/**
 * A program that moves a host. It ends with 0 when the host runs at the new place; anything else
 * says that it runs where it was. Each word is an argument: no shell reads any of it.
 */
import { spawn } from 'node:child_process';
import { limits } from '../../slices/limits.ts';
import { messageOf } from '../world/error-text.ts';
import type { World } from '../world/world.ts';
import type { DriverUser, Program, Stop } from './driver.ts';

/** When it is told to stop, it is asked to end (SIGTERM), and then made to. */
export function runProgram(
  world: Pick<World, 'after'>,
  { argv, env }: Program,
  user: DriverUser,
): Stop {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: what it has begun ends with it.
    detached: true,
  });
  let stopped: string | undefined;
  let isOver = false;
  const stop = (why: string): void => {
    if (isOver || stopped !== undefined) return;
    stopped = why;
    endGroup(child.pid, 'SIGTERM');
    world.after(limits.driverStopMs, () => {
      if (!isOver) endGroup(child.pid, 'SIGKILL');
    });
  };
  const name = `${file} (pid ${child.pid ?? 'none'})`;
  const end = (why: string | undefined): void => {
    if (isOver) return;
    isOver = true;
    if (why === undefined) user.ended({ type: 'arrived' });
    else user.ended({ type: 'failed', why: `${name}: ${stopped ?? why}` });
  };
  for (const stream of [child.stdout, child.stderr]) tellLines(stream, user);
  child.on('error', (error) => end(messageOf(error)));
  child.on('close', (code, signal) => {
    // What it says counts, even when it was told to stop: the host is there.
    end(code === 0 ? undefined : `it ended with ${code ?? signal}`);
  });
  return stop;
}

/** Tells a program, and all that it has begun. */
export function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // It has ended meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function tellLines(stream: NodeJS.ReadableStream | null, user: DriverUser): void {
  let begun = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk) => {
    const lines = (begun + String(chunk)).split('\n');
    begun = (lines.pop() ?? '').slice(0, limits.driverLineCharactersMax);
    for (const line of lines) user.said(line.slice(0, limits.driverLineCharactersMax));
  });
  stream?.on('end', () => {
    if (begun !== '') user.said(begun);
  });
}
