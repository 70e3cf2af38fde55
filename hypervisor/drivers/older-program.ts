/**
 * A program that an earlier process of ours started for a move and that still runs. No other is
 * started before it has ended, since its answer may not be true a moment later.
 *
 * It is known by its last arguments and by a mark in its environment, which no other move has; one
 * that has become another program (`exec`, without the arguments) is not known.
 */
import fs from 'node:fs';
import { limits } from '../../slices/limits.ts';
import type { World } from '../world/world.ts';
import { endGroup } from './program.ts';

/** What a program was begun with. */
export interface Begun {
  /** Its last arguments. */
  readonly args: readonly string[];
  /** `NAME=value`, of its environment. */
  readonly mark: string;
}

/**
 * `done` when there is none, or none any more; one that takes longer than `limitMs` is asked to
 * end, and then made to. `said` hears that one is waited for.
 */
export function awaitOlderProgram(
  world: Pick<World, 'after'>,
  begun: Begun,
  limitMs: number,
  said: (line: string) => void,
  done: () => void,
): void {
  let waitedMs = 0;
  const look = (pid: number | undefined): void => {
    if (pid === undefined) {
      done();
      return;
    }
    if (waitedMs === 0) said(`pid ${pid} was begun before the restart; it is waited for`);
    const leftMs = limitMs - waitedMs;
    if (leftMs <= 0) endGroup(pid, leftMs > -limits.driverStopMs ? 'SIGTERM' : 'SIGKILL');
    waitedMs += limits.programLookMs;
    world.after(limits.programLookMs, () => look(runningOf(pid, begun)));
  };
  world.after(0, () => look(olderProgram(begun)));
}

function olderProgram(begun: Begun): number | undefined {
  const pids = fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  return pids.map((name) => runningOf(Number(name), begun)).find((pid) => pid !== undefined);
}

/** The number, if it is such a program, and runs. */
function runningOf(pid: number, { args, mark }: Begun): number | undefined {
  const ending = args.map((one) => `\0${one}`).join('');
  if (!`${textIn(pid, 'cmdline')}\0`.endsWith(`${ending}\0\0`)) return undefined;
  if (!`\0${textIn(pid, 'environ')}`.includes(`\0${mark}\0`)) return undefined;
  // After the name: state, parent, group.
  const [state, , group] = textIn(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  return state !== 'Z' && Number(group) === pid ? pid : undefined;
}

/** Empty for one that has ended meanwhile, or that is not ours to read. */
function textIn(pid: number, file: 'cmdline' | 'environ' | 'stat'): string {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) throw error;
    return '';
  }
}
