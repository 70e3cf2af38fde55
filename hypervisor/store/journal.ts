/**
 * The state that must survive, as the store keeps it: keys, values, and one queue of writes.
 *
 *   id/<vswitch>          its number below
 *   placement/<vswitch>   where it lives
 *   ports/<vswitch>       what its tenant configured of its ports
 *   counts/<vswitch>/<n>  what a port of it has counted, and from where
 *   ways/<vswitch>, wayNumbers, hopTags/<port>, freed.../<n>   of ways (stored-ways.ts)
 *   encodings             how rules stand on which datapath
 *   plugs                 by host, the port that is used where it is plugged in at several
 *   plugged               by host that was moved, where it is, and what the file said then
 *   movedMembers          by big switch, its members, and those that the file had then
 *   told                  by datapath, what it has said that it has room for
 *   hostMove/<n>          a move of a host, with its state
 *   memberMove/<n>        a move of a member of a big switch, with its state
 *   avoiding              which datapaths ways are led around, and where that is going
 *   idle                  what the operator's command was told is idle
 *   evacuation/ID         one that has not ended, and until when it has time
 *   failures              cables and datapaths that have failed (slices/network/failures.ts)
 *   rule/<vswitch>/<n>    a rule of its rulebook
 *   group/<vswitch>/<n>   a group of it, and its id below
 *   meter/<vswitch>/<n>   a meter of it, and its id below
 *   serial/<vswitch>      no rule of it had this serial or a higher one
 *   accepted/<vswitch>    rules of this serial or a higher one may have been refused
 *   change/<vswitch>/<n>  a list of other changes that may have been, and what was before them
 *   migration/<n>         a migration, with its state
 *   ensemble/<n>          several that are one, with the state of the whole
 *   ran                   the file that was run or applied last
 *   network, frozen       of networks that owners have made (stored-networks.ts)
 *   left, who, cleaned, freed   of vswitches that left (stored-departures.ts)
 *
 * Rules are entries in bytes (store-entries.ts), everything else is a key and a text. What is put
 * in are values (journal-entries.ts); only ready.ts puts them. Writes are appended as one commit
 * when somebody waits for them (`sync`: a barrier, a migration's step), and else a few milliseconds
 * later, so that what nobody waits for shares one sync of the disk.
 */
