/**
 * The world of a real process: Node's clock, sockets and timers.
 *
 * Sockets have no Nagle delay (round trips would take 44 ms otherwise).
 */
import { randomBytes, randomInt } from 'node:crypto';
import net from 'node:net';
import { performance } from 'node:perf_hooks';
import { Server } from 'node:tls';
import {
  isUnix,
  listenText,
  pointsAtUs,
  type Target,
  targetText,
} from '../../slices/config/target.ts';
import type { TlsFiles } from '../../slices/config/tls.ts';
import { messageOf } from './error-text.ts';
import { askOvsdb } from './ovsdb.ts';
import {
  dialTls,
  peerOf,
  renewTls,
  serveTls,
  shownBy,
  whyFailed,
  whyStranger,
  whyUnusable,
} from './tls-socket.ts';
import { listenOnPath } from './unix-socket.ts';
import { askUnixctl, findUnixctl, proveRevalidated } from './unixctl.ts';
import type {
  Cancel,
  Connection,
  ConnectionUser,
  Listening,
  ListeningUser,
  World,
} from './world.ts';

/** What nobody can guess: 256 bits. */
export function freshSecret(): Uint8Array {
  return randomBytes(32);
}

/** Node takes a delay that is longer for none at all: 24.8 days. */
const DELAY_MS_MAX = 2 ** 31 - 1;

/** A time that is over already is now: of a negative one Node warns, in the middle of our log. */
function after(delayMs: number, run: () => void): Cancel {
  let timer: NodeJS.Timeout | undefined;
  const wait = (leftMs: number): void => {
    timer =
      leftMs > DELAY_MS_MAX
        ? setTimeout(() => wait(leftMs - DELAY_MS_MAX), DELAY_MS_MAX)
        : setTimeout(run, Math.max(0, leftMs));
  };
  wait(delayMs);
  return () => clearTimeout(timer);
}

export function nodeWorld(): World {
  const ours: Target[] = [];
  return {
    nowMs: () => performance.now(),
    wallClockMs: () => Date.now(),
    // Of a store that Node fills: canaries ask for each frame, and a call of the kernel is 5 us.
    random: () => randomInt(0x1_0000_0000) / 0x1_0000_0000,
    after,
    soon: endOfTurn(),
    dial: (target, use) => dial(target, use, ours),
    listen: (target, use) => {
      ours.push(target);
      return listen(target, use);
    },
    proveRevalidated,
    findUnixctl,
    askUnixctl,
    ovsdb: (at, args, done) => askOvsdb(at, args, done),
  };
}

/** All that is to run at the end of a turn is one of Node's immediates: each of those is dear. */
function endOfTurn(): World['soon'] {
  let waiting: (() => void)[] = [];
  const runAll = (): void => {
    const due = waiting;
    waiting = [];
    let at = 0;
    try {
      while (at < due.length) due[at++]?.();
    } finally {
      // One threw: those behind it are somebody else's.
      for (; at < due.length; at++) soon(due[at] as () => void);
    }
  };
  const soon = (run: () => void): void => {
    if (waiting.length === 0) setImmediate(runAll);
    waiting.push(run);
  };
  return soon;
}

function dial(target: Target, use: ConnectionUser, ours: readonly Target[]): Connection {
  const text = targetText(target);
  if (isUnix(target)) return connect(net.connect({ ...target, ...intoOne(use) }), text, use, raw);
  const { tls } = target;
  const whyNot = tls && whyUnusable(tls, Date.now());
  if (whyNot !== undefined) return unreachable(text, whyNot, use);
  const socket =
    tls === undefined ? net.connect({ ...target, ...intoOne(use) }) : dialTls(target, tls);
  // A name may lead to us whatever it is: FlowVisor served itself until it crashed.
  socket.on('connect', () => {
    const { remoteAddress: host = '', localAddress = '' } = socket;
    if (!pointsAtUs({ ...target, host }, ours, [localAddress])) return;
    socket.destroy(new Error("that is Limevisor's own address; name the tenant's controller"));
  });
  return connect(socket, text, use, tls === undefined ? raw : { opened: 'secureConnect', tls });
}

