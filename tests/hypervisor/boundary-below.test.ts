/**
 * An exception of ours where a datapath's message is handled, by route; in what is sent down; in a
 * migration, and at a start. boundary.test.ts has the controllers' side.
 */
import t from 'tap';
import type { VswitchRuntime } from '../../hypervisor/tenant/vswitch.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { flowCommand, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { VswitchId } from '../../slices/ids.ts';
import { cookieOf } from '../../translation/entries/pipeline.ts';
import type { FrameHandler } from '../../translation/policy.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import {
  boom,
  expectClosed,
  expectServed,
  patched,
  type Started,
  started,
  type Test,
} from './faults.ts';

const idOf = ({ runtime }: Started): VswitchId => runtime.vswitch.id;

function packetIn(id: VswitchId, serial = 0): Message {
  const match = matchOf(oxm('in_port', 1), oxm('metadata', (BigInt(id) << 48n) | (1n << 32n)));
  const cookie = cookieOf('rule', id, serial);
  const head = { bufferId: 0xffff_ffff, totalLen: 60, reason: 1, tableId: 2, cookie };
  return { type: 'packetIn', xid: 0, ...head, match, data: new Uint8Array(60) };
}

function removed(id: VswitchId): Message {
  const times = { durationSec: 0, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 };
  const counts = { packetCount: 0n, byteCount: 0n };
  const cookie = cookieOf('rule', id, 1);
  const head = { cookie, priority: 1, reason: 2, tableId: 2, match: [] };
  return { type: 'flowRemoved', xid: 0, ...head, ...times, ...counts };
}

/** For each route of what a datapath says: what is done there, and who is closed. */
const routes: Readonly<Record<FrameHandler, (t: Test, scene: Started) => 'vswitch' | 'datapath'>> =
  {
    packets: (t, scene) => {
      patched(t, scene.runtime.packetIns, 'receive', boom);
      const blue = scene.runtimes.find((one) => one.vswitch.name === 'blue/v3');
      const other = packetIn(blue?.vswitch.id ?? (0 as VswitchId));
      const both = [packetIn(idOf(scene)), other].map((one) => encode(version.of13, one));
      scene.peers.get('blue/v3')?.received();
      // In one chunk: what comes behind it is another's.
      scene.network.switch('s3').peer.user?.onBytes(Buffer.concat(both));
      scene.network.run(0);
      t.match(scene.peers.get('blue/v3')?.received(), [{ type: 'packetIn' }]);
      return 'vswitch';
    },
    flowRemoved: (t, scene) => {
      patched(t, scene.runtime.flowRemoved, 'onReport', boom);
      scene.network.switch('s3').peer.says(removed(idOf(scene)));
      return 'vswitch';
    },
    batch: (t, scene) => {
      // A refusal of its rule, when the barrier behind it is answered.
      patched(t, scene.runtime.rulebook, 'revert', boom);
      scene.network.switch('s3').refuse = (change) =>
        change.type === 'flowMod' ? { errorType: 5, errorCode: 1 } : undefined;
      scene.peer.says(flowMod({ command: flowCommand.add, flags: 2, instructions: outputs(1) }));
      return 'vswitch';
    },
    query: (t, scene) => {
      patched(t, scene.runtime.portCounters, 'carried', boom);
      patched(t, scene.runtime.rulebook, 'saw', boom);
      const [datapath] = scene.network.hypervisor.datapaths().filter(({ name }) => name === 's3');
      scene.network.hypervisor.boundary.run(scene.runtime, () => {
        datapath?.query({ kind: 'desc' }, boom);
      });
      return 'vswitch';
    },
    ports: (t, scene) => {
      patched(t, scene.runtime.ports, 'refresh', boom);
      scene.network.switch('s3').setPort(1, false);
      return 'vswitch';
    },
    alarm: (t, scene) => {
      patched(t, scene.network.hypervisor, 'alarm', boom);
      const last = { type: 'getConfigReply', xid: 1, flags: 0, missSendLen: 0 } as const;
      scene.network.switch('s3').peer.says(last);
      return 'datapath';
    },
    channel: (t, scene) => {
      patched(t, scene.network.hypervisor, 'onFrame', boom);
      const foreign = { experimenter: 1, expType: 1, data: new Uint8Array(0) };
      scene.network.switch('s3').peer.says({ type: 'experimenter', xid: 1, ...foreign });
      return 'datapath';
    },
    handshake: (t, scene) => {
      patched(t, scene.network.hypervisor, 'onFrame', boom);
      const rest = { bufferCount: 0, tableCount: 254, auxiliaryId: 0, capabilities: 0 };
      scene.network.switch('s3').peer.says({ type: 'featuresReply', xid: 1, dpid: 3n, ...rest });
      return 'datapath';
    },
  };

for (const [route, happens] of Object.entries(routes)) {
  t.test(`a datapath's message, route ${route}`, async (t) => {
    const scene = started();
    const who = happens(t, scene);
    scene.network.run();
    if (who === 'vswitch') {
      expectClosed(t, scene);
      return;
    }
    t.match(scene.faults[0], [/datapath s3/, { why: 'boom' }]);
    const states = scene.network.hypervisor.datapaths().map(({ name, state }) => [name, state]);
    t.match(
      states.filter(([name]) => name === 's3'),
      [['s3', { type: 'away', why: /internal error of Limevisor/ }]],
    );
    t.equal(states.filter(([, state]) => (state as { type: string }).type === 'ready').length, 3);
    for (const one of scene.runtimes) t.notOk(one.isClosed, one.vswitch.name);
  });
}

