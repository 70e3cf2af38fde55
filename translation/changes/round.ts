/**
 * The way of a batch of rule changes to every body of a vswitch.
 *
 * It is sent to all of them at once, and nobody waits: one body, the primary, processes every
 * packet (single-body.ts), so a change is as atomic as on one switch, and in order with
 * what comes behind it on that datapath's connection. Another one has it before it becomes the
 * primary.
 */
import type { Message } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import type { Body, Change } from '../entries/body.ts';

/** A message of a round; `change` is its place in the batch. */
interface RoundMessage {
  readonly message: Message;
  readonly change: number;
}

/** Made one by one, as they are sent. Changes that were refused are left out. */
export type MakeMessages = (refused: ReadonlySet<number>) => Iterable<RoundMessage>;

/** What is sent to each body. */
export type Round = ReadonlyMap<DatapathName, MakeMessages>;

export function planRound(
  bodies: readonly DatapathName[],
  changes: readonly Change[],
  bodyOn: (datapath: DatapathName) => Body,
): Round {
  const modsOf = (datapath: DatapathName): MakeMessages =>
    function* (refused) {
      const body = bodyOn(datapath);
      for (const [i, change] of changes.entries()) {
        if (refused.has(i)) continue;
        for (const message of body.change(change)) yield { message, change: i };
      }
    };
  return new Map(bodies.map((body) => [body, modsOf(body)] as const));
}
