/**
 * DELTA's attacks by roles and auxiliary connections (1.2.*).
 */
import t from 'tap';
import type { Message } from '../../openflow/values/values.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { Peer } from '../hypervisor/fake-world.ts';
import { exampleText } from '../slices/networks.ts';
import { flowMod, groupMod, rule, textOf } from './attack.ts';

/** Two controllers for every vswitch of red. */
const text = exampleText().replace('tcp:127.0.0.1:6661', 'tcp:127.0.0.1:6661, tcp:127.0.0.1:7661');

function twoControllers() {
  const network = FakeNetwork.started(text);
  const [one, other] = [network.controller(6661), network.controller(7661)];
  let xid = 100;
  const says = (peer: Peer, message: object): readonly string[] => {
    xid += 1;
    peer.says({ ...message, xid } as Message);
    network.run();
    return peer
      .received()
      .filter((answer) => answer.xid === xid)
      .map(textOf);
  };
  const role = (number: number, generationId: bigint) =>
    ({ type: 'roleRequest', role: number, generationId }) as const;
  const below = () => [...network.switches.values()].flatMap((sw) => sw.changes());
  return { network, one, other, says, role, below };
}

const MASTER = 2;
const SLAVE = 3;

t.test('1.2.010 Slave controller violation', async (t) => {
  const { one, other, says, role, below } = twoControllers();
  t.strictSame(says(one, role(MASTER, 1n)), ['roleReply']);
  t.strictSame(says(other, role(SLAVE, 1n)), ['roleReply']);
  below();
  const packet = { bufferId: 0xffff_ffff, inPort: 1, actions: [], data: new Uint8Array(60) };
  const hwAddr = Uint8Array.of(2, 0, 0, 1, 0, 1);
  const port = { portNo: 1, hwAddr, config: 1, mask: 1, advertise: 0 };
  const attempts = [
    rule([], 1),
    groupMod(1, 1),
    { type: 'packetOut', ...packet },
    { type: 'portMod', ...port },
    { type: 'tableMod', tableId: 0, config: 0 },
    { type: 'meterMod', command: 0, flags: 1, meterId: 1, bands: [] },
  ];
  for (const attempt of attempts) {
    t.strictSame(says(other, attempt), ['badRequest/isSlave'], attempt.type);
  }
  const body = new Uint8Array(64);
  new DataView(body.buffer).setUint16(0, 64);
  const request = { kind: 'other', mpType: 12, body };
  const tables = says(other, { type: 'multipartRequest', flags: 0, request });
  t.match(tables, [/badRequest\/isSlave|tableFeaturesFailed\/eperm/], 'nor does it set tables');
  t.strictSame(below(), [], 'nothing reached a switch');
  t.strictSame(says(other, { type: 'barrierRequest' }), ['barrierReply'], 'asking it may');
  t.strictSame(says(one, rule([], 1)), [], 'the master is obeyed');
  t.ok(below().length > 0);
});

t.test('1.2.020 Corrupted generation id', async (t) => {
  const { network, one, other, says, role } = twoControllers();
  t.strictSame(says(one, role(MASTER, 10n)), ['roleReply']);
  for (const stale of [9n, 0n, 0x8000_0000_0000_000an]) {
    t.strictSame(says(other, role(MASTER, stale)), ['roleRequestFailed/stale'], `${stale}`);
  }
  t.strictSame(says(other, role(7, 11n)), ['roleRequestFailed/badRole']);
  // Whoever made the last valid request is the master still.
  t.strictSame(says(one, flowMod()), []);
  const blue = network.controller(6662);
  t.strictSame(says(blue, role(MASTER, 1n)), ['roleReply'], "blue's election is its own");
});

/**
 * A vswitch's features say auxiliary_id 0, and we dial: who wants an auxiliary connection has no
 * way to make one. Of a guest's, every connection is a main one.
 */
const listening = text.replace('on: s1 }', 'on: s1, listen: ["ptcp:7701"] }');

function guest(network: FakeNetwork): Peer {
  const peer = new Peer();
  network.world.connect('tcp:0.0.0.0:7701', peer);
  return peer;
}

t.test('1.2.030 Auxiliary connection when the main one is down', async (t) => {
  const network = FakeNetwork.started(listening);
  const peer = guest(network);
  peer.hello();
  network.switch('s1').peer.user?.onClose('gone');
  network.run();
  t.ok(peer.isClosed, 'no connection outlives the switch');
  const late = guest(network);
  late.hello();
  network.run();
  t.ok(late.isClosed, 'and none begins without it');
});

t.test('1.2.040 Auxiliary connection without Hello', async (t) => {
  const network = FakeNetwork.started(listening);
  const peer = guest(network);
  peer.says({ type: 'featuresRequest', xid: 3 });
  network.run();
  t.strictSame(peer.types(), ['hello'], 'nothing is answered');
  network.run(6_000);
  t.ok(peer.isClosed, 'and it is hung up on');
});

t.test('1.2.050 Auxiliary connection with messages it may not have', async (t) => {
  const network = FakeNetwork.started(listening);
  const peer = guest(network);
  peer.hello();
  peer.says({ type: 'featuresRequest', xid: 3 });
  network.run();
  t.match(
    peer.received().filter((one) => one.xid === 3),
    [{ type: 'featuresReply', auxiliaryId: 0 }],
    'it is a main connection, as its features say',
  );
  peer.says({
    type: 'featuresReply',
    xid: 4,
    dpid: 1n,
    bufferCount: 0,
    tableCount: 1,
    auxiliaryId: 1,
    capabilities: 0,
  });
  network.run();
  t.strictSame(peer.received().map(textOf), ['badRequest/badType'], 'what switches say is refused');
});
