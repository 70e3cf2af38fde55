/**
 * Attacks that were published of other controllers and switches, as far as they are made of
 * OpenFlow: the vulnerable message, said to us.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { port as ofpp, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { VswitchId } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { tryFrame } from '../fuzz/codec.ts';
import { Scene } from '../fuzz/scene.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { Peer } from '../hypervisor/fake-world.ts';
import { fromHex } from '../openflow/hex.ts';
import { vswitchName } from '../slices/networks.ts';
import { Attack, missOf, removeAll, rule, textOf } from './attack.ts';

const V3 = vswitchName('red/v3');
const idOf = (scene: Scene): VswitchId => {
  const id = scene.hypervisor.runtime(V3)?.vswitch.id;
  if (id === undefined) throw new Error('red/v3 is not there');
  return id;
};

function ethernet(type: number, size: number): Uint8Array {
  const data = new Uint8Array(size);
  data.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, type >> 8, type & 0xff].slice(0, size));
  return data;
}

t.test('CVE-2018-1000155 a dpid that is believed', async (t) => {
  // tests/hypervisor/acceptor.test.ts has the dpid bound to a certificate. Without one: the first
  // stays, whatever another says of itself, and what is not in the file is not let in.
  const network = FakeNetwork.started();
  const sizes = { bufferCount: 0, tableCount: 254, auxiliaryId: 0, capabilities: 0 };
  for (const dpid of [1n, 3n, 0n, 0xffff_ffff_ffff_ffffn]) {
    const peer = new Peer('impostor');
    network.world.connect('tcp:0.0.0.0:6653', peer);
    peer.hello();
    network.run();
    peer.says({ type: 'featuresReply', xid: 1, dpid, ...sizes });
    // Who is there is asked first.
    network.run(limits.claimEchoMs + 200);
    t.ok(peer.isClosed, `of ${dpid}`);
  }
  t.ok(network.hypervisor.datapaths().every((one) => one.isReady));
});

/** Frames in the shape of what crashed Open vSwitch 2.7 to 2.10. */
const crashers = {
  // A queue-get-config reply whose queue claims to be shorter than its own header, and longer.
  'CVE-2017-9214 OFPT_QUEUE_GET_CONFIG_REPLY': [
    '04170028 00000001 00000001 00000000 00000001 00000001 0008 0000 0000 0000 0000 0000 00000000',
    '04170028 00000001 00000001 00000000 00000001 00000001 ffff 0000 0000 0000 0000 0000 00000000',
  ],
  // A role status, OpenFlow 1.4's, in a connection of 1.3.
  'CVE-2017-9263 role status with a reason that is none': [
    '041e0018 00000001 00000002 ff000000 0000000000000001',
    '04040028 00000001 4f4e4600 00000777 00000003 ff000000 0000000000000001 0000000000000000',
  ],
  // Group mods whose buckets are cut, and whose type is none.
  'CVE-2017-9265 group mod': [
    '040f0018 00000001 0000 ff00 00000001 0004 0000 00000000',
    '040f0020 00000001 0000 0000 00000001 fff8 0000 00000000 00000000 00000000',
  ],
  // Bundles and their messages, as ONF's extension of 1.3.
  'CVE-2018-17204 group mod of an unknown command': [
    '040f0010 00000001 0003 0000 00000001',
    '040f0010 00000001 ffff 0000 00000001',
  ],
  'CVE-2018-17205 bundle of flow mods': [
    '04040018 00000001 4f4e4600 000008fc 00000001 00040001',
    '04040020 00000001 4f4e4600 000008fd 00000001 00000001 040e0008 00000001',
  ],
  'CVE-2018-17206 actions that end too early': [
    '040e0050 00000001 0000000000000000 0000000000000000 00000000 0000000a ffffffff ffffffff ' +
      'ffffffff 00000000 00010004 00000000 00040018 00000000 ffff00f0 00002320 00000000 00000000',
  ],
} as const;

