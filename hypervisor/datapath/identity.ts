/**
 * The store's identity, and the datapaths that are this store's (translation/entries/identity.ts).
 *
 *   connected --no entry of ours--> said whose, read again --> ours
 *       |-------said to be ours--------------------------------> ours
 *       `-------another's, or a later state of ours--> refused, and not touched
 *
 * The generation grows at a start, and then now and then while the store is written to. It is
 * durable before a datapath hears of it: so what a datapath says is never ahead of the right store.
 */

import { dpidText } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Owner } from '../../translation/datapath/contribution.ts';
import {
  type Claimant,
  type Identity,
  identityText,
  tracesIn,
  type Verdict,
  verdictOn,
} from '../../translation/entries/identity.ts';
import { everyFlow, type PhysicalFlow } from '../../translation/entries/physical-tables.ts';
import { cookieOf, KIND_MASK, OURS_COOKIE, OURS_MASK } from '../../translation/entries/pipeline.ts';
import type { StoredIdentity } from '../../translation/stored/stored-identity.ts';
import type { Journal } from '../store/journal.ts';
import { textEntry } from '../store/journal-entries.ts';
import { kept, perform } from '../store/ready.ts';
import type { Recovered } from '../store/recovered.ts';
import type { Log } from '../world/log.ts';
import type { Store, World } from '../world/world.ts';
import { changeOf, leadOwner } from './converge.ts';
import type { Datapath } from './datapath.ts';
import { flowsIn } from './entry-reader.ts';

/** What a person has said about datapaths of other stores, for this run. */
export type TakeOver = 'none' | 'newStore' | 'adopt';

/** How a datapath's entries are encoded now. */
interface SnapshotContext {
  snapshot(): Snapshot;
}

interface IdentityOwner {
  readonly identity: StoreIdentity;
}

export class StoreIdentity {
  readonly #world: World;
  readonly #journal: Journal;
  readonly #store: Store;
  readonly #takeOver: TakeOver;
  /** Datapaths that were taken over already: a word counts once for each. */
  readonly #taken = new Set<string>();
  readonly #run: number;
  /** Those that this process has told whose they are. */
  readonly #said = new Set<Datapath>();
  readonly #loaded: number;
  #stored: StoredIdentity;
  #writtenBytes: number;
  /** By dpid: those that entries were sent to before this run. */
  readonly #owned: ReadonlySet<string>;

  constructor(
    world: World,
    journal: Journal,
    store: Store,
    recovered: Recovered,
    takeOver: TakeOver,
  ) {
    this.#world = world;
    this.#journal = journal;
    this.#store = store;
    this.#takeOver = takeOver;
    this.#run = 0xff00 + Math.floor(world.random() * 0x100);
    this.#owned = new Set(recovered.cleaned.keys());
    const { identity, remembered } = recovered;
    this.#loaded = identity?.generation ?? 0;
    const oldIds = identity === undefined ? [...remembered.ids.values()] : identity.oldIds;
    const id = identity?.id ?? newId(world);
    const isOld = oldIds !== undefined && oldIds.length > 0;
    this.#stored = { id, generation: this.#loaded + 1, ...(isOld && { oldIds }) };
    this.#put();
    this.#writtenBytes = store.size();
  }

  get id(): string {
    return this.#stored.id;
  }

  /** Whether nothing was in the store. */
  get isNew(): boolean {
    return this.#loaded === 0 && this.#stored.oldIds === undefined;
  }

  get generation(): number {
    return this.#stored.generation;
  }

