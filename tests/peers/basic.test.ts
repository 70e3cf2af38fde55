/**
 * FlowVisor's black-box suite, what concerns messages: packet-ins, packet-outs, ports, echo, and
 * switches or controllers that are away. The titles begin with the suite's names.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { port as ofpp, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { Attack, both, patched, rule, textOf } from '../attacks/attack.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { bytesOf } from '../sim/frames.ts';
import type { Frame } from '../sim/pipeline.ts';

const H1 = 0x02_0000_0000_01;
const H2 = 0x02_0000_0000_02;
const frame: Frame = { dst: H2, src: H1, id: 7, tags: [] };
const all = matchOf();
/** By what a packet-out is told apart from a host's frame. */
const sent = { ...frame, id: 9 };

/** A packet-out of red's v1. */
function packetOut(inPort: number, ...ports: readonly number[]) {
  const actions = ports.map((port) => ({ type: 'output', port, maxLen: 0 }) as const);
  const data = bytesOf(sent);
  return { type: 'packetOut', bufferId: 0xffff_ffff, inPort, actions, data } as const;
}

function packetIns(received: readonly Message[]): readonly Message[] {
  return received.filter((one) => one.type === 'packetIn');
}

t.test('tests-basic PktInPerPort', async (t) => {
  const { scene } = new Attack(t);
  const [red, blue] = [scene.session('red', 1n), scene.session('blue', 1n)];
  for (const one of [red, blue]) one.say(rule(all, ofpp.controller));
  scene.pass(1_000);
  scene.switch('s1').take(1, frame);
  scene.pass(1_000);
  t.strictSame([packetIns(red.received).length, packetIns(blue.received).length], [1, 0]);
  scene.switch('s1').take(2, frame);
  scene.pass(1_000);
  t.strictSame([packetIns(red.received).length, packetIns(blue.received).length], [1, 1]);
});

for (const spoken of both) {
  t.test(`tests-basic Echo, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    t.match(attack.says({ type: 'echoRequest', data: new Uint8Array(0) }), [{ type: 'echoReply' }]);
  });

  t.test(`tests-safety EchoPayload, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    const data = Uint8Array.from({ length: 1_000 }, (_, i) => i & 0xff);
    t.match(attack.says({ type: 'echoRequest', data }), [{ type: 'echoReply', data }]);
  });
}

t.test('tests-safety OldOFVer', async (t) => {
  const attack = new Attack(t);
  const echo = encode(version.of13, { type: 'echoRequest', xid: 0, data: new Uint8Array(4) });
  const features = encode(version.of13, { type: 'featuresRequest', xid: 0 });
  // FlowVisor answered in its own version; the specification has an error for it. An echo is
  // answered in the version that it has, as by a bridge (tests/live/mirror/conversations/exact.ts).
  attack.isRefused(patched(features, 0, 1), 'badRequest/badVersion');
  t.ok(attack.isEchoed(patched(echo, 0, 1)), 'an echo');
  attack.isHarmless();
});

t.test('tests-basic PortStatus', async (t) => {
  const network = FakeNetwork.started();
  const told = (port: number) => {
    const peers = network.world.dialled.filter(
      ({ target }) => 'port' in target && target.port === port,
    );
    const statuses = peers.flatMap(({ peer }) => peer.received()).filter(isStatus);
    return statuses.length;
  };
  network.switch('s1').setPort(1, false);
  network.run();
  t.ok(told(6661) > 0, 'red, whose host is in it');
  t.equal(told(6662), 0, 'not blue');
});

t.test('tests-port AddPort', async (t) => {
  const network = FakeNetwork.started();
  const all = () => network.world.dialled.flatMap(({ peer }) => peer.received()).filter(isStatus);
  all();
  // A port that the file does not name: it is nobody's.
  network.switch('s1').setPort(9, true);
  network.run();
  t.strictSame(all(), []);
});

function isStatus(one: Message): boolean {
  return one.type === 'portStatus';
}

