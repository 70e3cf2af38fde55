/**
 * The records of owned networks, each owner's use of the quota, and the offers that are free, for
 * networks.ts. A request is checked here and changes nothing.
 */
import { isNetworkName } from '../../slices/config/config-names.ts';
import { userOf } from '../../slices/config/offers.ts';
import { lifetimeText, type Quota, sumOf, whyBeyond } from '../../slices/config/quotas.ts';
import type { Config } from '../../slices/config/values.ts';
import { limits } from '../../slices/limits.ts';
import { noSuchText } from '../../slices/near-names.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { NetworkRecord } from '../../translation/stored/stored-networks.ts';
import { type ReadAsked, readAsked, readControllers } from './asked-network.ts';
import { isCounted, type QuotaReport, quotaReport, whyNotNow } from './network-report.ts';

/** Who makes networks: by a token that has a quota. */
export interface Owner {
  readonly name: string;
  readonly quota: string;
}

export interface NetworkAsked {
  /** Its own name: `lab`. */
  readonly name: string;
  /** As JSON. */
  readonly network: unknown;
  /** How long it is to be there; absent: as long as the quota lets it. */
  readonly lifetimeMs?: number;
}

/** A line each, in words that have nothing physical. */
export interface Problems {
  readonly problems: readonly string[];
}

interface Drafted {
  readonly record: NetworkRecord;
  readonly quota: Quota;
}

interface BookContext {
  readonly world: { wallClockMs(): number };
  snapshot(): Snapshot;
}

export class OwnedNetworks {
  readonly records: Map<string, NetworkRecord>;
  /** Those that are being made: they count, and have no record yet. */
  readonly #coming = new Map<string, NetworkRecord>();
  readonly #busy = new Set<string>();
  readonly #context: BookContext;

  constructor(context: BookContext, records: ReadonlyMap<string, NetworkRecord>) {
    this.#context = context;
    this.records = new Map(records);
  }

