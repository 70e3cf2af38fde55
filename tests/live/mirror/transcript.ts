/**
 * What a conversation left behind, as text: every message to a controller, every frame at a host.
 *
 * Messages stand there as values (all their fields, so nothing hides behind a printer), under the
 * line that people read. Two transcripts are equal or the switches are not.
 */

import { printFlow, printMessage } from '../../../openflow/print/print.ts';
import { hex } from '../../../openflow/values/addresses.ts';
import { errorName, isError } from '../../../openflow/values/errors.ts';
import type { Message } from '../../../openflow/values/values.ts';
import { toHex } from '../../openflow/hex.ts';
import { type Received, removedCookie } from './controller.ts';
import { withoutDifferences } from './differences.ts';
import { bytesText } from './frame-bytes.ts';

/** The lines of what one controller received in one step. */
export function linesOf(who: string, received: readonly Received[]): readonly string[] {
  return whole(received.toSorted(removalsLast)).flatMap(({ frames, message }) => {
    if (isError(message)) {
      const name = errorName(message.errorType, message.errorCode);
      return [`${who} < ${frames.map(toHex).join(' ')} (${name})`];
    }
    const same = withoutDifferences(message);
    if (same.type === 'multipartReply' && same.reply.kind === 'flow') {
      const rows = same.reply.flows.map((row) => `    ${printFlow(row)}    ${valueText(row)}`);
      return [`${who} < flows xid=${same.xid}`, ...rows];
    }
    return [`${who} < ${printMessage(same)}    ${valueText(same)}`];
  });
}

/** The same as bytes: what values do not show. */
export function bytesOfAll(who: string, received: readonly Received[]): readonly string[] {
  const all = whole(received.toSorted(removalsLast));
  return all.map(({ frames }) => `${who} < bytes ${bytesText(frames)}`);
}

/** They come some time after the deletion, in the order of a hash table. */
function removalsLast(a: Received, b: Received): number {
  const key = ({ message }: Received): string =>
    removedCookie(message) === undefined || isError(message)
      ? '0'
      : `1 ${printMessage(withoutDifferences(message))}`;
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
}

interface Whole {
  readonly frames: readonly Uint8Array[];
  readonly message: Received['message'];
}

/** Parts of one multipart reply become one: where it is cut is nobody's affair. */
function whole(received: readonly Received[]): readonly Whole[] {
  const joined: Whole[] = [];
  for (const { frame, message } of received) {
    const before = joined.at(-1);
    const both = before && join(before.message, message);
    if (before === undefined || both === undefined) joined.push({ frames: [frame], message });
    else joined[joined.length - 1] = { frames: [...before.frames, frame], message: both };
  }
  return joined;
}

function join(a: Received['message'], b: Received['message']): Message | undefined {
  if (a.type !== 'multipartReply' || b.type !== 'multipartReply' || a.xid !== b.xid) return;
  if ((a.flags & 1) === 0) return undefined;
  if (a.reply.kind !== 'flow' || b.reply.kind !== 'flow') return undefined;
  return { ...b, reply: { kind: 'flow', flows: [...a.reply.flows, ...b.reply.flows] } };
}

function valueText(given: object): string {
  return JSON.stringify(given, (_, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    return value instanceof Uint8Array ? hex(value) : value;
  });
}

const LINE_MAX = 600;

/** The lines in which two transcripts differ, for people; the empty string when in none. */
export function difference(expected: string, seen: string): string {
  const [one, other] = [expected.split('\n'), seen.split('\n')];
  let start = 0;
  while (start < one.length && one[start] === other[start]) start += 1;
  let end = 0;
  const isEqual = () => one.at(-1 - end) === other.at(-1 - end);
  while (end < Math.min(one.length, other.length) - start && isEqual()) end += 1;
  const rows = (sign: string, lines: readonly string[]) =>
    lines.slice(start, lines.length - end).map((line) => `${sign} ${line.slice(0, LINE_MAX)}`);
  return [...rows('-', one), ...rows('+', other)].join('\n');
}
