/**
 * Vswitches in the order of the configuration, so that whatever several of them get, they get in
 * the same order.
 */
import type { VswitchName } from '../ids.ts';
import { flatMapped, type Steps, withEach } from '../steps.ts';
import type { Snapshot, Vswitch } from './values.ts';

interface Known {
  readonly vswitches: Pick<Snapshot['vswitches'], 'get'>;
}

/** In the order of the configuration. */
export function inOrder({ vswitches }: Known, names: Iterable<VswitchName>): readonly Vswitch[] {
  const found = [...names].flatMap((name) => vswitches.get(name) ?? []);
  return found.sort((one, other) => one.index - other.index);
}

/** More than there are vswitches. */
const MANY = 2 ** 24;

/** The same in steps. Numbers are sorted without a call for each pair. */
export function* ordered(
  { vswitches }: Known,
  names: Iterable<VswitchName>,
): Steps<readonly Vswitch[]> {
  const found: Vswitch[] = [];
  const keys: number[] = [];
  yield* withEach(names, (name) => {
    const vswitch = vswitches.get(name);
    if (vswitch === undefined) return;
    keys.push(vswitch.index * MANY + found.length);
    found.push(vswitch);
  });
  return yield* flatMapped(Float64Array.from(keys).sort(), (key) => {
    const vswitch = found[key % MANY];
    return vswitch === undefined ? [] : [vswitch];
  });
}
