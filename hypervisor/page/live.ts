/**
 * The page's copy of the network's state, kept up to date: events arrive as they happen, and
 * documents that they may have changed are requested again; often, while a vswitch moves.
 */

import { type Client, Refused, textOfError } from './client.ts';
import type {
  EnsembleDocument,
  FlowsDocument,
  Happened,
  HostMoved,
  Migrated,
  OwnDocument,
  Self,
  TopologyDocument,
} from './documents.ts';
import { follow, type ServerEvent } from './event-stream.ts';
import { emptyNetwork, type Network } from './network.ts';
import { networkOf, ownNetworkOf } from './network-documents.ts';
import { hasEnded } from './phases.ts';

export interface Known {
  /** Undefined until the first answer. */
  readonly self: Self | undefined;
  /** What the network was read from. */
  readonly document: TopologyDocument | OwnDocument | undefined;
  readonly network: Network;
  readonly migrations: readonly Migrated[];
  readonly ensembles: readonly EnsembleDocument[];
  readonly hostMoves: readonly HostMoved[];
  /** The newest last. */
  readonly events: readonly Happened[];
  /** Whether events come, and if not, why. */
  readonly isLive: boolean;
  readonly why: string;
}

const EVENTS_KEPT = 2_000;
/** Rules of a vswitch. */
const COMPARED_MAX = 5_000;
const AFTER_EVENT_MS = 150;
const WHILE_MOVING_MS = 300;
const OTHERWISE_MS = 5_000;

