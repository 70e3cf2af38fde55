/**
 * The corrections that are sent to a datapath of the flat encoding after it connected: its entries
 * are compared as a whole, tenants' rules among them, since what a rule becomes there depends on
 * where its vswitch and its vswitch's neighbours live.
 *
 *   what is new --> what changes --> what goes
 *
 * Others may have changed what comes later by the time when it comes, so each part leads to what
 * the datapath should hold then.
 */

import { matchKey } from '../../openflow/match/match.ts';
import type { Message } from '../../openflow/values/values.ts';
import { changes, differing, type Keys } from '../../translation/entries/difference.ts';
import { withoutIdentity } from '../../translation/entries/identity.ts';
import type { PhysicalFlow, Tables } from '../../translation/entries/physical-tables.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import type { Datapath } from './datapath.ts';
import { type PartOf, partOf } from './entry-owners.ts';
import type { Corrected } from './intent-corrections.ts';
import { leadPackets, type Reached } from './start-order.ts';
import type { ComparingContext } from './tenants.ts';
import { askAgain, unionOn } from './union.ts';

export class FlatCorrections {
  readonly corrected: Corrected = { added: 0, changed: 0, removed: 0 };
  readonly #context: ComparingContext;
  readonly #datapath: Datapath;
  /** What it said that it holds. */
  readonly #have: Tables;
  readonly #sent: Message[] = [];

  constructor(context: ComparingContext, datapath: Datapath, have: Tables) {
    this.#context = context;
    this.#datapath = datapath;
    this.#have = have;
  }

  /** From the first on the datapath takes changes. */
  *messages(): Generator<readonly Message[] | Reached, undefined> {
    const { name, writer } = this.#datapath;
    writer.compared();
    askAgain(this.#context, this.#datapath);
    this.#datapath.flat = this.#context.contributors.flat(name);
    const want = unionOn(this.#context, this.#datapath);
    const { make, change, break: gone } = differing(this.#have, want);
    const flowOf = (key: string) => want.flows.get(key) ?? this.#have.flows.get(key);
    const mayWait = !movesLevels(make, gone, flowOf);
    const leads = (keys: Keys): boolean => mayWait && leadPackets(keys, flowOf);
    const [goes, stays] = apart(gone, (key) => leadPackets({ ...noKeys, flows: [key] }, flowOf));
    yield this.#put(make, 'added');
    yield this.#put(goes, 'removed');
    yield { milestone: 'made', isOrdered: leads(change) };
    yield this.#put(change, 'changed');
    yield { milestone: 'changed', isOrdered: leads(stays), changes: leads(change) };
    yield this.#put(stays, 'removed');
  }

  /** Whose a message is, by its place among all of them; undefined when it is the datapath's. */
  partAt(index: number): PartOf | undefined {
    const message = this.#sent[index];
    return message && partOf(this.#context, message);
  }

  #put(keys: Keys, what: keyof Corrected): readonly Message[] {
    if (keys.flows.length + keys.groups.length + keys.meters.length === 0) return [];
    const messages = changes(this.#have, unionOn(this.#context, this.#datapath), keys);
    this.#sent.push(...messages);
    const counted = what === 'changed' ? withoutIdentity(messages) : messages;
    this.corrected[what] += counted.length;
    return messages;
  }
}

const noKeys: Keys = { flows: [], groups: [], meters: [] };

type FlowOf = (key: string) => PhysicalFlow | undefined;

/** Entries that lead nobody's packets, others' holes among them, and the rest. */
function apart({ flows, ...rest }: Keys, leads: (key: string) => boolean): readonly [Keys, Keys] {
  const [goes, stays] = [flows.filter((key) => !leads(key)), flows.filter(leads)];
  return [
    { ...noKeys, flows: goes },
    { ...rest, flows: stays },
  ];
}

/** Rules at another level, beside old ones at theirs, would not be in their tenant's order. */
function movesLevels(make: Keys, gone: Keys, flowOf: FlowOf): boolean {
  const entryOf = (key: string): string => {
    const flow = flowOf(key);
    const isOurs = flow !== undefined && readCookie(flow.cookie) !== undefined;
    return isOurs ? `${flow.cookie}/${matchKey(flow.match)}` : '';
  };
  const made = new Set(make.flows.map(entryOf));
  made.delete('');
  return gone.flows.some((key) => made.has(entryOf(key)));
}
