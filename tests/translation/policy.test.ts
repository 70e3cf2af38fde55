/**
 * Every line of both policy tables, walked with a decoded message of its type.
 */

import t from 'tap';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { type ExtensionName, extensions } from '../../openflow/messages/extensions.ts';
import { type MessageName, messageNames, messages } from '../../openflow/messages/messages.ts';
import { monitorCancelOf } from '../../openflow/messages/monitor-messages.ts';
import { niciraFlowModOf } from '../../openflow/messages/nicira-messages.ts';
import {
  configFlag,
  errorName,
  isError,
  ofError,
  type Version,
  version,
} from '../../openflow/values/constants.ts';
import type { Message, MultipartRequestBody } from '../../openflow/values/values.ts';
import { newConnectionState } from '../../translation/controllers/connection-state.ts';
import { portView } from '../../translation/controllers/ports.ts';
import type { Scene, Verdict } from '../../translation/controllers/verdict.ts';
import {
  fromController,
  fromDatapath,
  fromExtensions,
  type Line,
} from '../../translation/policy.ts';
import { added, control } from '../openflow/bundled.ts';
import { viewOf } from '../openflow/hex.ts';
import { messageTypes, Random, randomMessage } from '../openflow/random.ts';
import { exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';

const vswitch = vswitchOf(snapshotOf(exampleText()), 'red/v1');
const scene = (): Scene => ({
  vswitch,
  version: version.of13,
  portView: () => portView(0, true),
  connectionState: newConnectionState(128),
  nowMs: 0,
});

const ownPort =
  [...vswitch.portIdentities].map(([vport, { hwAddr }]) => [vport, hwAddr] as const)[1] ?? [];

/** Valid messages of what stays raw, by their sizes; the rest is random or chosen. */
function sample(name: MessageName): Message {
  if (name === 'flowMod') return flowMod({ instructions: outputs(2) });
  if (name === 'groupMod') {
    const head = { command: 0, groupType: 0, groupId: 1 };
    return { type: 'groupMod', xid: 5, buckets: [], ...head };
  }
  if (name === 'portMod') {
    const [portNo = 0, hwAddr = new Uint8Array(6)] = ownPort;
    return { type: 'portMod', xid: 5, portNo, hwAddr, config: 1, mask: 1, advertise: 0 };
  }
  if (name === 'packetOut') {
    const head = { bufferId: 0xffffffff, inPort: 0xfffffffd, data: new Uint8Array(20) };
    return { type: 'packetOut', xid: 5, actions: [], ...head };
  }
  if (name === 'multipartRequest') {
    return { type: 'multipartRequest', xid: 5, flags: 0, request: { kind: 'desc' } };
  }
  if (name === 'roleRequest') return { type: 'roleRequest', xid: 5, role: 1, generationId: 0n };
  if (name === 'experimenter') {
    const head = { experimenter: 0x2320, expType: 10, data: new Uint8Array(4) };
    return { type: 'experimenter', xid: 5, ...head };
  }
  if (name === 'setConfig') return { type: name, xid: 5, flags: 0, missSendLen: 9 };
  if (name === 'queueGetConfigRequest') return { type: name, xid: 5, portNo: 1 };
  if (name === 'meterMod') {
    const bands = [{ type: 'drop', rate: 1000, burstSize: 0 }] as const;
    return { type: 'meterMod', xid: 5, command: 0, flags: 1, meterId: 1, bands };
  }
  return randomMessage(new Random(1), name);
}

function niciraSaid(name: ExtensionName, ...data: readonly number[]): Message {
  const { experimenter, expType } = extensions[name];
  return { type: 'experimenter', xid: 5, experimenter, expType, data: Uint8Array.from(data) };
}

/** As it comes off the wire. */
function received(message: Message, spoken: Version = version.of13): Message {
  const frame = encode(spoken, message);
  const decoded = decode(spoken, viewOf(frame), 0, frame.length);
  if (isError(decoded)) throw new Error(decoded.why);
  return decoded;
}

function named(verdict: Verdict): string {
  if (verdict.verdict !== 'refuse') return verdict.verdict;
  return `refuse ${errorName(verdict.error.errorType, verdict.error.errorCode)}`;
}

/** Answered in the bytes, before the table is asked (hypervisor/channel/channel.ts). */
const answeredByChannel: readonly MessageName[] = ['echoRequest'];

for (const name of messageNames) {
  t.test(`from a controller: ${name}`, async (t) => {
    const line = fromController[name];
    const verdict = line.handle(scene(), received(sample(name)));
    if (answeredByChannel.includes(name)) t.equal(verdict.verdict, 'absorb');
    else t.equal(verdict.verdict, line.verdict);
    if (verdict.verdict === 'refuse') {
      t.equal(named(verdict), 'refuse badRequest/badType');
      t.not(verdict.error.why, '');
    }
    t.not(line.cloned, '', 'it says what is different while cloned');
  });
}

t.test('what only a switch sends is refused from a controller, and the reverse', async (t) => {
  for (const name of messageNames) {
    const { from } = messages[name];
    if (from === 'switch') t.equal(fromController[name].verdict, 'refuse', name);
    if (from === 'controller') t.equal(fromDatapath[name].verdict, 'refuse', name);
    if (from === 'controller') t.equal(fromDatapath[name].route, 'alarm', name);
    t.not(fromDatapath[name].cloned, '', name);
  }
});

const any = { outPort: 0xffffffff, outGroup: 0xffffffff, cookie: 0n, cookieMask: 0n };
const filter = { tableId: 0xff, match: [], ...any };
const requests: readonly (readonly [request: MultipartRequestBody, verdict: string])[] = [
  [{ kind: 'desc' }, 'answer'],
  [{ kind: 'portDesc' }, 'answer'],
  [{ kind: 'table' }, 'rewrite'],
  [{ kind: 'flow', filter }, 'rewrite'],
  [{ kind: 'aggregate', filter }, 'rewrite'],
  [{ kind: 'portStats', portNo: 1 }, 'rewrite'],
  [{ kind: 'portStats', portNo: 9 }, 'rewrite'],
  [{ kind: 'portStats', portNo: 0x10000 }, 'refuse badAction/badOutPort'],
  [{ kind: 'groupStats', groupId: 1 }, 'rewrite'],
  [{ kind: 'groupDesc' }, 'rewrite'],
  [{ kind: 'groupFeatures' }, 'answer'],
  [{ kind: 'other', mpType: 0xffff, body: new Uint8Array(8) }, 'refuse badRequest/badExperimenter'],
  [{ kind: 'other', mpType: 12, body: new Uint8Array(0) }, 'answer'],
  [{ kind: 'other', mpType: 12, body: new Uint8Array(8) }, 'refuse tableFeaturesFailed/eperm'],
  [{ kind: 'meterStats', meterId: 1 }, 'rewrite'],
  [{ kind: 'meterConfig', meterId: 0xffffffff }, 'rewrite'],
  [{ kind: 'meterFeatures' }, 'rewrite'],
  [{ kind: 'queueStats', portNo: 1, queueId: 0xffffffff }, 'rewrite'],
  [{ kind: 'queueStats', portNo: 0xffffffff, queueId: 7 }, 'rewrite'],
  [{ kind: 'queueStats', portNo: 9, queueId: 7 }, 'refuse queueOpFailed/badPort'],
  [{ kind: 'queueStats', portNo: 0x10000, queueId: 7 }, 'refuse badAction/badOutPort'],
];

t.test('every kind of statistics', async (t) => {
  for (const [request, want] of requests) {
    const message = received({ type: 'multipartRequest', xid: 7, flags: 0, request });
    const verdict = fromController.multipartRequest.handle(scene(), message);
    t.equal(named(verdict), want, JSON.stringify(request.kind));
    if (verdict.verdict === 'answer') t.equal(verdict.message.xid, 7, 'with its own xid');
  }
});

t.test('answers carry the xid; set-config is the connection’s own', async (t) => {
  const one = scene();
  const features = fromController.featuresRequest.handle(one, { type: 'featuresRequest', xid: 9 });
  t.match(features, { message: { type: 'featuresReply', xid: 9, dpid: 1n, bufferCount: 0 } });
  const set = { type: 'setConfig', xid: 1, flags: 0, missSendLen: 0xffff } as const;
  t.strictSame(fromController.setConfig.handle(one, set), { verdict: 'absorb' });
  const asked = fromController.getConfigRequest.handle(one, { type: 'getConfigRequest', xid: 3 });
  t.match(asked, { message: { type: 'getConfigReply', xid: 3, flags: 0, missSendLen: 0xffff } });
  for (const flags of [configFlag.fragDrop, configFlag.fragMask, configFlag.invalidTtl]) {
    const verdict = fromController.setConfig.handle(one, { ...set, flags, missSendLen: 5 });
    const { errorType, errorCode } = ofError('switchConfigFailed', 'badFlags', '');
    t.match(verdict, { verdict: 'refuse', error: { errorType, errorCode } });
  }
  t.equal(one.connectionState.missSendLen, 0xffff, 'what is refused changes nothing');
  t.equal(scene().connectionState.missSendLen, 128, 'another connection keeps its own');
  const barrier = fromController.barrierRequest.handle(one, { type: 'barrierRequest', xid: 4 });
  t.strictSame(barrier, { verdict: 'rewrite', effect: { type: 'barrier', xid: 4 } });
});

t.test('experimenters: what is not on the allow-list is refused (I1)', async (t) => {
  const random = new Random(5);
  for (const [experimenter, expType] of [
    [0x4f4e4600, 2302],
    [10, 10],
  ] as const) {
    const data = random.bytes(4);
    const message = { type: 'experimenter', xid: 5, experimenter, expType, data } as const;
    const verdict = fromController.experimenter.handle(scene(), message);
    t.equal(named(verdict), 'refuse badRequest/badExperimenter', `${experimenter} ${expType}`);
  }
  // Of Nicira's, as a bridge that has none of this type; those of 1.0 are not 1.3's.
  for (const expType of [11, 12, 13, 15, 16, 19, 21, 99]) {
    const data = random.bytes(4);
    const message = { type: 'experimenter', xid: 5, experimenter: 0x2320, expType, data } as const;
    const verdict = fromController.experimenter.handle(scene(), message);
    t.equal(named(verdict), 'refuse badRequest/badExpType', `${expType}`);
  }
});

const niciraAsks = {
  niciraFlowFormat: [
    [niciraSaid('niciraFlowFormat', 0, 0, 0, 2), 'absorb'],
    [niciraSaid('niciraFlowFormat', 0, 0, 0, 1), 'refuse badRequest/eperm'],
    [niciraSaid('niciraFlowFormat', 2), 'refuse badRequest/badLen'],
  ],
  niciraFlowMod: [
    [niciraFlowModOf(flowMod({ instructions: outputs(2) })), 'rewrite'],
    [niciraSaid('niciraFlowMod', 1, 2, 3), 'refuse badRequest/badLen'],
  ],
  niciraTableIds: [
    [niciraSaid('niciraTableIds', 1, 0, 0, 0, 0, 0, 0, 0), 'absorb'],
    [niciraSaid('niciraTableIds', 1), 'refuse badRequest/badLen'],
  ],
  niciraPacketInFormat: [
    [niciraSaid('niciraPacketInFormat', 0, 0, 0, 1), 'absorb'],
    [niciraSaid('niciraPacketInFormat', 0, 0, 0, 2), 'refuse badRequest/eperm'],
  ],
  niciraControllerId: [
    [niciraSaid('niciraControllerId', 0, 0, 0, 0, 0, 0, 0, 5), 'absorb'],
    [niciraSaid('niciraControllerId', 5), 'refuse badRequest/badLen'],
  ],
  niciraMonitorCancel: [
    [monitorCancelOf(version.of10, 5, 1), 'rewrite'],
    [niciraSaid('niciraMonitorCancel', 1), 'refuse badRequest/badLen'],
  ],
  niciraAsync: [
    [niciraSaid('niciraAsync', ...new Array<number>(24).fill(0)), 'absorb'],
    [niciraSaid('niciraAsync', 1), 'refuse badRequest/badLen'],
  ],
} satisfies Partial<Record<ExtensionName, readonly (readonly [Message, string])[]>>;

t.test('every extension that is let in has its line, and says what it asks', async (t) => {
  const asks: Readonly<Record<ExtensionName, readonly (readonly [Message, string])[]>> = {
    niciraRole: [[sample('experimenter'), 'rewrite']],
    ...niciraAsks,
    onfMonitorCancel: [
      [monitorCancelOf(version.of13, 5, 1), 'rewrite'],
      [niciraSaid('onfMonitorCancel', 1), 'refuse badRequest/badLen'],
    ],
    bundleControl: [
      [control('open'), 'answer'],
      [control('close'), 'answer'],
      [control('commit'), 'rewrite'],
      [control('commit'), 'refuse onf/bundleBadId'],
    ],
    bundleAdd: [
      [added(sample('flowMod')), 'absorb'],
      [added(sample('groupMod')), 'absorb'],
      [added(sample('packetOut')), 'absorb'],
      [added(sample('portMod')), 'absorb'],
      [added(sample('meterMod')), 'refuse onf/bundledUnsupported'],
    ],
  };
  for (const [name, messages] of Object.entries(asks)) {
    const extension = extensions[name as ExtensionName];
    const only: Version = 'only' in extension ? extension.only : version.of13;
    const one = { ...scene(), version: only };
    for (const [message, want] of messages) {
      const verdict = fromController.experimenter.handle(one, received(message, only));
      t.equal(named(verdict), want, name);
    }
    t.not(
      fromExtensions[name as ExtensionName].cloned,
      '',
      'it says what is different while cloned',
    );
    const slave = { ...scene(), version: only };
    slave.connectionState.role = 3;
    const [[message] = []] = messages;
    const verdict = fromController.experimenter.handle(slave, received(message as Message, only));
    const line: Line = fromExtensions[name as ExtensionName];
    t.equal(named(verdict) === 'refuse badRequest/isSlave', line.notForSlaves === true, name);
    const others = only === version.of13 ? version.of10 : version.of13;
    const spoken = { ...scene(), version: others };
    const there = fromController.experimenter.handle(spoken, received(message as Message, others));
    const isOfBoth = name === 'niciraRole' || name === 'niciraControllerId';
    if (!isOfBoth) t.match(named(there), /^refuse badRequest\/badExp/);
  }
});

t.test('what a slave may not send (DELTA 1.2.010)', async (t) => {
  const all: Readonly<Record<string, Line>> = fromController;
  const closed = Object.keys(all).filter((name) => all[name]?.notForSlaves);
  t.strictSame(closed.sort(), [
    ...['flowMod', 'groupMod', 'meterMod', 'packetOut', 'portMod', 'tableMod'],
  ]);
});

t.test('a table-mod of a table that is not there', async (t) => {
  const of = (tableId: number) =>
    named(
      fromController.tableMod.handle(scene(), { type: 'tableMod', xid: 1, tableId, config: 3 }),
    );
  t.strictSame([of(0), of(239), of(255)], ['absorb', 'absorb', 'absorb']);
  t.equal(of(240), 'refuse tableModFailed/badTable');
});

t.test('no line throws, whatever valid message of its type it is given', async (t) => {
  const random = new Random(77);
  for (const type of messageTypes) {
    for (let round = 0; round < 200; round++) {
      const message = randomMessage(random, type);
      const verdict = fromController[type].handle(scene(), message);
      if (verdict.verdict === 'refuse' && !isError(verdict.error)) t.fail(`${type}: no error`);
    }
  }
  t.pass('none threw');
});
