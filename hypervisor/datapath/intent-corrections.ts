/**
 * Corrects all that a datapath holds except tenants' rules, to its intent and the contributions of
 * tenants' groups and meters, a part in each step: the ways of all tenants may lead over one
 * datapath.
 *
 *   what is new --> what changes --> what goes --> what became another meanwhile
 *
 * While it lasts the datapath takes no changes (writer.ts), and the intent goes on changing: what
 * was changed since it was looked at is looked at again. `last` does the rest of that in one step,
 * in which the datapath begins to take changes. Tenants' groups and meters that are too many stay
 * while there may be rules that use them: `empty`, at the very end.
 */
import type { Message } from '../../openflow/values/values.ts';
import { GROUP_IDS_FROM } from '../../slices/groups-meters/groups.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { contribution, type OwnerKey } from '../../translation/datapath/contribution.ts';
import { changes, differing, type Keys } from '../../translation/entries/difference.ts';
import { withoutIdentity } from '../../translation/entries/identity.ts';
import {
  deleteGroup,
  deleteMeter,
  type PhysicalFlow,
  type PhysicalGroup,
  type PhysicalMeter,
  type Tables,
} from '../../translation/entries/physical-tables.ts';
import type { ChangedKeys } from '../../translation/intent/owners.ts';
import { METERS_FROM } from '../../translation/wiring/recirculation.ts';
import type { Datapath } from './datapath.ts';
import type { PartOf } from './entry-owners.ts';
import type { Stock } from './groups-meters.ts';
import type { Inventory } from './inventory.ts';
import { leadPackets, type Reached } from './start-order.ts';

import {
  type ComparingContext,
  carriedOn,
  type HostedVswitch,
  inParts,
  openOn,
} from './tenants.ts';

/** How many of each were sent; the entry that says whose it is changes at every start. */
export interface Corrected {
  added: number;
  changed: number;
  removed: number;
}

/** Of some keys: what it holds, and what it should. */
interface Both {
  readonly have: MutableTables;
  readonly want: MutableTables;
}

interface MutableTables extends Tables {
  readonly flows: Map<string, PhysicalFlow>;
  readonly groups: Map<number, PhysicalGroup>;
  readonly meters: Map<number, PhysicalMeter>;
}

/** A group or a meter of a tenant's book. */
interface OfBook<T> {
  readonly runtime: HostedVswitch;
  readonly value: T;
}

export class IntentCorrections {
  readonly #context: ComparingContext;
  readonly #datapath: Datapath;
  readonly #corrected: Corrected;
  /** What it holds: as it said, and as it was told since. */
  readonly #have: MutableTables;
  /** Entries that are to go, unless something takes their place. */
  readonly #odd: Map<string, PhysicalFlow>;
  /** Who is closed: what they have there stays. */
  readonly #left: ReadonlySet<OwnerKey>;
  readonly #changed: ChangedKeys;
  readonly #bookGroups = new Map<number, OfBook<PhysicalGroup>>();
  readonly #bookMeters = new Map<number, OfBook<PhysicalMeter>>();
  /** How far tables were when they were looked at. */
  readonly #lookedAt = new Map<HostedVswitch, number>();

