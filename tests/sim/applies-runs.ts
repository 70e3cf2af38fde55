/**
 * Which runs with applies there are, and what is wrong with one (applies.test.ts, and in soak).
 */
import { Random } from '../openflow/random.ts';
import type { Options, Result } from './scenario.ts';

export function appliesOf(seed: number): Options {
  const random = new Random(seed);
  const old = random.pick(['none', 'none', 'some'] as const);
  return { seed, applies: true, crash: random.number(3) === 0, moves: 2 + random.number(2), old };
}

/** What an apply may be refused for. */
const fine = new RegExp(
  [
    'is being migrated, and the file changes',
    'is being applied; apply again',
    'refused .* of .*tableFull',
    'encoding is flat',
  ].join('|'),
);

/** In words. */
export function troublesOfApplies({ crash, old }: Options, result: Result): readonly string[] {
  const { findings, lost, redSaw } = result;
  const { unapplied, wrong, isCutShort } = result.files;
  const found = [
    ...findings.foreign.map((one) => `isolation: ${one}`),
    // Where there is one table a rule is several entries, which change one after the other.
    ...(old === 'none' ? findings.broken : []).map((one) => `transparency: ${one}`),
    ...findings.doubled.map((one) => `continuity: twice: ${one}`),
    ...unapplied.filter((one) => !fine.test(one)).map((one) => `not applied: ${one}`),
    ...wrong.map((one) => `after a file: ${one}`),
  ];
  // A start with other links than the last process had leads each datapath by itself.
  if (lost.red > 0 && !isCutShort) found.push(`continuity: red lost ${lost.red} frames`);
  // Blue's rules end by themselves: while its controller is away, packets have to wait for it.
  if (lost.blue > 0 && crash !== true) found.push(`continuity: blue lost ${lost.blue} frames`);
  if (redSaw.length > 0 && crash !== true) found.push(`transparency: red saw ${redSaw[0]}`);
  if (result.sent < 1_000) found.push(`only ${result.sent} frames were sent`);
  return found;
}
