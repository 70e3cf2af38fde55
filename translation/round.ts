/**
 * How a batch of rule changes reaches every body of a vswitch.
 *
 * It is sent to all of them at once, and nobody waits: one body, the primary, processes every
 * packet (hypervisor/gathering.ts), so a change is as atomic as on one switch, and in order with
 * what comes behind it on that datapath's connection. Another one has it before it becomes the
 * primary.
 */
import type { Message } from '../openflow/values.ts';
import type { DatapathName } from '../slices/ids.ts';
import type { Body, Change } from './body.ts';

/** A message of a step; `change` is its place in the batch. */
export interface StepMessage {
  readonly message: Message;
  readonly change: number;
}

/** Made one by one, as they are sent. */
export type StepMessages = Iterable<StepMessage>;

export interface Step {
  /** Changes that were refused are left out. */
  readonly sends: ReadonlyMap<DatapathName, (refused: ReadonlySet<number>) => StepMessages>;
}

export function planRound(
  bodies: readonly DatapathName[],
  changes: readonly Change[],
  bodyOn: (datapath: DatapathName) => Body,
): readonly Step[] {
  const modsOf = (datapath: DatapathName) =>
    function* (refused: ReadonlySet<number>): StepMessages {
      const body = bodyOn(datapath);
      for (const [i, change] of changes.entries()) {
        if (refused.has(i)) continue;
        for (const message of body.change(change)) yield { message, change: i };
      }
    };
  return [{ sends: new Map(bodies.map((body) => [body, modsOf(body)] as const)) }];
}
