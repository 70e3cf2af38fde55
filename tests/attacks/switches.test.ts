/**
 * DELTA's attacks of a switch (2.1.*): what it says is checked, what it says of others is worth
 * nothing, and nobody but its own vswitches is concerned.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { port as ofpp, version } from '../../openflow/values/constants.ts';
import type { VswitchId } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { cookieOf, metadataOf } from '../../translation/entries/pipeline.ts';
import { Scene } from '../fuzz/scene.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { Peer } from '../hypervisor/fake-world.ts';
import { patched, rule, textOf } from './attack.ts';

const LISTEN = 'tcp:0.0.0.0:6653';
const QUIET_MS = 2_000;

/** A switch says this; whether both tenants are served after it. */
function afterInjecting(scene: Scene, name: string, ...frames: readonly Uint8Array[]): boolean {
  for (const frame of frames) scene.switch(name).inject(frame);
  scene.pass(QUIET_MS);
  return (['red', 'blue'] as const).every((tenant) =>
    [1n, 2n, 3n].every((dpid) => scene.answers(scene.session(tenant, dpid), 0x55)),
  );
}

const barrierReply = encode(version.of13, { type: 'barrierReply', xid: 0x99 });

t.test('2.1.010 Malformed version from switch', async (t) => {
  const scene = new Scene(3);
  const heard = scene.session('red', 1n).received.length;
  const frames = [0, 1, 2, 5, 0x7f, 0xff].map((bad) => patched(barrierReply, 0, bad));
  t.ok(afterInjecting(scene, 's1', ...frames), 'everybody is served');
  t.equal(scene.session('red', 1n).received.length, heard + 1, 'and heard of nothing else');
});

t.test('2.1.020 Corrupted message type', async (t) => {
  const scene = new Scene(4);
  const types = [30, 99, 255, 5, 13, 14, 15, 16, 17, 18, 20, 24, 26, 28, 29];
  const frames = types.map((type) => patched(barrierReply, 1, type));
  t.ok(afterInjecting(scene, 's3', ...frames), 'everybody is served');
  t.ok(scene.hypervisor.alarms.size > 0, 'and the operator sees what came');
});

t.test('2.1.030 Handshake without Hello', async (t) => {
  const network = new FakeNetwork();
  const peer = new Peer();
  network.world.connect(LISTEN, peer);
  network.run(limits.handshakeTimeoutMs + 500);
  t.ok(peer.isClosed, 'after the time-out');
});

t.test('2.1.040 Message before Hello', async (t) => {
  const network = new FakeNetwork();
  const peer = new Peer();
  network.world.connect(LISTEN, peer);
  const sizes = { bufferCount: 0, tableCount: 254, auxiliaryId: 0, capabilities: 0 };
  peer.says({ type: 'featuresReply', xid: 1, dpid: 1n, ...sizes });
  network.run();
  t.strictSame(peer.types(), ['hello'], 'it is not taken for a switch');
  t.ok(network.hypervisor.datapaths().every((one) => one.state.type === 'away'));
});

t.test('2.1.050 Several main connections with the same dpid', async (t) => {
  const network = FakeNetwork.started();
  const peer = new Peer('the second');
  network.world.connect(LISTEN, peer);
  peer.hello();
  network.run();
  const sizes = { bufferCount: 0, tableCount: 254, auxiliaryId: 0, capabilities: 0 };
  peer.says({ type: 'featuresReply', xid: 1, dpid: 1n, ...sizes });
  // Who is there is asked first.
  network.run(limits.claimEchoMs + 200);
  t.ok(peer.isClosed, 'the second is refused');
  t.notOk(network.switch('s1').peer.isClosed, 'the first stays');
  t.ok(network.hypervisor.datapaths().every((one) => one.isReady));
});

t.test('2.1.060 Un-flagged flow-removed', async (t) => {
  const scene = new Scene(5);
  const times = { durationSec: 1, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 };
  const counts = { packetCount: 9n, byteCount: 9n };
  const heard = () => [...scene.sessions('red'), ...scene.sessions('blue')].map(textsOf).join();
  scene.session('red', 3n).say({ ...rule([], 1), xid: 8 });
  scene.pass(QUIET_MS);
  const before = heard();
  // Cookies of a rule that nobody wants to hear of, of one that is not there, and of the wiring.
  for (const cookie of [1, 2, 9].flatMap((n) => [
    cookieOf('rule', 3, n),
    cookieOf('egress', 3, n),
    BigInt(n),
  ])) {
    const what = { cookie, priority: 10, tableId: 2, match: [], reason: 2, ...times, ...counts };
    scene.switch('s3').inject(encode(version.of13, { type: 'flowRemoved', xid: 0, ...what }));
  }
  scene.pass(QUIET_MS);
  t.equal(heard(), before, 'nobody is told');
  t.ok(
    [...scene.hypervisor.alarms.keys()].some((one) => /flow-removed/.test(one)),
    'but counted',
  );
});

