/**
 * A switch's tables as a list of entries, walked from the top: deliberately naive, and written
 * without a look at the product's rulebook or wiring.
 */
import {
  flowCommand,
  groupCommand,
  port as ofpp,
  type Version,
  version,
} from '../../openflow/values/constants.ts';
import type {
  Action,
  Bucket,
  FlowMod,
  Instruction,
  Match,
  Message,
} from '../../openflow/values/values.ts';
import { ByTable } from '../support/by-table.ts';
import { areMet, copyOf, load, move, retag, set, setTag, unwrapped, wrapped } from './fields.ts';
import { isOver, learn, matchText, stillLearnt } from './learnt.ts';
import type { Frozen, Pass } from './pass.ts';

export { ETHERTYPE } from './fields.ts';

/** A frame on a cable. `id` is its payload. Addresses are 48-bit numbers. */
export interface Frame {
  readonly dst: number;
  readonly src: number;
  readonly id: number;
  /** VLAN ids and, in the upper three of 16 bits, priorities; outermost first. */
  readonly tags: readonly number[];
  /** The ethertype, where it is not that of hosts' frames. */
  readonly type?: number;
  /** What is behind the id, of a frame that is no host's. */
  readonly rest?: Uint8Array;
  /** The network service header that it is wrapped in. */
  readonly wrapping?: Wrapping;
}

/**
 * The addresses of the frame around it; `isBare`: without that, which is the first to be taken off.
 */
export interface Wrapping {
  readonly dst: bigint;
  readonly src: bigint;
  readonly isBare: boolean;
}

/** What a simulated switch says that it is: one that may forget cached flows. */
export const description = {
  kind: 'desc',
  manufacturer: 'sim',
  hardware: 'Open vSwitch',
  software: '3.1.0',
  serial: '',
  datapath: '',
} as const;

export interface Entry {
  readonly tableId: number;
  readonly priority: number;
  readonly match: Match;
  instructions: readonly Instruction[];
  cookie: bigint;
  flags: number;
  packets: number;
}

/** A packet inside the pipeline. */
export interface Walk {
  frame: Frame;
  inPort: number;
  metadata: bigint;
  reg0: bigint;
  reg2: bigint;
  /** The other registers, by name, where one was set. */
  readonly registers?: Map<string, bigint>;
  /** The action set: what was written last, which is all that anybody here needs. */
  set?: readonly Action[];
  /** What a cached flow is made of, or decides (megaflows.ts); of switches without a cache none. */
  readonly pass?: Pass | undefined;
  /** Nobody is on the way: what would become of a packet is looked at. */
  readonly isLooked?: boolean;
  /** The rest is for a pass of its own. */
  isFrozen?: boolean;
}

/** What comes out: to a port, or to the controller with the entry that sent it. */
export type Output =
  | { readonly type: 'port'; readonly port: number; readonly frame: Frame }
  | { readonly type: 'controller'; readonly entry: Entry | undefined; readonly walk: Walk };

/** An entry that was met, as it was then. */
export interface Found {
  readonly entry: Entry;
  readonly instructions: readonly Instruction[];
}

export class Tables {
  entries: readonly Entry[] = [];
  readonly #byTable = new ByTable<Entry>();
  readonly #speaks: Version;
  /** A group's buckets: all, or where they watch ports the first, or by weight one, that lives. */
  readonly groups = new Map<number, readonly Bucket[]>();
  /** Ports without a link. */
  readonly down = new Set<number>();
  /** Told when a packet has changed a table. */
  learnt: () => void = () => undefined;
  readonly #nowMs: () => number;

  constructor(speaks: Version, nowMs: () => number = () => 0) {
    this.#speaks = speaks;
    this.#nowMs = nowMs;
  }