  constructor(
    context: ComparingContext,
    datapath: Datapath,
    { frame, odd }: Inventory,
    { groups, meters }: Stock,
    corrected: Corrected,
  ) {
    this.#context = context;
    this.#datapath = datapath;
    this.#corrected = corrected;
    this.#have = {
      flows: frame,
      groups: new Map(groups.map((one) => [one.groupId, one])),
      meters: new Map(meters.map((one) => [one.meterId, one])),
    };
    this.#odd = odd;
    this.#left = context.contributors.left(datapath.name);
    this.#changed = datapath.intent.watch();
  }

  /** Before the datapath takes changes. */
  *parts(): Generator<readonly Message[] | Reached> {
    const changing: Keys[] = [];
    for (const keys of this.#wanted()) {
      const both = this.#at(keys);
      const { make, change } = differing(both.have, both.want);
      changing.push(change);
      yield this.#send(both, make, 'added');
    }
    const flowOf = (key: string) =>
      this.#datapath.intent.flows.get(key) ?? this.#have.flows.get(key);
    const leads = (keys: Keys): boolean => leadPackets(keys, flowOf);
    const changes = changing.some(leads);
    yield { milestone: 'made', isOrdered: changes };
    for (const keys of changing) yield this.#put(keys);
    const breaking: Keys[] = [];
    for (const keys of this.#there()) {
      const both = this.#at(keys);
      breaking.push(differing(both.have, both.want).break);
      yield [];
    }
    yield { milestone: 'changed', isOrdered: breaking.some(leads), changes };
    for (const keys of breaking) {
      const both = this.#at(keys);
      yield this.#send(both, differing(both.have, both.want).break, 'removed');
    }
    while (this.#changed.size > limits.slotsPerStep) {
      yield this.#put(this.#changed.take(limits.slotsPerStep));
    }
  }

  /** In the step in which it begins to take them. */
  last(): readonly Message[] {
    const messages = [this.#put(this.#changed.take(this.#changed.size))];
    this.#datapath.intent.unwatch();
    for (const runtime of openOn(this.#context, this.#datapath.name)) {
      if (this.#lookedAt.get(runtime) === revisionOf(runtime)) continue;
      for (const keys of this.#ofBook(runtime)) messages.push(this.#put(keys));
    }
    return messages.flat();
  }

  /** Groups and meters of tenants that nobody wants any more. */
  *empty(): Generator<readonly Message[]> {
    const { name } = this.#datapath;
    const open = openOn(this.#context, name);
    const [groupIds, meterIds] = [new Set<number>(), new Set<number>()];
    for (const { groups, meters } of open) {
      for (const { below } of groups.table.groups()) groupIds.add(below);
      for (const { below } of meters.table.below()) meterIds.add(below);
      yield [];
    }
    // Rules go with their groups and meters, and a closed vswitch's stay: whose is not known.
    const hasClosed = carriesClosed(this.#context, name);
    const { groups, meters } = this.#have;
    if (hasClosed) return;
    const oddGroups = [...groups.keys()].filter((id) => !isOurs(id) && !groupIds.has(id));
    for (const ids of inParts(oddGroups)) {
      const gone = ids.filter((id) => !open.some((one) => one.groups.table.hasBelow(id)));
      this.#corrected.removed += gone.length;
      yield gone.map(deleteGroup);
    }
    const oddMeters = [...meters.keys()].filter((id) => !isOurMeter(id) && !meterIds.has(id));
    for (const ids of inParts(oddMeters)) {
      const gone = ids.filter((id) => !open.some((one) => hasMeter(one, id)));
      this.#corrected.removed += gone.length;
      yield gone.map(deleteMeter);
    }
  }

  /** What may have to go before the datapath takes changes; what uses something, before that. */
  *#there(): Generator<Keys> {
    const { flows, groups, meters } = this.#have;
    for (const some of inParts(flows.keys())) yield { ...noKeys, flows: some };
    const ours = [...groups.keys()].filter(isOurs);
    for (const some of inParts(ours)) yield { ...noKeys, groups: some };
    const ourMeters = [...meters.keys()].filter(isOurMeter);
    for (const some of inParts(ourMeters)) yield { ...noKeys, meters: some };
  }

  /** Of a tenant's group or meter that was sent. */
  partOf(message: Message): PartOf | undefined {
    if (message.type === 'groupMod') {
      const found = this.#bookGroups.get(message.groupId);
      return found && [found.runtime, { kind: 'group', id: message.groupId }];
    }
    if (message.type !== 'meterMod') return undefined;
    const found = this.#bookMeters.get(message.meterId);
    return found && [found.runtime, { kind: 'meter', id: message.meterId }];
  }

  /** All that it should hold; what uses something comes after that. */
  *#wanted(): Generator<Keys> {
    const { intent, name } = this.#datapath;
    for (const meters of inParts(intent.meters.keys())) yield { ...noKeys, meters };
    for (const groups of inParts(intent.groups.keys())) yield { ...noKeys, groups };
    for (const runtime of openOn(this.#context, name)) yield* this.#ofBook(runtime);
    for (const flows of inParts(intent.flows.keys())) yield { ...noKeys, flows };
  }

  *#ofBook(runtime: HostedVswitch): Generator<Keys> {
    const { name } = this.#datapath;
    this.#lookedAt.set(runtime, revisionOf(runtime));
    const snapshot = this.#context.snapshot();
    const { owner: ofMeters } = runtime.meters;
    for (const meters of inParts(ofMeters.meters)) {
      const own = contribution(snapshot, { ...ofMeters, meters }, name).meters;
      for (const [id, value] of own) this.#bookMeters.set(id, { runtime, value });
      yield { ...noKeys, meters: [...own.keys()] };
    }
    const { owner: ofGroups } = runtime.groups;
    for (const groups of inParts(ofGroups.groups)) {
      const own = contribution(snapshot, { ...ofGroups, groups }, name).groups;
      for (const [id, value] of own) this.#bookGroups.set(id, { runtime, value });
      yield { ...noKeys, groups: [...own.keys()] };
    }
  }

  #put(keys: Keys): readonly Message[] {
    const both = this.#at(keys);
    const { make, change, break: gone } = differing(both.have, both.want);
    return [
      ...this.#send(both, make, 'added'),
      ...this.#send(both, change, 'changed'),
      ...this.#send(both, gone, 'removed'),
    ];
  }

  /** Of tenants' groups and meters only those that are wanted. */
  #at(keys: Keys): Both {
    const { intent } = this.#datapath;
    const both: Both = { have: newTables(), want: newTables() };
    for (const key of keys.flows) {
      const owner = intent.flows.ownerOf(key);
      if (owner !== undefined && this.#left.has(owner)) continue;
      this.#meet(both, key, intent.flows.get(key));
    }
    for (const id of keys.groups) {
      const want = intent.groups.get(id) ?? this.#bookGroups.get(id)?.value;
      put(both.want.groups, id, want);
      if (want !== undefined || isOurs(id)) put(both.have.groups, id, this.#have.groups.get(id));
    }
    for (const id of keys.meters) {
      const want = intent.meters.get(id) ?? this.#bookMeters.get(id)?.value;
      put(both.want.meters, id, want);
      const isMet = want !== undefined || isOurMeter(id);
      if (isMet) put(both.have.meters, id, this.#have.meters.get(id));
    }
    return both;
  }

  #meet({ have, want }: Both, key: string, flow: PhysicalFlow | undefined): void {
    if (flow !== undefined) {
      put(this.#have.flows, key, this.#odd.get(key));
      this.#odd.delete(key);
    }
    put(want.flows, key, flow);
    put(have.flows, key, this.#have.flows.get(key));
  }

  #send({ have, want }: Both, keys: Keys, what: keyof Corrected): readonly Message[] {
    const messages = changes(have, want, keys);
    const counted = what === 'changed' ? withoutIdentity(messages) : messages;
    this.#corrected[what] += counted.length;
    for (const key of keys.flows) become(this.#have.flows, key, want.flows.get(key));
    for (const id of keys.groups) become(this.#have.groups, id, want.groups.get(id));
    for (const id of keys.meters) become(this.#have.meters, id, want.meters.get(id));
    return messages;
  }
}

const noKeys: Keys = { flows: [], groups: [], meters: [] };

function newTables(): MutableTables {
  return { flows: new Map(), groups: new Map(), meters: new Map() };
}

function put<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value !== undefined) map.set(key, value);
}

function become<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

function revisionOf({ groups, meters }: HostedVswitch): number {
  return groups.revision + meters.table.revision;
}

/** Whether no tenant's group has that id: then only our own entries use it. */
function isOurs(groupId: number): boolean {
  return groupId < GROUP_IDS_FROM;
}

function isOurMeter(meterId: number): boolean {
  return meterId >= METERS_FROM;
}

function hasMeter({ meters }: HostedVswitch, below: number): boolean {
  return meters.table.below().some((one) => one.below === below);
}

/** Whether a vswitch that is closed has a body there. */
function carriesClosed(context: ComparingContext, on: DatapathName): boolean {
  return carriedOn(context, on).some((one) => one.isClosed);
}
