/**
 * DELTA's attacks by quantity and by others' rules (3.1.*): what one tenant or one switch does too
 * much of is bounded, and the others are served as before.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { flowCommand, version } from '../../openflow/values/constants.ts';
import { limits } from '../../slices/limits.ts';
import { cookieOf } from '../../translation/entries/pipeline.ts';
import { Scene } from '../fuzz/scene.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { Peer } from '../hypervisor/fake-world.ts';
import { vswitchName } from '../slices/networks.ts';
import {
  Attack,
  controllerOf,
  flowMod,
  missOf,
  outputs,
  removeAll,
  rule,
  textOf,
} from './attack.ts';

t.test('3.1.010 Packet-in flooding', async (t) => {
  const network = FakeNetwork.started();
  const red = controllerOf(network, 6661, 3n);
  const blue = controllerOf(network, 6662, 3n);
  red.reads = false;
  red.unread = 0;
  const miss = missOf(network, 'red/v3');
  const s3 = network.switch('s3').peer;
  for (let i = 0; i < 20_000; i++) {
    s3.user?.onBytes(miss);
    if (i % 100 === 0) network.world.turn();
  }
  network.run();
  t.ok(red.unread <= limits.controllerOutboxBytesMax, `${red.unread} bytes wait`);
  const [controller] = network.hypervisor.runtime(vswitchName('red/v3'))?.controllers ?? [];
  t.ok((controller?.droppedPacketIns ?? 0) > 1_000, 'the rest was dropped, and counted');
  s3.user?.onBytes(missOf(network, 'blue/v3'));
  network.run();
  t.match(blue.types(), ['packetIn'], 'blue gets its own');
});

t.test('3.1.020 Control-message drop', async (t) => {
  const network = FakeNetwork.started();
  const s3 = network.switch('s3');
  const red = controllerOf(network, 6661, 3n);
  const answer = s3.answer.bind(s3);
  s3.answer = () => s3.peer.received().length > 0; // What it is sent is lost.
  red.says({ ...rule([], 1), xid: 5 }, { type: 'barrierRequest', xid: 6 });
  network.run(limits.barrierTimeoutMs + 1_000);
  t.ok(s3.peer.isClosed, 'a switch that answers no barrier is given up');
  const v3 = network.hypervisor.runtime(vswitchName('red/v3'));
  t.match(v3?.whyDown(), /datapath s3 is away/, 'and the operator reads why');
  t.notOk(
    red.received().some((one) => one.type === 'barrierReply'),
    'nothing was promised',
  );
  s3.answer = answer;
  Object.assign(s3.peer, { isClosed: false });
  network.connect('s3');
  t.equal(v3?.whyDown(), undefined, 'it comes back');
  const rules = s3.changes().filter((one) => one.type === 'flowMod' && one.tableId === 2);
  t.ok(rules.length > 0, 'and is told again what was lost');
});

for (const [row, what] of [
  ['3.1.030 Infinite loop of an application', { type: 'echoRequest', data: new Uint8Array(200) }],
  ['3.1.110 Memory exhaustion', { type: 'echoRequest', data: new Uint8Array(60_000) }],
  ['3.1.120 CPU exhaustion', { type: 'multipartRequest', flags: 0, request: { kind: 'portDesc' } }],
] as const) {
  t.test(row, async (t) => {
    const network = FakeNetwork.started();
    const red = controllerOf(network, 6661, 3n);
    const blue = controllerOf(network, 6662, 3n);
    red.reads = false;
    red.unread = 0;
    const frame = encode(version.of13, { ...what, xid: 1 });
    for (let i = 0; i < 100_000 && red.isRead; i++) {
      red.user?.onBytes(frame);
      if (i % 50 === 0) network.world.turn();
    }
    t.notOk(red.isRead, 'who asks and does not read is not read any more');
    t.ok(red.unread < 2 * limits.unreadBytesMax, `at ${red.unread} bytes`);
    blue.says({ type: 'barrierRequest', xid: 9 });
    network.run();
    t.match(blue.received(), [{ type: 'barrierReply', xid: 9 }], 'blue is served');
    red.reads = true;
    network.run(2 * limits.holdPollMs);
    t.ok(red.isRead && !red.isClosed, 'and when it reads, so do we');
  });
}

t.test('3.1.050 Switch table flooding by switches that do not exist', async (t) => {
  const network = FakeNetwork.started();
  const sizes = { bufferCount: 0, tableCount: 254, auxiliaryId: 0, capabilities: 0 };
  const silent = Array.from({ length: limits.handshakesMax + 50 }, () => new Peer());
  for (const peer of silent) network.world.connect('tcp:0.0.0.0:6653', peer);
  network.run();
  t.equal(silent.filter((one) => !one.isClosed).length, limits.handshakesMax, 'so many may wait');
  // A switch of the file that comes now is served.
  const [name = ''] = network.switches.keys();
  const away = () => network.hypervisor.datapaths().filter((one) => !one.isReady).length;
  network.switch(name).peer.user?.onClose('its cable was out');
  t.equal(away(), 1);
  network.connect(name);
  t.equal(away(), 0, 'and keep no switch out');
  network.run(limits.handshakeTimeoutMs);
  t.ok(
    silent.every((one) => one.isClosed),
    'not for long',
  );
  for (let dpid = 100n; dpid < 400n; dpid++) {
    const peer = new Peer();
    network.world.connect('tcp:0.0.0.0:6653', peer);
    peer.hello();
    network.world.turn();
    peer.says({ type: 'featuresReply', xid: 1, dpid, ...sizes });
    network.world.turn();
    if (!peer.isClosed) t.fail(`dpid ${dpid} was let in`);
  }
  t.equal(network.hypervisor.datapaths().length, 4, 'there are as many as the file has');
  t.ok(network.hypervisor.datapaths().every((one) => one.isReady));
});

t.test('3.1.070 Flow-rule modification', async (t) => {
  const attack = new Attack(t);
  attack.blue.say({ ...rule(matchOf(oxm('in_port', 1)), 2), xid: 1 });
  attack.scene.pass(1_000);
  const before = attack.scene.holdings();
  const changes = { command: flowCommand.modify, tableId: 0, instructions: outputs(1) };
  attack.says(flowMod({ ...changes, match: matchOf(oxm('in_port', 1)) }));
  t.equal(attack.scene.holdings(), before, "blue's rule of the same match stands as it was");
  attack.says(flowMod({ ...changes, command: flowCommand.modifyStrict }));
  t.equal(attack.scene.holdings(), before);
  attack.isHarmless();
});

t.test('3.1.080 Table clearance', async (t) => {
  const attack = new Attack(t);
  attack.blue.say({ ...rule(matchOf(oxm('in_port', 1)), 2), xid: 1 });
  attack.scene.pass(1_000);
  const before = attack.scene.holdings();
  attack.says(rule(matchOf(oxm('in_port', 1)), 2));
  t.not(attack.scene.holdings(), before);
  attack.says(removeAll);
  t.equal(attack.scene.holdings(), before, 'everything of red, nothing of blue or of ours');
  attack.says({ ...removeAll, cookie: 0n, cookieMask: 0n, command: flowCommand.deleteStrict });
  attack.isHarmless();
});

t.test('3.1.190 Flow-rule flooding', async (t) => {
  const scene = new Scene(9);
  const red = scene.session('red', 3n);
  const runtime = scene.hypervisor.runtime(vswitchName('red/v3'));
  // The whole quota over the wire takes minutes of the simulator's tables: most of it is put in
  // the rulebook, as a restart would.
  const max = limits.rulesPerVswitchMax;
  const added = (i: number) => rule(matchOf(oxm('eth_src', BigInt(i))), 1);
  for (let i = 0; i < max - 2; i++) runtime?.rulebook.apply(added(i), 0);
  for (const i of [max, max + 1, max + 2, max + 3]) red.say({ ...added(i), xid: i });
  scene.pass(3_000);
  const refused = red.received.filter((one) => one.type === 'error');
  t.strictSame(refused.map(textOf), ['flowModFailed/tableFull', 'flowModFailed/tableFull']);
  t.strictSame(
    refused.map((one) => one.xid),
    [max + 2, max + 3],
    'each under its own xid',
  );
  const blue = scene.session('blue', 3n);
  blue.say({ ...added(1), xid: 7 });
  t.ok(scene.answers(blue, 8));
  t.notOk(
    blue.received.some((one) => one.type === 'error'),
    'blue has room',
  );
});

t.test('3.1.220 Malformed rule generation', async (t) => {
  const attack = new Attack(t);
  const good = encode(version.of13, { ...rule(matchOf(oxm('eth_type', 0x800)), 1), xid: 0 });
  let refused = 0;
  for (let at = 8; at < good.length; at++) {
    const bad = good.slice();
    bad[at] = 0xf7;
    const answers = attack.says(bad);
    if (answers.some((one) => one.type === 'error')) refused += 1;
  }
  t.ok(refused > 20, `${refused} of ${good.length} were refused`);
  attack.says(removeAll);
  attack.isHarmless();
});

t.test('3.1.230 Rule-id spoofing', async (t) => {
  const attack = new Attack(t);
  // Cookies as ours below are made: blue's rule, our wiring. They are red's words, no more.
  attack.blue.say({ ...rule([], 1), xid: 1 });
  attack.scene.pass(1_000);
  const before = attack.scene.holdings();
  for (const cookie of [1, 2, 3, 4, 5, 6].map((id) => cookieOf('rule', id, 1))) {
    attack.says({ ...rule(matchOf(oxm('in_port', 2)), 1), cookie });
    attack.says(
      flowMod({
        command: flowCommand.delete,
        tableId: 0xff,
        cookie,
        cookieMask: ~0n & 0xffff_ffff_ffff_ffffn,
      }),
    );
  }
  t.equal(attack.scene.holdings(), before, 'each added and deleted its own');
  attack.isHarmless();
});

t.test('3.1.240 Infinite rule synchronization', async (t) => {
  const network = new FakeNetwork();
  const s3 = network.switch('s3');
  // A switch that refuses every entry: it is unfit, said once a connection, never in a loop.
  const { answer } = s3;
  s3.answer = () => {
    for (const one of s3.peer.received()) {
      if (one.type === 'flowMod') {
        const data = encode(version.of13, one);
        s3.peer.says({ type: 'error', xid: one.xid, errorType: 5, errorCode: 0, data });
      } else replay(one);
    }
    return false;
  };
  const replay = (one: Parameters<typeof textOf>[0]): void => {
    Object.assign(s3.peer, { received: () => [one] });
    answer.call(s3);
    Reflect.deleteProperty(s3.peer, 'received');
  };
  network.connect('s3');
  network.run(5_000);
  t.ok(s3.peer.isClosed, 'it is sent away');
  t.match(network.hypervisor.datapaths()[2]?.state, { type: 'away', why: /./ });
});

t.test('3.1.250 Table-features reply amplification', async (t) => {
  const attack = new Attack(t);
  const request = { kind: 'other', mpType: 12, body: new Uint8Array(0) } as const;
  const answers = attack.says({ type: 'multipartRequest', flags: 0, request });
  const bytes = answers.reduce((sum, one) => sum + encode(version.of13, one).length, 0);
  t.ok(bytes > 0 && bytes < 1_000_000, `${bytes} bytes for one request`);
  t.ok(bytes < limits.controllerOutboxBytesMax, 'less than may wait for a controller');
  attack.isHarmless();
});