t.test('2.1.080 Auxiliary connection that does not fit the main one', async (t) => {
  const network = FakeNetwork.started();
  const sizes = { bufferCount: 0, tableCount: 254, capabilities: 0 };
  for (const dpid of [1n, 0x77n]) {
    const peer = new Peer('auxiliary');
    network.world.connect(LISTEN, peer);
    peer.hello();
    network.run();
    peer.says({ type: 'featuresReply', xid: 1, dpid, auxiliaryId: 1, ...sizes });
    network.run(limits.claimEchoMs + 200);
    t.ok(peer.isClosed, `of dpid ${dpid}: refused, we use none`);
  }
  t.ok(
    network.hypervisor.datapaths().every((one) => one.isReady),
    'the main ones stay',
  );
});

t.test('3.1.210 Packet-in data forge', async (t) => {
  const scene = new Scene(6);
  const heard = () => [...scene.sessions('red'), ...scene.sessions('blue')].map(textsOf).join();
  const before = heard();
  // s4 carries nobody: what it says of red's and blue's vswitches is a lie, whatever it knows.
  for (const [id, vport] of [1, 2, 3, 4, 5, 6, 99].flatMap((id) => [1, 2].map((p) => [id, p]))) {
    const metadata = metadataOf(id as VswitchId, vport ?? 1);
    const match = matchOf(oxm('in_port', 1), oxm('metadata', metadata));
    const data = new Uint8Array(60).fill(7);
    const what = { bufferId: 0xffff_ffff, totalLen: 60, reason: 1, tableId: 2, match, data };
    const cookie = cookieOf('rule', id ?? 1, 1);
    scene.switch('s4').inject(encode(version.of13, { type: 'packetIn', xid: 0, cookie, ...what }));
  }
  scene.pass(QUIET_MS);
  t.equal(heard(), before, 'no controller is told');
  t.match(
    [...scene.hypervisor.alarms.keys()].join(),
    /not on s4|of no known vswitch/,
    'it is counted',
  );
});

t.test('DiffController: what a switch of another mind says', async (t) => {
  const scene = new Scene(7);
  const desc = { hwAddr: new Uint8Array(6), name: 'odd', config: 0, state: 4 };
  const speeds = { curr: 0, advertised: 0, supported: 0, peer: 0, currSpeed: 0, maxSpeed: 0 };
  const status = [0, 0xffff_ff01, ofpp.any, 4_000].map((portNo) =>
    encode(version.of13, {
      type: 'portStatus',
      xid: 0,
      reason: 0,
      desc: { portNo, ...desc, ...speeds },
    }),
  );
  const hello = encode(version.of13, { type: 'hello', xid: 0, versions: [1] });
  const flows = {
    tableId: 2,
    durationSec: 0,
    durationNsec: 0,
    priority: 1,
    idleTimeoutSec: 0,
    hardTimeoutSec: 0,
    flags: 0,
    cookie: cookieOf('rule', 3, 1),
    packetCount: 1n << 60n,
    byteCount: 1n << 60n,
    match: [],
    instructions: [],
  };
  const made = [1, 2, 50].map((xid) =>
    encode(version.of13, {
      type: 'multipartReply',
      xid,
      flags: 0,
      reply: { kind: 'flow', flows: [flows] },
    }),
  );
  t.ok(afterInjecting(scene, 's3', ...status, hello, ...made), 'everybody is served');
});

t.test('BEADS, ATTAIN: messages doubled, late, changed and left out', async (t) => {
  // The simulated world delays and cuts; tests/fuzz/ bends and invents. Here: everything twice.
  const scene = new Scene(8);
  const twice = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((xid) => {
    const reply = encode(version.of13, { type: 'barrierReply', xid });
    const data = new Uint8Array(12);
    const error = { type: 'error', xid, errorType: 5, errorCode: 1, data } as const;
    return [reply, reply, encode(version.of13, error)];
  });
  t.ok(afterInjecting(scene, 's1', ...twice), 'everybody is served');
});

function textsOf({ received }: { readonly received: readonly Parameters<typeof textOf>[0][] }) {
  return received.map(textOf).join(' ');
}
