/**
 * The world of a real process: Node's clock, sockets and timers.
 *
 * Sockets have no Nagle delay (44 ms round trips otherwise, DESIGN 12).
 */
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { performance } from 'node:perf_hooks';
import { isUnix, type Target, targetText } from '../slices/target.ts';
import { listenOnPath } from './unix-socket.ts';
import type { Connection, ConnectionUser, Listening, World } from './world.ts';

export function nodeWorld(): World {
  return {
    nowMs: () => performance.now(),
    wallClockMs: () => Date.now(),
    random: () => randomBytes(4).readUInt32BE() / 0x1_0000_0000,
    after(delayMs, run) {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    soon: (run) => void setImmediate(run),
    dial(target, use) {
      const socket = net.connect(target);
      return connect(socket, targetText(target), use);
    },
    listen,
    proveRevalidated: (unixctl, done) => proveRevalidated(unixctl, done),
  };
}

function connect(socket: net.Socket, peer: string, use: ConnectionUser): Connection {
  socket.setNoDelay(true);
  let why = 'the other end closed the connection';
  socket.on('connect', () => use.onOpen());
  socket.on('data', (chunk) => use.onBytes(chunk));
  socket.on('error', (error) => {
    why = error.message;
  });
  socket.on('close', () => use.onClose(why));
  return {
    peer,
    write(bytes) {
      socket.write(bytes);
      return socket.writableLength === 0; // The kernel took it all at once.
    },
    pendingBytes: () => socket.writableLength,
    close() {
      why = 'closed by us';
      socket.destroySoon();
    },
  };
}

function listen(
  target: Target,
  accept: (connection: Connection) => ConnectionUser,
  failed: (why: string) => void,
): Listening {
  const server = net.createServer((socket) => {
    const { remoteAddress, remotePort } = socket;
    const peer =
      remoteAddress === undefined ? targetText(target) : `${remoteAddress}:${remotePort}`;
    // The user is made from the connection, and the connection needs its user: forward by name.
    let user: ConnectionUser | undefined;
    const connection = connect(socket, peer, {
      onOpen: () => user?.onOpen(),
      onBytes: (chunk) => user?.onBytes(chunk),
      onClose: (why) => user?.onClose(why),
    });
    user = accept(connection);
    user.onOpen();
  });
  const fail = (error: Error) => failed(`cannot listen on ${targetText(target)}: ${error.message}`);
  if (isUnix(target)) void listenOnPath(server, target.path).catch(fail);
  else server.on('error', fail).listen(target);
  return { close: () => void server.close() };
}

/** Open vSwitch's unixctl is JSON-RPC over a Unix socket (ovs-appctl(8)). */
function proveRevalidated(unixctl: string, done: (proven: boolean) => void): void {
  const socket = net.connect(unixctl);
  let answer = '';
  socket.setEncoding('utf8');
  socket.on('connect', () => {
    socket.write(JSON.stringify({ method: 'revalidator/wait', params: [], id: 0 }));
  });
  socket.on('data', (text) => {
    answer += String(text);
    if (isWholeJson(answer)) socket.end();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => done(isWholeJson(answer) && !/"error":"/.test(answer)));
}

function isWholeJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false; // More is to come.
  }
}
