/** Switches that have no room in a simulation, for a while. */
import { flowCommand } from '../../openflow/values/constants.ts';
import { ofError } from '../../openflow/values/errors.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import type { SimSwitch } from './switch.ts';
import type { SimWorld } from './world.ts';

const FULL_MS = 2_000;

/** One of them, soon: for rules of vswitches that have none there. */
export function fill(world: SimWorld, switches: readonly SimSwitch[]): void {
  const full = switches[Math.floor(world.random() * switches.length)];
  if (full === undefined) return;
  const { errorType, errorCode } = ofError('flowModFailed', 'tableFull', 'full');
  full.refuses = ({ xid, cookie, command }) => {
    const id = vswitchOf(cookie);
    if (id === undefined || command !== flowCommand.add) return undefined;
    if ([...full.holding().flows].some((one) => vswitchOf(one.cookie) === id)) return undefined;
    return { type: 'error', xid, errorType, errorCode, data: new Uint8Array(0) };
  };
  world.after(world.random() * FULL_MS, () => {
    full.refuses = undefined;
  });
}

/** The number of the vswitch whose rule it is. */
function vswitchOf(cookie: bigint): number | undefined {
  const read = readCookie(cookie);
  return read?.kind === 'rule' || read?.kind === 'tagged' ? read.id : undefined;
}