/** A connection that never is: our own keys are no good. */
function unreachable(peer: string, why: string, use: ConnectionUser): Connection {
  setImmediate(() => use.onClose(why));
  return {
    peer,
    write: (_, free) => free?.(),
    pendingBytes: () => 0,
    read: () => undefined,
    close: () => undefined,
  };
}

/** Where everybody's bytes are read into: they have been looked at before the next are read. */
const readInto = new Uint8Array(64 * 1024);

/** Options of a socket that has no memory of its own for each read. */
function intoOne(use: ConnectionUser): Pick<net.SocketConstructorOpts, 'onread'> {
  const callback = (size: number): boolean => {
    use.onBytes(readInto.subarray(0, size));
    return true;
  };
  return { onread: { buffer: readInto, callback } };
}

interface Opening {
  /** The event that says so. */
  readonly opened: 'connect' | 'secureConnect';
  readonly tls?: TlsFiles | undefined;
  /** Whether bytes come to the user by themselves (`intoOne`). */
  readonly isRead?: boolean;
}

const raw: Opening = { opened: 'connect', isRead: true };

function connect(
  socket: net.Socket,
  peer: string,
  use: ConnectionUser,
  { opened, tls, isRead = false }: Opening,
): Connection {
  socket.setNoDelay(true);
  let why = 'the other end closed the connection';
  const shut = (reason: string): void => {
    why = reason;
    socket.destroySoon();
  };
  const read = (): void => {
    if (!isRead) socket.on('data', (chunk) => use.onBytes(chunk));
  };
  // Over TLS nothing is read before it is known who speaks.
  if (opened === 'connect') read();
  socket.on(opened, () => {
    if (socket.destroyed) return;
    const stranger = tls && whyStranger(socket, tls);
    if (stranger !== undefined) {
      shut(stranger);
      return;
    }
    if (opened === 'secureConnect') read();
    use.onOpen();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    why = tls === undefined ? messageOf(error) : whyFailed(error, tls);
    // After a broken record Node leaves a TLS socket open.
    socket.destroy();
  });
  socket.on('close', () => use.onClose(why));
  /** Memory that is in use until all that was written has left. */
  let lent: (() => void)[] = [];
  const giveBack = (): void => {
    if (lent.length === 0 || socket.writableLength > 0) return;
    for (const free of lent) free();
    lent = [];
  };
  return {
    peer,
    certificate: () => shownBy(socket),
    write(bytes, free) {
      giveBack();
      socket.write(bytes);
      if (free === undefined) return;
      // Mostly the kernel took it all at once; else a later write tells. Callbacks would cost more.
      if (socket.writableLength === 0) free();
      else lent.push(free);
    },
    pendingBytes: () => socket.writableLength,
    read: (isOn) => void (isOn ? socket.resume() : socket.pause()),
    close: () => shut('closed by Limevisor'),
  };
}

function listen(target: Target, { accept, refused, failed }: ListeningUser): Listening {
  const tls = isUnix(target) ? undefined : target.tls;
  const open = (socket: net.Socket): void => {
    const peer = isUnix(target) ? targetText(target) : peerOf(socket);
    const stranger = tls && whyStranger(socket, tls);
    if (stranger !== undefined) {
      refused(peer, stranger);
      socket.destroy();
      return;
    }
    // The user is made from the connection, and the connection needs its user: forward by name.
    let user: ConnectionUser | undefined;
    const forward: ConnectionUser = {
      onOpen: () => undefined,
      onBytes: (chunk) => user?.onBytes(chunk),
      onClose: (why) => user?.onClose(why),
    };
    user = accept(connect(socket, peer, forward, { opened: 'connect', tls }));
    user.onOpen();
  };
  const fail = (error: Error) =>
    failed(`cannot listen on ${listenText(target)}: ${messageOf(error)}`);
  const whyNot = tls && whyUnusable(tls, Date.now());
  if (whyNot !== undefined) {
    setImmediate(() => fail(new Error(whyNot)));
    return { close: () => undefined };
  }
  const server = tls === undefined ? net.createServer(open) : serveTls(tls, open, refused);
  if (isUnix(target)) void listenOnPath(server, target.path).catch(fail);
  else server.on('error', fail).listen({ host: target.host, port: target.port });
  const close = (): void => void server.close();
  if (tls === undefined || !(server instanceof Server)) return { close };
  return { close, renew: () => renewTls(server, tls, Date.now()) };
}
