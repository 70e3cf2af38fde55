/**
 * Which runs with applies there are, and what is wrong with one (applies.test.ts, and in soak).
 */
import { isOver } from '../../translation/migration/migration.ts';
import { Random } from '../openflow/random.ts';
import type { Options, Result } from './scenario.ts';
import { troublesIn } from './troubles.ts';

export function appliesOf(seed: number): Options {
  const random = new Random(seed);
  const old = random.pick(['none', 'none', 'some'] as const);
  const more = { crash: random.number(3) === 0, moves: 2 + random.number(2), old };
  return { seed, applies: true, ...more, ...(seed % 5 === 4 && { isSpread: true }) };
}

/** What an apply may be refused for. */
const fine = new RegExp(
  [
    'is being migrated, and the file changes',
    'is being applied; apply again',
    'refused .* of .*tableFull',
  ].join('|'),
);

/** In words. */
export function troublesOfApplies(
  { crash = false, old }: Options,
  result: Result,
): readonly string[] {
  const { unapplied, wrong, isCutShort } = result.files;
  const open = result.migrations.filter((one) => !isOver(one));
  return [
    // A start with other links than the last process had leads each datapath by itself.
    ...troublesIn(result, { isFlat: old !== 'none', isKilled: crash, mayLose: isCutShort }),
    ...unapplied.filter((one) => !fine.test(one)).map((one) => `not applied: ${one}`),
    ...wrong.map((one) => `after a file: ${one}`),
    ...open.map(({ id, state }) => `migration ${id} is in "${state.type}" for ever`),
  ];
}
