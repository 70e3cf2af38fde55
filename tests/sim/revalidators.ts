/**
 * The cached flows of Open vSwitch's userspace datapath and its revalidators, as far as it matters
 * for when flows follow a change (ofproto-dpif-upcall.c, lib/cmap.c, the same from 2.4 to 3.1).
 *
 *   made --met by a round--> operational          (UKEY_VISIBLE, UKEY_OPERATIONAL)
 *
 * Revalidators walk a hash table together, each with some flows in hand. When most of it is empty,
 * or it is full, the table is made anew in another order, and the walk goes on where it was: what
 * was not met yet may be behind it, or the walk is over. Behind the walk a sweep looks for what was
 * left out, but only among flows that are operational.
 */
import { limits } from '../../slices/limits.ts';
import type { SimWorld } from './world.ts';

export interface CachedFlow {
  /** Of the tables with which it was translated last; it is deleted when that has become older. */
  changes: number;
  readonly isDoomed: boolean;
  /** What it shows, of a canary. */
  shows: number;
  isOperational: boolean;
  isGone: boolean;
  /** The round that met it last. */
  round: number;
  bucket: number;
}

/** CMAP_K, and how full a table is at least and at most. */
const PER_BUCKET = 5;
const [LEAST, MOST] = [0.2, 0.85];
const [BUSY_MS, IDLE_MS] = [5, 500];

class FlowTable {
  readonly #world: SimWorld;
  #buckets: CachedFlow[][] = [[]];
  size = 0;

  constructor(world: SimWorld) {
    this.#world = world;
  }

  insert(flow: CachedFlow): void {
    const slots = this.#buckets.length * PER_BUCKET;
    if (this.size >= Math.floor(slots * MOST)) this.#remake(this.#buckets.length * 2);
    this.#put(flow);
    this.size += 1;
  }

  remove(flow: CachedFlow): void {
    const bucket = this.#buckets[flow.bucket] ?? [];
    bucket.splice(bucket.indexOf(flow), 1);
    flow.isGone = true;
    this.size -= 1;
    const { length } = this.#buckets;
    if (this.size < Math.floor(length * PER_BUCKET * LEAST)) this.#remake(Math.max(1, length / 2));
  }

  all(): readonly CachedFlow[] {
    return this.#buckets.flat();
  }

  /** The next flows from a place in the walk, and the place behind them. */
  next(at: Place, count: number): readonly CachedFlow[] {
    const found: CachedFlow[] = [];
    while (found.length < count && at.bucket < this.#buckets.length) {
      const flow = this.#buckets[at.bucket]?.[at.entry];
      if (flow !== undefined) found.push(flow);
      at.entry = flow === undefined ? 0 : at.entry + 1;
      if (flow === undefined) at.bucket += 1;
    }
    return found;
  }

  #remake(buckets: number): void {
    const flows = this.all();
    this.#buckets = Array.from({ length: buckets }, () => []);
    for (const flow of flows) this.#put(flow);
  }

  #put(flow: CachedFlow): void {
    flow.bucket = Math.floor(this.#world.random() * this.#buckets.length);
    this.#buckets[flow.bucket]?.push(flow);
  }
}

interface Place {
  bucket: number;
  entry: number;
}

/** What a datapath does with its cached flows; `change` is any change of its tables. */
export class Revalidators {
  readonly #world: SimWorld;
  readonly #flows: FlowTable;
  readonly #threads: number;
  #round = 0;
  /** Changes of the tables, and what a canary's entry shows. */
  #changes = 0;
  #shows = 0;
  /** After which doomed flows are older than the tables. */
  #dooms = Number.POSITIVE_INFINITY;

  constructor(world: SimWorld, threads: number) {
    this.#world = world;
    this.#flows = new FlowTable(world);
    this.#threads = threads;
    this.#begin();
  }

  get size(): number {
    return this.#flows.size;
  }

  /** A packet is translated, and what comes of it is cached. */
  make(isDoomed: boolean): CachedFlow {
    const made = { isOperational: false, isGone: false, round: 0, bucket: 0 };
    const flow = { changes: this.#changes, isDoomed, shows: this.#shows, ...made };
    this.#flows.insert(flow);
    return flow;
  }

  /** Doomed flows are to be deleted from now on. */
  doom(): void {
    this.#changes += 1;
    this.#dooms = this.#changes;
  }

  show(version: number): void {
    this.#changes += 1;
    this.#shows = version;
  }

  /** Somebody changes something else. */
  touch(): void {
    this.#changes += 1;
  }

  /** Flows that packets still follow though the tables say otherwise. */
  stale(): number {
    return this.#flows.all().filter((flow) => this.#isStale(flow)).length;
  }

  #isStale({ isDoomed, changes }: CachedFlow): boolean {
    return isDoomed && changes < this.#dooms && this.#changes >= this.#dooms;
  }

  #begin(): void {
    this.#round += 1;
    const began = { changes: this.#changes, at: { bucket: 0, entry: 0 }, threads: this.#threads };
    const beganMs = this.#world.now;
    const step = (): void => {
      const some = this.#flows.next(began.at, limits.revalidatorBatch);
      if (some.length > 0) {
        this.#world.after(this.#world.random() * 0.004 * some.length, () => {
          for (const flow of some) this.#meet(flow, began.changes);
          step();
        });
        return;
      }
      began.threads -= 1;
      if (began.threads > 0) return;
      this.#sweep();
      this.#pause(beganMs, began.changes);
    };
    for (let i = 0; i < this.#threads; i += 1) step();
  }

  /** Rounds begin 5 ms apart if something changes, and 500 ms otherwise. */
  #pause(beganMs: number, changes: number): void {
    const sinceMs = this.#world.now - beganMs;
    const isDue = sinceMs >= IDLE_MS || (sinceMs >= BUSY_MS && this.#changes !== changes);
    if (isDue) this.#begin();
    else this.#world.after(0.5, () => this.#pause(beganMs, changes));
  }

  #meet(flow: CachedFlow, changes: number): void {
    if (flow.isGone || flow.round === this.#round) return;
    flow.isOperational = true;
    flow.round = this.#round;
    this.#revalidate(flow, changes);
  }

  #sweep(): void {
    for (const flow of this.#flows.all()) {
      if (flow.isOperational && flow.round !== this.#round) this.#revalidate(flow, this.#changes);
    }
  }

  /** With the tables of now, if they were others when `changes` had been made. */
  #revalidate(flow: CachedFlow, changes: number): void {
    if (flow.changes === changes) return;
    if (this.#isStale(flow)) this.#flows.remove(flow);
    else Object.assign(flow, { changes, shows: this.#shows });
  }
}