  /** Of an owner, or all; those that are being made, too. */
  all(owner?: string): readonly NetworkRecord[] {
    const all = [...new Map([...this.records, ...this.#coming]).values()];
    return owner === undefined ? all : all.filter((one) => one.owner === owner);
  }

  get(name: string): NetworkRecord | undefined {
    return this.records.get(name);
  }

  /** Of each network one change at a time. */
  isBusy(name: string): boolean {
    return this.#busy.has(name);
  }

  begin(record: NetworkRecord, isComing = false): void {
    this.#busy.add(record.name);
    if (isComing) this.#coming.set(record.name, record);
  }

  end(name: string): void {
    this.#busy.delete(name);
    this.#coming.delete(name);
  }

  /** What an owner may have, and has; why not, when there is no such quota. */
  quota(owner: Owner): QuotaReport | string {
    const quota = this.quotaOf(owner);
    if (typeof quota === 'string') return quota;
    const { config } = this.#context.snapshot();
    const offers = this.#offersOf(quota).map((name) => {
      const taker = this.#takerOf(config, name, owner);
      return { name, isFree: taker === undefined, network: taker ?? '' };
    });
    return quotaReport(owner.quota, quota, this.all(owner.name), offers);
  }

  /** What is to be, if it may be. */
  draft(owner: Owner, asked: NetworkAsked): Drafted | Problems {
    const quota = this.quotaOf(owner);
    if (typeof quota === 'string') return { problems: [quota] };
    const name = `${asked.name}@${owner.name}`;
    const known = this.records.get(name) ?? this.#coming.get(name);
    if (known !== undefined && known.state !== 'rejected') {
      const hint = 'take another name (--name), or delete that one';
      return { problems: [`you have a network "${asked.name}" already; ${hint}`] };
    }
    if (!isNetworkName(name)) {
      return { problems: [`"${asked.name}" is not a name; use letters, digits, "-", "_"`] };
    }
    const read = readAsked(name, asked.network, { quota, ours: this.#context.snapshot().config });
    if ('problems' in read) return read;
    const others = this.all(owner.name).filter((one) => isCounted(one) && one.name !== name);
    const used = sumOf(others.map(({ counts }) => counts));
    const { lifetimeMs = quota.lifetimeMs } = asked;
    const problems = [
      ...whyBeyond(quota, used, read.counts),
      ...this.#whyNotOffered(read, quota),
      ...(lifetimeMs === undefined ? [] : whyTooLong(quota, lifetimeMs)),
    ];
    if (this.records.size >= limits.ownedNetworksMax) problems.push('there are too many networks');
    if (problems.length > 0) return { problems };
    const madeMs = this.#context.world.wallClockMs();
    const record: NetworkRecord = {
      ...{ name, owner: owner.name, quota: owner.quota, ...read, madeMs, version: 1 },
      state: quota.approval === 'required' ? 'pending' : 'running',
      ...(lifetimeMs !== undefined && { endsMs: madeMs + lifetimeMs }),
    };
    return { record, quota };
  }

  /** One that waits for approval, and could be made. */
  waiting(name: string): Drafted | Problems {
    const record = this.records.get(name);
    if (record?.state !== 'pending') return { problems: [this.whyNotPending(name)] };
    const quota = this.quotaOf(record);
    if (typeof quota === 'string') return { problems: [quota] };
    const problems = this.whyTaken(record, ownerOf(record), quota);
    return problems.length > 0 ? { problems } : { record, quota };
  }

  /** One that runs, and what its controllers would be. */
  withControllers(name: string, all: readonly string[]) {
    const record = this.records.get(name);
    if (record?.state === 'paused') {
      return { problems: [`${name} does not run; resume it first`] } satisfies Problems;
    }
    if (record?.state !== 'running' || !this.#isThere(name)) {
      return { problems: [this.whyNotNow(name)] } satisfies Problems;
    }
    const quota = this.quotaOf(record);
    if (typeof quota === 'string') return { problems: [quota] } satisfies Problems;
    const { config: ours } = this.#context.snapshot();
    const read = readControllers(name, record.asked, all, { quota, ours });
    return 'problems' in read ? read : { record, ...read };
  }

  /** One that may go on for so long; `isOwner`: within its quota. */
  extendable(name: string, lifetimeMs: number, isOwner: boolean): NetworkRecord | Problems {
    const record = this.records.get(name);
    if (record === undefined || record.state === 'rejected') {
      return { problems: [`there is no network "${name}" that could go on`] };
    }
    const quota = this.quotaOf(record);
    if (!isOwner) return record;
    const problems = typeof quota === 'string' ? [quota] : whyTooLong(quota, lifetimeMs);
    return problems.length > 0 ? { problems } : record;
  }

  /** Why what is asked for is not for one that is as it is. */
  whyNotNow(name: string): string {
    const record = this.records.get(name);
    if (record === undefined) return `there is no network "${name}"`;
    return whyNotNow(record, this.#isThere(name));
  }

  whyNotPending(name: string): string {
    return `${this.whyNotNow(name)}; "limevisor network list" has what waits for approval`;
  }

  #isThere(name: string): boolean {
    return this.#context.snapshot().tenants.has(name);
  }

  #whyNotOffered({ offers }: ReadAsked, quota: Quota): string[] {
    const known = this.#offersOf(quota);
    const all = Object.entries(offers);
    return all.flatMap(([host, offer], i) => {
      if (!known.includes(offer)) return [`host ${host}: ${noSuchText('offer', offer, known)}`];
      const twin = all.slice(0, i).find(([, other]) => other === offer)?.[0];
      return twin === undefined ? [] : [`host ${host} takes the offer ${offer}, as does ${twin}`];
    });
  }

  whyTaken(record: NetworkRecord, owner: Owner, quota: Quota): readonly string[] {
    const { config } = this.#context.snapshot();
    const isFree = (name: string) => this.#takerOf(config, name, owner) === undefined;
    const taken = Object.values(record.offers).filter((name) => !isFree(name));
    if (taken.length === 0) return [];
    const free = this.#offersOf(quota).filter(isFree);
    const instead = free.length === 0 ? 'none is free' : `free: ${free.join(', ')}`;
    return taken.map((name) => `the offer ${name} is taken; ${instead}`);
  }

  quotaOf({ quota: name }: Pick<Owner, 'quota'>): Quota | string {
    const quota = this.#context.snapshot().config.quotas.get(name);
    return quota ?? `the operator has no quota "${name}" any more; ask for another token`;
  }

  #offersOf({ offers }: Quota): readonly string[] {
    const known = this.#context.snapshot().config.offers;
    return [...known.keys()].filter((name) => offers?.includes(name) ?? true);
  }

  /** The own network that has taken an offer; the empty text: somebody else has. */
  #takerOf(config: Config, name: string, owner: Pick<Owner, 'name'>): string | undefined {
    const taker = this.all().find(({ state, offers }) => {
      return state !== 'pending' && isCounted({ state }) && Object.values(offers).includes(name);
    });
    if (taker !== undefined) return taker.owner === owner.name ? taker.name : '';
    const offer = config.offers.get(name);
    return offer === undefined || userOf(offer, config) !== undefined ? '' : undefined;
  }
}

function ownerOf({ owner: name, quota }: NetworkRecord): Owner {
  return { name, quota };
}

function whyTooLong({ lifetimeMs }: Quota, wantedMs: number): readonly string[] {
  if (lifetimeMs === undefined || wantedMs <= lifetimeMs) return [];
  const [wanted, most] = [lifetimeText(wantedMs), lifetimeText(lifetimeMs)];
  return [`it would be there for ${wanted}: your quota is ${most}`];
}
