/**
 * What must survive, in the store's terms: keys, values, and one queue of writes.
 *
 *   id/<vswitch>          its number below
 *   placement/<vswitch>   where it lives
 *   ports/<vswitch>       what its tenant configured of its ports
 *   counts/<vswitch>/<n>  what a port of it has counted, and from where
 *   tags                  which tag names which way
 *   encodings             how rules stand on which datapath
 *   rule/<vswitch>/<n>    a rule of its rulebook
 *   group/<vswitch>/<n>   a group of it, and its id below
 *   meter/<vswitch>/<n>   a meter of it, and its id below
 *   serial/<vswitch>      no rule of it had this serial or a higher one
 *   migration/<n>         a migration, with its state
 *
 * Writes are collected and committed as one transaction: when somebody waits for them (`sync`: a
 * tenant's barrier, a migration's step), and else a few milliseconds later. A commit stops
 * everything for as long as the disk takes, so what nobody waits for shares one.
 */
import { decode, encode } from '../openflow/codec.ts';
import {
  flowCommand,
  NO_BUFFER,
  group as ofpg,
  port as ofpp,
  version,
} from '../openflow/constants.ts';
import { isError } from '../openflow/errors.ts';
import { unwrapped, wrapped } from '../openflow/of10/wrap.ts';
import type { Group } from '../slices/groups.ts';
import type { Vport, VswitchId, VswitchName } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import type { Meter } from '../slices/meters.ts';
import { PortTally } from '../slices/port-tally.ts';
import type { Rule, StoredRule } from '../slices/rulebook.ts';
import type { Encodings, Placement, Remembered } from '../slices/snapshot.ts';
import { emptyTags, type TagTable } from '../slices/tags.ts';
import type { Migration } from '../translation/migration.ts';
import { hex, unhex } from './hex.ts';
import { groupText, readGroup, type StoredGroup } from './stored-groups.ts';
import { meterText, readMeter } from './stored-meters.ts';
import { encodingsFrom, placementFrom, tagsFrom } from './stored-places.ts';
import type { Store, World } from './world.ts';

export class Ledger {
  readonly #world: World;
  readonly #store: Store;
  /** What is to be written, or how to make it; undefined deletes. */
  #writes = new Map<string, Value>();
  #waiting: (() => void)[] = [];
  #isDue = false;
  /** Of an earlier process, after `load`. */
  readonly portTallies = new Map<VswitchName, Map<Vport, PortTally>>();
  readonly #serials = new Map<VswitchName, number>();
  /** The wall clock's value at the world's moment 0: monotonic times are stored as dates. */
  readonly #epochMs: number;

  constructor(world: World, store: Store) {
    this.#world = world;
    this.#store = store;
    this.#epochMs = world.wallClockMs() - world.nowMs();
  }

  putId(vswitch: VswitchName, id: VswitchId): void {
    this.#write(`id/${vswitch}`, JSON.stringify(id));
  }

  putPlacement(vswitch: VswitchName, placement: Placement): void {
    const { bodies, primary, homes } = placement;
    this.#write(`placement/${vswitch}`, JSON.stringify({ bodies, primary, homes: [...homes] }));
  }

  putPortConfigs(vswitch: VswitchName, configs: ReadonlyMap<Vport, number>): void {
    this.#write(`ports/${vswitch}`, JSON.stringify([...configs]));
  }

  putPortTally(vswitch: VswitchName, vport: Vport, tally: PortTally): void {
    this.#write(`counts/${vswitch}/${vport}`, () => JSON.stringify(tally));
  }

  putEncodings(encodings: Encodings): void {
    this.#write('encodings', JSON.stringify([...encodings]));
  }

  putTags(tags: TagTable): void {
    this.#write('tags', JSON.stringify({ ...tags, byKey: [...tags.byKey] }));
  }

  putMigration(migration: Migration): void {
    this.#write(`migration/${migration.id}`, JSON.stringify(migration));
  }

  dropMigration(id: number): void {
    this.#write(`migration/${id}`, undefined);
  }