export class Live {
  readonly client: Client;
  /** What rules are compared with; kept while other views are looked at. */
  compared: FlowsDocument | undefined;
  readonly #stop = new AbortController();
  /** Of the events of what is shown. */
  #stream = new AbortController();
  readonly #told = new Set<() => void>();
  #known: Known = {
    ...{
      self: undefined,
      document: undefined,
      network: emptyNetwork,
      migrations: [],
      ensembles: [],
      hostMoves: [],
      events: [],
    },
    ...{ isLive: false, why: 'connecting' },
  };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isAsking = false;
  #isStale = false;

  constructor(client: Client) {
    this.client = client;
  }

  get known(): Known {
    return this.#known;
  }

  async start(): Promise<void> {
    let self: Self | undefined;
    while (self === undefined && !this.#stop.signal.aborted) {
      try {
        self = await this.client.get<Self>('/self');
      } catch (error) {
        this.#set({ why: textOfError(error) });
        await sleep(OTHERWISE_MS, this.#stop.signal);
      }
    }
    if (self === undefined) return;
    this.#show(self);
    void this.refresh();
  }

  stop(): void {
    this.#stop.abort();
    this.#stream.abort();
    clearTimeout(this.#timer);
  }

  /** Another of an owner's networks is shown. */
  look(tenant: string): void {
    const { self } = this.#known;
    if (self?.role !== 'owner' || self.tenant === tenant) return;
    this.#show({ ...self, tenant });
    void this.refresh();
  }

  /** `told` is called when anything is known anew, until the returned function is called. */
  subscribe(told: () => void): () => void {
    this.#told.add(told);
    return () => this.#told.delete(told);
  }

  /** Keeps a vswitch's rules as they are now, before it moves; not very many of them. */
  async compareFromNow(vswitch: string): Promise<void> {
    const own = this.#known.network.vswitches.find(({ name }) => name === vswitch);
    if (own === undefined || own.rules > COMPARED_MAX) return;
    const query = new URLSearchParams({ vswitch });
    try {
      this.compared = await this.client.get<FlowsDocument>(`/flows?physical=true&${query}`);
    } catch (error) {
      // It moves all the same, and is compared with nothing.
      this.compared = undefined;
      this.#set({ why: textOfError(error) });
    }
  }

  async refresh(): Promise<void> {
    this.#isStale = this.#isAsking;
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      this.#set(await this.#read());
    } catch (error) {
      const isAway = !hasStream(this.#known.self);
      this.#set({ why: textOfError(error), ...(isAway && { isLive: false }) });
    }
    this.#isAsking = false;
    this.#schedule(this.#isStale ? AFTER_EVENT_MS : this.#pauseMs());
  }

  /** What was known of another network is known no more. */
  #show(self: Self): void {
    this.#stream.abort();
    if (this.#stop.signal.aborted) return;
    this.#stream = new AbortController();
    this.compared = undefined;
    this.#set({ self, document: undefined, network: emptyNetwork, events: [] });
    if (!hasStream(self)) return;
    const { tenant } = self;
    const path = tenant === undefined ? '/events' : `${ownPath(tenant)}/events`;
    const { signal } = this.#stream;
    void follow(
      {
        open: (lastId, stop) => this.client.events(path, lastId ?? '0', stop),
        event: (event) => {
          if (!signal.aborted) this.#happened(event);
        },
        changed: (isLive, why) => this.#set({ isLive, why }),
        wait: sleep,
      },
      signal,
    );
  }

  /** An owner asks for its own network, and nothing else. */
  async #readOwn(tenant: string): Promise<Partial<Known>> {
    try {
      const document = await this.client.get<OwnDocument>(ownPath(tenant));
      const isShown = this.#known.self?.tenant === tenant;
      return isShown ? { document, network: ownNetworkOf(document) } : {};
    } catch (error) {
      const hasEnded = error instanceof Refused && error.status === 404;
      if (hasEnded && (await this.#readFirst())) return {};
      throw error;
    }
  }

  /** The first network that there is is shown, or that there is none; whether that is another. */
  async #readFirst(): Promise<boolean> {
    const before = this.#known.self?.tenant;
    const self = await this.client.get<Self>('/self');
    // Somebody has chosen another meanwhile.
    if (this.#known.self?.tenant !== before) return true;
    if (self.tenant === before) return false;
    this.#show(self);
    this.#isStale = true;
    return true;
  }

  async #read(): Promise<Partial<Known>> {
    const { self } = this.#known;
    if (self?.tenant !== undefined) return this.#readOwn(self.tenant);
    if (self?.role === 'owner') {
      return (await this.#readFirst()) ? {} : { isLive: true, why: '' };
    }
    const [document, migrations, ensembles, hostMoves] = await Promise.all([
      this.client.get<TopologyDocument>('/topology?load=true'),
      this.client.get<readonly Migrated[]>('/migrations?limit=1000'),
      this.client.get<readonly EnsembleDocument[]>('/ensembles?limit=1000'),
      this.client.get<readonly HostMoved[]>('/host-moves?limit=1000'),
    ]);
    return { document, network: networkOf(document), migrations, ensembles, hostMoves };
  }

  #pauseMs(): number {
    const { migrations, hostMoves } = this.#known;
    return [...migrations, ...hostMoves].every(hasEnded) ? OTHERWISE_MS : WHILE_MOVING_MS;
  }

  #happened({ name, data }: ServerEvent): void {
    if (name === 'event') {
      const event = JSON.parse(data) as Happened;
      this.#set({ events: [...this.#known.events, event].slice(-EVENTS_KEPT) });
    }
    this.#schedule(AFTER_EVENT_MS);
  }

  #schedule(ms: number): void {
    if (this.#stop.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.refresh(), ms);
  }

  #set(some: Partial<Known>): void {
    this.#known = { ...this.#known, ...some };
    for (const told of this.#told) told();
  }
}

/** An owner who has no network yet has nothing to follow. */
function hasStream(self: Self | undefined): boolean {
  return self !== undefined && (self.role !== 'owner' || self.tenant !== undefined);
}

/** Where an owner's network is. */
export function ownPath(tenant: string): string {
  return `/networks/${encodeURIComponent(tenant)}`;
}

function sleep(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    stop.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
