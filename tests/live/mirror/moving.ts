/**
 * Moves the virtual switch there and back, without an end; every third time it is undone.
 */
import { attempt } from '../../../examples/lab/programs.ts';
import { sleep } from '../../../examples/lab/wait.ts';
import type { Sides } from './sides.ts';

export interface Moving {
  /** When the migration under way is over, and so many are done: how they ended. */
  stop(least: number): Promise<readonly string[]>;
}

/** Undone so long after it began, it is in another phase each time. */
const UNDO_STEP_MS = 400;
const UNDO_PHASES = 8;
/** When it is to stop and too few are done. */
const MORE_MAX = 20;

export function keepMoving({ lab }: Pick<Sides, 'lab'>): Moving {
  const ends: string[] = [];
  let [wanted, left] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let at = 'shared';
  const move = async (id: number): Promise<void> => {
    const to = at === 'shared' ? 'other' : 'shared';
    const moving = attempt(lab, ['migrate', 'red/v', '--to', to, '--no-watch', '--json']);
    if (id % 3 === 0) {
      await sleep(UNDO_STEP_MS * ((id / 3) % UNDO_PHASES) + UNDO_STEP_MS);
      await attempt(lab, ['undo', String(id)]);
    }
    const { code, stderr } = await moving;
    if (code === 0) at = to;
    ends.push(code === 0 ? 'done' : code === 5 ? 'undone' : `${code}: ${stderr}`);
  };
  const loop = (async () => {
    const done = () => ends.filter((end) => end === 'done').length;
    for (let id = 1; done() < wanted && left > 0; id += 1, left -= 1) await move(id);
  })();
  return {
    async stop(least) {
      [wanted, left] = [least, MORE_MAX];
      await loop;
      return ends;
    },
  };
}