  putRule(vswitch: VswitchName, rule: Rule): void {
    if (rule.serial >= (this.#serials.get(vswitch) ?? 0)) {
      const block = rule.serial + SERIAL_BLOCK;
      this.#serials.set(vswitch, block);
      this.#write(`serial/${vswitch}`, JSON.stringify(block));
    }
    // Made into text when it is written: many a rule is gone before that.
    this.#write(`rule/${vswitch}/${rule.serial}`, () => JSON.stringify(this.#recordOf(rule)));
  }

  #recordOf(rule: Rule): RuleRecord {
    const { packets, bytes } = rule.tally.base();
    return {
      flowMod: hex(encode(version.of13, { type: 'flowMod', ...tenantFlowMod(rule) })),
      added: rule.addedMs + this.#epochMs,
      hardFrom: rule.hardFromMs + this.#epochMs,
      packets: String(packets),
      bytes: String(bytes),
    };
  }

  dropRule(vswitch: VswitchName, serial: number): void {
    this.#write(`rule/${vswitch}/${serial}`, undefined);
  }

  putGroup(vswitch: VswitchName, group: Group): void {
    const addedAt = group.addedMs + this.#epochMs;
    this.#write(`group/${vswitch}/${group.groupId}`, () => groupText(group, addedAt));
  }

  dropGroup(vswitch: VswitchName, groupId: number): void {
    this.#write(`group/${vswitch}/${groupId}`, undefined);
  }

  putMeter(vswitch: VswitchName, meter: Meter): void {
    const addedAt = meter.addedMs + this.#epochMs;
    this.#write(`meter/${vswitch}/${meter.meterId}`, () => meterText(meter, addedAt));
  }

  dropMeter(vswitch: VswitchName, meterId: number): void {
    this.#write(`meter/${vswitch}/${meterId}`, undefined);
  }

