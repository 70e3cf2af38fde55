/**
 * Sends a datapath more messages than one turn should make: some in every turn, no faster than it
 * takes them, and acknowledged as one.
 */
import type { Message } from '../openflow/values.ts';
import type { Ack, Outcome, Refusal } from './acks.ts';
import type { Datapath } from './datapath.ts';
import type { Turns } from './turns.ts';

/** The next of some messages, made when they are to be sent; undefined when there are no more. */
export type NextMessages = () => readonly Message[] | undefined;

/** `done` as of `Datapath.applyWhenReady`: refusals count the messages of all parts. */
export function deliver(
  turns: Turns,
  datapath: Datapath,
  next: NextMessages,
  ack: Ack,
  done: (outcome: Outcome) => void,
): void {
  const refusals: Refusal[] = [];
  let isLost = false;
  let sent = 0;
  let waiting = 1;
  /** The last part goes with the barrier. */
  let part: readonly Message[] = [];
  const outcomeOf = (from: number) => (outcome: Outcome) => {
    if (outcome.type === 'lost') isLost = true;
    else for (const one of outcome.refusals) refusals.push({ ...one, index: from + one.index });
    waiting -= 1;
    if (waiting === 0) done(isLost ? { type: 'lost' } : { type: 'acked', refusals });
  };
  const step = (): boolean => {
    const more = isLost ? undefined : next();
    if (more === undefined) return false;
    if (part.length > 0) {
      waiting += 1;
      datapath.push(part, outcomeOf(sent));
      sent += part.length;
    }
    part = more;
    return true;
  };
  turns.run({ step, mayGo: () => !datapath.isCongested }, () => {
    datapath.applyWhenReady(part, ack, outcomeOf(sent));
  });
}