  /** Of the entry that belongs on every datapath of this store. */
  get owner(): Owner {
    return { type: 'identity', identity: this.#identity() };
  }

  /** Whether it may be corrected: `done(undefined)`, or why it is not touched. */
  claim(context: SnapshotContext, datapath: Datapath, log: Log, done: Claimed): void {
    // The generation, and that entries are sent there, are durable before anything is sent.
    this.#journal.sync(() => {
      this.#verdict(datapath, (verdict) => {
        if (verdict === undefined) done('its entries could not be read');
        else if (verdict.type === 'own') this.#have(datapath, done);
        else if (verdict.type === 'free') this.#say(context, datapath, done);
        else if (!this.#takes(datapath)) done(verdict.why);
        else {
          const { name } = datapath;
          log.warn({ datapath: name, why: verdict.why }, 'datapath taken over, as requested');
          this.#have(datapath, done);
        }
      });
    });
  }

  /** Lets the generation grow now and then, if anything was written; `tell` when it is durable. */
  watch(tell: () => void): void {
    this.#world.after(limits.generationMs, () => {
      const size = this.#store.size();
      if (size === this.#writtenBytes) {
        this.watch(tell);
        return;
      }
      this.#stored = { ...this.#stored, generation: this.generation + 1 };
      this.#put();
      this.#journal.sync(() => {
        this.#writtenBytes = this.#store.size();
        tell();
        this.watch(tell);
      });
    });
  }

  #identity(): Identity {
    const { id, generation } = this.#stored;
    return { id: BigInt(`0x${id}`), generation, run: this.#run };
  }

  #put(): void {
    perform(this.#journal, kept([textEntry('identity', this.#stored)]));
  }

  /** Once for each datapath that a person's word is about. */
  #takes({ config }: Datapath): boolean {
    const key = dpidText(config.dpid);
    if (this.#takeOver === 'none' || this.#taken.has(key)) return false;
    this.#taken.add(key);
    return true;
  }

  #verdict(datapath: Datapath, done: (verdict: Verdict | undefined) => void): void {
    const { oldIds = [] } = this.#stored;
    const claimant: Claimant = {
      ...this.#identity(),
      loaded: this.#loaded,
      hasSaid: this.#said.has(datapath),
      isOld: oldIds.length > 0,
      knownIds: new Set(oldIds),
      hasOwned: this.#said.has(datapath) || this.#owned.has(dpidText(datapath.config.dpid)),
    };
    readTraces(datapath, (rows) => done(rows && verdictOn(tracesIn(rows), claimant)));
  }

  #have(datapath: Datapath, done: Claimed): void {
    this.#said.add(datapath);
    done(undefined);
  }

  /** Nobody's until now: another may say the same at this moment, and then it is neither's. */
  #say(context: SnapshotContext, datapath: Datapath, done: Claimed): void {
    const { writer } = datapath;
    const change = changeOf(context.snapshot(), datapath.name, this.owner);
    this.#said.add(datapath);
    writer.claim(change, (outcome) => {
      if (outcome.type === 'lost') return;
      this.#verdict(datapath, (verdict) => {
        if (verdict === undefined) done('its entries could not be read');
        else if (verdict.type !== 'refused') done(undefined);
        else {
          this.#said.delete(datapath);
          writer.unclaim(change, () => done(verdict.why));
        }
      });
    });
  }
}

type Claimed = (whyNot: string | undefined) => void;

function newId(world: World): string {
  const word = (): bigint => BigInt(Math.floor(world.random() * 0x1_0000_0000));
  return identityText((word() << 32n) | word());
}

/** Entries that say whose it is, and then the first table's, where everybody has some. */
function readTraces(
  datapath: Datapath,
  done: (rows: readonly PhysicalFlow[] | undefined) => void,
): void {
  const said = { ...everyFlow, cookie: cookieOf('store', 0, 0), cookieMask: KIND_MASK };
  const ours = { ...everyFlow, tableId: 0, cookie: OURS_COOKIE, cookieMask: OURS_MASK };
  datapath.query({ kind: 'flow', filter: said }, (first) => {
    datapath.query({ kind: 'flow', filter: ours }, (second) => {
      if (first === undefined || second === undefined) done(undefined);
      else done(flowsIn([...first, ...second]));
    });
  });
}

/** Tells datapaths that the generation has grown. */
export function tellGeneration(
  context: SnapshotContext & IdentityOwner,
  datapaths: readonly Datapath[],
): void {
  const { owner } = context.identity;
  for (const one of datapaths) leadOwner(context.snapshot(), one, owner, 'later');
}
