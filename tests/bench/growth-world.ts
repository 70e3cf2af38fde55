/**
 * A world in memory for "growth": time stands while others work, and passes with the CPU that the
 * hypervisor uses. What it does in one turn, and in all, is measured; what its peers do is not.
 */

import { existsSync, openSync, readSync } from 'node:fs';
import type {
  Cancel,
  Connection,
  ConnectionUser,
  ListeningUser,
  OvsdbAnswer,
  World,
} from '../../hypervisor/world/world.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { header, messages } from '../../openflow/messages/messages.ts';
import { version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { type Target, targetText } from '../../slices/config/target.ts';
import { EventQueue } from '../support/event-queue.ts';

export interface Spent {
  /** Of the longest turn, and of all: milliseconds of the hypervisor's CPU. */
  readonly longestMs: number;
  readonly cpuMs: number;
  /** What passed: waiting, and that. */
  readonly tookMs: number;
  /** Each that was not short. */
  readonly turns: readonly Turn[];
}

export interface Turn {
  readonly startedMs: number;
  readonly endedMs: number;
  /** Without what its thread waited for a processor. */
  readonly tookMs: number;
}

/** Turns that are shorter are not listed. */
const LISTED_MS = 1;

export class GrowthWorld implements World {
  /** What the clock shows, without what the turn that is under way has taken. */
  #nowMs = 1_000;
  /** The latest moment that anybody has seen: it never goes back. */
  #shownMs = 0;
  #turn: { readonly wallMs: number; readonly waitedMs: number } | undefined;
  #longestMs = 0;
  #cpuMs = 0;
  #sinceMs = 0;
  #turns: Turn[] = [];
  readonly #queue = new EventQueue();
  readonly #listeners = new Map<string, ListeningUser>();
  readonly dialled: FarEnd[] = [];
  /** What passes with each look at the clock, where none is measured: turns are the same then. */
  readonly #perLookMs: number | undefined;
  #looks = 0;
  #seed = 1;

  constructor(perLookMs?: number) {
    this.#perLookMs = perLookMs;
  }

  nowMs(): number {
    if (this.#perLookMs !== undefined && this.#turn !== undefined) {
      this.#looks += 1;
      this.#shownMs = Math.max(this.#shownMs, this.#nowMs + this.#looks * this.#perLookMs);
    } else if (this.#turn !== undefined) {
      this.#shownMs = Math.max(this.#shownMs, this.#nowMs + performance.now() - this.#turn.wallMs);
    }
    return Math.max(this.#shownMs, this.#nowMs);
  }

  wallClockMs(): number {
    return 1_700_000_000_000 + this.nowMs();
  }

  random(): number {
    if (this.#perLookMs === undefined) return Math.random();
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#seed / 0x1_0000_0000;
  }

  /** Runs something as a turn of the hypervisor. */
  turn(work: () => void): void {
    this.#turn = { waitedMs: waitedMs(), wallMs: performance.now() };
    work();
    const tookMs = this.#tookMs();
    const startedMs = this.#turn.wallMs;
    if (tookMs > LISTED_MS) this.#turns.push({ startedMs, endedMs: performance.now(), tookMs });
    this.#turn = undefined;
    this.#nowMs += tookMs;
    this.#cpuMs += tookMs;
    this.#longestMs = Math.max(this.#longestMs, tookMs);
  }

  /** Others on this machine do not count. */
  #tookMs(): number {
    if (this.#turn === undefined) return 0;
    if (this.#perLookMs !== undefined) {
      const tookMs = this.#looks * this.#perLookMs;
      this.#looks = 0;
      return tookMs;
    }
    const passedMs = performance.now() - this.#turn.wallMs;
    return Math.max(0, passedMs - (waitedMs() - this.#turn.waitedMs));
  }

  /** What was spent since the last call. */
  spent(): Spent {
    const all = {
      longestMs: this.#longestMs,
      cpuMs: this.#cpuMs,
      tookMs: this.#nowMs - this.#sinceMs,
      turns: this.#turns,
    };
    this.#turns = [];
    this.#longestMs = 0;
    this.#cpuMs = 0;
    this.#sinceMs = this.#nowMs;
    return all;
  }

  after(delayMs: number, run: () => void): Cancel {
    let isLive = true;
    this.at(this.nowMs() + Math.max(0, delayMs), () => {
      if (isLive) this.turn(run);
    });
    return () => {
      isLive = false;
    };
  }

  soon(run: () => void): void {
    this.at(this.nowMs(), () => this.turn(run));
  }

  dial(target: Target, user: ConnectionUser): Connection {
    const end = new FarEnd(this, targetText(target), user);
    this.dialled.push(end);
    this.at(this.nowMs() + 0.1, () => {
      this.turn(() => user.onOpen());
      end.hello();
    });
    return end;
  }

  listen(target: Target, use: ListeningUser): { close(): void } {
    this.#listeners.set(targetText(target), use);
    return { close: () => undefined };
  }

  connect(to: string, end: FarEnd): void {
    this.turn(() => {
      end.user = this.#listeners.get(to)?.accept(end);
      end.user?.onOpen();
    });
  }

  proveRevalidated(_: string, done: (proven: boolean) => void): void {
    this.after(1, () => done(true));
  }

  ovsdb(_: string, __: readonly string[], done: (answer: OvsdbAnswer) => void): void {
    this.after(1, () => done({ why: 'there is none here' }));
  }

  findUnixctl(_: string, __: string, ___: string, done: (found: undefined) => void): void {
    this.after(1, () => done(undefined));
  }

  askUnixctl(_: string, __: string, ___: readonly string[], done: (text: undefined) => void): void {
    this.after(1, () => done(undefined));
  }

  /** Not a turn of the hypervisor: its peers'. */
  at(atMs: number, run: () => void): void {
    this.#queue.put(atMs, run);
  }

  /** Runs events until `isOver`, which is asked after each; throws when nothing more happens. */
  runUntil(isOver: () => boolean): void {
    while (!isOver()) {
      const next = this.#queue.pop();
      if (next === undefined) throw new Error('nothing happens any more');
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
  }

  pass(ms: number): void {
    let isOver = false;
    this.at(this.#nowMs + ms, () => {
      isOver = true;
    });
    this.runUntil(() => isOver);
  }
}

/** How long this thread has waited for a processor, ever (Linux; elsewhere nobody says it). */
function waitedMs(): number {
  if (schedstat === undefined) return 0;
  const size = readSync(schedstat, text, 0, text.length, 0);
  return Number(text.toString('latin1', 0, size).split(' ')[1]) / 1_000_000;
}

const SCHEDSTAT = '/proc/thread-self/schedstat';
const schedstat = existsSync(SCHEDSTAT) ? openSync(SCHEDSTAT, 'r') : undefined;
const text = Buffer.alloc(256);

/** The far end of a connection. What is written to it is looked at when the turn is over. */
export class FarEnd implements Connection {
  readonly peer: string;
  user: ConnectionUser | undefined;
  isClosed = false;
  readonly #world: GrowthWorld;
  #waiting: Uint8Array[] = [];

  constructor(world: GrowthWorld, peer: string, user?: ConnectionUser) {
    this.#world = world;
    this.peer = peer;
    this.user = user;
  }

  write(bytes: Uint8Array, free?: () => void): void {
    if (this.#waiting.length === 0) this.#world.at(this.#world.nowMs() + 0.1, () => this.#look());
    this.#waiting.push(bytes.slice());
    free?.();
  }

  pendingBytes(): number {
    return 0;
  }

  read(): void {}

  close(): void {
    this.isClosed = true;
  }

  says(...all: readonly Message[]): void {
    if (this.isClosed) return;
    const bytes = Buffer.concat(all.map((one) => encode(version.of13, one)));
    this.#world.turn(() => this.user?.onBytes(bytes));
  }

  hello(): void {
    this.says({ type: 'hello', xid: 1, versions: [4] });
  }

  hangUp(): void {
    this.isClosed = true;
    this.#world.turn(() => this.user?.onClose('gone'));
  }

  #look(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const bytes of waiting) if (!this.isClosed) this.onBytes(bytes);
  }

  /** A controller answers echoes. */
  onBytes(bytes: Uint8Array): void {
    const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < bytes.length; at += header.get.length(dv, at)) {
      if (header.get.type(dv, at) !== messages.echoRequest.number) continue;
      const data = new Uint8Array(0);
      this.says({ type: 'echoReply', xid: header.get.xid(dv, at), data });
    }
  }
}
