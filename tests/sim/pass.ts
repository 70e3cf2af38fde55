/**
 * One pass of a packet through a switch with a cache: what is looked at on the way and what is
 * decided, of which a cached flow is made (megaflows.ts); or one that follows such a flow.
 *
 * What Open vSwitch looks at (lib/classifier.c): entries with the same masks are a subtable; those
 * whose best entry is better than what was found already are tried, the fields of the switch first,
 * then those of Ethernet, then the rest, and no further than until none of its entries is left.
 */

import { bytesNumber } from '../../openflow/match/oxm.ts';
import { fieldByNumber } from '../../openflow/values/fields.ts';
import type { Action, Instruction } from '../../openflow/values/values.ts';
import { isMet, lookOf, nameOfHeader } from './fields.ts';
import type { Entry, Found, Walk } from './pipeline.ts';

/** The rest of a walk that goes on in a pass of its own. */
export interface Frozen {
  readonly walk: Walk;
  readonly actions: readonly Action[];
  /** What its entry does besides; no other is under way. */
  rest: Found | undefined;
}

/** Which bits of which field. */
export type Mask = Map<string, bigint>;

const ALL = -1n;
const stages: readonly ((name: string) => boolean)[] = [
  (name) => /^(in_port|metadata|reg\d+|pkt_mark)$/.test(name),
  (name) => /^(eth_|vlan_)/.test(name),
  () => true,
];

/** These bits of a field that its header names. */
interface Bits {
  readonly header: number;
  readonly first: number;
  readonly count: number;
}

export class Pass {
  readonly mask: Mask = new Map([
    ['in_port', ALL],
    ['eth_type', ALL],
  ]);
  readonly decisions: unknown[] = [];
  readonly met: Entry[] = [];
  readonly frozen: Frozen[] = [];
  readonly #seesMoves: boolean;
  /** Decisions that are followed, from here on. */
  #followed: readonly unknown[] | undefined;
  #at = 0;

  constructor(seesMoves: boolean, followed?: readonly unknown[]) {
    this.#seesMoves = seesMoves;
    this.#followed = followed;
  }

  decide<T>(now: () => T): T {
    if (this.#followed !== undefined) {
      this.#at += 1;
      return this.#followed[this.#at - 1] as T;
    }
    const decision = now();
    this.decisions.push(decision);
    return decision;
  }

  lookedUp(entries: readonly Entry[], table: number, walk: Walk, met: Entry | undefined): void {
    if (met !== undefined) this.met.push(met);
    const best = (of: readonly Entry[]): number => Math.max(-1, ...of.map((one) => one.priority));
    let found = -1;
    for (const one of subtablesOf(entries, table)) {
      if (one.priority <= found) return;
      found = Math.max(found, best(this.#tryOut(one.entries, walk)));
    }
  }

  /** Those that are met. */
  #tryOut(subtable: readonly Entry[], walk: Walk): readonly Entry[] {
    let left = subtable;
    let rest = (subtable[0]?.match ?? []).map((_, i) => i);
    for (const isOf of stages) {
      const tried = rest.filter((i) => isOf(nameAt(subtable, i)));
      rest = rest.filter((i) => !tried.includes(i));
      for (const i of tried) {
        const field = subtable[0]?.match[i];
        if (field !== undefined) this.#look(nameAt(subtable, i), lookOf(field).mask);
      }
      left = left.filter(({ match }) => {
        return match.every((field, i) => !tried.includes(i) || isMet(walk, field));
      });
      if (left.length === 0) return [];
    }
    return left;
  }

  /** What is written or moved is looked at, too. */
  carriesOut(action: Action): void {
    if (action.type === 'setField') {
      const { oxmClass, field, mask } = action.oxm;
      const name = fieldByNumber(oxmClass, field)?.name ?? '?';
      this.#look(name, mask === undefined ? ALL : bytesNumber(mask));
    }
    if (action.type === 'move') {
      const { from, fromBit = 0, bits } = action;
      // The marks that nobody has are moved to be looked at (cache-eviction.ts).
      if (nameOfHeader(from) === 'pkt_mark' && !this.#seesMoves) return;
      this.#lookAt({ header: from, first: fromBit, count: bits });
    }
    if (action.type === 'load') {
      this.#lookAt({ header: action.field, first: action.firstBit, count: action.bits });
    }
    if (action.type === 'learn') {
      for (const { from, bits } of action.specs) {
        if (typeof from === 'bigint') continue;
        this.#lookAt({ header: from.field, first: from.firstBit, count: bits });
      }
    }
    if (/vlan/i.test(action.type)) this.#look('vlan_vid', ALL);
  }

  #lookAt({ header, first, count }: Bits): void {
    this.#look(nameOfHeader(header), ((1n << BigInt(count)) - 1n) << BigInt(first));
  }

  #look(name: string, bits: bigint): void {
    this.mask.set(name, (this.mask.get(name) ?? 0n) | bits);
  }

  /** The rest of the entry at which it was frozen; false if there is one already. */
  goesOn(entry: Entry, instructions: readonly Instruction[]): boolean {
    const last = this.frozen.at(-1);
    if (last === undefined || last.rest !== undefined) return false;
    last.rest = { entry, instructions };
    return true;
  }

  freeze(walk: Walk, actions: readonly Action[]): void {
    const { pass: _, ...state } = walk;
    const copy = { ...state, registers: new Map(walk.registers) };
    this.frozen.push({ walk: copy, actions, rest: undefined });
    walk.isFrozen = true;
  }
}

function nameAt([entry]: readonly Entry[], i: number): string {
  const field = entry?.match[i];
  return field === undefined ? '' : lookOf(field).name;
}

/** Those entries of a table whose matches have the same masks. */
interface Subtable {
  readonly entries: readonly Entry[];
  /** The highest of theirs. */
  readonly priority: number;
}

/** By list, which is replaced when anything changes, and by table. */
const subtables = new WeakMap<readonly Entry[], Map<number, readonly Subtable[]>>();

/** The highest priority first. */
function subtablesOf(all: readonly Entry[], table: number): readonly Subtable[] {
  const byTable = subtables.get(all) ?? new Map<number, readonly Subtable[]>();
  subtables.set(all, byTable);
  const known = byTable.get(table);
  if (known !== undefined) return known;
  const own = all.filter((entry) => entry.tableId === table);
  const some = [...Map.groupBy(own, maskText).values()].map((entries) => {
    return { entries, priority: Math.max(...entries.map(({ priority }) => priority)) };
  });
  some.sort((a, b) => b.priority - a.priority);
  byTable.set(table, some);
  return some;
}

function maskText({ match }: { readonly match: Entry['match'] }): string {
  return match.map((field) => `${lookOf(field).name}/${lookOf(field).mask}`).join();
}
