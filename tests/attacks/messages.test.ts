/**
 * DELTA's attacks of a controller's messages (1.1.*): each is refused as the specification says,
 * with the attacker's own xid and bytes, and nothing of it reaches a switch.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import {
  flowCommand,
  meterCommand,
  port as ofpp,
  version,
} from '../../openflow/values/constants.ts';
import { limits } from '../../slices/limits.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { Attack, both, flowMod, groupMod, patched, rule, textOf } from './attack.ts';

for (const spoken of both) {
  t.test(`1.1.010 Port range violation, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    // Above OFPP_MAX, and no reserved port.
    const frame = encode(spoken, { ...rule([], 1), xid: 0 });
    // The last action of it: in 1.0 a port has two bytes, in 1.3 four and six of padding behind.
    const at = frame.length - (spoken === version.of10 ? 4 : 12);
    const ports =
      spoken === version.of10
        ? [
            [0xff, 0x01],
            [0xff, 0xf7],
          ]
        : [[0xff, 0xff, 0xff, 1]];
    for (const port of ports) attack.isRefused(patched(frame, at, ...port), 'badAction/badOutPort');
    attack.isHarmless();
  });
}

t.test('1.1.011 TTP port range violation', async (t) => {
  const attack = new Attack(t);
  for (const port of [0xffff_ff01, 0xffff_fff7]) {
    attack.isRefused(rule([], port), 'badAction/badOutPort');
    attack.isRefused(groupMod(1, port), 'badAction/badOutPort');
    const actions = [{ type: 'output', port, maxLen: 0 }] as const;
    const packet = { bufferId: 0xffff_ffff, inPort: 1, actions, data: new Uint8Array(60) };
    attack.isRefused({ type: 'packetOut', ...packet }, 'badAction/badOutPort');
  }
  attack.isHarmless();
});

t.test('1.1.020 Table number violation', async (t) => {
  const attack = new Attack(t);
  for (const tableId of [240, 249, 250, 251, 254, 255]) {
    attack.isRefused(flowMod({ tableId }), 'flowModFailed/badTableId');
  }
  attack.isHarmless();
});

t.test('1.1.030 Group identifier violation', async (t) => {
  const attack = new Attack(t);
  for (const groupId of [0xffff_ff01, 0xffff_fffc, 0xffff_ffff]) {
    attack.isRefused(groupMod(groupId, 1), 'groupModFailed/invalidGroup');
  }
  attack.isHarmless();
});

t.test('1.1.040 Meter identifier violation', async (t) => {
  const attack = new Attack(t);
  const bands = [{ type: 'drop', rate: 1, burstSize: 0 }] as const;
  for (const meterId of [0, 0xffff_0001, 0xffff_ffff]) {
    const meter = { command: meterCommand.add, flags: 1, meterId, bands };
    attack.isRefused({ type: 'meterMod', ...meter }, 'meterModFailed/invalidMeter');
  }
  attack.isHarmless();
});

t.test('1.1.050 Table loop', async (t) => {
  const attack = new Attack(t);
  for (const table of [0, 4, 5]) {
    const instructions = [{ type: 'gotoTable', table }] as const;
    attack.isRefused(flowMod({ tableId: 5, instructions }), 'badInstruction/badTableId');
  }
  attack.isHarmless();
});

for (const spoken of both) {
  t.test(`1.1.060 Corrupted control message type, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    const isOld = spoken === version.of10;
    // Beyond the last one, and what only switches say.
    const types = isOld ? [22, 30, 64, 128, 255, 6, 8, 10, 11, 12] : [30, 64, 128, 255, 6, 8, 10];
    for (const type of types) {
      attack.isRefused(Uint8Array.of(spoken, type, 0, 8, 0, 0, 0, 0), 'badRequest/badType');
    }
    attack.isHarmless();
  });
}

t.test('1.1.070 Unsupported version', async (t) => {
  for (const bad of [0, 2, 3, 5, 6, 0x7f]) {
    const network = new FakeNetwork();
    for (const name of network.switches.keys()) network.connect(name);
    const peer = network.controller(6661);
    peer.user?.onOpen();
    peer.received();
    const says = peer.user?.onBytes.bind(peer.user);
    // Without a bitmap the header's version is all that counts; 5 and up know 4, unless they say.
    says?.(Uint8Array.of(bad, 0, 0, 16, 0, 0, 0, 7, 0, 1, 0, 8, 0, 0, 0, 1 << (bad & 7)));
    network.run();
    const answers = peer.received().filter((one) => one.type === 'error');
    t.match(answers, [{ errorType: 0, errorCode: 0, xid: 7 }], `version ${bad}`);
    const [error] = answers;
    const why = error?.type === 'error' ? new TextDecoder().decode(error.data) : '';
    t.match(why, /OpenFlow|1\.3/, 'and says which ones there are');
    t.ok(peer.isClosed, 'the connection ends');
  }
});

for (const spoken of both) {
  const other = spoken === version.of10 ? version.of13 : version.of10;
  t.test(`1.1.080 Supported but not negotiated version, ${other} in ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    // A version that we do speak, but not here: as it stands, this adds a rule.
    const frame = encode(other, { ...rule([], 1), xid: 0 });
    attack.isRefused(frame, 'badRequest/badVersion');
    attack.isRefused(Uint8Array.of(5, 18, 0, 8, 0, 0, 0, 0x62), 'badRequest/badVersion');
    attack.isHarmless();
  });
}

const inPort = rule(matchOf(oxm('in_port', 1)), 2);
/** Where its one OXM begins: class, field, length, value. */
const OXM_AT = 52;

