/**
 * What the codec costs: values from frames and frames from values, in CPU time of this process.
 *
 * Run with `node tests/bench/codec.ts [words of the rows]`; takes about 20 s. There is no budget:
 * the hot path makes no values. The numbers before structures were declared (docs/BENCHMARKS.md)
 * are what these may not exceed. The least of many measurements counts: others only add to it.
 */
import { decode, encode } from '../../openflow/codec.ts';
import { NO_BUFFER, port, type Version, version } from '../../openflow/constants.ts';
import { matchOf, oxm } from '../../openflow/match.ts';
import { messageNames10 } from '../../openflow/messages.ts';
import type { FlowMod, FlowStats, Message, PortStats } from '../../openflow/values.ts';
import { Random, randomMessage } from '../openflow/random.ts';
import { randomFrame10 } from '../openflow/random10.ts';
import { fixed, table } from './report.ts';

const REPEATS = 25;
const REPEAT_NS = 1_500_000;
const ROWS = 100;

const tcp = [oxm('in_port', 1), oxm('eth_type', 0x800), oxm('ip_proto', 6), oxm('tcp_dst', 80)];
const output = { type: 'output', port: 3, maxLen: 0 } as const;
const data = new Uint8Array(64);
const counts = { packetCount: 2n, byteCount: 3n, durationSec: 1, durationNsec: 2 };

const mod: FlowMod = {
  type: 'flowMod',
  xid: 1,
  cookie: 1n,
  cookieMask: 0n,
  tableId: 0,
  command: 0,
  idleTimeoutSec: 0,
  hardTimeoutSec: 0,
  priority: 100,
  bufferId: NO_BUFFER,
  outPort: port.any,
  outGroup: port.any,
  flags: 0,
  match: matchOf(...tcp, oxm('ipv4_dst', '10.0.0.0/24')),
  instructions: [
    {
      type: 'applyActions',
      actions: [{ type: 'setField', oxm: oxm('eth_dst', 5) }, { type: 'decNwTtl' }, output],
    },
  ],
};
const mod10: FlowMod = {
  ...mod,
  match: matchOf(...tcp),
  instructions: [{ type: 'applyActions', actions: [{ type: 'setVlanVid', vid: 5 }, output] }],
};
const zero = { rxBytes: 0n, txBytes: 0n, rxDropped: 0n, txDropped: 0n, rxErrors: 0n };
const more = { txErrors: 0n, rxFrameErr: 0n, rxOverErr: 0n, rxCrcErr: 0n, collisions: 0n };
const portRow: PortStats = { portNo: 1, rxPackets: 1n, txPackets: 1n, ...zero, ...more, ...counts };

function flows(row: FlowStats): Message {
  const reply = { kind: 'flow', flows: Array.from({ length: ROWS }, () => row) } as const;
  return { type: 'multipartReply', xid: 1, flags: 0, reply };
}

const ports: Message = {
  ...{ type: 'multipartReply', xid: 1, flags: 0 },
  reply: { kind: 'portStats', ports: Array.from({ length: ROWS }, () => portRow) },
};
const seen = { type: 'packetIn', xid: 1, bufferId: NO_BUFFER, totalLen: 64, reason: 0 } as const;
const packetIn: Message = { ...seen, tableId: 0, cookie: 5n, match: tcp.slice(0, 1), data };
const to = { type: 'packetOut', xid: 1, bufferId: NO_BUFFER, inPort: 1 } as const;

/** Name, version, message, and of how many things one is measured. */
const cases: readonly (readonly [string, Version, Message, number])[] = [
  ['flow-mod', version.of13, mod, 1],
  ['flow-mod of 1.0', version.of10, mod10, 1],
  ['packet-out', version.of13, { ...to, actions: [output], data }, 1],
  ['packet-in', version.of13, packetIn, 1],
  ['packet-in of 1.0', version.of10, packetIn, 1],
  ['a row of flows', version.of13, flows({ ...mod, ...counts }), ROWS],
  ['a row of flows of 1.0', version.of10, flows({ ...mod10, ...counts }), ROWS],
  ['a row of ports', version.of13, ports, ROWS],
  ['barrier', version.of13, { type: 'barrierRequest', xid: 1 }, 1],
];

/** What a process has seen that speaks with everybody: no code is made for one shape only. */
function warmUp(): void {
  const random = new Random(5);
  for (let i = 0; i < 10_000; i++) {
    encode(version.of13, randomMessage(random));
    const frame = randomFrame10(random, random.pick(messageNames10));
    decode(version.of10, new DataView(frame.buffer), 0, frame.length);
  }
}

/** The least time in ns; answers of `run` are kept, or nothing would be done. */
function nsOf(run: () => unknown): number {
  let best = 5_000;
  let kept: unknown;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const count = Math.max(20, Math.ceil(REPEAT_NS / best));
    const before = process.cpuUsage();
    for (let i = 0; i < count; i++) kept = run();
    const { user, system } = process.cpuUsage(before);
    const ns = ((user + system) * 1_000) / count;
    best = repeat === 0 ? ns : Math.min(best, ns);
  }
  if (kept === undefined) throw new Error('nothing was measured');
  return best;
}

warmUp();
const wanted = process.argv.slice(2);
const rows = cases
  .filter(([name]) => wanted.every((word) => name.includes(word)))
  .map(([name, spoken, message, of]) => {
    const frame = encode(spoken, message);
    const dv = new DataView(frame.buffer);
    const read = nsOf(() => decode(spoken, dv, 0, frame.length)) / of;
    const written = nsOf(() => encode(spoken, message)) / of;
    return [name, fixed(read, 0), fixed(written, 0)];
  });
console.log(table([['ns of CPU', 'decode', 'encode'], ...rows]));