for (const spoken of both) {
  const name = `in version ${spoken}`;

  t.test(`tests-basic PaktOutCorrect, ${name}`, async (t) => {
    const { scene } = new Attack(t, spoken);
    scene.session('red', 1n).say({ ...packetOut(2, 1), xid: 5 });
    scene.pass(1_000);
    const left = scene.left.map(({ name, port, frame }) => [name, port, frame.id, frame.tags]);
    t.strictSame(left, [['s1', 1, 9, []]], 'to its host');
  });

  t.test(`tests-basic PaktOutError, ${name}`, async (t) => {
    const attack = new Attack(t, spoken);
    const bad = spoken === version.of10 ? ofpp.any : 0xffff_ff42;
    attack.isRefused(packetOut(2, bad), 'badAction/badOutPort');
    // A port of the switch below that is not red's is a number that red does not have.
    attack.says(packetOut(2, 3));
    attack.says(packetOut(2, 4));
    t.strictSame(attack.scene.left, [], 'and nothing left');
  });

  t.test(`tests-basic PktOutFlood, ${name}`, async (t) => {
    const { scene } = new Attack(t, spoken);
    scene.session('red', 1n).say({ ...packetOut(ofpp.controller, ofpp.flood), xid: 5 });
    scene.pass(1_000);
    const places = scene.left.map(({ port, frame }) => [port, frame.wrapping !== undefined]);
    t.strictSame(
      places.sort(),
      [
        [1, false],
        [3, true],
      ],
      'its host, and the way to its v3; not blue’s',
    );
  });

  t.test(`tests-flood PktOutFlood, ${name}`, async (t) => {
    const { scene } = new Attack(t, spoken);
    scene.session('blue', 1n).say({ ...packetOut(2, ofpp.flood), xid: 5 });
    scene.session('red', 1n).say({ ...packetOut(2, ofpp.flood), xid: 5 });
    scene.pass(1_000);
    const places = scene.left.map(({ name, port }) => `${name}:${port}`);
    t.strictSame(places.sort(), ['s1:1', 's1:2'], 'a part of the switch’s ports each');
  });

  t.test(`tests-port PktOutInport, ${name}`, async (t) => {
    const { scene } = new Attack(t, spoken);
    scene.session('red', 1n).say({ ...packetOut(1, ofpp.flood), xid: 5 });
    scene.pass(1_000);
    t.strictSame(
      scene.left.map(({ port }) => port),
      [3],
      'everywhere but back',
    );
  });

  t.test(`tests-flood PktOutNoFloodPort, ${name}`, async (t) => {
    if (spoken !== version.of10) return void t.pass('1.3 has no OFPPC_NO_FLOOD');
    const { scene } = new Attack(t, spoken);
    const red = scene.session('red', 1n);
    const hwAddr = Uint8Array.of(2, 0, 0, 1, 0, 1);
    const noFlood = 1 << 4;
    const mod = { portNo: 1, hwAddr, config: noFlood, mask: noFlood, advertise: 0 };
    red.say({ type: 'portMod', xid: 4, ...mod });
    scene.pass(1_000);
    red.say({ ...packetOut(ofpp.controller, ofpp.flood), xid: 5 });
    scene.session('blue', 1n).say({ ...packetOut(ofpp.controller, ofpp.flood), xid: 6 });
    scene.pass(1_000);
    const reds = scene.left.filter(({ port }) => port !== 2).map(({ port }) => port);
    t.strictSame(reds.sort(), [3, 3], 'red’s host is left out, at red’s wish');
    t.ok(
      scene.left.some(({ port }) => port === 2),
      'blue’s is not',
    );
  });

  t.test(`tests-basic PktOutShort, ${name}`, async (t) => {
    const attack = new Attack(t, spoken);
    const short = { ...packetOut(2, 1), data: new Uint8Array(14) };
    t.strictSame(attack.says(short).map(textOf), [], 'a frame of fourteen bytes is one');
    attack.isHarmless();
  });

  t.test(`tests-basic PktOutBufId, ${name}`, async (t) => {
    const attack = new Attack(t, spoken);
    const empty = { ...packetOut(1, 2), data: new Uint8Array(0) };
    for (const bufferId of [0, 1, 256, 0x7fff_ffff]) {
      attack.isRefused({ ...empty, bufferId }, 'badRequest/bufferUnknown');
    }
    attack.isHarmless();
  });

  t.test(`tests-readonly LldpErr2, ${name}`, async (t) => {
    const attack = new Attack(t, spoken);
    const empty = { ...packetOut(1, 2), data: new Uint8Array(0) };
    attack.isRefused({ ...empty, bufferId: 0xdead }, 'badRequest/bufferUnknown');
  });

  t.test(`tests-basic Vendor, ${name}`, async (t) => {
    const attack = new Attack(t, spoken);
    // FlowVisor passed it through, which is a hole (tests/attacks/holes.test.ts, I1).
    const what = { experimenter: 0x00c0ffee, expType: 1, data: new Uint8Array(8) };
    attack.isRefused({ type: 'experimenter', ...what }, 'badRequest/badExperimenter');
  });

  t.test(`tests-flood FeaturesReply, ${name}`, async (t) => {
    const attack = new Attack(t, spoken);
    const [features] = attack.says({ type: 'featuresRequest' });
    const isOld = spoken === version.of10;
    const request = { kind: isOld ? 'portStats' : 'portDesc', portNo: ofpp.any } as const;
    const [rows] = attack.says({ type: 'multipartRequest', flags: 0, request });
    const inReply = features?.type === 'featuresReply' ? features.of10?.ports : undefined;
    const reply = rows?.type === 'multipartReply' ? rows.reply : undefined;
    const inRows = reply?.kind === 'portDesc' || reply?.kind === 'portStats' ? reply.ports : [];
    const ports = (isOld ? inReply : inRows) ?? [];
    t.strictSame(
      ports.map((one) => one.portNo).sort((a, b) => a - b),
      [1, 2, ofpp.local],
    );
  });

  t.test(`tests-safety FeatReqErr, ${name}`, async (t) => {
    const attack = new Attack(t, spoken);
    // Too long for what it is: the error has its xid and its bytes.
    const long = new Uint8Array(16);
    long.set([spoken, 5, 0, 16]);
    attack.isRefused(long, 'badRequest/badLen');
    attack.isHarmless();
  });

  t.test(`tests-disconnected BrokenFlowMod, ${name}`, async (t) => {
    const attack = new Attack(t, spoken);
    const good = encode(spoken, { ...rule([], 1), xid: 0 });
    for (const cut of [1, 2, 3, 5]) {
      const broken = good.slice(0, good.length - cut);
      broken.set([broken.length >> 8, broken.length & 0xff], 2);
      t.match(attack.says(broken).map(textOf), [/badLen$/], `${cut} bytes less`);
    }
    attack.isHarmless();
  });

  t.test(`tests-readonly BrokenFlowMod, ${name}`, async (t) => {
    const attack = new Attack(t, spoken);
    const broken = new Uint8Array(20);
    broken.set([spoken, 14, 0, 20]);
    attack.isRefused(broken, 'badRequest/badLen');
  });
}

