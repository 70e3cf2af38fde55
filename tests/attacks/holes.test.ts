/**
 * Isolation holes that FlowVisor and OpenVirteX had (the catalogue's I1 to I11): each is tried.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { port as ofpp, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { Attack, both, flowMod, patched, removeAll, rule, textOf } from './attack.ts';

const NICIRA = 0x2320;
const of10 = [12, 13, 15, 16, 19, 21];

for (const spoken of both) {
  t.test(`I1 vendor messages forwarded, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    // NXT_FLOW_MOD, _FLOW_MOD_TABLE_ID, _SET_PACKET_IN_FORMAT, _SET_ASYNC_CONFIG, which 1.0 has
    // (nicira.test.ts) as well as _FLOW_MONITOR_CANCEL, _PACKET_IN, _FLOW_AGE, and others of
    // monitors; ONF's, of which 1.3 has bundles and monitors (bundles.test.ts, monitors.test.ts).
    const ofNicira = [14, 17, 18, 22, 23, 99, ...(spoken === version.of13 ? of10 : [])];
    const ofOnf = spoken === version.of10 ? [1870, 2300, 2301, 2302] : [1871, 1872, 1911, 2302];
    for (const [experimenter, expType] of [
      ...ofNicira.map((type) => [NICIRA, type]),
      ...ofOnf.map((type) => [0x4f4e_4600, type]),
      [0, 0],
      [0xffff_ffff, 1],
    ] as const) {
      const what = { experimenter: experimenter ?? 0, expType: expType ?? 0 };
      attack.isRefused(
        { type: 'experimenter', ...what, data: new Uint8Array(40) },
        `badRequest/${experimenter === NICIRA ? 'badExpType' : 'badExperimenter'}`,
      );
    }
    attack.isHarmless();
  });
}

t.test('I2 vendor statistics forwarded', async (t) => {
  const attack = new Attack(t);
  const body = new Uint8Array(16);
  new DataView(body.buffer).setUint32(0, NICIRA);
  const request = { kind: 'other', mpType: 0xffff, body } as const;
  attack.isRefused({ type: 'multipartRequest', flags: 0, request }, 'badRequest/badExperimenter');
  attack.isHarmless();
});

for (const spoken of both) {
  t.test(`I3 vendor actions approved, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    const ours = [
      { type: 'resubmit', inPort: 0xfff8, table: 250 },
      { type: 'experimenter', experimenter: NICIRA, data: new Uint8Array(8) },
      { type: 'experimenter', experimenter: 77, data: new Uint8Array(8) },
    ] as const;
    for (const action of ours) {
      const instructions = [{ type: 'applyActions', actions: [action] }] as const;
      const before = attack.scene.holdings();
      const answers = attack.says(flowMod({ instructions })).map(textOf);
      t.match(answers, [/^badAction\/bad(Experimenter|Type|ExpType|Argument)$/]);
      t.equal(attack.scene.holdings(), before);
    }
    attack.isHarmless();
  });
}

t.test('I4 rewriting out of the slice', async (t) => {
  const attack = new Attack(t);
  // Headers are the tenant's own; what tells tenants apart is not a header, and cannot be set.
  for (const field of [
    oxm('metadata', 0x0001_0001_0000_0000n),
    oxm('reg0', 1),
    oxm('tunnel_id', 1),
  ]) {
    const actions = [{ type: 'setField', oxm: field }] as const;
    const before = attack.scene.holdings();
    const instructions = [{ type: 'applyActions', actions }] as const;
    t.match(attack.says(flowMod({ instructions })).map(textOf), [/^bad/]);
    t.equal(attack.scene.holdings(), before);
  }
  const mask = 0xffff_ffff_ffff_ffffn;
  const metadata = [{ type: 'writeMetadata', metadata: 1n << 48n, mask }] as const;
  attack.isRefused(flowMod({ instructions: metadata }), 'badInstruction/unsupMetadata');
  attack.isHarmless();
});

for (const spoken of both) {
  t.test(`I5 packet-out too short to be read, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    for (let size = 8; size < (spoken === version.of10 ? 16 : 24); size++) {
      const frame = new Uint8Array(size);
      frame.set([spoken, 13, 0, size]);
      attack.isRefused(frame, 'badRequest/badLen');
    }
    // Its actions claim to be longer than it is.
    const actions = [{ type: 'output', port: 1, maxLen: 0 }] as const;
    const out = { bufferId: 0xffff_ffff, inPort: 1, actions, data: new Uint8Array(4) };
    const frame = encode(spoken, { type: 'packetOut', xid: 0, ...out });
    const lenAt = spoken === version.of10 ? 14 : 16;
    const answers = attack.says(patched(frame, lenAt, 0x7f, 0xf8)).map(textOf);
    t.match(answers, [/^bad(Request|Action)\/badLen$/]);
    attack.isHarmless();
  });
}

for (const spoken of both) {
  t.test(`I6 SET_CONFIG for everybody, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    const drop = attack.says({ type: 'setConfig', flags: 1, missSendLen: 9 });
    t.match(drop, [{ type: 'error' }], 'fragments are the whole datapath’s');
    attack.says({ type: 'setConfig', flags: 0, missSendLen: 7 });
    const mine = attack.says({ type: 'getConfigRequest' });
    t.match(mine, [{ type: 'getConfigReply', missSendLen: 7 }], 'red has its own');
    attack.blue.say({ type: 'getConfigRequest', xid: 4 });
    attack.scene.pass(1_000);
    const blues = attack.blue.received.find((one) => one.xid === 4);
    t.match(blues, { type: 'getConfigReply', flags: 0, missSendLen: 128 }, 'blue has what it had');
  });
}

for (const spoken of both) {
  t.test(`I7 DESC of the real switch, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    const [desc] = attack.says({ type: 'multipartRequest', flags: 0, request: { kind: 'desc' } });
    t.match(desc, { type: 'multipartReply', reply: { kind: 'desc' } });
    t.notMatch(JSON.stringify(desc), /sim|127\.0\.0\.1|"s3"/, 'nothing of the switch below');
    const again = new Attack(t, spoken);
    again.scene.hypervisor.runtimes();
    const [same] = again.says({ type: 'multipartRequest', flags: 0, request: { kind: 'desc' } });
    t.strictSame({ ...same, xid: 0 }, { ...desc, xid: 0 }, 'and it is made, so it stays');
  });

  t.test(`I9 features of the real switch, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    const [features] = attack.says({ type: 'featuresRequest' });
    t.match(features, { dpid: 3n, auxiliaryId: 0 }, 'the dpid of the file');
    const tables = features?.type === 'featuresReply' ? features.tableCount : 254;
    t.not(tables, 254, "not the switch's tables");
  });
}

t.test('I8 table statistics of everybody', async (t) => {
  const attack = new Attack(t);
  attack.blue.say({ ...rule([], 1), xid: 1 });
  attack.blue.say({ ...rule(matchOf(oxm('in_port', 1)), 1), xid: 2 });
  const [reply] = attack.says({ type: 'multipartRequest', flags: 0, request: { kind: 'table' } });
  const tables =
    reply?.type === 'multipartReply' && reply.reply.kind === 'table' ? reply.reply.tables : [];
  t.ok(tables.length > 0);
  t.ok(
    tables.every((one) => one.activeCount === 0),
    "red has no rule, and sees none of blue's",
  );
});

t.test('I10 port statistics are the physical port’s', async (t) => {
  const attack = new Attack(t);
  const request = { kind: 'portStats', portNo: ofpp.any } as const;
  const [reply] = attack.says({ type: 'multipartRequest', flags: 0, request });
  const ports =
    reply?.type === 'multipartReply' && reply.reply.kind === 'portStats' ? reply.reply.ports : [];
  t.strictSame(ports.map((one) => one.portNo).sort(), [1, 2, ofpp.local].sort(), 'its own ports');
  // Each of them is on a link that blue uses too: the link's numbers are not shown. What is
  // counted: tests/hypervisor/port-counters.test.ts, and to the byte tests/live/ports.test.ts.
  t.ok(ports.every((one) => one.rxPackets === 0n && one.txPackets === 0n));
});

t.test('I11 flow-removed to everybody', async (t) => {
  const attack = new Attack(t);
  const heard = attack.blue.received.length;
  attack.says({ ...rule([], 1), flags: 1 });
  attack.says(removeAll);
  attack.scene.pass(3_000);
  const removed = (list: readonly Message[]) => list.filter((one) => one.type === 'flowRemoved');
  t.equal(removed(attack.red.received).length, 1, 'red is told once');
  t.equal(attack.blue.received.length, heard, 'blue is not');
});
