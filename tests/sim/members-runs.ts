/** Which runs with members that move there are, and what is wrong with one (members.test.ts). */
import { isMemberOver } from '../../translation/migration/member-states.ts';
import { Random } from '../openflow/random.ts';
import type { Options, Result } from './scenario.ts';

export function membersOf(seed: number): Options {
  const random = new Random(seed);
  const datapathCount = 4 + random.number(2);
  const each = <T>(draw: () => T): readonly T[] => Array.from({ length: datapathCount }, draw);
  const lieMs = each(() => random.pick([0, 5, 20]));
  const rest = { datapathCount, extraCount: 1 + random.number(3), middleCount: 1, lieMs };
  const isUpset = random.number(3) === 0;
  return {
    ...{ seed, moves: 2, memberMoves: true },
    old: random.pick(['none', 'none', 'some'] as const),
    crash: random.number(3) === 0,
    fills: random.number(3) === 0,
    shape: {
      ...{ ...rest, isFlat: [], memberCount: 2 + random.number(2) },
      big: random.pick(['strict', 'eventual'] as const),
    },
    ...(isUpset && { hangsUp: true, cuts: 2 }),
  };
}

/** In words. */
export function troublesOfMembers(options: Options, result: Result): readonly string[] {
  const { crash = false, cuts = 0, old = 'none', shape } = options;
  const { findings, lost, members, sent, redSaw } = result;
  const mayLose = crash || cuts > 0;
  const isOne = shape?.big === 'strict' && old === 'none' && !mayLose;
  const open = members.filter((one) => !isMemberOver(one));
  return [
    ...findings.foreign.map((one) => `isolation: ${one}`),
    ...findings.doubled.map((one) => `twice: ${one}`),
    ...(isOne ? findings.broken.map((one) => `transparency: ${one}`) : []),
    ...(mayLose || lost.red + lost.blue === 0 ? [] : [`lost ${lost.red} and ${lost.blue}`]),
    ...(mayLose || redSaw.length === 0 ? [] : [`red saw ${redSaw[0]}`]),
    ...open.map(({ id, state }) => `the move ${id} of a member is in "${state.type}" for ever`),
    ...(sent > 1_000 ? [] : [`only ${sent} frames were sent`]),
  ];
}
