/** What every simulation looks at when nothing is under way: each switch holds what it should. */

import type { Datapath } from '../../hypervisor/datapath/datapath.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { flowKey } from '../../translation/entries/physical-tables.ts';
import { isOver } from '../../translation/migration/migration.ts';
import { isQuiet } from '../hypervisor/quiet.ts';
import { flowsOf } from '../support/flat-flows.ts';
import { deviations } from '../support/intent.ts';
import type { SimSwitch } from './switch.ts';
import type { SimWorld } from './world.ts';

const ARRIVAL_MS = 20;

/** Throws when datapaths do not hold what they should, and go on so while nothing is under way. */
export function mustAgree(
  world: SimWorld,
  hypervisor: Hypervisor,
  switches: readonly SimSwitch[],
): void {
  if (!hypervisor.executor.all().every(isOver)) return;
  const wrong = (): readonly string[] => deviationsOf(hypervisor, switches);
  // What was sent this moment has to arrive.
  for (let i = 0; i < 10 && wrong().length > 0; i += 1) world.runUntil(world.now + ARRIVAL_MS);
  const left = wrong().slice(0, 10);
  if (left.length > 0) throw new Error(`not what it should hold: ${left.join('\n')}`);
}

const LOOK_EVERY_MS = 500;
const WRONG_LONGEST_MS = 200;

/**
 * Lets time pass, and throws when at a moment at which nothing is under way switches do not hold
 * what they should, and go on so. What happens is the same as without a look.
 */
export function runLooking(
  world: SimWorld,
  machine: { readonly hypervisor: Hypervisor },
  switches: readonly SimSwitch[],
  endMs: number,
): void {
  let wrongSinceMs: number | undefined;
  while (world.now < endMs) {
    const nextMs = world.now + (wrongSinceMs === undefined ? LOOK_EVERY_MS : ARRIVAL_MS);
    world.runUntil(Math.min(endMs, nextMs));
    const { hypervisor } = machine;
    const wrong = isQuiet(hypervisor) ? deviationsOf(hypervisor, switches) : [];
    wrongSinceMs = wrong.length > 0 ? (wrongSinceMs ?? world.now) : undefined;
    if (world.now - (wrongSinceMs ?? world.now) <= WRONG_LONGEST_MS) continue;
    throw new Error(`a quiet moment at ${world.now}: ${wrong.slice(0, 10).join('\n')}`);
  }
}

/** Where switches hold something else than they should. */
export function deviationsOf(
  hypervisor: Hypervisor,
  switches: readonly SimSwitch[],
): readonly string[] {
  return hypervisor.datapaths().flatMap((datapath, i) => {
    const holding = switches[i]?.holding();
    const own = miscounted(datapath);
    return holding === undefined ? own : [...own, ...deviations(hypervisor, datapath, holding)];
  });
}

/** What is only counted, most of the time, is as many as there are (audit.ts). */
function miscounted({ name, flat }: Datapath): readonly string[] {
  const different = new Set(flat && flowsOf(flat).map(flowKey)).size;
  const count = flat?.entryCount ?? 0;
  return count === different ? [] : [`${name}: ${count} entries of ${different}`];
}
