/**
 * Messages that changes of rules have become below: how many of each, and on flat datapaths, where
 * one may have several, the messages themselves, of which a refusal names one.
 */
import { bytesOf } from '../../openflow/layout/layout.ts';
import type { Writer } from '../../openflow/layout/writer.ts';
import { decode } from '../../openflow/messages/codec.ts';
import { header } from '../../openflow/messages/messages.ts';
import type { Version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { FlowMod } from '../../openflow/values/values.ts';
import type { RuleRun } from '../../slices/rules/rule-run.ts';
import { borrowOutbox, returnOutbox } from '../channel/outbox.ts';
import type { OfLot } from './sent-lot.ts';

export class SentBelow {
  /** Of each change, where one of them has not one. */
  #messages: number[] | undefined;
  #size = 0;
  /** All messages. */
  count = 0;
  #frames: Writer | undefined;

  /** One more change has so many. Hot. */
  add(messages: number): void {
    if (messages !== 1) this.#messages ??= Array.from({ length: this.#size }, () => 1);
    this.#messages?.push(messages);
    this.#size += 1;
    this.count += messages;
  }

  /** A run of new rules. Hot. */
  addRun({ count, messageCount, messages }: RuleRun): void {
    if (messageCount === count && this.#messages === undefined) {
      this.#size += count;
      this.count += count;
    } else for (let i = 0; i < count; i++) this.add(messages[i] as number);
  }

  /** The messages of those that were added last, one behind the other. Hot. */
  keep(frames: Writer): void {
    this.#frames ??= borrowOutbox();
    this.#frames.put(bytesOf(frames.dv, 0, frames.at));
  }

  /** Whose a message is, and which of its messages. */
  ownerOf(message: number): OfLot {
    let entry = message;
    for (const [i, count] of (this.#messages ?? []).entries()) {
      if (entry < count) return { i, entry };
      entry -= count;
    }
    return { i: message, entry: 0 };
  }

  /** One of them as a value: all are flow-mods for the one table that there is. */
  messageOf({ i, entry }: OfLot): FlowMod {
    if (this.#frames === undefined) throw new Error('nothing was kept of what was sent');
    const { dv } = this.#frames;
    let at = 0;
    for (let left = this.#before(i) + entry; left > 0; left--) at += header.get.length(dv, at);
    const speaks = header.get.version(dv, at) as Version;
    const mod = decode(speaks, dv, at, header.get.length(dv, at));
    if (isError(mod) || mod.type !== 'flowMod') throw new Error('what was sent is no flow-mod');
    return { ...mod, tableId: 0 };
  }

  #before(i: number): number {
    return this.#messages?.slice(0, i).reduce((sum, one) => sum + one, 0) ?? i;
  }

  giveBack(): void {
    if (this.#frames !== undefined) returnOutbox(this.#frames);
  }
}
