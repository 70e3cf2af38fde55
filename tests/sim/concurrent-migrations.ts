/**
 * Runs in which several migrations begin at once (concurrent-migrations.test.ts, and in soak):
 * which there are, and what is wrong with one.
 */
import { isOver } from '../../translation/migration/migration.ts';
import { Random } from '../openflow/random.ts';
import type { Options, Result } from './scenario.ts';
import { type Drawn, runDrawn } from './swarm.ts';
import { troublesIn } from './troubles.ts';

/** Vswitches of each tenant besides the two with hosts: ten move, as many at once as are drawn. */
const MIDDLE = 3;
const TOGETHER_MAX = 9;

/** Turns are short, so that one migration's plans are under way when another's begin. */
export function togetherOf(seed: number): Drawn {
  const random = new Random(seed);
  const datapathCount = 4 + random.number(4);
  const each = <T>(draw: () => T): readonly T[] => Array.from({ length: datapathCount }, draw);
  const hasFlat = random.number(4) === 0;
  const shape = {
    datapathCount,
    extraCount: 1 + random.number(4),
    middleCount: MIDDLE,
    lieMs: each(() => random.pick([0, 5, 20])),
    isFlat: each(() => hasFlat && random.number(2) === 0),
  };
  const options: Options = {
    ...{ seed, shape, moves: 2, together: 2 + random.number(TOGETHER_MAX - 1) },
    crash: random.number(3) === 0,
    cuts: random.number(3) === 0 ? 2 : 0,
    turnMs: random.pick([0.5, 2]),
  };
  const paces = { stepsPerTurnMax: random.pick([1, 1, 2, 8]), slotsPerStep: 1, drainPollMs: 10 };
  return { options, paces };
}

/** What a plan may be refused for, while something fails. */
const fine = /would lose its link: s\d+:\d+ is down|is not connected and ready/;

/** A run, and what is wrong with it, in words. */
export function together(drawn: Drawn): {
  readonly result: Result;
  readonly troubles: readonly string[];
} {
  const result = runDrawn(drawn);
  const { refused, migrations } = result;
  const { crash = false, cuts = 0, shape } = drawn.options;
  const isFlat = shape?.isFlat.includes(true) === true;
  const troubles = [
    ...troublesIn(result, { isFlat, isKilled: crash, mayLose: cuts > 0 }),
    ...refused
      .filter((one) => (cuts === 0 && !crash) || !fine.test(one))
      .map((one) => `not begun: ${one}`),
  ];
  for (const { id, vswitch, state } of migrations.filter((one) => !isOver(one))) {
    troubles.push(`migration ${id} of ${vswitch} is in "${state.type}" for ever`);
  }
  return { result, troubles };
}
