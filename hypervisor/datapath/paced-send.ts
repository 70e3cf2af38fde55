/**
 * Sends a datapath more messages than one turn should encode: some in every turn, no faster than
 * the datapath takes them, and acknowledged as one.
 */
import type { Message } from '../../openflow/values/values.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { RuleRun } from '../../slices/rules/rule-run.ts';
import type { Scheduler } from '../world/scheduler.ts';
import { Waits } from '../world/when-all.ts';
import type { Ack, Outcome, Refusal } from './acknowledgements.ts';
import type { Datapath } from './datapath.ts';
import type { Source, Told } from './writer.ts';

/** Rules that stay bytes, and what is sent behind them. */
export interface Part {
  readonly run: RuleRun;
  readonly vswitch: Vswitch;
  readonly messages: readonly Message[];
}

/**
 * The next of some messages, made when they are to be sent: what they say is what is right at that
 * moment, and nothing that others send comes in between. Undefined when there are no more.
 */
export type NextMessages = () => readonly Message[] | Part | undefined;

/**
 * `done` as of `DatapathWriter.send`: refusals count the messages of all parts. The next one is
 * asked for when `mayGo` says so.
 */
export function sendPaced(
  scheduler: Scheduler,
  datapath: Datapath,
  source: Source,
  next: NextMessages,
  ack: Ack,
  done: Told,
  mayGo = (): boolean => true,
): void {
  const { channel, writer } = datapath;
  const refusals: Refusal[] = [];
  let isLost = false;
  let sent = 0;
  const waits = new Waits(() => done(isLost ? { type: 'lost' } : { type: 'acked', refusals }));
  const outcomeOf = (from: number): ((outcome: Outcome) => void) => {
    const ended = waits.more();
    return (outcome) => {
      if (outcome.type === 'lost') isLost = true;
      else for (const one of outcome.refusals) refusals.push({ ...one, index: from + one.index });
      ended();
    };
  };
  // It may have gone and come back: what is there now was compared with what it should hold.
  const isThere = (): boolean => !isLost && datapath.channel === channel;
  const step = (): boolean => {
    const part = isThere() ? next() : undefined;
    if (part === undefined) return false;
    if ('run' in part) {
      const { run, vswitch } = part;
      if (run.count > 0) writer.sendRun(run, vswitch, outcomeOf(sent));
      sent += run.count;
    }
    const messages = 'run' in part ? part.messages : part;
    if (messages.length > 0) writer.send(source, messages, 'later', outcomeOf(sent));
    sent += messages.length;
    return true;
  };
  scheduler.run({ step, mayGo: () => !datapath.isCongested && mayGo() }, () => {
    const last = outcomeOf(sent);
    if (isThere()) writer.send(source, [], ack, last);
    else last({ type: 'lost' });
    waits.close();
  });
}