import { Writer } from '../../openflow/layout/writer.ts';
import type { VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { RuleArena } from '../../slices/rules/rule-arena.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import type { TenantState } from '../../translation/changes/tenant-state.ts';
import { Unanswered } from '../../translation/changes/unanswered.ts';
import * as entries from '../../translation/stored/store-entries.ts';
import { putWays } from '../../translation/stored/stored-ways.ts';
import { type Boundary, unbounded } from '../world/fault-boundary.ts';
import type { Store, World } from '../world/world.ts';
import { CommitDelay } from './commit-delay.ts';
import { Compaction } from './compaction.ts';
import { type Entry, type EntryWriter, writeEntry } from './journal-entries.ts';
import { type Recovered, recoveredFrom } from './recovered.ts';
import type { Load } from './recovery.ts';
import type { Rules, RuleValues } from './rule-source.ts';
import { type Bind, RulebookLoading } from './rulebook-recovery.ts';
import { LeftOut } from './skipped-records.ts';
import { indexOf } from './store-index.ts';
import type { StoredRules } from './stored-rules.ts';
import { Texts, type TextValue } from './text-entries.ts';
import { WaitingForStore } from './waiting.ts';

/** Ends a hold; a second call does nothing. */
export type Release = () => void;

export class Journal {
  readonly #world: World;
  readonly #store: Store;
  readonly #boundary: Boundary;
  readonly #texts: Texts;
  readonly #out = new Writer(limits.outboxBytesAtFirst);
  readonly #waiting: WaitingForStore;
  readonly #commitDelay: CommitDelay;
  readonly #rulebooks = new Map<VswitchName, Rules>();
  /** Rules of vswitches that no book is for: the configuration does not have them now. */
  readonly #rest = new Map<VswitchName, Rules>();
  /** How many read this log, or are about to: until they are done no new one is made. */
  #readers = 0;
  readonly #storedRules = new Map<VswitchName, RuleValues>();
  readonly #compaction: Compaction;
  /** What of the store could not be taken. */
  readonly leftOut = new LeftOut();
  /** Of an earlier process, after `load`. */
  portCounters: Recovered['portCounters'] = new Map();
  /** The wall clock's value at the world's moment 0: monotonic times are stored as dates. */
  readonly #epochMs: number;
  readonly #writer: EntryWriter;

  /** The world is nobody's: what is written is everybody's. */
  constructor(world: World, store: Store, boundary: Boundary = unbounded) {
    this.#world = world;
    this.#store = store;
    this.#boundary = boundary;
    this.#texts = new Texts(boundary);
    this.#epochMs = world.wallClockMs() - world.nowMs();
    this.#commitDelay = new CommitDelay(world, () => this.flush());
    this.#waiting = new WaitingForStore(world, () => this.flush());
    this.#writer = this.#writerOf();
    const matters = {
      texts: this.#texts.all,
      textBytes: () => this.#texts.bytes,
      rulebooks: () => this.#allRulebooks(),
      flush: () => this.flush(),
      epochMs: this.#epochMs,
    };
    this.#compaction = new Compaction(world, store, matters, boundary);
  }

  /** The one place by which anything but flow-mods in bytes gets in; ready.ts calls it. */
  readonly put = (entry: Entry): void => writeEntry(this.#writer, entry);

  /** Flow-mods that became rules (kept-flow-mods.ts); `serial` is the last one's. Hot. */
  putFlowMods(storedRules: RuleValues, kept: Uint8Array, serial: number): void {
    if (serial >= storedRules.reserved) this.#reserve(storedRules, serial);
    this.#plan();
    entries.writeFlowMods(this.#out, storedRules.key, kept);
  }

  /** The wall clock's value at a moment of the world's. */
  dateOf(nowMs: number): number {
    return nowMs + this.#epochMs;
  }

  /** Where the rules are that a new log has to hold. */
  keep(vswitch: VswitchName, rules: Rules): void {
    this.#rulebooks.set(vswitch, rules);
    this.#rest.delete(vswitch);
  }

  /** Those of a vswitch that left stay there. */
  leave(vswitch: VswitchName): void {
    const rules = this.#rulebooks.get(vswitch);
    if (rules === undefined) return;
    this.#rest.set(vswitch, rules);
    this.#rulebooks.delete(vswitch);
  }

  /** What a rule is called is remembered in blocks, so that not every rule writes twice. */
  #reserve(storedRules: RuleValues, serial: number): void {
    storedRules.reserved = serial + limits.serialBlock;
    this.#write(`serial/${storedRules.vswitch}`, JSON.stringify(storedRules.reserved));
  }

  /** Bytes of what is kept, and of what waits for the disk. */
  get size() {
    return { kept: this.#store.size(), waiting: this.#store.pendingBytes() };
  }

  /** Whether so much waits for the disk that no controller should be read. */
  get isBehind(): boolean {
    return this.#store.pendingBytes() > limits.storeWaitBytesMax;
  }

  /** Runs `done` when everything written so far is durable. */
  sync(done: () => void): void {
    this.#waiting.add(this.#boundary.bind(done), true);
  }

  /**
   * Runs `done` when everything written so far may be acknowledged to a tenant: it is durable, or,
   * where the file says `sync: background`, a kill of this process loses nothing of it.
   */
  handed(done: () => void): void {
    this.#waiting.add(this.#boundary.bind(done), false);
  }

  /** Appends what is to be written to the store, now. */
  flush(): void {
    this.#commitDelay.flushed();
    const { isAwaited, done, written } = this.#waiting.take();
    this.#texts.flush((key, value) => entries.writeText(this.#out, key, value));
    const { bytes, at } = this.#out;
    if (at === 0 && !isAwaited) return;
    // Before those who wait are told, who may write again; the bytes stand until then.
    this.#out.reset();
    this.#store.append(bytes.subarray(0, at), done, written);
    if (this.#readers === 0) this.#compaction.look();
  }

  /** Everything but rules, which `loadOf` and `loadRest` load. */
  load(): Recovered {
    const rules = indexOf(this.#store, this.#texts.all);
    for (const text of this.#texts.all.values()) this.#texts.bytes += text.length;
    const recovered = recoveredFrom(this.#texts.all, rules, this.leftOut, this.#epochMs);
    for (const key of recovered.unreadable) this.#write(key, undefined);
    for (const [name, serial] of recovered.serials) this.storedRulesOf(name).reserved = serial;
    this.portCounters = recovered.portCounters;
    return recovered;
  }

  /** How a book gets its rules; those that do not bind are left out, in the store too. */
  loadOf(
    vswitch: VswitchName,
    stored: StoredRules,
    { rulebook, unanswered }: Pick<TenantState, 'rulebook' | 'unanswered'>,
    bind?: Bind,
  ): Load {
    const clock = { epochMs: this.#epochMs, nowMs: this.#world.nowMs() };
    const loading = new RulebookLoading(rulebook, bind, clock, unanswered.openFrom);
    const done = (): void => {
      unanswered.foundOpen(loading.replaced);
      for (const [serial, { what, why }] of loading.finish()) {
        this.leftOut.add(vswitch, what, why);
        this.put({ type: 'noRule', vswitch, serial });
      }
    };
    return { vswitch, reading: stored.readInto(loading), done };
  }

  /** How rules get here that no book is for. */
  loadRest({ rules }: Recovered): readonly Load[] {
    const rest = [...rules].filter(([name]) => !this.#rulebooks.has(name));
    return rest.map(([name, stored]) => {
      const rulebook = new Rulebook();
      this.#rest.set(name, rulebook);
      return this.loadOf(name, stored, { rulebook, unanswered: new Unanswered() });
    });
  }

  /**
   * No new log is begun until the returned function is called, once for each of those that hold
   * this one; one that was begun before is finished (`isRenewed`).
   */
  hold(): Release {
    let isHeld = true;
    this.#readers += 1;
    return () => {
      if (isHeld) this.#readers -= 1;
      isHeld = false;
    };
  }

  /** Whether a new log is being made. */
  get isRenewed(): boolean {
    return this.#compaction.isUnderWay;
  }

  /** How entries are written. */
  #writerOf(): EntryWriter {
    return {
      epochMs: this.#epochMs,
      text: (key, value) => this.#write(key, value),
      rule: ({ vswitch, rule }) => {
        const storedRules = this.storedRulesOf(vswitch);
        if (rule.serial >= storedRules.reserved) this.#reserve(storedRules, rule.serial);
        this.#plan();
        entries.writeRule(this.#out, storedRules.key, rule, this.#epochMs);
      },
      ruleAt: ({ storedRules, rules: { arena }, slot }) => {
        this.#plan();
        entries.writeRuleAt(this.#out, storedRules.key, arena, slot, this.#epochMs);
      },
      noRule: ({ vswitch, serial }) => {
        this.#plan();
        entries.writeNoRule(this.#out, this.storedRulesOf(vswitch).key, serial);
      },
      ways: ({ after, before }) =>
        putWays((key, text) => this.#write(key, text), this.#texts.all, after, before),
      wayTexts: ({ texts, bytes }) => {
        if (texts.size === 0) return;
        this.#plan();
        for (const [key, text] of texts) this.#texts.written(key, text);
        this.#out.put(bytes);
      },
      nothingOf: ({ vswitches, whose }) => {
        for (const key of this.#texts.naming(vswitches)) {
          const owner = whose(key);
          if (owner !== undefined && vswitches.has(owner)) this.#write(key, undefined);
        }
        for (const vswitch of vswitches) {
          entries.writeNoRules(this.#out, this.storedRulesOf(vswitch).key);
          this.#rest.delete(vswitch);
        }
        this.#plan();
      },
    };
  }

  #write(key: string, value: TextValue): void {
    this.#plan();
    this.#texts.put(key, value);
  }

  #plan(): void {
    this.#commitDelay.wrote();
  }

  storedRulesOf(vswitch: VswitchName): RuleValues {
    const known = this.#storedRules.get(vswitch);
    if (known !== undefined) return known;
    const storedRules = { vswitch, key: entries.keyBytes(vswitch), reserved: 0 };
    this.#storedRules.set(vswitch, storedRules);
    return storedRules;
  }

  *#allRulebooks(): Iterable<readonly [DataView, RuleArena]> {
    for (const [name, rules] of [...this.#rulebooks, ...this.#rest]) {
      if (!rules.isUnused) yield [this.storedRulesOf(name).key, rules.arena];
    }
  }
}
