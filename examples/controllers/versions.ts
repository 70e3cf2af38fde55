/**
 * A tenant's controller that changes its rules all the time: OpenFlow 1.3, for tests.
 *
 *     node versions.ts PORT STAMPING_DPID INTERVAL_MS [TABLE]
 *
 * Switches forward by destination alone. The stamping one has a single rule for every probe, from
 * whichever port: write a version into the source address, send it out of the other ports. The
 * version grows: the rule is modified, a barrier is awaited, and so on. Prints each version when
 * its barrier was answered. With a TABLE the rule is in that one, found by metadata that table 0
 * wrote, and outputs by the action set.
 */
import net from 'node:net';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { Framer } from '../../openflow/messages/framer.ts';
import {
  flowCommand,
  group,
  NO_BUFFER,
  port as ofpp,
  version as versions,
} from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Action, FlowMod, Message } from '../../openflow/values/values.ts';

const [listenPort = '6661', stampingDpid = '3', intervalMs = '10', table = '0'] =
  process.argv.slice(2);

/** Where h1's and h2's addresses are, on the outer switches of Figure 3, by dpid. */
const ways = new Map<bigint, readonly (readonly [string, number])[]>([
  [
    1n,
    [
      ['02:00:00:00:00:01', 1],
      ['02:00:00:00:00:02', 2],
    ],
  ],
  [
    2n,
    [
      ['02:00:00:00:00:01', 2],
      ['02:00:00:00:00:02', 1],
    ],
  ],
]);
/** The probes' (examples/lab/causality.py). */
const PROBE_ETHERTYPE = 0x88b6;

function forward(address: string, toPort: number): FlowMod {
  const match = matchOf(oxm('eth_dst', address));
  return rule(flowCommand.add, match, [{ type: 'output', port: toPort, maxLen: 0 }]);
}

function stamp(command: number, version: number): FlowMod {
  const digits = version
    .toString(16)
    .padStart(8, '0')
    .replace(/(..)(?=.)/g, '$1:');
  const set: Action = { type: 'setField', oxm: oxm('eth_src', `0a:00:${digits}`) };
  const out: Action = { type: 'output', port: ofpp.flood, maxLen: 0 };
  const probe = oxm('eth_type', PROBE_ETHERTYPE);
  if (table === '0') return rule(command, matchOf(probe), [set, out]);
  return {
    ...rule(command, matchOf(oxm('metadata', MARK), probe), []),
    tableId: Number(table),
    instructions: [
      { type: 'applyActions', actions: [set] },
      { type: 'writeActions', actions: [out] },
    ],
  };
}

const MARK = 0x600d;

/** Table 0's way to the stamp. */
function toTable(): FlowMod {
  return {
    ...rule(flowCommand.add, matchOf(oxm('eth_type', PROBE_ETHERTYPE)), []),
    instructions: [
      { type: 'writeMetadata', metadata: BigInt(MARK), mask: 0xffff_ffffn },
      { type: 'gotoTable', table: Number(table) },
    ],
  };
}

function rule(command: number, match: FlowMod['match'], actions: readonly Action[]): FlowMod {
  return {
    type: 'flowMod',
    xid: 0,
    cookie: 0n,
    cookieMask: 0n,
    tableId: 0,
    command,
    idleTimeoutSec: 0,
    hardTimeoutSec: 0,
    priority: 10,
    bufferId: NO_BUFFER,
    outPort: ofpp.any,
    outGroup: group.any,
    flags: 0,
    match,
    instructions: [{ type: 'applyActions', actions }],
  };
}

function serve(socket: net.Socket): void {
  socket.setNoDelay(true);
  const framer = new Framer({ frameBytesMax: 65_535 });
  const send = (message: Message): void => void socket.write(encode(versions.of13, message));
  let dpid = 0n;
  let version = 1;
  const install = (command: number): void => {
    if (dpid === BigInt(stampingDpid)) {
      if (table !== '0' && command === flowCommand.add) send(toTable());
      send(stamp(command, version));
    }
    for (const [address, toPort] of ways.get(dpid) ?? []) send(forward(address, toPort));
    send({ type: 'barrierRequest', xid: version });
  };
  const receive = (message: Message): void => {
    if (message.type === 'hello') send({ type: 'featuresRequest', xid: 0 });
    if (message.type === 'echoRequest') send({ ...message, type: 'echoReply' });
    if (message.type === 'error') {
      process.stdout.write(`error ${message.errorType}/${message.errorCode}\n`);
    }
    if (message.type === 'featuresReply') {
      dpid = message.dpid;
      install(flowCommand.add);
    }
    if (message.type !== 'barrierReply' || dpid !== BigInt(stampingDpid)) return;
    process.stdout.write(`version ${version}\n`);
    setTimeout(() => {
      version += 1;
      install(flowCommand.modifyStrict);
    }, Number(intervalMs));
  };
  send({ type: 'hello', xid: 0, versions: [4] });
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    framer.push(chunk, (dv, at, length) => {
      const message = decode(versions.of13, dv, at, length);
      if (!isError(message)) receive(message);
    });
  });
}

net.createServer(serve).listen(Number(listenPort), '127.0.0.1');