  #living(buckets: readonly Bucket[], flow: number): readonly Bucket[] {
    if (buckets.every(({ watchPort }) => watchPort === ofpp.any)) return buckets;
    const living = buckets.filter(({ watchPort }) => !this.down.has(watchPort));
    const isSelect = buckets.every(({ weight }) => weight > 0);
    return living.filter((_, i) => i === (isSelect ? flow % living.length : 0));
  }

  /** Entries that a flow-mod or group-mod removed. */
  apply(message: Message): readonly Entry[] {
    if (message.type === 'groupMod') {
      if (message.command === groupCommand.delete) this.groups.delete(message.groupId);
      else this.groups.set(message.groupId, message.buckets);
      return [];
    }
    if (message.type !== 'flowMod') return [];
    const gone = this.#change(message);
    this.entries = stillLearnt(this.entries);
    return gone;
  }

  #change(mod: FlowMod): readonly Entry[] {
    const { tableId, priority, match, instructions, cookie, flags } = mod;
    const isSame = (entry: Entry): boolean =>
      [entry.tableId, 0xff].includes(tableId) &&
      entry.priority === priority &&
      matchText(entry.match) === matchText(match);
    const isMeant = (entry: Entry): boolean =>
      (entry.cookie & mod.cookieMask) === (cookie & mod.cookieMask) &&
      (mod.command === flowCommand.delete || mod.command === flowCommand.modify
        ? (tableId === 0xff || entry.tableId === tableId) && match.length === 0
        : isSame(entry));
    if (mod.command === flowCommand.add) {
      const old = this.entries.find(isSame);
      // 1.0 has no flag for it: what is added begins at zero.
      const isKept = this.#speaks !== version.of10 && (flags & 4) === 0;
      const packets = isKept ? (old?.packets ?? 0) : 0;
      const made = { tableId, priority, match, instructions, cookie, flags, packets };
      this.entries = [...this.entries.filter((entry) => entry !== old), made];
      return [];
    }
    const meant = this.entries.filter(isMeant);
    if (mod.command === flowCommand.modify || mod.command === flowCommand.modifyStrict) {
      for (const entry of meant) {
        entry.instructions = instructions;
        if (this.#speaks === version.of10) entry.cookie = cookie;
      }
      if (meant.length === 0 && this.#speaks === version.of10) {
        const rest = { cookie, flags, packets: 0 };
        this.entries = [...this.entries, { tableId, priority, match, instructions, ...rest }];
      }
      return [];
    }
    this.entries = this.entries.filter((entry) => !meant.includes(entry));
    return meant;
  }

  /** Sends a packet through the tables from `table` on. */
  walk(walk: Walk, table: number): readonly Output[] {
    const out: Output[] = [];
    this.#lookUp(walk, table, out, 0);
    return out;
  }

  /** Goes on with what was frozen. */
  resume({ actions, rest }: Omit<Frozen, 'walk'>, walk: Walk): readonly Output[] {
    const out: Output[] = [];
    this.#act(actions, walk, rest?.entry, out, 0);
    if (rest !== undefined) this.#applyEntry(rest.entry, rest.instructions, walk, out, 0);
    return out;
  }

  act(actions: readonly Action[], walk: Walk, entry?: Entry): readonly Output[] {
    const out: Output[] = [];
    this.#act(actions, walk, entry, out, 0);
    return out;
  }

  /** Done for every packet and table: without functions that are made anew. */
  #find(walk: Walk, table: number): Entry | undefined {
    for (const entry of this.#byTable.sorted(this.entries, table)) {
      if (areMet(walk, entry.match) && !isOver(entry, this.#nowMs())) return entry;
    }
    return undefined;
  }

  #lookUp(walk: Walk, table: number, out: Output[], depth: number): void {
    const { pass } = walk;
    if (pass === undefined) {
      const entry = this.#find(walk, table);
      if (entry === undefined) return;
      entry.packets += 1;
      this.#applyEntry(entry, entry.instructions, walk, out, depth);
      return;
    }
    const found = pass.decide((): Found | undefined => {
      const entry = this.#find(walk, table);
      pass.lookedUp(this.entries, table, walk, entry);
      return entry && { entry, instructions: entry.instructions };
    });
    if (found !== undefined) this.#applyEntry(found.entry, found.instructions, walk, out, depth);
  }

  #applyEntry(
    entry: Entry,
    instructions: readonly Instruction[],
    walk: Walk,
    out: Output[],
    depth: number,
  ): void {
    let isOver = true;
    for (const [i, one] of instructions.entries()) {
      refuseFrozen(walk);
      if (one.type === 'applyActions') {
        this.#act(one.actions, walk, entry, out, depth);
        if (walk.isFrozen === true && walk.pass?.goesOn(entry, instructions.slice(i + 1)) === true)
          return;
      }
      if (one.type === 'writeActions') walk.set = one.actions;
      if (one.type === 'writeMetadata') {
        walk.metadata = (walk.metadata & ~one.mask) | (one.metadata & one.mask);
      }
      if (one.type !== 'gotoTable') continue;
      isOver = false;
      this.#lookUp(walk, one.table, out, depth);
    }
    const { set } = walk;
    if (!isOver || set === undefined || walk.isFrozen === true) return;
    delete walk.set;
    this.#act(set, walk, entry, out, depth);
  }

  #act(
    actions: readonly Action[],
    walk: Walk,
    entry: Entry | undefined,
    out: Output[],
    depth: number,
  ): void {
    if (depth > 30) return; // Open vSwitch stops at 64; a loop is a lost packet.
    for (const [i, action] of actions.entries()) {
      refuseFrozen(walk);
      walk.pass?.carriesOut(action);
      if (action.type === 'setField') set(walk, action.oxm);
      if (action.type === 'load') load(walk, action);
      if (action.type === 'move') move(walk, action);
      if (action.type === 'pushVlan') retag(walk, [0, ...walk.frame.tags]);
      if (action.type === 'popVlan' || action.type === 'stripVlan') {
        retag(walk, walk.frame.tags.slice(1));
      }
      if (action.type === 'encap') walk.frame = wrapped(walk.frame, action.packetType);
      if (action.type === 'decap') {
        const isRecirculated = walk.frame.wrapping?.isBare === true;
        walk.frame = unwrapped(walk.frame);
        if (isRecirculated && walk.pass !== undefined) {
          walk.pass.freeze(walk, actions.slice(i + 1));
          return;
        }
      }
      // A revalidator changes nothing.
      if (action.type === 'learn' && walk.isLooked !== true) {
        this.entries = learn(this.entries, action, walk, this.#nowMs(), this.learnt);
      }
      if (action.type === 'clone') this.#act(action.actions, copyOf(walk), entry, out, depth);
      if (action.type === 'setVlanVid') setTag(walk, 0xe000, action.vid);
      if (action.type === 'setVlanPcp') setTag(walk, 0xfff, action.pcp << 13);
      if (action.type === 'resubmit') this.#lookUp(walk, action.table, out, depth + 1);
      if (action.type === 'group') {
        const { groupId } = action;
        const buckets = this.groups.get(groupId) ?? [];
        for (const bucket of decided(walk.pass, () => this.#living(buckets, walk.frame.id))) {
          this.#act(bucket.actions, copyOf(walk), entry, out, depth + 1);
        }
      }
      if (action.type === 'controller2') out.push({ type: 'controller', entry, walk: { ...walk } });
      if (action.type !== 'output') continue;
      if (action.port === ofpp.table) this.#lookUp(walk, 0, out, depth + 1);
      else if (action.port === ofpp.controller) {
        out.push({ type: 'controller', entry, walk: { ...walk } });
      } else if (action.port !== walk.inPort) {
        const port = action.port === ofpp.inPort ? walk.inPort : action.port;
        out.push({ type: 'port', port, frame: walk.frame });
      }
    }
  }
}

/** What was cached, or what is now. */
function decided<T>(pass: Pass | undefined, now: () => T): T {
  return pass === undefined ? now() : pass.decide(now);
}

/** Open vSwitch freezes all that was to come; nothing that is tried here has anything. */
function refuseFrozen({ isFrozen }: Walk): void {
  if (isFrozen === true) throw new Error('more is done to a packet that is looked at anew');
}
