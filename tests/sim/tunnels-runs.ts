/** Which runs with tunnels there are, and what is wrong with one (tunnels.test.ts). */
import { Random } from '../openflow/random.ts';
import { troublesOfApplies } from './applies-runs.ts';
import type { Options, Result } from './scenario.ts';
import { troublesIn } from './troubles.ts';

export function tunnelsOf(seed: number): Options {
  const random = new Random(seed);
  const options: Options = {
    ...{ seed, tunnels: true, moves: 2 },
    old: random.pick(['none', 'none', 'some'] as const),
    crash: random.number(3) === 0,
    backups: random.number(2),
  };
  return random.number(2) === 0 ? { ...options, applies: true } : options;
}

/** In words. */
export function troublesOfTunnels(options: Options, result: Result): readonly string[] {
  const { crash = false, old = 'none', applies = false } = options;
  const own = applies
    ? troublesOfApplies(options, result)
    : troublesIn(result, { isFlat: old !== 'none', isKilled: crash });
  return [...own, ...result.laying];
}