t.test('tests-disconnected PktIn2Disconn', async (t) => {
  const { scene } = new Attack(t);
  const red = scene.session('red', 1n);
  red.say(rule(all, ofpp.controller));
  scene.pass(1_000);
  red.hangUp();
  scene.pass(5);
  for (let id = 0; id < 20; id++) scene.switch('s1').take(1, { ...frame, id });
  scene.pass(5_000);
  const again = scene.session('red', 1n);
  t.not(again, red, 'it is dialled again');
  t.strictSame(packetIns(again.received), [], 'what was not for it is not kept for it');
  t.ok(scene.answers(scene.session('blue', 1n), 4), 'blue is served');
  scene.switch('s1').take(1, frame);
  scene.pass(1_000);
  t.equal(packetIns(again.received).length, 1, 'and what comes now, comes');
});

t.test('tests-readonly PktOutLldp', async (t) => {
  const { scene } = new Attack(t);
  const lldp = new Uint8Array(60).fill(0x55);
  lldp.set([0x01, 0x80, 0xc2, 0, 0, 0x0e, 2, 0, 0, 0, 0, 1, 0x88, 0xcc]);
  const v3 = scene.session('red', 3n);
  v3.say({ ...rule(matchOf(oxm('eth_type', 0x88cc)), ofpp.controller), xid: 1 });
  scene.pass(1_000);
  scene.session('red', 1n).say({ ...packetOut(ofpp.controller, 2), data: lldp, xid: 2 });
  scene.pass(1_000);
  // FlowVisor added a trailer; along a virtual link it needs none, and arrives as it was sent.
  t.match(packetIns(v3.received), [{ data: lldp }]);
  t.strictSame(scene.left, [], 'it touched no wire');
});

t.test('tests-readonly Lldp2nobody', async (t) => {
  const { scene } = new Attack(t);
  const lldp = new Uint8Array(60).fill(0x55);
  lldp.set([0x01, 0x80, 0xc2, 0, 0, 0x0e, 2, 0, 0, 0, 0, 1, 0x88, 0xcc]);
  scene.session('red', 1n).say({ ...packetOut(ofpp.controller, 1), data: lldp, xid: 2 });
  scene.pass(1_000);
  t.match(scene.left, [{ name: 's1', port: 1 }], 'to a host it goes as any frame');
});
