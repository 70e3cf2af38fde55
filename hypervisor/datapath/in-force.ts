/**
 * When what a datapath has acknowledged by a barrier is in force in its data path, too: at the
 * level that the file says (DESIGN 6), or what takes its place while that cannot be had.
 */
import { DEFAULT_SETTLE_MS } from '../../slices/config/config.ts';
import type { AckLevel } from '../../slices/config/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { World } from '../world/world.ts';
import { Canaries, type CanariesContext } from './canaries.ts';
import type { Datapath } from './datapath.ts';
import type { StaleFlowHealing } from './stale-flow-healing.ts';

export interface InForceContext extends CanariesContext {
  readonly heals: Pick<StaleFlowHealing, 'natureOf'>;
}

/** How a datapath acknowledged last. */
export interface Acknowledged {
  readonly level: string;
  /** Why not as the file says; empty when so. */
  readonly why: string;
}

export class InForce {
  readonly canaries: Canaries;
  readonly #context: InForceContext;
  readonly #last = new Map<DatapathName, Acknowledged>();
  /** The longest proof of each. */
  readonly #longestMs = new Map<DatapathName, number>();

  /** `world` is nobody's in particular. */
  constructor(context: InForceContext, world: World) {
    this.#context = context;
    this.canaries = new Canaries(context, world, (name) => {
      const { software } = context.heals.natureOf(name);
      return software === '' || software.includes('Open vSwitch');
    });
  }

  /** `done` may run within this call. */
  when(datapath: Datapath, done: () => void): void {
    const level = datapath.config.ack;
    switch (level.type) {
      case 'barrier':
        done();
        break;
      case 'settle':
        this.#context.world.after(level.settleMs, done);
        break;
      case 'proof':
        this.#context.world.proveRevalidated(level.unixctl, (isProved) => {
          const { unixctl } = level;
          const why = `no proof from ${unixctl}; check that it is this switch's unixctl socket`;
          if (!isProved) datapath.closeUntrusted(why);
          done();
        });
        break;
      case 'canary':
        this.#byCanary(datapath, done);
        break;
    }
  }

  /** The level in use now, and why it is not the file's, for the operator. */
  of({ name, config }: Datapath): Acknowledged {
    const last = this.#last.get(name);
    return config.ack.type === 'canary' && last !== undefined
      ? last
      : { level: ackText(config.ack), why: '' };
  }

  #byCanary(datapath: Datapath, done: () => void): void {
    const { world } = this.#context;
    const { name } = datapath;
    const startedMs = world.nowMs();
    this.canaries.prove(datapath, (whyNot) => {
      const longestMs = this.#longestMs.get(name) ?? 0;
      if (whyNot === undefined) {
        this.#longestMs.set(name, Math.max(longestMs, world.nowMs() - startedMs));
        this.#last.set(name, { level: 'canary', why: '' });
        done();
        return;
      }
      const settleMs = Math.ceil(Math.max(DEFAULT_SETTLE_MS, longestMs * limits.settleFactor));
      // While it is made right after a connection it has no canary, whatever its links are.
      const level = ackText({ type: 'settle', settleMs });
      if (datapath.isReady) this.#last.set(name, { level, why: whyNot });
      world.after(settleMs, done);
    });
  }
}

/** As the file says it. */
function ackText(ack: AckLevel): string {
  if (ack.type === 'settle') return `settle ${ack.settleMs}ms`;
  return ack.type === 'proof' ? `proof ${ack.unixctl}` : ack.type;
}
