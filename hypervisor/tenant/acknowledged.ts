/**
 * When bodies have said what they make of a vswitch's changes: until then a change may be refused,
 * and nothing that reads the books may take it for granted.
 */
import type { Origin } from '../channel/error-replies.ts';
import { whenAll } from '../world/when-all.ts';
import type { Hub, VswitchRuntime } from './vswitch.ts';

/** Runs when bodies have answered everything that they were sent. */
export function eachAnswers(hub: Hub, { carriers }: VswitchRuntime, done: () => void): void {
  whenAll(carriers, (body, ended) => hub.datapath(body).apply([], 'barrier', () => ended()), done);
}

/** Runs when every change up to now was accepted or refused. */
export function whenAcknowledged(hub: Hub, owner: VswitchRuntime, done: () => void): void {
  if (owner.pending.isEmpty) {
    done();
    return;
  }
  owner.exclusive((release) => {
    eachAnswers(hub, owner, () => {
      release();
      done();
    });
  });
}

/**
 * What the books refuse for what they hold (a full table, an overlap, a group that is not there) is
 * refused for good only when datapaths have accepted that: until then the request waits, and
 * everything behind it.
 */
export function decide(
  hub: Hub,
  owner: VswitchRuntime,
  origin: Origin,
  make: (told: Origin) => void,
): void {
  if (owner.pending.isEmpty) {
    make(origin);
    return;
  }
  let isAnswered = false;
  const first: Origin = {
    refuse: (error) => {
      // What a datapath says of a change that was made comes later, and is the last word.
      if (isAnswered) {
        origin.refuse(error);
        return;
      }
      isAnswered = true;
      const release = owner.intake.hold();
      whenAcknowledged(hub, owner, () => {
        make(origin);
        release();
      });
    },
  };
  make(first);
  isAnswered = true;
}

/** Bodies have answered some changes: what they can still refuse is remembered. */
export function noteAnswered(hub: Hub, owner: VswitchRuntime): void {
  const { pending, rulebook, vswitch } = owner;
  const from = Math.min(pending.openFrom, pending.firstSerial, rulebook.nextSerial);
  hub.ledger.putAccepted(vswitch.name, from);
  freeIds(owner);
}

/**
 * Ids of groups and meters that are gone may be others' when every body that had them has said so.
 * One that is about to be left is told when it is emptied, and no earlier; one that is away, or
 * came back and is not made right yet, when it is. Until then a new owner's would meet the old
 * one's rules there, or go with them.
 */
export function freeIds({ pending, aside, placement, groups, meters }: VswitchRuntime): void {
  if (!pending.isEmpty || aside.hasRest || pending.isOwedBy(placement.bodies)) return;
  groups.book.settle();
  meters.book.settle();
}
