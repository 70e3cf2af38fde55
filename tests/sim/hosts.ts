/**
 * Hosts of a tenant: one asks, the others answer, and all watch.
 *
 * A frame's payload is a number that names a record here, which no switch sees: whose it is, and
 * the newest rule version that its sender had seen when it sent it. So a frame that arrives tells
 * whether it met an older rule than what caused it (LIME 4.1), came twice, or is another tenant's.
 */
import { STAMP } from './controllers.ts';
import type { Frame } from './pipeline.ts';
import type { Place, Trace } from './trace.ts';
import type { SimWorld } from './world.ts';

interface Sent {
  readonly tenant: string;
  readonly floor: number;
  readonly isAnswer: boolean;
  /** The frame that made its sender send it. */
  readonly cause: number | undefined;
  arrivals: number;
}

/** What is wrong with a run; all empty when nothing is. */
export interface Findings {
  /** Frames that reached another tenant's host. */
  readonly foreign: string[];
  /** Frames that met an older rule than their cause. */
  readonly broken: string[];
  readonly doubled: string[];
}

/** The oracle: every frame that was sent, by number. */
export class Journal {
  readonly sent: Sent[] = [];
  readonly findings: Findings = { foreign: [], broken: [], doubled: [] };
  /** What red's hosts saw. */
  readonly trace: Trace | undefined;
  /** Versions that a kill may have undone: their sender had no word yet that they were kept. */
  undone = { sent: 0, acknowledged: 0 };

  constructor(trace?: Trace) {
    this.trace = trace;
  }

  send(tenant: string, floor: number, cause?: number): number {
    const isAnswer = cause !== undefined;
    return this.sent.push({ tenant, floor, isAnswer, cause, arrivals: 0 }) - 1;
  }

  /** Frames of a tenant that never arrived; those that nobody could take count apart. */
  lost(tenant: string, missed: ReadonlySet<number> = new Set()): number {
    return this.sent.filter((one, id) => {
      return one.tenant === tenant && one.arrivals === 0 && !missed.has(id);
    }).length;
  }

  arrived(tenant: string, frame: Frame, atMs: number): Sent | undefined {
    const sent = this.sent[frame.id];
    if (sent === undefined) throw new Error(`frame ${frame.id} was never sent`);
    const where = `frame ${frame.id} at ${atMs.toFixed(2)} ms`;
    if (sent.tenant !== tenant) {
      this.findings.foreign.push(`${where}: ${sent.tenant}'s, at a host of ${tenant}`);
      return undefined;
    }
    sent.arrivals += 1;
    if (sent.arrivals > 1) this.findings.doubled.push(where);
    const version = versionOf(frame);
    const { floor } = sent;
    const { sent: last, acknowledged } = this.undone;
    const isUndone = floor <= last && version >= acknowledged;
    if (version < floor && !isUndone) {
      this.findings.broken.push(`${where}: version ${version} after ${sent.floor}`);
    }
    return sent;
  }
}

/** Who a host is, and whom it asks in turn, or answers. */
export interface Self {
  readonly at: Place;
  readonly address: number;
  readonly asks: readonly number[];
  readonly answers: number;
}

export class Host {
  readonly #world: SimWorld;
  readonly #journal: Journal;
  readonly #tenant: string;
  readonly #self: Self;
  readonly #send: (frame: Frame) => void;
  /** It is nowhere, and stands still (host-moves.ts). */
  isAway = false;
  /** The newest version that this host has seen. */
  #floor = 0;
  #asked = 0;

  constructor(
    world: SimWorld,
    journal: Journal,
    tenant: string,
    self: Self,
    send: (frame: Frame) => void,
  ) {
    this.#world = world;
    this.#journal = journal;
    this.#tenant = tenant;
    this.#self = self;
    this.#send = send;
  }

  /** Asks every `everyMs` until `endMs`; each time by a frame with each of these lists of tags. */
  ask(everyMs: number, endMs: number, tags: readonly Frame['tags'][] = [[]]): void {
    if (this.#world.now >= endMs) return;
    const { asks } = this.#self;
    const to = asks[this.#asked % asks.length] ?? 0;
    this.#asked += 1;
    if (!this.isAway) for (const some of tags) this.#emit(to, undefined, some);
    this.#world.after(everyMs, () => this.ask(everyMs, endMs, tags));
  }

  take(frame: Frame): void {
    const { src, dst, id } = frame;
    const arrival = { atMs: this.#world.now, ...this.#self.at, src, dst };
    if (this.#tenant === 'red') this.#journal.trace?.frames.get(id)?.arrivals.push(arrival);
    if (dst !== this.#self.address) return; // A flood: not for us.
    const sent = this.#journal.arrived(this.#tenant, frame, this.#world.now);
    this.#world.note(frame.id);
    if (sent === undefined) return;
    this.#floor = Math.max(this.#floor, versionOf(frame));
    if (!sent.isAnswer) this.#emit(this.#self.answers, frame.id);
  }

  #emit(dst: number, cause?: number, tags: Frame['tags'] = []): void {
    const id = this.#journal.send(this.#tenant, this.#floor, cause);
    const src = this.#self.address;
    if (this.#tenant === 'red') {
      const sent = { atMs: this.#world.now, ...this.#self.at, src, dst, arrivals: [] };
      this.#journal.trace?.frames.set(id, sent);
    }
    this.#send({ dst, src, id, tags });
  }
}

function versionOf(frame: Frame): number {
  return frame.src >= STAMP ? frame.src - STAMP : 0;
}
