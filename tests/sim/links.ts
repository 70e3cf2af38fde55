/** What is said of links in a run (links.test.ts), and what happens to them. */
import type { LinkNow } from '../../hypervisor/datapath/link-watch.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { Log } from '../../hypervisor/world/log.ts';
import type { Network } from './networks.ts';
import type { SimSwitch } from './switch.ts';
import type { SimWorld } from './world.ts';

export interface SaidOfLinks {
  /** The links in the end, and every warning about one. */
  readonly links: readonly LinkNow[];
  readonly linkWarnings: readonly string[];
}

/** The first two have each the other's second end. */
export function swapped(links: Network['links']): Network['links'] {
  const [[a, b] = ['', ''], [c, d] = ['', ''], ...rest] = links;
  return [[a, d], [c, b], ...rest];
}

/** A log that remembers warnings about links, and about ports that are not heard. */
export function listening(): { readonly log: Log; inEnd(hypervisor: Hypervisor): SaidOfLinks } {
  const linkWarnings: string[] = [];
  const warn: Log['warn'] = (about, what) => {
    if (/^(a link is not|suspicious|too many frames)/.test(what)) {
      linkWarnings.push(`${what}: ${Object.values(about).join(' ')}`);
    }
  };
  return {
    log: { info: () => undefined, warn, error: () => undefined },
    inEnd: ({ probing }) => ({ links: probing.linkWatch.states(), linkWarnings }),
  };
}

/** Until every link is up again, or for so long. */
export function untilUp(world: SimWorld, hypervisor: Hypervisor, withinMs: number): void {
  const endMs = world.now + withinMs;
  const isUp = (): boolean =>
    hypervisor.probing.linkWatch.states().every(({ state }) => state.type === 'up');
  while (!isUp() && world.now < endMs) world.runUntil(world.now + 100);
}

/** Some switch does, soon. */
export function hangUp(world: SimWorld, switches: readonly SimSwitch[]): void {
  const one = switches[Math.floor(world.random() * switches.length)];
  world.after(world.random() * 1_000, () => one?.cut());
}
