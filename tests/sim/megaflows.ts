/**
 * The cache of a simulated switch, as Open vSwitch's userspace datapath has it (lib/dpif-netdev.c,
 * ofproto/ofproto-dpif-upcall.c), with the bug that it had before commit 21410ff80 (August 2023).
 *
 *   packet --exact match--> flow          what a packet with exactly these fields has followed
 *      '----first match---> flow          of the flows, whose masks may overlap
 *      '----none----------> the tables are walked, and a flow is made
 *
 * When the tables change, each flow is walked anew a moment later, with the packet that it was made
 * for. If that looks at a bit that the flow's mask has not, the flow is deleted, by its id. Else,
 * if it ends otherwise, it is *modified*: and that changes the first flow which the *key* finds.
 * What the revalidator remembers of the one that was meant is right from then on, so it never tries
 * again.
 *
 * Packets are counted when their flow is looked at: for the entries that it meets then.
 *
 * Left out: flows do not end when they are idle.
 */
import { type Key, keyOf } from './fields.ts';
import { type Frozen, type Mask, Pass } from './pass.ts';
import type { Output, Tables, Walk } from './pipeline.ts';
import type { SimWorld } from './world.ts';

export interface CacheOptions {
  /** Modifies the first flow that is found, and not the one that is meant. */
  readonly hasBug: boolean;
  /** Whether the bits that an action moves count as looked at, as Open vSwitch's do. */
  readonly seesMoves: boolean;
}

/** A pass begins at the first table, or with the rest of an earlier one. */
type Begin = Omit<Frozen, 'walk'> | undefined;

interface Megaflow {
  /** Of the pass, and of the packet that it was made for. */
  readonly begin: Begin;
  readonly id: string;
  readonly walk: Walk;
  readonly key: Key;
  readonly mask: Mask;
  /** What packets follow. */
  decisions: readonly unknown[];
  /** What the revalidator believes that they follow. */
  believed: string;
  /** Packets that have followed it since it was looked at, which no entry has counted. */
  uncounted: number;
  isDead: boolean;
  isDue: boolean;
}

/** Flows with the same mask; the most used one is tried first. */
interface Subtable {
  readonly flows: Set<Megaflow>;
  hits: number;
}

/** Revalidators look at every flow so often, when nothing changes. */
const LOOK_MS = 500;
/** Open vSwitch orders its subtables anew so often. */
const ORDER_MS = 1_000;

/** By the cache of exact matches: more often than in Open vSwitch (1 %), which has more packets. */
const KEPT = 0.1;

export class Megaflows {
  readonly #world: SimWorld;
  readonly #tables: Tables;
  readonly #options: CacheOptions;
  readonly #lieMs: number;
  readonly #exact = new Map<string, Megaflow>();
  readonly #subtables = new Map<string, Subtable>();
  #order: Subtable[] = [];
  #orderedMs = 0;

  constructor(world: SimWorld, tables: Tables, lieMs: number, options: CacheOptions) {
    this.#world = world;
    this.#tables = tables;
    this.#lieMs = lieMs;
    this.#options = options;
    const look = (): void => {
      this.changed();
      world.after(LOOK_MS, look);
    };
    world.after(LOOK_MS * world.random(), look);
  }

  /** A packet comes in. */
  take(walk: Walk): readonly Output[] {
    return this.#run(walk, undefined);
  }

