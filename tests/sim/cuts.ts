/**
 * Cables that are cut while a simulation runs, and whole again: what is on them is lost, and both
 * switches say so; and switches that hang up.
 */
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { Network } from './networks.ts';
import type { SimSwitch } from './switch.ts';
import type { SimWorld } from './world.ts';

const WITHIN_MS = 1_800;
const CUT_MS = 900;

interface CutOptions {
  readonly cuts?: number;
  readonly hangsUp?: boolean;
  readonly backups?: number;
}

/** What a file says that is used with them: what comes back is soon used again. */
export function failoverOf({ cuts = 0, backups = 0 }: CutOptions): object {
  const failover = { backups: String(backups), away: '300ms', revert: '300ms' };
  return cuts > 0 ? { failover } : {};
}

export class Cuts {
  readonly #down = new Set<string>();

  /** Whether a frame goes into the cable here, or comes out of it. */
  carries(end: string): boolean {
    return !this.#down.has(end);
  }

  /** At random moments of the next seconds, each for a while. */
  some(
    world: SimWorld,
    { links }: Network,
    switches: readonly SimSwitch[],
    { cuts = 0, hangsUp = false }: CutOptions,
  ): void {
    if (hangsUp) switches[Math.floor(world.random() * switches.length)]?.cut();
    for (let i = 0; i < cuts; i += 1) {
      const link = links[Math.floor(world.random() * links.length)];
      if (link === undefined) continue;
      const atMs = world.random() * WITHIN_MS;
      world.after(atMs, () => this.set(link, false, switches));
      world.after(atMs + world.random() * CUT_MS, () => this.set(link, true, switches));
    }
  }

  /** A cable carries nothing from now on, or does again, and both its switches say so. */
  set(link: readonly [string, string], isUp: boolean, switches: readonly SimSwitch[]): void {
    for (const end of link) {
      const [name, port] = end.split(':');
      if (isUp) this.#down.delete(end);
      else this.#down.add(end);
      switches[Number(name?.slice(1)) - 1]?.setPort(Number(port), isUp);
    }
  }
}

/** Throws when ways are on a detour although nothing has failed. */
export function mustBeWhole(hypervisor: Hypervisor): void {
  const { failures, detoured, encodings } = hypervisor.snapshot();
  const { down, held, lost } = failures;
  // Where a flat datapath would be on the way there are no paths beside those in use, for good.
  const hasFlat = [...encodings.values()].some((one) => one !== 'pipeline');
  const left = hasFlat ? 0 : detoured.size;
  if (down.size + held.size + lost.size + left === 0) return;
  throw new Error(`still around failures: ${JSON.stringify([...down, ...held, ...lost])}`);
}
