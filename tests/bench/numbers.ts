/**
 * The numbers of messages that the load generator recognises, by version.
 */
import { messages, messages10 } from '../../openflow/messages/messages.ts';
import { type Version, version } from '../../openflow/values/constants.ts';

const names = [
  'hello',
  'error',
  'echoRequest',
  'echoReply',
  'featuresRequest',
  'featuresReply',
  'setConfig',
  'packetIn',
  'packetOut',
  'flowMod',
  'multipartRequest',
  'barrierRequest',
  'barrierReply',
] as const;

export type NumberedName = (typeof names)[number];
export type Numbers = Readonly<Record<NumberedName, number>>;

function numbered(rows: Readonly<Record<NumberedName, { readonly number: number }>>): Numbers {
  const pairs = names.map((name) => [name, rows[name].number]);
  return Object.fromEntries(pairs) as unknown as Numbers;
}

const of10 = numbered(messages10);
const of13 = numbered(messages);

export function numbersOf(speaks: Version): Numbers {
  return speaks === version.of10 ? of10 : of13;
}