  /** The tables have changed: each flow is looked at within the time that the switch takes. */
  changed(): void {
    for (const flow of this.#order.flatMap(({ flows }) => [...flows])) {
      if (flow.isDue) continue;
      flow.isDue = true;
      this.#world.after(this.#world.random() * this.#lieMs, () => {
        flow.isDue = false;
        if (!flow.isDead) this.#revalidate(flow);
      });
    }
  }

  #run(walk: Walk, begin: Begin): readonly Output[] {
    const id = idOf(walk, begin);
    const key = keyOf(walk);
    const exact = `${id} ${[...key.values()].join()}`;
    const known = this.#exact.get(exact);
    const flow = known?.isDead === false ? known : this.#find(id, key, 1);
    const pass = new Pass(this.#options.seesMoves, flow?.decisions);
    const copy = copyOf(walk);
    const outputs = this.#walk(walk, begin, pass);
    if (flow !== undefined) flow.uncounted += 1;
    else for (const entry of pass.met) entry.packets += 1;
    const followed = flow ?? this.#make(copy, begin, key, pass, textOf(outputs, pass));
    if (this.#world.random() < KEPT) this.#exact.set(exact, followed);
    return [...outputs, ...pass.frozen.flatMap((rest) => this.#run(rest.walk, rest))];
  }

  #walk(walk: Walk, begin: Begin, pass: Pass): readonly Output[] {
    const own = { ...walk, pass };
    return begin === undefined ? this.#tables.walk(own, 0) : this.#tables.resume(begin, own);
  }

  #make(walk: Walk, begin: Begin, key: Key, pass: Pass, believed: string): Megaflow {
    const { decisions } = pass;
    const mask = new Map([...pass.mask].filter(([name]) => key.has(name)));
    const id = idOf(walk, begin);
    const rest = { uncounted: 0, isDead: false, isDue: false };
    const flow = { begin, id, walk, key, mask, decisions, believed, ...rest };
    const name = maskText(mask);
    const subtable = this.#subtables.get(name) ?? { flows: new Set(), hits: 0 };
    if (subtable.flows.size === 0) {
      this.#subtables.set(name, subtable);
      this.#order.push(subtable);
    }
    subtable.flows.add(flow);
    return flow;
  }

  /** The first that fits, of whichever mask. */
  #find(id: string, key: Key, hits: number): Megaflow | undefined {
    if (this.#world.now >= this.#orderedMs + ORDER_MS) {
      this.#orderedMs = this.#world.now;
      this.#order.sort((a, b) => b.hits - a.hits);
      for (const one of this.#order) one.hits = 0;
    }
    for (const subtable of this.#order) {
      for (const flow of subtable.flows) {
        if (flow.id !== id || !fits(flow, key)) continue;
        subtable.hits += hits;
        return flow;
      }
    }
    return undefined;
  }

  #revalidate(flow: Megaflow): void {
    const pass = new Pass(this.#options.seesMoves);
    const looked = { ...copyOf(flow.walk), isLooked: true };
    const outputs = this.#walk(looked, flow.begin, pass);
    for (const entry of pass.met) entry.packets += flow.uncounted;
    flow.uncounted = 0;
    const isWider = [...pass.mask].every(([name, bits]) => {
      return !flow.key.has(name) || (bits & ~(flow.mask.get(name) ?? 0n)) === 0n;
    });
    if (!isWider) {
      this.#delete(flow);
      return;
    }
    const wanted = textOf(outputs, pass);
    if (wanted === flow.believed) return;
    flow.believed = wanted;
    const changed = this.#options.hasBug ? this.#find(flow.id, flow.key, 0) : flow;
    if (changed !== undefined) changed.decisions = pass.decisions;
  }

  #delete(flow: Megaflow): void {
    flow.isDead = true;
    const name = maskText(flow.mask);
    const subtable = this.#subtables.get(name);
    subtable?.flows.delete(flow);
    if (subtable?.flows.size !== 0) return;
    this.#subtables.delete(name);
    this.#order = this.#order.filter((one) => one !== subtable);
  }
}

function fits({ key, mask }: Megaflow, other: Key): boolean {
  for (const [name, value] of key) {
    const bits = mask.get(name) ?? 0n;
    if ((value & bits) !== ((other.get(name) ?? 0n) & bits)) return false;
  }
  return true;
}

/** A recirculation's: what was kept of the pass before, and what is still to be done. */
function idOf({ metadata, reg0, reg2, registers, set }: Walk, begin: Begin): string {
  if (begin === undefined) return '';
  const kept = [...(registers ?? [])];
  return text([
    metadata,
    reg0,
    reg2,
    kept,
    set ?? [],
    begin.actions,
    begin.rest?.instructions ?? [],
  ]);
}

/** Two passes of one packet that end alike do the same. */
function textOf(outputs: readonly Output[], { frozen }: Pass): string {
  const ends = outputs.map((one) =>
    one.type === 'port'
      ? [one.port, one.frame]
      : ['up', one.entry?.cookie, one.entry?.tableId, one.walk.metadata],
  );
  return text([ends, frozen.map((rest) => [rest.walk.frame, idOf(rest.walk, rest)])]);
}

function maskText(mask: Mask): string {
  return text([...mask].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one));
}

function copyOf({ pass: _, ...walk }: Walk): Walk {
  return { ...walk, registers: new Map(walk.registers) };
}
