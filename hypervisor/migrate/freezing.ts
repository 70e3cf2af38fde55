/**
 * Drops the packets that enter a vswitch on a datapath, and lets them pass again: freeze-and-copy,
 * the paper's baseline (LIME 2.2).
 */

import type { DatapathName } from '../../slices/ids.ts';
import type { Overrides } from '../../translation/wiring/overrides.ts';
import { whyRefused } from '../datapath/error-attribution.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';

type Done = (trouble?: string) => void;

export function freeze(runtime: VswitchRuntime, on: DatapathName, done: Done): void {
  lead(runtime, on, { isFrozen: true }, done);
}

/** Packets of a body that stays must find their way at once; of one that left there are none. */
export function thaw(runtime: VswitchRuntime, on: DatapathName, done: Done): void {
  const stays = runtime.placement.bodies.includes(on);
  lead(runtime, on, { isFrozen: false, ...(stays && { passes: true }) }, done);
}

function lead(
  { overriding }: VswitchRuntime,
  on: DatapathName,
  to: Partial<Overrides>,
  done: Done,
): void {
  overriding.lead(on, to, 'full', (outcome) => {
    done(whyRefused(on, outcome, 'the entries that stop or release packets'));
  });
}