  /** Runs `done` when everything written so far is durable. */
  sync(done: () => void): void {
    this.#waiting.push(done);
    if (this.#isDue) return;
    this.#isDue = true;
    this.#world.soon(() => this.flush());
  }

  /** Writes what is waiting now, before the process ends. */
  flush(): void {
    this.#isDue = false;
    const writes = this.#writes;
    const waiting = this.#waiting;
    this.#writes = new Map();
    this.#waiting = [];
    if (writes.size > 0) this.#store.commit(new Map([...writes].map(([k, v]) => [k, textOf(v)])));
    for (const done of waiting) done();
  }

  load(): Loaded {
    const ids = new Map<VswitchName, VswitchId>();
    const placements = new Map<VswitchName, Placement>();
    const rules = new Map<VswitchName, StoredRule[]>();
    const portConfigs = new Map<VswitchName, ReadonlyMap<Vport, number>>();
    const groups = new Map<VswitchName, StoredGroup[]>();
    const meters = new Map<VswitchName, Meter[]>();
    const migrations: Migration[] = [];
    let tags = emptyTags;
    let encodings: Encodings = new Map();
    for (const [key, value] of this.#store.load()) {
      const [kind, ...rest] = key.split('/');
      const parsed: unknown = JSON.parse(value);
      if (kind === 'id') ids.set(rest.join('/') as VswitchName, parsed as VswitchId);
      if (kind === 'placement')
        placements.set(rest.join('/') as VswitchName, placementFrom(parsed));
      if (kind === 'serial') this.#serials.set(rest.join('/') as VswitchName, Number(value));
      if (kind === 'ports') {
        const configs = new Map(parsed as [Vport, number][]);
        portConfigs.set(rest.join('/') as VswitchName, configs);
      }
      if (kind === 'counts') {
        const name = rest.slice(0, -1).join('/') as VswitchName;
        const tallies = this.portTallies.get(name) ?? new Map<Vport, PortTally>();
        tallies.set(Number(rest.at(-1)) as Vport, PortTally.fromJSON(parsed));
        this.portTallies.set(name, tallies);
      }
      if (kind === 'tags') tags = tagsFrom(parsed);
      if (kind === 'encodings') encodings = encodingsFrom(parsed);
      if (kind === 'migration') migrations.push(parsed as Migration);
      if (kind === 'group') {
        const vswitch = rest.slice(0, -1).join('/') as VswitchName;
        const own = groups.get(vswitch) ?? [];
        groups.set(vswitch, own);
        own.push(readGroup(parsed, this.#epochMs));
      }
      if (kind === 'meter') {
        const vswitch = rest.slice(0, -1).join('/') as VswitchName;
        meters.set(vswitch, [...(meters.get(vswitch) ?? []), readMeter(parsed, this.#epochMs)]);
      }
      if (kind === 'rule') {
        const vswitch = rest.slice(0, -1).join('/') as VswitchName;
        const rule = this.#ruleFrom(Number(rest.at(-1)), parsed as RuleRecord);
        const own = rules.get(vswitch);
        if (own === undefined) rules.set(vswitch, [rule]);
        else own.push(rule); // A copy for each would take minutes for 100,000 rules.
      }
    }
    for (const own of groups.values()) own.sort((a, b) => a.groupId - b.groupId);
    migrations.sort((a, b) => a.id - b.id);
    return {
      remembered: { ids, placements, tags, portConfigs, encodings },
      rules,
      groups,
      meters,
      migrations,
      serials: this.#serials,
    };
  }

  #write(key: string, value: Value): void {
    const isFirst = this.#writes.size === 0;
    this.#writes.set(key, value);
    if (isFirst) this.#world.after(limits.commitDelayMs, () => this.flush());
  }

  #ruleFrom(serial: number, record: RuleRecord): StoredRule {
    const frame = unhex(record.flowMod);
    const mod = decode(version.of13, new DataView(frame.buffer, frame.byteOffset), 0, frame.length);
    if (isError(mod) || mod.type !== 'flowMod') {
      throw new Error(`the store's rule ${serial} is damaged; restore a copy of the store`);
    }
    return {
      serial,
      tableId: mod.tableId,
      priority: mod.priority,
      match: mod.match,
      instructions: unwrapped(mod.instructions),
      cookie: mod.cookie,
      flags: mod.flags,
      idleTimeoutSec: mod.idleTimeoutSec,
      hardTimeoutSec: mod.hardTimeoutSec,
      addedMs: record.added - this.#epochMs,
      hardFromMs: record.hardFrom - this.#epochMs,
      // Unknown while we were away: as if used just now, for late is allowed and early is not.
      usedMs: this.#world.nowMs(),
      counted: { packets: BigInt(record.packets), bytes: BigInt(record.bytes) },
    };
  }
}

type Value = string | (() => string) | undefined;

function textOf(value: Value): string | undefined {
  return typeof value === 'function' ? value() : value;
}

export interface Loaded {
  readonly remembered: Remembered;
  readonly rules: ReadonlyMap<VswitchName, readonly StoredRule[]>;
  readonly groups: ReadonlyMap<VswitchName, readonly StoredGroup[]>;
  readonly meters: ReadonlyMap<VswitchName, readonly Meter[]>;
  readonly migrations: readonly Migration[];
  /** For each vswitch the first serial that no rule has had. */
  readonly serials: ReadonlyMap<VswitchName, number>;
}

/** Serials are reserved in blocks, so that not every rule writes twice. */
const SERIAL_BLOCK = 4_096;

interface RuleRecord {
  /** The rule as a flow-mod frame of OpenFlow 1.3, in hex. */
  readonly flowMod: string;
  /** Milliseconds since 1970. */
  readonly added: number;
  readonly hardFrom: number;
  readonly packets: string;
  readonly bytes: string;
}

function tenantFlowMod(rule: Rule) {
  const { tableId, priority, match, cookie, flags } = rule;
  const instructions = wrapped(rule.instructions);
  const { idleTimeoutSec, hardTimeoutSec } = rule;
  return {
    xid: 0,
    cookieMask: 0n,
    command: flowCommand.add,
    bufferId: NO_BUFFER,
    outPort: ofpp.any,
    outGroup: ofpg.any,
    ...{ tableId, priority, match, instructions, cookie, flags, idleTimeoutSec, hardTimeoutSec },
  };
}
