/**
 * The cause of a datapath's error: the message that it quotes, and the owner of the entries that
 * that message would have changed.
 */

import { header, messageNames, messageNames10 } from '../../openflow/messages/messages.ts';
import { version } from '../../openflow/values/constants.ts';
import { errorName, errorTable } from '../../openflow/values/errors.ts';
import type { FlowMod, Message } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { isOverride, readCookie } from '../../translation/entries/pipeline.ts';
import type { FlatDatapath } from '../../translation/flat/datapath.ts';
import type { Intent } from '../../translation/intent/intent.ts';
import type { Outcome } from './acknowledgements.ts';

/** Errors that only changes of tables have. */
const changeErrors: ReadonlySet<number> = new Set([
  errorTable.flowModFailed.number,
  errorTable.groupModFailed.number,
  errorTable.meterModFailed.number,
]);
const changeNames: ReadonlySet<string | undefined> = new Set(['flowMod', 'groupMod', 'meterMod']);

/** What an error is about, as far as it quotes it (OF1.3.5 section 7.4.4). */
function aboutOf({ errorType, data }: Extract<Message, { type: 'error' }>): {
  readonly xid: number | undefined;
  readonly isChange: boolean;
} {
  const dv = new DataView(data.buffer, data.byteOffset, data.length);
  if (data.length < header.size) return { xid: undefined, isChange: changeErrors.has(errorType) };
  const names = dv.getUint8(0) === version.of10 ? messageNames10 : messageNames;
  const xid = header.get.xid(dv, 0);
  return { xid, isChange: changeNames.has(names[header.get.type(dv, 0)]) };
}

/** Whether it would have changed an entry of a body, and none of the wiring. */
function isOfBody(message: Message): message is FlowMod {
  const kind = message.type === 'flowMod' ? readCookie(message.cookie)?.kind : undefined;
  return kind === 'rule' || kind === 'tagged' || (kind !== undefined && isOverride(kind));
}

/** What a datapath refused, in words; undefined when it refused nothing. */
export function whyRefused(on: DatapathName, outcome: Outcome, what: string): string | undefined {
  const [refusal] = outcome.type === 'acked' ? outcome.refusals : [];
  if (refusal === undefined) return undefined;
  return `datapath ${on} refused ${what}: ${errorName(refusal.errorType, refusal.errorCode)}`;
}

const kinds: Partial<Record<Message['type'], string>> = {
  flowMod: 'a flow entry',
  groupMod: 'a group',
  meterMod: 'a meter',
};

/** The same of entries of ours: what kind of thing the first was, and whose. */
export function whyEntryRefused(
  on: DatapathName,
  outcome: Outcome,
  sent: readonly Message[],
  intent: Pick<Intent, 'whose'>,
): string | undefined {
  const [first, ...others] = outcome.type === 'acked' ? outcome.refusals : [];
  const message = first && sent[first.index];
  if (message === undefined) return whyRefused(on, outcome, 'wiring');
  const name = intent.whose(message);
  const what = `${kinds[message.type] ?? 'wiring'}${name === undefined ? '' : ` of ${name}`}`;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `${whyRefused(on, outcome, what)}${more}`;
}

/** What a datapath is believed to hold. */
export interface Holding {
  readonly flat: Pick<FlatDatapath, 'refused'> | undefined;
  readonly intent: Pick<Intent, 'refused'>;
}

/** As `done`, but what was refused is not held, whatever was believed when it was sent. */
export function noting(
  datapath: Holding,
  sent: readonly Message[],
  done: (outcome: Outcome) => void,
): typeof done {
  return (outcome) => {
    for (const { index } of outcome.type === 'acked' ? outcome.refusals : []) {
      const refused = sent[index];
      if (refused === undefined) continue;
      if (datapath.flat !== undefined && isOfBody(refused)) datapath.flat.refused(refused);
      else datapath.intent.refused(refused);
    }
    done(outcome);
  };
}

/** Who may explain an error: what was sent and is not acknowledged, what was asked. */
interface Explains {
  onError(xid: number, errorType: number, errorCode: number): boolean;
}

/**
 * Why a datapath's error shows that we do not know what it holds; empty when nobody explains it,
 * and it is about no change of ours; undefined when it is explained.
 */
export function whyWrong(
  message: Extract<Message, { type: 'error' }>,
  acks: Explains | undefined,
  queries: Explains | undefined,
  counts: { errors: number },
): string | undefined {
  counts.errors += 1;
  const { xid, errorType, errorCode } = message;
  const about = aboutOf(message);
  if (about.xid !== undefined && about.xid !== xid) {
    return `its error for message ${xid} quotes message ${about.xid}`;
  }
  if (acks?.onError(xid, errorType, errorCode) === true) return undefined;
  if (queries?.onError(xid, errorType, errorCode) === true) return undefined;
  return about.isChange ? `it refused message ${xid} after it had acknowledged it` : '';
}
