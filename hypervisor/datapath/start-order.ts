/**
 * The order in which datapaths are corrected after a start.
 *
 * A process that ended in the middle of a change has led some datapaths on and others not yet, and
 * what serves now may be what was before it, what came after it, or neither: ways may have other
 * labels. Each datapath is compared by itself as it connects. If each were led on as a whole, one
 * would send into ways that another has not made yet, or has broken already. So after a start, as
 * in a change (rewiring.ts), all datapaths have what is new before any sends there, and all send
 * there before what they used goes. Until then they forward as they did.
 */
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Keys } from '../../translation/entries/difference.ts';
import type { PhysicalFlow } from '../../translation/entries/physical-tables.ts';
import { type CookieKind, readCookie } from '../../translation/entries/pipeline.ts';
import type { Departures } from '../store/departures.ts';
import type { World } from '../world/world.ts';
import type { Datapath } from './datapath.ts';

/** How far a datapath is: it has all that is new; it uses that. Both are acknowledged. */
export type Milestone = 'made' | 'changed';

/** A datapath has been sent all up to a milestone. */
export interface Reached {
  readonly milestone: Milestone;
  /** Whether what comes next waits for other datapaths. */
  readonly isOrdered: boolean;
  /** Whether cached flows may hide for a while what was sent since the last one. */
  readonly changes?: boolean;
}

const asides: ReadonlySet<CookieKind> = new Set([
  ...(['recount', 'marker', 'heal', 'stray', 'store', 'probe', 'deaf', 'canary'] as const),
  ...(['learnt', 'lossProbe', 'ledRule'] as const),
]);

/** Whether where packets of tenants go is said by some of these. */
export function leadPackets(
  { flows, groups }: Keys,
  flowOf: (key: string) => Pick<PhysicalFlow, 'cookie'> | undefined,
): boolean {
  const leads = (key: string): boolean => {
    const flow = flowOf(key);
    const kind = flow && readCookie(flow.cookie)?.kind;
    return kind !== undefined && !asides.has(kind);
  };
  return groups.length > 0 || flows.some(leads);
}

type Known = Pick<Datapath, 'name' | 'config' | 'wasReady' | 'state'>;

interface StartOrderContext {
  readonly world: Pick<World, 'nowMs' | 'after'>;
  readonly startedMs: number;
  readonly departures: Pick<Departures, 'hasSentTo'>;
  datapaths(): readonly Known[];
}

export class StartOrder {
  readonly #context: StartOrderContext;
  readonly #reached = new Map<DatapathName, Milestone>();
  /** When all had changed: what they sent before that is on its way for a moment. */
  #changedMs: number | undefined;

  constructor(context: StartOrderContext) {
    this.#context = context;
  }

  reached(name: DatapathName, milestone: Milestone): void {
    this.#reached.set(name, milestone);
  }

  /**
   * Whether every datapath has reached it. One that has not connected some seconds after the start
   * is waited for no longer, and one that is left unchanged (identity.ts) never.
   */
  isPast(milestone: Milestone): boolean {
    const isThere = (one: Known): boolean => {
      const reached = this.#reached.get(one.name);
      return !this.#isAwaited(one) || reached === 'changed' || reached === milestone;
    };
    if (this.#isLate) return true;
    if (!this.#context.datapaths().every(isThere)) return false;
    if (milestone === 'made') return true;
    const nowMs = this.#context.world.nowMs();
    this.#changedMs ??= nowMs;
    return nowMs >= this.#changedMs + limits.unmarkedMs;
  }

  /**
   * Runs when datapaths are as this start found that they should be: what is to be another
   * afterwards is made in the order of a change, on all of them.
   */
  whenOver(run: () => void): void {
    const isOver = this.#isLate || !this.#context.datapaths().some((one) => this.#isAwaited(one));
    if (isOver) run();
    else this.#context.world.after(limits.pollIntervalMinMs, () => this.whenOver(run));
  }

  get #isLate(): boolean {
    const { world, startedMs } = this.#context;
    return world.nowMs() >= startedMs + limits.startOrderMs;
  }

  /** What nothing was ever sent to holds nothing of ours. */
  #isAwaited({ config, wasReady, state }: Known): boolean {
    if (wasReady || state.type === 'refused') return false;
    return this.#context.departures.hasSentTo(config.dpid);
  }
}