for (const [name, frames] of Object.entries(crashers)) {
  t.test(name, async (t) => {
    const attack = new Attack(t);
    for (const hex of frames) {
      const frame = fromHex(hex.replaceAll(' ', ''));
      const sized = frame.slice();
      new DataView(sized.buffer).setUint16(2, sized.length);
      tryFrame(version.of13, sized);
      t.ok(
        attack.says(sized).some((one) => one.type === 'error'),
        'a controller is refused',
      );
      attack.scene.switch('s3').inject(sized);
    }
    attack.scene.pass(2_000);
    attack.isHarmless();
  });
}

t.test('CVE-2015-1611 CVE-2015-1612 LLDP of a tenant’s host', async (t) => {
  const scene = new Scene(11);
  const lldp = ethernet(0x88cc, 60);
  lldp.set([0x01, 0x80, 0xc2, 0, 0, 0x0e]);
  const before = JSON.stringify(scene.hypervisor.snapshot().config.links);
  const heard = scene.sessions('blue').map(({ received }) => received.length);
  scene.switch('s3').inject(missOf(scene, 'red/v3', lldp));
  scene.pass(1_000);
  t.equal(JSON.stringify(scene.hypervisor.snapshot().config.links), before, 'no link is learned');
  t.strictSame(
    scene.sessions('blue').map(({ received }) => received.length),
    heard,
    'nor told',
  );
});

t.test('CVE-2017-1000411 expired flows that stay in memory', async (t) => {
  const scene = new Scene(12);
  const red = scene.session('red', 3n);
  const before = scene.holdings();
  for (let i = 0; i < 500; i++) {
    const match = matchOf(oxm('eth_src', BigInt(i)));
    red.say({ ...rule(match, 1), hardTimeoutSec: 1, flags: 1, xid: i });
  }
  scene.pass(20_000);
  t.equal(scene.hypervisor.runtime(V3)?.rulebook.size, 0, 'none in the rulebook');
  t.equal(scene.holdings(), before, 'none below');
  t.equal(red.received.filter((one) => one.type === 'flowRemoved').length, 500, 'each was told');
});

t.test('CVE-2015-7516 ethertypes that nobody knows, and frames that are none', async (t) => {
  const scene = new Scene(13);
  const frames = [0x8870, 0x0000, 0xffff, 0x88cc, 0x8100, 0x8942].map((type) => ethernet(type, 60));
  const short = [0, 1, 6, 13, 14, 15].map((size) => ethernet(0x88cc, size));
  for (const data of [...frames, ...frames, ...short])
    scene.switch('s3').inject(missOf(scene, 'red/v3', data));
  scene.pass(2_000);
  const red = scene.session('red', 3n);
  t.ok(red.isOpen && scene.answers(red, 5), 'its controller is served');
  t.ok(
    scene.hypervisor.datapaths().every((one) => one.isReady),
    'its switch is connected',
  );
});

t.test('CVE-2019-1010250 rules that nobody asked for', async (t) => {
  const attack = new Attack(t);
  const before = attack.scene.holdings();
  attack.scene.pass(60_000);
  t.equal(attack.scene.holdings(), before);
  attack.says(removeAll);
  t.equal(attack.scene.holdings(), before);
});

t.test('ConGuard: events that meet at the wrong moment', async (t) => {
  for (let seed = 1; seed <= 6; seed++) {
    const scene = new Scene(seed);
    const red = scene.session('red', 3n);
    // The port goes down, the switch leaves, the packet comes up, all while a rule is on its way.
    red.say({ ...rule(matchOf(oxm('in_port', 1)), 2), xid: 1 });
    scene.switch('s3').inject(missOf(scene, 'red/v3', ethernet(0x0800, 60)));
    scene.pass(seed);
    scene.switch('s3').cut();
    red.say({ ...rule([], 1), xid: 2 });
    scene.pass(seed * 7);
    scene.switch('s4').cut();
    scene.pass(10_000);
    const again = scene.session('red', 3n);
    if (!scene.answers(again, 9)) t.fail(`seed ${seed}: not served`);
    const rules = scene.hypervisor.runtime(V3)?.rulebook.size ?? 0;
    const below = scene
      .switch('s3')
      .holds()
      .filter((one) => /"tableId":2,"priority":11/.test(one));
    const reds = below.filter((one) => one.includes(`"1":${idOf(scene)},`));
    t.equal(reds.length, rules, `seed ${seed}: what is below is what red was told it has`);
  }
});

