/**
 * The vswitches that run after a start, with their state.
 */
import type { VswitchName } from '../../slices/ids.ts';
import type { Load } from '../store/recovery.ts';
import type { Starting } from '../store/starting.ts';
import { VswitchRuntime } from './vswitch.ts';
import type { VswitchContext } from './vswitch-context.ts';

export function runtimesOf(
  context: VswitchContext,
  { start, states, faults }: Starting,
): Map<VswitchName, VswitchRuntime> {
  const runtimes = new Map<VswitchName, VswitchRuntime>();
  for (const name of start.snapshot.vswitches.keys()) {
    const own = states.get(name);
    if (own === undefined) throw new Error(`no state for ${name}: not in the snapshot`);
    // What the one before an heir has made stays until a person has said what becomes of it.
    const fault = faults.get(name);
    if (!start.heirs.has(name) && fault === undefined) context.journal.keep(name, own.rulebook);
    const runtime = new VswitchRuntime(context, name, own);
    if (fault !== undefined) runtime.close(fault);
    runtimes.set(name, runtime);
  }
  return runtimes;
}

/** What of the rules of vswitches that run is to be loaded yet. */
export function loadsOf({ start, states }: Starting): readonly Load[] {
  return [...states].flatMap(([name, { load }]) => {
    return load === undefined || start.heirs.has(name) ? [] : [load];
  });
}

/** By number: every packet-in asks. */
export function byIdOf(
  runtimes: ReadonlyMap<VswitchName, VswitchRuntime>,
): (VswitchRuntime | undefined)[] {
  const byId: (VswitchRuntime | undefined)[] = [];
  for (const runtime of runtimes.values()) byId[runtime.vswitch.id] = runtime;
  return byId;
}
