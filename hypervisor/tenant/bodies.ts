/**
 * The steps of a migration on one body: filling it, and emptying it when it is quiet (drain.ts).
 */

import { errorName } from '../../openflow/values/errors.ts';
import type { Match, Message } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
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
import { type Part, sendPaced } from '../datapath/paced-send.ts';
import type { Journal } from '../store/journal.ts';
import { kept, perform } from '../store/ready.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { DrainingOwner } from './drain.ts';
import type { Scheduled } from './flow-statistics.ts';
import type { Groups } from './groups.ts';
import type { Meters } from './meters.ts';
import type { Overriding } from './overrides.ts';
import { type CopiedOwner, RuleCopies } from './rule-copies.ts';

/** What groups and meters may be on bodies, by the datapaths' ids. */
export interface BelowIds {
  readonly groups: Pick<Groups, 'table'>;
  readonly meters: Pick<Meters, 'table'>;
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
export interface FillingOwner extends CopiedOwner {
  readonly groups: Pick<Groups, 'table' | 'owner' | 'leave'>;
  readonly meters: Pick<Meters, 'table' | 'owner' | 'leave'>;
  readonly excluded: {
    has(body: DatapathName): boolean;
    isFilling(body: DatapathName): void;
  };
}

export interface LeavingContext extends Datapaths {
  readonly scheduler: Scheduler;
  readonly journal: Journal;
}

/** What a body counted, and is to delete. */
export interface LeavingOwner extends DrainingOwner {
  readonly rulebook: Rulebook;
  readonly groups: Pick<Groups, 'table' | 'readBody' | 'leave'>;
  readonly meters: Pick<Meters, 'table' | 'readBody' | 'leave'>;
}

interface LeftOwner extends LeavingOwner {
  readonly overriding: Pick<Overriding, 'change'>;
  readonly excluded: {
    deletionsOn(body: DatapathName): readonly Message[];
    beginLeaving(body: DatapathName): void;
    endLeaving(body: DatapathName): void;
  };
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
  let copies: RuleCopies | undefined;
  const next = (): readonly Message[] | Part | undefined => {
    if (runtime.excluded.has(to) || copies?.isOver) return undefined;
    if (copies !== undefined) return copies.next();
    copies = new RuleCopies(context, runtime, to);
    return first();
  };
  sendPaced(context.scheduler, context.datapath(to), 'tables', next, 'round', (outcome) =>
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
  return [...groups.table.idsBelow().map(deleteGroup), ...meters.table.idsBelow().map(deleteMeter)];
}

/** Of rules that are in the book, those that a member lacks are made there, too. */
export function fillMore(
  context: FillingContext,
  runtime: FillingOwner,
  on: DatapathName,
  lacks: (match: Match) => boolean,
  done: Done,
): void {
  const cursor = newCursor();
  let count = 0;
  const next = (): readonly Message[] | undefined => {
    if (runtime.excluded.has(on) || cursor.isOver) return undefined;
    const rules = runtime.rulebook.some(cursor).filter(({ match }) => lacks(match));
    count += rules.length;
    for (const rule of rules) rule.counter.begin(on);
    return runtime.bodyOn(on).fill(rules);
  };
  const told = (outcome: Outcome): void => done(whyRefused(on, outcome, `${count} rules`));
  sendPaced(context.scheduler, context.datapath(on), 'tables', next, 'round', (outcome) => {
    // One that is away is corrected when it is there.
    if (outcome.type === 'lost') done();
    else told(outcome);
  });
}

/** Empties a body that the placement no longer has; what it counted stays in the totals. */
export function leaveBody(
  context: LeavingContext,
  runtime: LeftOwner,
  on: DatapathName,
  done: Done,
): void {
  const { excluded } = runtime;
  excluded.beginLeaving(on);
  forgetCounters(context, runtime, on, () => {
    emptyBody(context, runtime, on, (refused) => {
      excluded.endLeaving(on);
      done(refused);
    });
  });
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

/** Less the freeze, which has an end of its own (freezing.ts), and probes, which go on. */
const { isFrozen: _, probe, ...unguarded } = noOverrides;

/** Its guards last: what still came would meet rules that nobody changes any more. */
function emptyBody(context: Datapaths, runtime: LeftOwner, on: DatapathName, done: Done): void {
  const { overriding, placement } = runtime;
  const rest = [...deletions(context, runtime, on), ...runtime.excluded.deletionsOn(on)];
  const gone = [
    ...runtime.bodyOn(on).empty(),
    ...rest,
    ...overriding.change(on, { ...unguarded, probe }),
  ];
  const { primary } = placement;
  const free = overriding.change(primary, unguarded);
  context.datapath(primary).writer.send('intent', free, 'later', () => undefined);
  context.datapath(on).writer.send('tables', gone, 'barrier', (outcome) => {
    done(whyRefused(on, outcome, `to delete its entries of ${runtime.vswitch.name}`));
  });
}