t.test('1.1.090 Invalid OXM type', async (t) => {
  const attack = new Attack(t);
  const frame = encode(version.of13, { ...inPort, xid: 0 });
  attack.isRefused(patched(frame, OXM_AT + 2, 0x7f << 1), 'badMatch/badField');
  attack.isRefused(patched(frame, OXM_AT, 0x12, 0x34), 'badMatch/badField');
  attack.isHarmless();
});

t.test('1.1.100 Invalid OXM length', async (t) => {
  const attack = new Attack(t);
  const frame = encode(version.of13, { ...inPort, xid: 0 });
  // For Open vSwitch 3.1 a field's length is part of its name, where it fits.
  for (const length of [0, 1, 2, 3]) {
    attack.isRefused(patched(frame, OXM_AT + 3, length), 'badMatch/badField');
  }
  for (const length of [5, 8, 0xff]) {
    attack.isRefused(patched(frame, OXM_AT + 3, length), 'badMatch/badLen');
  }
  attack.isHarmless();
});

t.test('1.1.110 Invalid OXM value', async (t) => {
  const attack = new Attack(t);
  const fields = matchOf(oxm('eth_type', 0x0800), oxm('ip_dscp', 1));
  const frame = encode(version.of13, { ...rule(fields, 2), xid: 0 });
  // After eth_type's six bytes: four of header, then a value of six bits.
  attack.isRefused(patched(frame, OXM_AT + 6 + 4, 0xff), 'badMatch/badValue');
  attack.isHarmless();
});

t.test('1.1.120 Disabled table-features request', async (t) => {
  const attack = new Attack(t);
  const body = new Uint8Array(64);
  new DataView(body.buffer).setUint16(0, 64);
  const request = { kind: 'other', mpType: 12, body } as const;
  attack.isRefused({ type: 'multipartRequest', flags: 0, request }, 'tableFeaturesFailed/eperm');
  attack.isHarmless();
});

t.test('1.1.130 Handshake without Hello', async (t) => {
  const network = new FakeNetwork();
  for (const name of network.switches.keys()) network.connect(name);
  const peer = network.controller(6661);
  peer.user?.onOpen();
  network.run(limits.handshakeTimeoutMs - 500);
  t.notOk(peer.isClosed);
  network.run(1_000);
  t.ok(peer.isClosed, 'after the time-out');
});

t.test('1.1.140 Control message before Hello', async (t) => {
  const network = new FakeNetwork();
  for (const name of network.switches.keys()) network.connect(name);
  for (const one of network.switches.values()) one.changes();
  const { peer } = network.world.dialled[0] ?? { peer: network.controller(6661) };
  peer.user?.onOpen();
  peer.says({ ...rule([], 1), xid: 5 }, { type: 'featuresRequest', xid: 6 });
  network.run();
  t.strictSame(peer.types(), ['hello'], 'no answer');
  const changed = [...network.switches.values()].flatMap((one) => one.changes());
  t.strictSame(changed, [], 'no effect');
  peer.hello();
  peer.says({ type: 'featuresRequest', xid: 7 });
  network.run();
  t.match(peer.received(), [{ type: 'featuresReply', xid: 7 }], 'only what came after it counts');
});

for (const spoken of both) {
  t.test(`1.1.150 HELLO_FAILED after connection, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    attack.says(rule([], 2));
    const before = attack.scene.holdings();
    const data = new TextEncoder().encode('no');
    attack.says({ type: 'error', errorType: 0, errorCode: 0, data });
    attack.says(Uint8Array.of(spoken, 0, 0, 8, 0, 0, 0, 1));
    t.equal(attack.scene.holdings(), before, 'its rules stand');
    attack.isHarmless();
  });
}

t.test('1.1.160 Corrupted cookie', async (t) => {
  const attack = new Attack(t);
  attack.blue.say({ ...rule([], 1), cookie: 77n, xid: 1 });
  attack.says({ ...rule([], 2), cookie: 77n });
  const mine = attack.scene.holdings();
  // Cookies that ours below might have, and blue's: none of them is red's to delete by.
  for (const cookie of [78n, 0x4c00_0000_0000_0001n, 0xffff_ffff_ffff_ffffn]) {
    const mask = 0xffff_ffff_ffff_ffffn;
    attack.says(flowMod({ command: flowCommand.delete, tableId: 0xff, cookie, cookieMask: mask }));
    t.equal(attack.scene.holdings(), mine, `cookie ${cookie.toString(16)} is nobody's`);
  }
  attack.says(
    flowMod({ command: flowCommand.delete, tableId: 0xff, cookie: 77n, cookieMask: 0xffn }),
  );
  const filter = { tableId: 0xff, outPort: ofpp.any, outGroup: 0xffff_ffff } as const;
  const all = { ...filter, cookie: 0n, cookieMask: 0n, match: [] };
  attack.blue.say({
    type: 'multipartRequest',
    xid: 9,
    flags: 0,
    request: { kind: 'flow', filter: all },
  });
  attack.scene.pass(2_000);
  const reply = attack.blue.received.find((one) => one.xid === 9);
  t.match(reply, { reply: { kind: 'flow', flows: [{ cookie: 77n }] } }, "blue's of that cookie is");
  attack.isHarmless();
});

for (const spoken of both) {
  t.test(`1.1.170 Malformed buffer id, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    const actions = [{ type: 'output', port: 1, maxLen: 0 }] as const;
    for (const bufferId of [0, 1, 0x100, 0xffff_fffe]) {
      const packet = { bufferId, inPort: 1, actions, data: new Uint8Array(0) };
      attack.isRefused({ type: 'packetOut', ...packet }, 'badRequest/bufferUnknown');
    }
    const answers = attack.says({ ...rule([], 2), bufferId: 7 });
    t.strictSame(answers.map(textOf), ['badRequest/bufferUnknown'], 'a rule with it says so too');
    attack.isHarmless();
  });
}
