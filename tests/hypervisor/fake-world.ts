/**
 * A world in memory: time stands until it is told to go, connections are arrays of bytes.
 */

import type { SharedByTenant } from '../../hypervisor/controller/controller-user.ts';
import { SharedOutbox } from '../../hypervisor/controller/shared-outbox.ts';
import type { Log } from '../../hypervisor/world/log.ts';
import { TurnShare } from '../../hypervisor/world/turn-share.ts';
import type {
  Cancel,
  Connection,
  ConnectionUser,
  ListeningUser,
  OvsdbAnswer,
  World,
} from '../../hypervisor/world/world.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { Framer } from '../../openflow/messages/framer.ts';
import { isError, type Version, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { type Target, targetText } from '../../slices/config/target.ts';
import { ControlTraffic } from '../../slices/control-traffic.ts';

/** The far end of a connection: what it was sent, and what it says. */
export class Peer implements Connection {
  readonly peer: string;
  isClosed = false;
  /** Bytes that it does not read. */
  unread = 0;
  user: ConnectionUser | undefined;
  readonly #received: Message[] = [];
  readonly #framer = new Framer({ frameBytesMax: 65_535 });

  constructor(peer = 'peer') {
    this.peer = peer;
  }

  write(bytes: Uint8Array, free?: () => void): void {
    if (this.isClosed) throw new Error('written after it was closed');
    this.unread += bytes.length;
    const lost = this.#framer.push(bytes, (dv, at, length) => {
      const spoken = dv.getUint8(at) === version.of10 ? version.of10 : version.of13;
      const message = decode(spoken, dv, at, length);
      if (isError(message)) throw new Error(`we sent what nobody can read: ${message.why}`);
      this.#received.push(message);
    });
    if (lost !== undefined) throw new Error(`we sent what has no frames: ${lost.why}`);
    free?.();
  }

  pendingBytes(): number {
    return this.reads ? 0 : this.unread;
  }

  /** Whether what it says is read. */
  isRead = true;

  read(isOn: boolean): void {
    this.isRead = isOn;
  }

  reads = true;
  /** What it speaks. */
  version: Version = version.of13;

  close(): void {
    this.isClosed = true;
  }

  /** What it was sent since the last call. */
  received(): readonly Message[] {
    return this.#received.splice(0);
  }

  types(): readonly string[] {
    return this.received().map((message) => message.type);
  }

  says(...messages: readonly Message[]): void {
    for (const message of messages) {
      const bytes = encode(this.version, message);
      this.user?.onBytes(bytes);
      // Its memory is used again: whoever kept a view of it would see this.
      bytes.fill(0xee);
    }
  }

  /** In one write. */
  saysAtOnce(...messages: readonly Message[]): void {
    const bytes = Buffer.concat(messages.map((one) => encode(this.version, one)));
    this.user?.onBytes(bytes);
    bytes.fill(0xee);
  }

  hello(): void {
    this.says({ type: 'hello', xid: 1, versions: this.version === version.of10 ? [1] : [1, 4] });
  }
}

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

export class FakeWorld implements World {
  now = 1_000;
  readonly dialled: { readonly target: Target; readonly peer: Peer; readonly atMs: number }[] = [];
  /** Answers that unixctl owes. */
  readonly proofs: ((proven: boolean) => void)[] = [];
  /** What OVSDBs are asked and told. */
  readonly asked: {
    readonly ovsdb: string;
    readonly args: readonly string[];
    readonly done: (answer: OvsdbAnswer) => void;
  }[] = [];
  readonly #timers = new Set<Timer>();
  #soon: (() => void)[] = [];

  nowMs(): number {
    return this.now;
  }

  wallClockMs(): number {
    return 1_700_000_000_000 + this.now;
  }

  random(): number {
    return 0.5;
  }

  after(delayMs: number, run: () => void): Cancel {
    const timer = { dueMs: this.now + delayMs, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  soon(run: () => void): void {
    this.#soon.push(run);
  }

  dial(target: Target, user: ConnectionUser): Connection {
    const peer = new Peer(targetText(target));
    peer.user = user;
    this.dialled.push({ target, peer, atMs: this.now });
    return peer;
  }

  /** Who is told of connections, by where they go. */
  readonly #listeners = new Map<string, (connection: Connection) => ConnectionUser>();

  listen(target: Target, use: ListeningUser): { close(): void } {
    this.#listeners.set(targetText(target), (connection) => use.accept(connection));
    return { close: () => void this.#listeners.delete(targetText(target)) };
  }

  /** A peer connects to an address that is listened on. */
  connect(to: string, peer: Peer): void {
    peer.user = this.#listeners.get(to)?.(peer);
    peer.user?.onOpen();
  }

  proveRevalidated(_: string, done: (proven: boolean) => void): void {
    this.proofs.push(done);
  }

  ovsdb(ovsdb: string, args: readonly string[], done: (answer: OvsdbAnswer) => void): void {
    this.asked.push({ ovsdb, args, done });
  }

  /** What findUnixctl finds. */
  unixctl: string | undefined;

  findUnixctl(_: string, __: string, ___: string, done: (found?: string) => void): void {
    this.soon(() => done(this.unixctl));
  }

  askUnixctl(_: string, __: string, ___: readonly string[], done: (text: undefined) => void): void {
    this.soon(() => done(undefined));
  }

  /** How many turns may begin within one: what is long is then still under way. */
  roundsPerTurnMax = Number.POSITIVE_INFINITY;

  /** Ends this turn, and the turns that this begins. */
  turn(): void {
    for (let i = 0; this.#soon.length > 0 && i < this.roundsPerTurnMax; i++) {
      if (i > 1_000) throw new Error('a turn that never ends');
      for (const run of this.#soon.splice(0)) run();
    }
  }

  /** Lets time pass, timer by timer. */
  pass(ms: number): void {
    const end = this.now + ms;
    this.turn();
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.dueMs <= end);
      const next = due.sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.now = Math.max(this.now, next.dueMs);
      next.run();
      this.turn();
    }
    this.now = end;
  }

  timers(): number {
    return this.#timers.size;
  }
}

/** A log whose warnings can be read. */
export function fakeLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const put = (...args: readonly unknown[]): void => void lines.push(JSON.stringify(args));
  return { lines, info: put, warn: put, error: put } as unknown as Log & { lines: string[] };
}

/** What all controllers of a tenant have together, of a tenant without limits. */
export function lonely(world: World): SharedByTenant {
  return {
    traffic: new ControlTraffic(() => ({})),
    turns: new TurnShare(world),
    refusedRequests: { note: () => undefined },
    outbox: new SharedOutbox(
      () => world.nowMs(),
      () => undefined,
    ),
  };
}
