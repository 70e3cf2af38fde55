/**
 * The steps of a migration on one body: fill it, wait until it is quiet, empty it.
 */

import { errorName } from '../../openflow/values/errors.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import type { Rule, Rulebook } from '../../slices/rules/rulebook.ts';
import { contribution, type Owner } from '../../translation/datapath/contribution.ts';
import { misfit } from '../../translation/datapath/flat-fit.ts';
import { difference } from '../../translation/entries/difference.ts';
import {
  deleteGroup,
  deleteMeter,
  noTables,
  type Tables,
} from '../../translation/entries/physical-tables.ts';
import { noOverrides } from '../../translation/wiring/overrides.ts';
import type { Outcome } from '../datapath/acknowledgements.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import { whyRefused } from '../datapath/error-attribution.ts';
import type { InForce } from '../datapath/in-force.ts';
import { type Markers, pathsOf } from '../datapath/markers.ts';
import { deliver } from '../datapath/paced-send.ts';
import type { StaleFlowHealing } from '../datapath/stale-flow-healing.ts';
import type { Journal } from '../store/journal.ts';
import { kept, perform } from '../store/ready.ts';
import type { Scheduler } from '../world/scheduler.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { Bodied } from './configured.ts';
import type { Scheduled } from './flow-statistics.ts';
import type { Groups } from './groups.ts';
import type { Meters } from './meters.ts';
import type { Overriding } from './overrides.ts';
import { countOf } from './redirected-packets.ts';
import type { Counters } from './rule-counters.ts';

/** What groups and meters may be on bodies, by the datapaths' ids. */
export interface BelowIds {
  readonly groups: Pick<Groups, 'book'>;
  readonly meters: Pick<Meters, 'book'>;
}

/** Whose groups and meters are contributed to what a datapath should hold. */
interface StockOwner {
  readonly groups: Pick<Groups, 'owner'>;
  readonly meters: Pick<Meters, 'owner'>;
}

export interface FillingContext extends Datapaths, Scheduled {
  readonly journal: Journal;
  snapshot(): Snapshot;
}

/** What a new body is filled with. */
export interface FillingOwner extends Bodied {
  readonly rulebook: Rulebook;
  readonly groups: Pick<Groups, 'book' | 'owner' | 'leave'>;
  readonly meters: Pick<Meters, 'book' | 'owner' | 'leave'>;
  readonly excluded: {
    has(body: DatapathName): boolean;
    isFilling(body: DatapathName): void;
  };
}

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

export interface LeavingContext extends Datapaths {
  readonly scheduler: Scheduler;
  readonly journal: Journal;
}

/** What a body counted, and is to delete. */
export interface LeavingOwner extends DrainingOwner {
  readonly rulebook: Rulebook;
  readonly groups: Pick<Groups, 'book' | 'readBody' | 'leave'>;
  readonly meters: Pick<Meters, 'book' | 'readBody' | 'leave'>;
}

interface LeftOwner extends LeavingOwner {
  readonly overriding: Pick<Overriding, 'change'>;
  readonly excluded: { deletionsOn(body: DatapathName): readonly Message[] };
}

type Done = (trouble?: string) => void;

/**
 * Copies the rulebook to a new body: from the book and not from a switch, so each rule is what it
 * is now; changes that come meanwhile follow on the same connection (LIME 3, "clones").
 */
export function copyRules(
  context: FillingContext,
  runtime: FillingOwner,
  to: DatapathName,
  done: Done,
): void {
  const misfitting = misfit(context.snapshot(), to, runtime.vswitch, runtime);
  if (misfitting !== undefined) {
    done(misfitting);
    return;
  }
  perform(context.journal, kept([...runtime.groups.leave(to), ...runtime.meters.leave(to)]));
  // What it is told of rules is what they are then; what the primary refuses later is taken back.
  const troubleOf = (outcome: Outcome): string | undefined => {
    if (outcome.type === 'lost') return `datapath ${to} went away`;
    const [refusal] = outcome.refusals;
    if (refusal === undefined) return undefined;
    const name = errorName(refusal.errorType, refusal.errorCode);
    const count = outcome.refusals.length;
    return `datapath ${to} refused ${count} of ${runtime.rulebook.size} rules: ${name}`;
  };
  // Meters and groups first, and anew if they are there already: rules of unknown ones are refused.
  const first = (): readonly Message[] => {
    // What changes from here on follows on the same connection.
    runtime.excluded.isFilling(to);
    return [
      ...runtime.bodyOn(to).empty(),
      ...deletions(context, runtime, to),
      ...difference(noTables, stockOf(context.snapshot(), runtime, to)).make,
    ];
  };
  const fill = (rules: readonly Rule[]): readonly Message[] => {
    for (const rule of rules) rule.counter.leave(to);
    return runtime.bodyOn(to).fill(rules);
  };
  const cursor = newCursor();
  let isFirst = true;
  const next = (): readonly Message[] | undefined => {
    if (runtime.excluded.has(to) || (!isFirst && cursor.isOver)) return undefined;
    const messages = isFirst ? first() : fill(runtime.rulebook.some(cursor));
    isFirst = false;
    return messages;
  };
  deliver(context.scheduler, context.datapath(to), 'tables', next, 'full', (outcome) =>
    done(troubleOf(outcome)),
  );
}

