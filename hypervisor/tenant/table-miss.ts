/**
 * Table misses of a vswitch: packets that miss every rule go to the controller while one of
 * OpenFlow 1.0 that we dialled is connected (translation/entries/table-miss.ts). A guest that
 * connects changes nothing (guests.ts).
 */
import { version } from '../../openflow/values/constants.ts';
import { type Vswitch, withMisses } from '../../slices/network/snapshot.ts';
import type { Controller } from '../controller/controller.ts';
import type { Reconfigured } from './configured.ts';

/** After a controller came or went. */
export function followMisses(
  context: Reconfigured,
  vswitch: Vswitch,
  dialled: readonly Controller[],
): void {
  const wants = dialled.some((one) => one.isUp && one.version === version.of10);
  const snapshot = context.snapshot();
  if (wants === snapshot.missesUp.has(vswitch.name)) return;
  const next = withMisses(snapshot, vswitch.name, wants);
  context.reconfigure(next, [vswitch], () => undefined);
}
