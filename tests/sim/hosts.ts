/**
 * Two hosts of a tenant: one asks, the other answers, and both watch.
 *
 * A frame's payload is a number that names a record here, which no switch sees: whose it is, and
 * the newest rule version that its sender had seen when it sent it. So a frame that arrives tells
 * whether it met an older rule than what caused it (LIME 4.1), came twice, or is another tenant's.
 */
import { STAMP } from './controllers.ts';
import type { Frame } from './pipeline.ts';
import type { Trace } from './trace.ts';
import { H1 } from './ways.ts';
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
  /** What red's hosts saw, as of one switch between them: h1 is behind port 1, h2 behind 2. */
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

export class Host {
  readonly #world: SimWorld;
  readonly #journal: Journal;
  readonly #tenant: string;
  readonly #address: number;
  readonly #other: number;
  readonly #send: (frame: Frame) => void;
  /** It is nowhere, and stands still (host-moves.ts). */
  isAway = false;
  /** The newest version that this host has seen. */
  #floor = 0;

  constructor(
    world: SimWorld,
    journal: Journal,
    tenant: string,
    addresses: readonly [own: number, other: number],
    send: (frame: Frame) => void,
  ) {
    this.#world = world;
    this.#journal = journal;
    this.#tenant = tenant;
    [this.#address, this.#other] = addresses;
    this.#send = send;
  }

  /** Asks every `everyMs` until `endMs`; each time by a frame with each of these lists of tags. */
  ask(everyMs: number, endMs: number, tags: readonly Frame['tags'][] = [[]]): void {
    if (this.#world.now >= endMs) return;
    if (!this.isAway) for (const some of tags) this.#emit(undefined, some);
    this.#world.after(everyMs, () => this.ask(everyMs, endMs, tags));
  }

  take(frame: Frame): void {
    if (frame.dst !== this.#address) return; // A flood: not for us.
    const sent = this.#journal.arrived(this.#tenant, frame, this.#world.now);
    this.#world.note(frame.id);
    if (sent === undefined) return;
    const { src, dst, id } = frame;
    const arrival = { atMs: this.#world.now, port: portOf(dst), src, dst };
    if (this.#tenant === 'red') this.#journal.trace?.frames.get(id)?.arrivals.push(arrival);
    this.#floor = Math.max(this.#floor, versionOf(frame));
    if (!sent.isAnswer) this.#emit(frame.id);
  }

  #emit(cause?: number, tags: Frame['tags'] = []): void {
    const id = this.#journal.send(this.#tenant, this.#floor, cause);
    const [src, dst] = [this.#address, this.#other];
    if (this.#tenant === 'red') {
      const sent = { atMs: this.#world.now, port: portOf(src), src, dst, arrivals: [] };
      this.#journal.trace?.frames.set(id, sent);
    }
    this.#send({ dst, src, id, tags });
  }
}

/** Of the vswitch between the two. */
const portOf = (address: number): number => (address === H1 ? 1 : 2);

function versionOf(frame: Frame): number {
  return frame.src >= STAMP ? frame.src - STAMP : 0;
}
