/**
 * What fake switches hold of entries and groups, as they were told: the changes that they did not
 * refuse, one after the other.
 */
import { printInstructions } from '../../openflow/print/print-actions.ts';
import { printMatch } from '../../openflow/print/print-match.ts';
import { flowCommand, groupCommand, table } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { outdated } from '../support/intent.ts';
import { FakeNetwork, type FakeSwitch } from './fake-switches.ts';

/** A network that is up, and what its switches hold: told by what they were sent. */
export class RecordedNetwork {
  readonly network: FakeNetwork;
  readonly held: ReadonlyMap<string, Held>;

  constructor(text: string) {
    this.network = new FakeNetwork(text);
    this.held = new Map([...this.network.switches].map(([name, one]) => [name, Held.of(one)]));
    this.network.up();
  }

  /** Of each switch. */
  texts(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries([...this.held].map(([name, one]) => [name, one.texts()]));
  }

  /** Owners whose contribution is another than what datapaths should hold of them. */
  outdated(): readonly string[] {
    const { hypervisor } = this.network;
    return hypervisor.datapaths().flatMap((one) => outdated(hypervisor, one));
  }
}

class Held {
  readonly #flows = new Map<string, { readonly tableId: number; cookie: bigint; text: string }>();
  readonly #groups = new Map<number, string>();

  /** From now on: it should not have been told anything yet. */
  static of(one: FakeSwitch): Held {
    const held = new Held();
    const answers = (change: Message): ReturnType<FakeSwitch['refuse']> => refuse(change);
    let refuse = one.refuse;
    Object.defineProperty(one, 'refuse', {
      get: () => (change: Message) => {
        const why = answers(change);
        if (why === undefined) held.#take(change);
        return why;
      },
      set: (next: FakeSwitch['refuse']) => {
        refuse = next;
      },
    });
    return held;
  }

  texts(): readonly string[] {
    const groups = [...this.#groups].map(([id, text]) => `group ${id} ${text}`);
    return [...[...this.#flows.values()].map(({ text }) => text), ...groups].sort();
  }

  #take(change: Message): void {
    if (change.type === 'groupMod') {
      const { groupId, command, buckets } = change;
      if (command === groupCommand.delete) this.#groups.delete(groupId);
      else this.#groups.set(groupId, JSON.stringify(buckets.map(({ actions }) => actions)));
    }
    if (change.type !== 'flowMod') return;
    const { command, cookie, cookieMask, tableId, priority, match, instructions } = change;
    const key = `${tableId} ${priority} ${printMatch(match)}`;
    const does = printInstructions(instructions);
    const known = this.#flows.get(key);
    if (command === flowCommand.add) {
      this.#flows.set(key, { tableId, cookie, text: `${key} ${cookie} ${does}` });
    } else if (command === flowCommand.modifyStrict && known !== undefined) {
      this.#flows.set(key, { ...known, text: `${key} ${known.cookie} ${does}` });
    } else if (command === flowCommand.deleteStrict) this.#flows.delete(key);
    else if (command === flowCommand.delete && match.length === 0) {
      for (const [at, one] of this.#flows) {
        const isMeant = (one.cookie & cookieMask) === (cookie & cookieMask);
        const isThere = tableId === table.all || one.tableId === tableId;
        if (isThere && isMeant) this.#flows.delete(at);
      }
    } else throw new Error(`command ${command} is not expected here: ${key}`);
  }
}
