/**
 * The world: everything that pure code must not touch, behind one small interface (DESIGN 1).
 *
 * The product runs in Node's (node-world.ts); tests/sim/ has another whose time, network and
 * randomness come from a seed. Nothing else reads a clock, opens a socket or makes a random number.
 * Callbacks never run inside the call that registers them.
 */

import type { Target } from '../../slices/config/target.ts';
import type { ShownCertificate } from '../../slices/config/tls.ts';
import type { StoreSync } from '../../slices/config/values.ts';

export interface World {
  /** Milliseconds since some fixed moment; never goes back. */
  nowMs(): number;
  /** Milliseconds since 1970, for what outlives the process. */
  wallClockMs(): number;
  /** At least 0, less than 1. */
  random(): number;
  after(delayMs: number, run: () => void): Cancel;
  /** When this turn's events are handled: for writing once what many frames appended. */
  soon(run: () => void): void;
  dial(target: Target, use: ConnectionUser): Connection;
  listen(target: Target, use: ListeningUser): Listening;
  /** Asks the Open vSwitch at a unixctl socket to finish revalidating every cached flow. */
  proveRevalidated(unixctl: string, done: (proven: boolean) => void): void;
  /** Asks an OVSDB, or tells it, in ovs-vsctl's words: `ovsdb` as its `--db` has it. */
  ovsdb(ovsdb: string, args: readonly string[], done: (answer: OvsdbAnswer) => void): void;
  /**
   * The unixctl socket of the Open vSwitch on this machine that says `shows` when it is asked what
   * a bridge does with a flow (ofproto/trace); undefined when none does.
   */
  findUnixctl(
    bridge: string,
    flow: string,
    shows: string,
    done: (unixctl: string | undefined) => void,
  ): void;
  /** Asks an Open vSwitch at its unixctl socket; undefined when it does not say (ovs-appctl(8)). */
  askUnixctl(
    unixctl: string,
    method: string,
    params: readonly string[],
    done: (text: string | undefined) => void,
  ): void;
}

/** What it said, or why it did not do it. */
export type OvsdbAnswer = { readonly text: string } | { readonly why: string };

export type Cancel = () => void;

export interface Connection {
  /** Who is at the other end, for messages to people. */
  readonly peer: string;
  /** What the other end showed, and was verified; absent without TLS. Known once it is open. */
  certificate?(): ShownCertificate | undefined;
  /** Takes the bytes; their memory may be used again when `free` is called. */
  write(bytes: Uint8Array, free?: () => void): void;
  /** Bytes written that have not left yet. */
  pendingBytes(): number;
  /** Whether what the other end says is read; when not, it waits there. At first it is. */
  read(isOn: boolean): void;
  close(): void;
}

export interface ListeningUser {
  accept(connection: Connection): ConnectionUser;
  /** Somebody did not get as far as a connection: TLS, and no certificate that is any good. */
  refused(peer: string, why: string): void;
  /** The address cannot be listened on; nothing was opened then. */
  failed(why: string): void;
}

export interface ConnectionUser {
  onOpen(): void;
  /** Its memory is the connection's again when this returns. */
  onBytes(chunk: Uint8Array): void;
  /** Once, and nothing after it. */
  onClose(why: string): void;
}

export interface Listening {
  close(): void;
  /** Who connects from now on meets what the TLS files hold now; why not, if they are no good. */
  renew?(): string | undefined;
}

/**
 * What survives the process: entries in bytes, appended in groups, each group whole or not at all.
 * What they mean is the journal's, and so is which of them still matter.
 */
export interface Store {
  /** Who is told when it cannot be kept; before anything is appended. */
  watch(watcher: StoreWatcher): void;
  /** When it is synced, from now on. */
  follow(sync: StoreSync): void;
  /** Every group, in order, before anything is appended; each stands until the next. */
  scan(): Iterable<LogSlot>;
  /** Fills `into` with what `scan` showed at a place. */
  read(into: Uint8Array, at: number): void;
  /**
   * `done` when the group is durable, and all before it. No bytes: when all before it is. The bytes
   * may be used again at once. With `written` nobody waits for the disk, and a store that syncs in
   * the background calls it before, when a kill of this process loses nothing of the group.
   */
  append(entries: Uint8Array, done: () => void, written?: () => void): void;
  /** Bytes that are kept, and those that wait for the disk. */
  size(): number;
  pendingBytes(): number;
  /** Begins a new log of what still matters; what is appended meanwhile is part of it. */
  rewrite(): Rewriting;
  /** Everything that was appended is durable when this returns; no `done` runs any more. */
  close(): void;
}

/** Bytes of a store, and where they are there. */
export interface LogSlot {
  readonly at: number;
  readonly bytes: Uint8Array;
}

export interface StoreWatcher {
  /** What is appended waits for room on the disk; then it could be kept. */
  onFull(why: string): void;
  onRoom(): void;
  /** Nothing is kept any more: no `done` runs. */
  onFailure(why: string): void;
  /** There is no new log; the old one goes on. */
  onGivenUp(why: string): void;
}

/** A new log on its way. */
export interface Rewriting {
  add(entries: Uint8Array): void;
  /** Whether there will be no new log. */
  isGivenUp(): boolean;
  /** There is to be no new log, and why. */
  giveUp(why: string): void;
  /** What was added and waits for the disk. */
  pendingBytes(): number;
  /** All that matters has been added; `done` when the new log is the store, or was given up. */
  finish(done: (isMade: boolean) => void): void;
}
