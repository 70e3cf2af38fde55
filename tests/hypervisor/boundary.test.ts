/**
 * An exception of ours closes the one for whom the code ran, and nobody else: thrown where each
 * message of a controller is handled, and where each effect is carried out. The tables are complete
 * by their types: an entry point without a row does not compile, or fails here.
 */
import t from 'tap';
import type { VswitchRuntime } from '../../hypervisor/tenant/vswitch.ts';
import { oxm } from '../../openflow/match/match.ts';
import { bundleControlOf } from '../../openflow/messages/bundles.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { monitorCancelOf } from '../../openflow/messages/monitor-messages.ts';
import { bundleControl, flowCommand, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { Effect } from '../../translation/controllers/verdict.ts';
import { fromController, type Line } from '../../translation/policy.ts';
import { monitor, monitoring } from '../openflow/monitored.ts';
import { Random, randomMessage } from '../openflow/random.ts';
import { flowMod, outputs, toController } from '../slices/rules.ts';
import { boom, expectClosed, patched, started } from './faults.ts';

/** Never asked: the channel does what there is to do, in the bytes (channel.ts). */
const ofChannel = new Set(['hello', 'echoRequest', 'echoReply']);

for (const [name, line] of Object.entries(fromController) as [Message['type'], Line][]) {
  if (line.verdict === 'refuse') continue; // Refused unread: no handler.
  t.test(`a controller's ${name}`, async (t) => {
    const scene = started();
    let asked = 0;
    const { handle } = line;
    patched(t, line, 'handle', (of, message) => {
      if (of.vswitch.name !== 'red/v3') return handle(of, message);
      asked += 1;
      return boom();
    });
    const random = new Random(5);
    let last: Uint8Array = new Uint8Array(0);
    for (let i = 0; i < 300 && asked === 0; i++) {
      const message = { ...randomMessage(random, name), xid: 0x1234 };
      const isRequest = message.type === 'multipartRequest';
      const sent = isRequest
        ? ({ ...message, flags: 0, request: { kind: 'desc' } } as const)
        : message;
      last = encode(version.of13, sent as Message);
      scene.peer.user?.onBytes(last.slice());
      scene.network.run(0);
    }
    if (ofChannel.has(name)) {
      t.equal(asked, 0);
      return;
    }
    t.equal(asked, 1, 'the handler ran once');
    expectClosed(t, scene);
    const begin = Buffer.from(last.subarray(0, 128)).toString('hex');
    t.equal(scene.faults[0]?.[1].message, begin, 'its message is in the log');
  });
}

/** For each effect: what carries it out, and a message that asks for it. */
const effects: Readonly<
  Record<Effect['type'], readonly [(r: VswitchRuntime) => readonly [object, string], Message]>
> = {
  changeRules: [
    (r) => [r.changes, 'flowMod'],
    flowMod({ command: flowCommand.modify, instructions: outputs(1) }),
  ],
  changePort: [
    (r) => [r.ports, 'change'],
    { type: 'portMod', xid: 1, portNo: 1, hwAddr: mac(1), config: 0, mask: 0, advertise: 0 },
  ],
  changeRole: [
    (r) => [r.controllers[0] as object, 'demote'],
    { type: 'roleRequest', xid: 1, role: 2, generationId: 1n },
  ],
  sendPacket: [(r) => [r.packetOuts, 'refusal'], packetOut()],
  barrier: [(r) => [r, 'answerBarrier'], { type: 'barrierRequest', xid: 1 }],
  readPorts: [(r) => [r.portCounters, 'read'], asks({ kind: 'portStats', portNo: 1 })],
  changeGroups: [
    (r) => [r.changes, 'groupMod'],
    { type: 'groupMod', xid: 1, command: 0, groupType: 0, groupId: 1, buckets: [] },
  ],
  readGroups: [(r) => [r.groups, 'read'], asks({ kind: 'groupDesc' })],
  changeMeters: [
    (r) => [r.changes, 'meterMod'],
    { type: 'meterMod', xid: 1, command: 2, flags: 1, meterId: 1, bands: [] },
  ],
  readMeters: [(r) => [r.meters, 'read'], asks({ kind: 'meterFeatures' })],
  describeQueues: [(r) => [r.queues, 'read'], { type: 'queueGetConfigRequest', xid: 1, portNo: 1 }],
  readQueues: [
    (r) => [r.queues, 'read'],
    asks({ kind: 'queueStats', portNo: 1, queueId: 0xffff_ffff }),
  ],
  readCounters: [(r) => [r, 'readCounters'], asks({ kind: 'table' })],
  monitorRules: [(r) => [r.flowUpdates, 'begin'], monitoring(1, [monitor(1)])],
  cancelMonitor: [(r) => [r.flowUpdates, 'cancel'], monitorCancelOf(version.of13, 1, 1)],
  commitBundle: [
    (r) => [r, 'exclusive'],
    bundleControlOf(1, { bundleId: 1, control: bundleControl.commit, flags: 0 }),
  ],
};
/** What some of these are asked after. */
const before: Partial<Record<Effect['type'], Message>> = {
  commitBundle: bundleControlOf(1, { bundleId: 1, control: bundleControl.open, flags: 0 }),
};

function mac(vport: number): Uint8Array {
  return Uint8Array.of(2, 0, 0, 3, 0, vport);
}

function packetOut(): Message {
  // Not of the plain kind, which stays bytes.
  const actions = [{ type: 'setField', oxm: oxm('eth_dst', 1) } as const];
  const any = { bufferId: 0xffff_ffff, inPort: 0xffff_fffd };
  return { type: 'packetOut', xid: 1, ...any, actions, data: new Uint8Array(60) };
}

function asks(request: Extract<Message, { type: 'multipartRequest' }>['request']): Message {
  return { type: 'multipartRequest', xid: 1, flags: 0, request };
}

for (const [name, [place, message]] of Object.entries(effects)) {
  if (name === 'changeRole') continue; // Below: it takes two controllers.
  t.test(`effect ${name}`, async (t) => {
    const scene = started();
    const [of, key] = place(scene.runtime);
    let ran = 0;
    patched(t, of as Record<string, unknown>, key, () => {
      ran += 1;
      return boom();
    });
    const first = before[name as Effect['type']];
    scene.peer.says(...(first === undefined ? [] : [first]), message);
    scene.network.run();
    t.equal(ran, 1, `${key} ran`);
    expectClosed(t, scene);
  });
}

t.test('effect changeRole', async (t) => {
  const scene = started();
  const [of, key] = effects.changeRole[0](scene.runtime);
  const other = { demote: boom, connectionState: {} };
  patched(t, of as Record<string, unknown>, key, boom);
  patched(t, scene.runtime, 'controllers', [...scene.runtime.controllers, other] as never);
  scene.peer.says(effects.changeRole[1]);
  t.ok(scene.runtime.isClosed);
});

for (const [name, message] of [
  ['flowMods', flowMod({ instructions: outputs(1) })],
  ['packetOuts', { ...packetOut(), actions: [toController] } as Message],
] as const) {
  t.test(`the path of bytes: ${name}`, async (t) => {
    const scene = started();
    patched(t, scene.runtime[name] as { relay: unknown }, 'relay', boom);
    scene.peer.says(message);
    expectClosed(t, scene);
  });
}
