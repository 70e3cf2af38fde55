/**
 * Waits until a body is quiet: no packet comes to it, and none that it has sent is on its way.
 */

import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { InForce } from '../datapath/in-force.ts';
import { type Markers, pathsOf } from '../datapath/markers.ts';
import type { StaleFlowHealing } from '../datapath/stale-flow-healing.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { World } from '../world/world.ts';
import type { FillingContext } from './bodies.ts';
import { BodyCounts } from './body-counts.ts';
import type { Bodied } from './configured.ts';
import { countOf } from './redirected-packets.ts';
import type { Counters } from './rule-counters.ts';

/** What is known of packets on their way. */
export interface DrainingContext extends FillingContext {
  readonly heals: StaleFlowHealing;
  readonly inForce: Pick<InForce, 'prove'>;
  readonly markers: Markers;
}

/** Whose packets came to a body. */
export interface DrainingOwner extends Bodied {
  readonly counters: Pick<Counters, 'readBody'>;
}

type Done = (trouble?: string) => void;

/** Packets still come: what is cached for them may be older than the last heal's, or later. */
type HealAgain = (next: () => void) => void;

/**
 * Waits until nothing comes to a body any more, and nothing that it has sent is on its way. The
 * last move was acknowledged: what was sent into the ways before has arrived when markers have come
 * through behind it (markers.ts), first through the ways in, then through those out. And what has
 * come there is counted, and does not become more: no cached flow leads there. `silent` is told of
 * a way through which no marker came for too long.
 */
export function drain(
  context: DrainingContext,
  runtime: DrainingOwner,
  on: DatapathName,
  silent: (why: string) => string | undefined,
  done: Done,
): void {
  const { into, out } = pathsOf(context.snapshot(), runtime.vswitch, on);
  // Where there is one table, entries that change look at nothing more.
  const senders = [...new Set([on, ...into.map((path) => path.from)])];
  const flat = senders.filter((name) => context.datapath(name).flat !== undefined);
  const heal = (name: DatapathName, ended: Ended): void => {
    context.heals.heal(name, `${on} is left`, ended);
  };
  let againMs = context.world.nowMs() + limits.drainHealMs;
  const healAgain: HealAgain = (next) => {
    const nowMs = context.world.nowMs();
    if (flat.length === 0 || nowMs < againMs) next();
    else {
      againMs = nowMs + limits.drainHealMs;
      whenAll(flat, heal, () => next());
    }
  };
  const arrived = (ended: Ended): void => {
    const unless = (next: () => void) => (why?: string) => {
      const stops = why === undefined ? undefined : silent(why);
      if (stops === undefined) next();
      else ended(stops);
    };
    context.markers.follow(
      into,
      unless(() => context.markers.follow(out, unless(ended))),
    );
  };
  whenAll(flat, heal, () =>
    arrived((why) => {
      if (why === undefined) comesToRest(context, runtime, on, healAgain, done);
      else done(why);
    }),
  );
}

/**
 * Where it can be proved that all cached flows were looked at, they were counted, too: what was
 * counted by then does not become more until they are looked at once more. So counters at the other
 * body are right as well. Else counters lag by up to half a second (`standsStill`).
 */
function comesToRest(
  context: DrainingContext,
  runtime: DrainingOwner,
  on: DatapathName,
  healAgain: HealAgain,
  done: Done,
): void {
  const patience = new Patience(context);
  const counts = new BodyCounts();
  const prove = (name: DatapathName, ended: Ended): void =>
    context.inForce.prove(context.datapath(name), (isProved) => {
      ended(isProved ? undefined : `${name} proves nothing`);
    });
  const look = (): void => {
    whenAll(new Set([on, runtime.placement.primary]), prove, (unproved) => {
      if (unproved !== undefined) {
        standsStill(context, runtime, on, healAgain, done);
        return;
      }
      readEntered(context, runtime, on, counts, (isReached) => {
        if (!isReached) done();
        else if (patience.isOver()) done(stillReached(runtime, on, patience));
        else healAgain(look);
      });
    });
  };
  look();
}

/** How long more and more packets come until it is too long: a time, and so many looks. */
class Patience {
  readonly #world: Pick<World, 'nowMs'>;
  readonly #startedMs: number;
  #looks = 0;

  constructor({ world }: { readonly world: Pick<World, 'nowMs'> }) {
    this.#world = world;
    this.#startedMs = world.nowMs();
  }

  get spentMs(): number {
    return this.#world.nowMs() - this.#startedMs;
  }

  /** To be asked once at each look. */
  isOver(): boolean {
    this.#looks += 1;
    return this.#looks >= limits.drainLooksMin && this.spentMs >= limits.drainTimeoutMs;
  }
}

function stillReached({ vswitch }: DrainingOwner, on: DatapathName, patience: Patience): string {
  const afterMs = Math.round(patience.spentMs);
  return `packets still reach ${vswitch.name} on ${on} after ${afterMs} ms`;
}

function standsStill(
  context: DrainingContext,
  runtime: DrainingOwner,
  on: DatapathName,
  healAgain: HealAgain,
  done: Done,
): void {
  const patience = new Patience(context);
  const counts = new BodyCounts();
  let stillSinceMs = 0;
  const look = (): void => {
    readEntered(context, runtime, on, counts, (isReached) => {
      const now = context.world.nowMs();
      if (isReached === undefined) {
        done();
        return;
      }
      if (isReached) stillSinceMs = now;
      if (now - stillSinceMs >= limits.drainStillMs) done();
      else if (patience.isOver()) done(stillReached(runtime, on, patience));
      else healAgain(() => context.world.after(limits.drainPollMs, look));
    });
  };
  look();
}

/**
 * Whether more packets have met a rule or a guard of the vswitch on a body than at the last look;
 * undefined when the datapath is gone, and has nothing on its way.
 */
function readEntered(
  context: Datapaths,
  runtime: DrainingOwner,
  on: DatapathName,
  counts: BodyCounts,
  done: (isReached: boolean | undefined) => void,
): void {
  const read = (isWhole: boolean): void =>
    countOf(context, runtime, on, 'guard', (led) => {
      if (isWhole && led !== undefined) {
        counts.add(GUARDS, led);
        done(counts.grew());
      } else {
        counts.drop();
        done(undefined);
      }
    });
  runtime.counters.readBody(on, read, counts);
}

/** No entry's cookie. */
const GUARDS = -1n;
