/** What every simulation is asked for, in words. */
import type { Result } from './scenario.ts';

interface Circumstances {
  /** There a rule is several entries, which change one after the other (DESIGN, section 2). */
  readonly isFlat: boolean;
  /** Whether the process is killed: whoever is dialled again is told of everything. */
  readonly isKilled: boolean;
  /** Whether frames may be lost, on a cable that is cut for example, of which controllers hear. */
  readonly mayLose?: boolean;
}

export function troublesIn(
  { findings, lost, redSaw, sent }: Result,
  { isFlat, isKilled, mayLose = false }: Circumstances,
): string[] {
  const found = [
    ...findings.foreign.map((one) => `isolation: ${one}`),
    ...(isFlat ? [] : findings.broken.map((one) => `transparency: ${one}`)),
    ...findings.doubled.map((one) => `continuity: twice: ${one}`),
  ];
  if (lost.red > 0 && !mayLose) found.push(`continuity: red lost ${lost.red} frames`);
  if (!isKilled && !mayLose) {
    // Blue's rules end by themselves: while its controller is away, packets have to wait for it.
    if (lost.blue > 0) found.push(`continuity: blue lost ${lost.blue} frames`);
    if (redSaw.length > 0) found.push(`transparency: red saw ${redSaw[0]}`);
  }
  if (sent < 1_000) found.push(`only ${sent} frames were sent`);
  return found;
}
