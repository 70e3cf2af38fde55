/**
 * A tenant's controller that says one thing as fast as it is read, on so many connections, until it
 * is killed: what interference.ts attacks with.
 *
 *     node flooder.ts SOCKET CLASS CONNECTIONS
 */
import net from 'node:net';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { flowCommand, NO_BUFFER, port as ofpp, version } from '../../openflow/values/constants.ts';
import type { Action, Message } from '../../openflow/values/values.ts';

const output: Action = { type: 'output', port: 1, maxLen: 0xffff };
const instructions = [{ type: 'applyActions', actions: [output] }] as const;
const CHUNK_BYTES = 64 * 1024;

const classes: Readonly<Record<string, (i: number) => Message>> = {
  changes: (i) => ({
    type: 'flowMod',
    ...{ xid: i, cookie: 0n, cookieMask: 0n, tableId: 0, command: flowCommand.add, priority: 9 },
    ...{ idleTimeoutSec: 0, hardTimeoutSec: 0, bufferId: NO_BUFFER, flags: 0 },
    ...{ outPort: ofpp.any, outGroup: 0xffff_ffff },
    ...{ match: matchOf(oxm('eth_dst', i % 1_000)), instructions },
  }),
  'packet-outs': (xid) => ({
    ...{ type: 'packetOut', xid, bufferId: NO_BUFFER, inPort: ofpp.controller },
    ...{ actions: [output], data: new Uint8Array(60) },
  }),
  statistics: (xid) => {
    const every = { tableId: 0xff, outPort: ofpp.any, outGroup: 0xffff_ffff, match: [] };
    const filter = { ...every, cookie: 0n, cookieMask: 0n };
    return { type: 'multipartRequest', xid, flags: 0, request: { kind: 'flow', filter } };
  },
  barriers: (xid) => ({ type: 'barrierRequest', xid }),
  echoes: (xid) => ({ type: 'echoRequest', xid, data: new Uint8Array(60) }),
};

const [path = '', name = '', connections = '1'] = process.argv.slice(2);
const make = classes[name];
if (make === undefined) throw new Error(`"${name}" is no class: ${Object.keys(classes)}`);
const frames: Uint8Array[] = [];
for (let i = 0, size = 0; size < CHUNK_BYTES; i++) {
  const frame = encode(version.of13, make(i));
  frames.push(frame);
  size += frame.length;
}
const chunk = Buffer.concat(frames);

for (let i = 0; i < Number(connections); i++) {
  const socket = net.connect(path);
  socket.on('error', () => socket.destroy());
  socket.on('data', () => undefined);
  socket.write(encode(version.of13, { type: 'hello', xid: 0, versions: [version.of13] }));
  const go = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', go);
  socket.on('connect', go);
}
