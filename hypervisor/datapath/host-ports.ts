/**
 * Cables that end in ports where the file plugs hosts in. Frames that enter there are a tenant's,
 * and so would be a probe that comes by such a cable. So while somebody looks for such an end, an
 * entry above all others sends up frames with a certain source address, which is drawn at random
 * each time and which no tenant's frame has. The entry is removed when the probes have had the time
 * to arrive.
 */
import { limits } from '../../slices/limits.ts';
import { isFlat } from '../../slices/network/snapshot.ts';
import type { ProbeSource } from '../../translation/datapath/link-probe.ts';
import { whenAll } from '../world/when-all.ts';
import type { World } from '../world/world.ts';
import type { ConvergingContext } from './contributors.ts';
import { leadOwner } from './converge.ts';

/** Sends probes with that source, and says when all are sent. */
export type Look = (source: ProbeSource, sent: () => void) => void;

export class HostPorts {
  readonly #world: World;
  readonly #context: ConvergingContext;
  readonly #waiting: Look[] = [];
  #isLooking = false;

  constructor(world: World, context: ConvergingContext) {
    this.#world = world;
    this.#context = context;
  }

  /** As soon as the entries are there; those who ask meanwhile are the next, together. */
  look(look: Look): void {
    this.#waiting.push(look);
    if (!this.#isLooking) this.#begin();
  }

  #begin(): void {
    const all = this.#waiting.splice(0);
    this.#isLooking = all.length > 0;
    if (!this.#isLooking) return;
    const source = (1 + Math.floor(this.#world.random() * 0xff_ffff_fffe)) as ProbeSource;
    this.#lead(source, () => {
      const send = (one: Look, sent: () => void): void => one(source, sent);
      whenAll(all, send, () => {
        this.#world.after(limits.linkProbeLostMs, () => {
          this.#lead(undefined, () => this.#begin());
        });
      });
    });
  }

  /** Where there is one table, packets that come up there are tenants'. */
  #lead(source: ProbeSource | undefined, done: () => void): void {
    const snapshot = this.#context.snapshot();
    const some = this.#context.datapaths().filter(({ name, isReady }) => {
      return isReady && !isFlat(snapshot, name);
    });
    whenAll(
      some,
      (datapath, ended: () => void) => {
        const owner = source === undefined ? {} : { source };
        leadOwner(snapshot, datapath, { type: 'probe', ...owner }, 'barrier', () => ended());
      },
      done,
    );
  }
}