t.test('what is no OpenFlow is not sent, and closes who wrote it', async (t) => {
  const scene = started();
  const s3 = scene.network.hypervisor.datapaths().find(({ name }) => name === 's3');
  const { peer } = scene.network.switch('s3');
  patched(t, scene.runtime.flowMods as { relay: unknown }, 'relay', () => {
    s3?.tell({ type: 'barrierRequest', xid: 5 });
    // Two messages where one was meant, and the second one is cut.
    const out = s3?.channel?.writer();
    out?.put(Uint8Array.of(4, 14, 0, 8, 0, 0, 0, 0, 4, 14, 0, 9));
    return 80;
  });
  peer.received();
  scene.peer.says(flowMod({ instructions: outputs(1) }));
  scene.network.world.turn();
  t.match(scene.runtime.closed?.why, /would not be valid OpenFlow: 040e0009/);
  t.same(peer.received(), [], 'nothing of that message');
  t.match(s3?.state, { type: 'away', why: /would not be valid OpenFlow/ });
  t.notOk(scene.runtimes.some((one) => one.isClosed && one !== scene.runtime));
});

t.test('an exception in the middle of a message: the message was never there', async (t) => {
  const scene = started();
  const s3 = scene.network.hypervisor.datapaths().find(({ name }) => name === 's3');
  patched(t, scene.runtime.flowMods as { relay: unknown }, 'relay', () => {
    s3?.channel?.writer().beginFrame(40);
    return boom();
  });
  const { peer } = scene.network.switch('s3');
  peer.received();
  scene.peer.says(flowMod({ instructions: outputs(1) }));
  scene.network.world.turn();
  t.same(peer.received(), []);
  expectClosed(t, scene);
});

t.test('its migration stands still and says so; others migrate', async (t) => {
  const scene = started();
  const { executor } = scene.network.hypervisor;
  const { network, runtime } = scene;
  patched(t, runtime.flowRemoved, 'fills', boom);
  network.hypervisor.boundary.run(runtime, () => {
    executor.start(runtime.vswitch, 's3' as never, 's4' as never, 'lime');
  });
  network.run(2_000);
  t.ok(runtime.isClosed);
  t.match(executor.undo(1, 'why'), /paused: red\/v3 is closed; type "limevisor reopen red/);
  const blue = scene.runtimes.find((one) => one.vswitch.name === 'blue/v3') as VswitchRuntime;
  network.hypervisor.boundary.run(blue, () => {
    executor.start(blue.vswitch, 's3' as never, 's4' as never, 'lime');
  });
  network.run(4_000);
  t.equal(executor.all()[1]?.state.type, 'done');
});

t.test(
  'a store that cannot be read closes its vswitch, below all stays; then it is back',
  async (t) => {
    const store = memoryStore();
    const first = started(store);
    first.peer.says(flowMod({ priority: 9, flags: 2, instructions: outputs(1) }));
    first.network.run();
    t.equal(first.runtime.rulebook.size, 1);
    const { serial } = first.runtime.rulebook.rules()[0] ?? { serial: 0 };
    const id = first.runtime.vswitch.id;
    const prototype = Object.getPrototypeOf(first.runtime.rulebook) as { restore: unknown };
    await t.test('poisoned', async (t) => {
      patched(t, prototype, 'restore', boom);
      const scene = started(store);
      t.match(scene.runtime.closed?.why, /boom$/);
      expectServed(t, scene.network, scene.peers);
      const s3 = scene.network.switch('s3');
      const zero = { durationSec: 0, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 };
      const counts = { packetCount: 0n, byteCount: 0n };
      const cookie = cookieOf('rule', id, serial);
      const row = { tableId: 2, priority: 10, flags: 0, cookie, match: [], instructions: [] };
      s3.flows = { kind: 'flow', flows: [{ ...row, ...zero, ...counts }] };
      s3.changes();
      scene.network.hypervisor
        .datapaths()
        .find(({ name }) => name === 's3')
        ?.channel?.close('test');
      s3.peer.isClosed = false;
      scene.network.connect('s3');
      const gone = s3.changes().filter((one) => one.type === 'flowMod' && one.command >= 3);
      t.same(gone, [], 'its rules stand');
    });
    const again = started(store);
    t.notOk(again.runtime.isClosed);
    t.equal(again.runtime.rulebook.size, 1);
  },
);

t.test('a rule that cannot be compared costs the datapath one connection', async (t) => {
  const scene = started();
  scene.peer.says(flowMod({ priority: 9, flags: 2, instructions: outputs(1) }));
  scene.network.run();
  patched(t, scene.runtime.rulebook, 'some', boom);
  const s3 = scene.network.hypervisor.datapaths().find(({ name }) => name === 's3');
  const again = (): void => {
    s3?.channel?.close('test');
    scene.network.switch('s3').peer.isClosed = false;
    scene.network.connect('s3');
  };
  again();
  t.equal(scene.runtime.closed?.why, 'boom');
  t.notOk(s3?.isReady);
  again();
  t.ok(s3?.isReady, 'the next time it is left out');
});
