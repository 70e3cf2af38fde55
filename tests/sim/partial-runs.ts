/** Which runs with clones of a part there are, and what is wrong with one (partial.test.ts). */
import { isMemberOver } from '../../translation/migration/member-states.ts';
import { isOver } from '../../translation/migration/migration.ts';
import { Random } from '../openflow/random.ts';
import { versions } from './controllers.ts';
import type { Options, Result } from './scenario.ts';
import { ways } from './ways.ts';

export function partialOf(seed: number): Options {
  const random = new Random(seed);
  const isUpset = random.number(4) === 0;
  const datapathCount = 3 + random.number(3);
  const lieMs = Array.from({ length: datapathCount }, () => random.pick([0, 5, 20]));
  const rest = { datapathCount, extraCount: 1 + random.number(3), middleCount: 1, lieMs };
  return {
    ...{ seed, partial: true, hostMoves: true, moves: 2 + random.number(2) },
    // A rule that its member lacks is missed: none of red's sends up what meets no other.
    red: versions(ways, 3n, 2, { sent: 0, acknowledged: 0 }, true),
    old: random.pick(['none', 'none', 'none', 'some'] as const),
    crash: random.number(3) === 0,
    fills: random.number(4) === 0,
    shape: { ...rest, isFlat: [], areHostsNear: random.number(4) > 0 },
    ...(isUpset && { hangsUp: true, cuts: 2 }),
  };
}

/** In words. While it is cloned it is eventual: that older rules are met is no trouble. */
export function troublesOfPartial(options: Options, result: Result): readonly string[] {
  const { crash = false, cuts = 0 } = options;
  const { findings, lost, members, migrations, hosts, sent } = result;
  const mayLose = crash || cuts > 0;
  const open = [...members.filter((one) => !isMemberOver(one)), ...migrations.filter(isOpen)];
  return [
    ...findings.foreign.map((one) => `isolation: ${one}`),
    ...findings.doubled.map((one) => `twice: ${one}`),
    ...(mayLose || lost.red + lost.blue === 0 ? [] : [`lost ${lost.red} and ${lost.blue}`]),
    ...(cuts > 0 ? [] : hosts.troubles),
    ...result.half,
    ...open.map(({ id, state }) => `migration ${id} is in "${state.type}" for ever`),
    ...(sent > 1_000 ? [] : [`only ${sent} frames were sent`]),
  ];
}

function isOpen(one: Result['migrations'][number]): boolean {
  return !isOver(one);
}
