/**
 * The other process of pauses.ts: a tenant's controller, and two switches that hold what they are
 * told (as bytes, pauses-switch.ts) and report what is deleted.
 */
import { once } from 'node:events';
import net from 'node:net';
import { canonicalMatch, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { flowMod, header, messages, multipart } from '../../openflow/messages/messages.ts';
import {
  flowCommand,
  flowFlag,
  groupCommand,
  groupType,
  multipartMore,
  NO_BUFFER,
  group as ofpg,
  port as ofpp,
  table as ofptt,
  version,
} from '../../openflow/values/constants.ts';
import type { Action, FlowMod, MultipartRequestBody } from '../../openflow/values/values.ts';
import { End } from './end.ts';
import * as frames from './frames.ts';
import { HoldingSwitch } from './pauses-switch.ts';
import { reflect } from './switch.ts';

/** What it is told. */
export interface Order {
  readonly what:
    | 'listen'
    | 'connect'
    | 'add'
    | 'dump'
    | 'dumps'
    | 'slowDump'
    | 'aggregate'
    | 'tables'
    | 'modify'
    | 'reconnect'
    | 'reconnectEmpty'
    | 'deleteHalf'
    | 'delete'
    | 'addTimed'
    | 'timeOut'
    | 'addUsers'
    | 'groups'
    | 'deleteGroup';
  /** How many rules. */
  readonly count: number;
  /** Where the hypervisor listens for switches. */
  readonly port: number;
}

export type Report =
  | { readonly type: 'done'; readonly text: string }
  | { readonly type: 'failed'; readonly why: string };

const TIME_OUT_SEC = 8;
const SLOW_MS = 1_500;

const [one, other] = [new HoldingSwitch(1), new HoldingSwitch(2)];
one.other = other;
other.other = one;
const switches = [one, other];
let controller: End | undefined;
let connections = 0;
let xid = 100;
/** What came up: rows of the statistics asked for last, and flow-removed messages. */
let rows = 0;
let removed = 0;
/** Runs when the last part of the answer with this id is there. */
const waiting = new Map<number, () => void>();

function onFrame(end: End, dv: DataView, at: number, length: number): void {
  const type = header.get.type(dv, at);
  const id = header.get.xid(dv, at);
  if (type === messages.echoRequest.number) reflect(end, dv, at, length, messages.echoReply.number);
  else if (type === messages.flowRemoved.number) removed += 1;
  else if (type === messages.error.number) {
    fail(`error ${dv.getUint16(at + 8)}/${dv.getUint16(at + 10)} of ${id}`);
  } else if (type === messages.multipartReply.number) {
    rows += rowsIn(dv, at, length);
    if ((multipart.get.flags(dv, at) & multipartMore) === 0) waiting.get(id)?.();
  } else if (type === messages.barrierReply.number) waiting.get(id)?.();
}

/** Of a flow reply; or the rules that an aggregate counts. */
function rowsIn(dv: DataView, at: number, length: number): number {
  const type = multipart.get.mpType(dv, at);
  if (type === 2) return dv.getUint32(at + 32);
  if (type !== 1) return 0;
  let count = 0;
  for (let row = at + multipart.size; row < at + length; row += dv.getUint16(row)) count += 1;
  return count;
}

function fail(why: string): void {
  process.send?.({ type: 'failed', why } satisfies Report);
}

function above(): End {
  if (controller === undefined) throw new Error('no controller is connected');
  return controller;
}

function answered(id: number): Promise<void> {
  return new Promise((done) => {
    waiting.set(id, () => {
      waiting.delete(id);
      done();
    });
  });
}

async function barrier(): Promise<void> {
  xid += 1;
  above().bytes(encode(version.of13, { type: 'barrierRequest', xid }));
  await answered(xid);
}

async function ask(request: MultipartRequestBody): Promise<void> {
  xid += 1;
  above().bytes(encode(version.of13, { type: 'multipartRequest', xid, flags: 0, request }));
  await answered(xid);
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((done) => setTimeout(done, 5));
}

const everything = {
  tableId: ofptt.all,
  outPort: ofpp.any,
  outGroup: ofpg.any,
  cookie: 0n,
  cookieMask: 0n,
  match: [],
} as const;

function mod(parts: Partial<FlowMod>, actions: readonly Action[] = []): Uint8Array {
  const instructions = actions.length === 0 ? [] : ([{ type: 'applyActions', actions }] as const);
  return encode(version.of13, {
    ...{ type: 'flowMod', xid: 1, command: flowCommand.add, ...everything },
    ...{ idleTimeoutSec: 0, hardTimeoutSec: 0, priority: 10, bufferId: NO_BUFFER, flags: 0 },
    ...{ tableId: 0, instructions, ...parts },
  });
}

const toPort2 = { type: 'output', port: 2, maxLen: 0 } as const;
const MAC_AT = 48 + 4 + 4 + 2;

async function add(count: number, parts: Partial<FlowMod>, actions: readonly Action[] = [toPort2]) {
  const match = canonicalMatch([oxm('eth_dst', 1)]);
  if ('type' in match) throw new Error(match.why);
  const bytes = mod({ match, ...parts }, actions);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let i = 0; i < count; i++) {
    view.setUint32(MAC_AT, i);
    flowMod.set.cookie(view, 0, BigInt(i));
    above().bytes(bytes);
    if (i % 1_000 === 0) await new Promise((done) => setImmediate(done));
  }
  await barrier();
}

