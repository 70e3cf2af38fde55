/**
 * Moves the virtual switch there and back, without an end; every third time it is undone.
 */
import { attempt } from '../../../examples/lab/programs.ts';
import { sleep } from '../../../examples/lab/wait.ts';
import type { Sides } from './sides.ts';

export interface Moving {
  /** When the migration under way is over: how they ended. */
  stop(): Promise<readonly string[]>;
}

/** Undone so long after it began, it is in another phase each time. */
const UNDO_STEP_MS = 400;
const UNDO_PHASES = 8;

export function keepMoving({ lab }: Pick<Sides, 'lab'>): Moving {
  const ends: string[] = [];
  let isOver = false;
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
    for (let id = 1; !isOver; id++) await move(id);
  })();
  return {
    async stop() {
      isOver = true;
      await loop;
      return ends;
    },
  };
}
