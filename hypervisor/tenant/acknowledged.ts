/**
 * Waits until all bodies have acknowledged a vswitch's changes: until then a change may be refused,
 * and readers of the rulebook, groups and meters may not rely on it.
 */
import { isError } from '../../openflow/values/errors.ts';
import type { GroupTable } from '../../slices/groups-meters/groups.ts';
import type { MeterTable } from '../../slices/groups-meters/meters.ts';
import type { DatapathName } from '../../slices/ids.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import type { Unanswered } from '../../translation/changes/unanswered.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { Journal } from '../store/journal.ts';
import type { Entry } from '../store/journal-entries.ts';
import { kept, perform } from '../store/ready.ts';
import { whenAll } from '../world/when-all.ts';
import type { Admission } from './admission.ts';
import type { WithVswitch } from './configured.ts';

/** Who waits for bodies' answers. */
export interface Answered {
  readonly unanswered: Unanswered;
  readonly carriers: readonly DatapathName[];
  exclusive(run: (release: () => void) => void): void;
}

/** Who decides when bodies have answered; meanwhile nothing behind it is taken. */
export interface Deciding extends Answered {
  readonly admission: Pick<Admission, 'hold'>;
}

/** Whose ids of groups and meters may be free. */
export interface IdsOwner extends WithVswitch {
  readonly unanswered: Unanswered;
  readonly excluded: { readonly hasDeletions: boolean };
  readonly groups: { readonly table: Pick<GroupTable, 'settle'> };
  readonly meters: { readonly table: Pick<MeterTable, 'settle'> };
}

/** Whose changes bodies have answered. */
export interface AnsweredOwner extends IdsOwner {
  readonly rulebook: Rulebook;
}

export interface AnsweredContext {
  readonly journal: Journal;
}

/** Runs when bodies have answered everything that they were sent. */
export function eachAnswers(
  context: Datapaths,
  { carriers }: Pick<Answered, 'carriers'>,
  done: () => void,
): void {
  whenAll(
    carriers,
    (body, ended) => context.datapath(body).writer.whenAnswered(() => ended()),
    done,
  );
}

/** Whose barriers are answered. */
export interface BarrierOwner extends Pick<Answered, 'carriers'> {
  /** Whether answers wait for the disk. */
  readonly shell: { readonly isAnswering: boolean };
  whyDown(): string | undefined;
}

/** The reply leaves when every body has answered, and the store holds what came before it. */
export function answerBarrier(
  context: Datapaths & AnsweredContext,
  owner: BarrierOwner,
  done: () => void,
): void {
  const { journal } = context;
  const finish = (): void => {
    // A body that was lost has promised nothing, and its vswitch is gone with it.
    if (owner.whyDown() === undefined) done();
  };
  const answered = (): void => {
    // What a body has refused meanwhile is told before the reply, and must not come back either.
    if (owner.shell.isAnswering) journal.sync(finish);
    else finish();
  };
  whenAll(
    [(next: () => void) => eachAnswers(context, owner, next), journal.handed.bind(journal)],
    (one, ended) => one(ended),
    answered,
  );
}

/** Runs when every change up to now was accepted or refused. */
export function whenAcknowledged(context: Datapaths, owner: Answered, done: () => void): void {
  if (owner.unanswered.isEmpty) {
    done();
    return;
  }
  owner.exclusive((release) => {
    eachAnswers(context, owner, () => {
      release();
      done();
    });
  });
}

/**
 * What the tables refuse for what they hold (a full table, an overlap, a missing group) is refused
 * for good only when datapaths have accepted that: until then the request waits, and
 * everything behind it. What a datapath says of a change that was made comes later, and is the last
 * word.
 */
export function decide<D extends { readonly first: object }>(
  context: Datapaths,
  owner: Deciding,
  make: () => D,
  done: (decided: D) => void,
): void {
  const decided = make();
  if (!isError(decided.first) || owner.unanswered.isEmpty) {
    done(decided);
    return;
  }
  const release = owner.admission.hold();
  whenAcknowledged(context, owner, () => {
    done(make());
    release();
  });
}

/** Bodies have answered some changes: what they can still refuse is remembered. */
export function noteAnswered(context: AnsweredContext, owner: AnsweredOwner): void {
  const { unanswered, rulebook } = owner;
  const { name: vswitch } = owner.vswitch;
  const { from, numbers } = unanswered.removeAnswered(rulebook.nextSerial);
  const entries: readonly Entry[] = [
    { type: 'accepted', vswitch, serial: from },
    ...numbers.map((number) => ({ type: 'noChanges', vswitch, number }) as const),
  ];
  perform(context.journal, kept(entries));
  freeIds(owner);
}

/**
 * Ids of groups and meters that are gone may be others' when every body that had them has said so.
 * One that is about to be left is told when it is emptied, and no earlier; one that is away, or
 * came back and is not corrected yet, when it is. Until then a new owner's would meet the old
 * one's rules there, or go with them.
 */
export function freeIds({ unanswered, excluded, placement, groups, meters }: IdsOwner): void {
  const { hasDeletions } = excluded;
  const isInUse = !unanswered.isEmpty || hasDeletions || unanswered.isOwedBy(placement.bodies);
  if (isInUse) return;
  groups.table.settle();
  meters.table.settle();
}