async function change(bytes: Uint8Array): Promise<string> {
  above().bytes(bytes);
  await barrier();
  return `${switches.map((one) => one.rules).join('+')} below`;
}

async function dump(times: number): Promise<string> {
  rows = 0;
  const asks = Array.from({ length: times }, () => ask({ kind: 'flow', filter: everything }));
  await Promise.all(asks);
  return `${rows} rows`;
}

async function removals(count: number, run: () => Promise<unknown>): Promise<string> {
  removed = 0;
  await run();
  await until(() => removed >= count);
  return `${removed} reports`;
}

async function reconnect(port: number, forget: boolean): Promise<string> {
  const before = connections;
  for (const one of switches) {
    one.leave();
    if (forget) one.forget();
  }
  await new Promise((done) => setTimeout(done, 300));
  for (const one of switches) one.connect(port);
  await until(() => connections > before);
  await barrier();
  return `${switches.map((one) => one.rules).join('+')} below`;
}

const group = { groupType: groupType.all, groupId: 1 } as const;
const bucket = { weight: 0, watchPort: ofpp.any, watchGroup: ofpg.any, actions: [toPort2] };
const toGroup = { type: 'group', groupId: 1 } as const;

const orders: Readonly<Record<Order['what'], (order: Order) => Promise<string>>> = {
  async listen() {
    const server = net.createServer((socket) => {
      const end = new End(socket, onFrame, () => undefined);
      end.bytes(frames.hello(version.of13).bytes);
      controller = end;
      connections += 1;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return String(typeof address === 'object' && address !== null ? address.port : 0);
  },
  async connect({ port }) {
    for (const one of switches) one.connect(port);
    await until(() => connections > 0);
    await barrier();
    return 'connected';
  },
  async add({ count }) {
    await add(count, { flags: flowFlag.sendFlowRem });
    return `${switches.map((one) => one.rules).join('+')} below`;
  },
  dump: () => dump(1),
  dumps: () => dump(4),
  slowDump() {
    above().socket.pause();
    setTimeout(() => above().socket.resume(), SLOW_MS);
    return dump(4);
  },
  async aggregate() {
    rows = 0;
    await ask({ kind: 'aggregate', filter: everything });
    return `${rows} counted`;
  },
  async tables() {
    await ask({ kind: 'table' });
    return '';
  },
  modify: () => change(mod({ command: flowCommand.modify }, [{ ...toPort2, port: 1 }])),
  reconnect: ({ port }) => reconnect(port, false),
  reconnectEmpty: ({ port }) => reconnect(port, true),
  deleteHalf: ({ count }) =>
    removals(count, () =>
      change(mod({ command: flowCommand.delete, tableId: ofptt.all, cookie: 1n, cookieMask: 1n })),
    ),
  delete: ({ count }) =>
    removals(count, () => change(mod({ command: flowCommand.delete, tableId: ofptt.all }))),
  async addTimed({ count }) {
    await add(count, { flags: flowFlag.sendFlowRem, hardTimeoutSec: TIME_OUT_SEC });
    removed = 0;
    return '';
  },
  async timeOut({ count }) {
    await until(() => removed >= count);
    return `${removed} reports`;
  },
  async addUsers({ count }) {
    const made = { type: 'groupMod', xid: 1, command: groupCommand.add, ...group } as const;
    above().bytes(encode(version.of13, { ...made, buckets: [bucket] }));
    await add(count, {}, [toGroup]);
    return '';
  },
  async groups() {
    await ask({ kind: 'groupStats', groupId: ofpg.all });
    return '';
  },
  deleteGroup() {
    const gone = { type: 'groupMod', xid: 1, command: groupCommand.delete, ...group } as const;
    return change(encode(version.of13, { ...gone, buckets: [] }));
  },
};

process.on('message', (order: Order) => {
  void orders[order.what](order).then(
    (text) => process.send?.({ type: 'done', text } satisfies Report),
    (error: unknown) => fail(String(error)),
  );
});
process.on('disconnect', () => process.exit(0));