t.test('SCN 2018: table overflow to count the neighbours', async (t) => {
  const attack = new Attack(t);
  const fill = () => {
    for (let i = 0; i < 50; i++)
      attack.red.say({ ...rule(matchOf(oxm('eth_src', BigInt(i))), 1), xid: i });
    return attack.says({ type: 'barrierRequest' }).map(textOf);
  };
  const alone = [fill(), attack.red.received.filter((one) => one.type === 'error').length];
  attack.says(removeAll);
  for (let i = 0; i < 300; i++) {
    attack.blue.say({ ...rule(matchOf(oxm('eth_src', BigInt(i))), 1), xid: i });
  }
  attack.scene.pass(2_000);
  const beside = [fill(), attack.red.received.filter((one) => one.type === 'error').length];
  t.strictSame(beside, alone, 'the same answers, however many rules the neighbour has');
});

t.test('arXiv 1704.08958: a neighbour’s messages make a tenant slow', async (t) => {
  // In the simulated world nothing takes time: here it is counted that no turn waits for another's
  // queue. tests/bench/ measures it.
  const network = FakeNetwork.started();
  const red = network.controller(6661);
  const blue = network.controller(6662);
  const frames = Array.from({ length: 2_000 }, (_, i) =>
    encode(version.of13, { ...rule(matchOf(oxm('eth_src', BigInt(i))), 1), xid: i }),
  );
  for (const frame of frames) red.user?.onBytes(frame);
  blue.says({ type: 'echoRequest', xid: 4, data: new Uint8Array(1) });
  network.world.turn();
  t.match(blue.received(), [{ type: 'echoReply', xid: 4 }], 'blue is answered in the same turn');
});

t.test('Floodlight 828 to 873: packet-outs of one switch, LLDP and BDDP floods', async (t) => {
  const scene = new Scene(14);
  const bddp = ethernet(0x8942, 60);
  bddp.fill(0xff, 0, 6);
  const before = scene.sessions('blue').map(({ received }) => received.length);
  for (let i = 0; i < 500; i++)
    scene.switch('s4').inject(missOf(scene, 'red/v3', i % 2 ? bddp : ethernet(0x88cc, 60)));
  scene.pass(2_000);
  const reds = scene.sessions('red').flatMap(({ received }) => received);
  t.notOk(
    reds.some((one: Message) => one.type === 'packetIn'),
    's4 is no body of red’s',
  );
  t.strictSame(
    scene.sessions('blue').map(({ received }) => received.length),
    before,
  );
  t.ok(scene.hypervisor.alarms.size <= limits.alarmsMax);
});

t.test('JISA 2015 6:18 addressing-space isolation by actions', async (t) => {
  const attack = new Attack(t);
  // Whatever red writes into a header, its frames keep red's tag and red's metadata.
  const actions = [
    { type: 'pushVlan', ethertype: 0x88a8 },
    { type: 'setField', oxm: oxm('vlan_vid', 0x1003) },
    { type: 'setField', oxm: oxm('eth_dst', 7) },
    { type: 'output', port: ofpp.flood, maxLen: 0 },
  ] as const;
  const answers = attack.says({
    ...rule([]),
    instructions: [{ type: 'applyActions', actions }],
  });
  t.strictSame(answers, [], 'the tenant may: headers are its own');
  const [mine] = attack.scene
    .switch('s3')
    .holds()
    .filter((one) => /"priority":11,/.test(one) && one.includes('pushVlan'));
  t.ok(mine?.includes('"resubmit"'), 'where it goes is decided by our egress table');
  t.notMatch(mine, /"type":"output"/, 'never by a port of the switch');
  attack.isHarmless();
});