/** The vswitch's groups and meters as they are to be on a body. */
export function stockOf(
  snapshot: Snapshot,
  { groups, meters }: StockOwner,
  on: DatapathName,
): Tables {
  const of = (owner: Owner): Tables => contribution(snapshot, owner, on);
  return { ...of(groups.owner), meters: of(meters.owner).meters };
}

/**
 * Of every group and meter on a body, those among them whose deletion nobody has acknowledged yet.
 * Flat datapaths are never told of any, and those of 1.0 could not be.
 */
export function deletions(
  context: Datapaths,
  runtime: BelowIds,
  on: DatapathName,
): readonly Message[] {
  if (context.datapath(on).flat !== undefined) return [];
  const { groups, meters } = runtime;
  return [...groups.book.idsBelow().map(deleteGroup), ...meters.book.idsBelow().map(deleteMeter)];
}

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
      if (why === undefined) comesToRest(context, runtime, on, done);
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
  done: Done,
): void {
  const untilMs = context.world.nowMs() + limits.drainTimeoutMs;
  let last: bigint | undefined;
  const prove = (name: DatapathName, ended: Ended): void =>
    context.inForce.prove(context.datapath(name), (isProved) => {
      ended(isProved ? undefined : `${name} proves nothing`);
    });
  const look = (): void => {
    whenAll(new Set([on, runtime.placement.primary]), prove, (unproved) => {
      if (unproved !== undefined) {
        standsStill(context, runtime, on, done);
        return;
      }
      readEntered(context, runtime, on, (packets) => {
        // A datapath that is gone has nothing on its way.
        if (packets === undefined || packets === last) done();
        else if (context.world.nowMs() >= untilMs) done(stillReached(runtime, on));
        else {
          last = packets;
          look();
        }
      });
    });
  };
  look();
}

function stillReached({ vswitch }: DrainingOwner, on: DatapathName): string {
  return `packets still reach ${vswitch.name} on ${on} after ${limits.drainTimeoutMs} ms`;
}

function standsStill(
  context: DrainingContext,
  runtime: DrainingOwner,
  on: DatapathName,
  done: Done,
): void {
  const startedMs = context.world.nowMs();
  let last: bigint | undefined;
  let stillSinceMs = 0;
  const look = (): void => {
    readEntered(context, runtime, on, (packets) => {
      const now = context.world.nowMs();
      // A datapath that is gone has nothing on its way.
      if (packets === undefined) {
        done();
        return;
      }
      if (packets !== last) stillSinceMs = now;
      last = packets;
      if (now - stillSinceMs >= limits.drainStillMs) done();
      else if (now - startedMs >= limits.drainTimeoutMs) {
        done(stillReached(runtime, on));
      } else context.world.after(limits.drainPollMs, look);
    });
  };
  context.world.after(limits.drainMs, look);
}

/** How many packets met a rule or a guard of the vswitch on a body, ever. */
function readEntered(
  context: Datapaths,
  runtime: DrainingOwner,
  on: DatapathName,
  done: (packets: bigint | undefined) => void,
): void {
  runtime.counters.readBody(on, (processed) => {
    countOf(context, runtime, on, 'guard', (led) => {
      done(processed === undefined || led === undefined ? undefined : processed + led);
    });
  });
}

/** Empties a body that the placement no longer has; what it counted stays in the totals. */
export function leaveBody(
  context: LeavingContext,
  runtime: LeftOwner,
  on: DatapathName,
  done: Done,
): void {
  forgetCounters(context, runtime, on, () => emptyBody(context, runtime, on, done));
}

/** Reads a body's counters a last time, and counts on without it. */
export function forgetCounters(
  context: LeavingContext,
  runtime: LeavingOwner,
  on: DatapathName,
  done: () => void,
): void {
  const { vswitch, rulebook } = runtime;
  const { journal } = context;
  runtime.groups.readBody(on, () => perform(journal, kept(runtime.groups.leave(on))));
  runtime.meters.readBody(on, () => perform(journal, kept(runtime.meters.leave(on))));
  runtime.counters.readBody(on, () => {
    const cursor = newCursor();
    const step = (): boolean => {
      const entries = rulebook.some(cursor).map((rule) => {
        rule.counter.leave(on);
        return { type: 'rule', vswitch: vswitch.name, rule } as const;
      });
      perform(journal, kept(entries));
      return !cursor.isOver;
    };
    context.scheduler.run({ step }, done);
  });
}

/** Less the freeze, which has an end of its own (freezing.ts). */
const { isFrozen: _, ...unguarded } = noOverrides;

/** Its guards last: what still came would meet rules that nobody changes any more. */
function emptyBody(context: Datapaths, runtime: LeftOwner, on: DatapathName, done: Done): void {
  const { overriding, placement } = runtime;
  const rest = [...deletions(context, runtime, on), ...runtime.excluded.deletionsOn(on)];
  const gone = [...runtime.bodyOn(on).empty(), ...rest, ...overriding.change(on, unguarded)];
  const { primary } = placement;
  const free = overriding.change(primary, unguarded);
  context.datapath(primary).writer.send('intent', free, 'later', () => undefined);
  context.datapath(on).writer.send('tables', gone, 'barrier', (outcome) => {
    done(whyRefused(on, outcome, `to delete its entries of ${runtime.vswitch.name}`));
  });
}
