/**
 * FlowVisor's black-box suite, what concerns rules: flow-mods, limits, statistics, VLANs. The
 * titles begin with the suite's names; actions are in actions.test.ts.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand, port as ofpp, version } from '../../openflow/values/constants.ts';
import type { Message, MultipartRequestBody } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { Attack, both, flowMod, removeAll, rule, textOf } from '../attacks/attack.ts';
import { Scene } from '../fuzz/scene.ts';
import { vswitchName } from '../slices/networks.ts';

const everything = {
  cookie: 0n,
  cookieMask: 0n,
  tableId: 0xff,
  match: [],
  outPort: ofpp.any,
  outGroup: 0xffff_ffff,
} as const;

t.test('tests-arp FlowModArp', async (t) => {
  const attack = new Attack(t);
  const match = matchOf(oxm('eth_type', 0x0806), oxm('arp_op', 1), oxm('arp_tpa', '10.0.0.1'));
  t.strictSame(attack.says(rule(match, 1)).map(textOf), [], 'no need to say more than ARP');
  const [row] = rowsOf(attack, { kind: 'flow', filter: everything });
  t.match(row, { match }, 'and it is shown as it was said');
});

t.test('tests-flowmod ExpandNot', async (t) => {
  const attack = new Attack(t);
  const before = attack.scene.switch('s3').holds().length;
  attack.says(rule(matchOf(oxm('in_port', 1)), 2));
  t.equal(attack.scene.switch('s3').holds().length, before + 1);
});

t.test('tests-flowmod Expand', async (t) => {
  const attack = new Attack(t);
  const before = attack.scene.switch('s3').holds().length;
  // What FlowVisor makes many rules of, is one: any port, and out by all of them.
  attack.says(rule([], ofpp.flood));
  t.equal(attack.scene.switch('s3').holds().length, before + 1);
});

t.test('tests-flowlimit DPIDLimit', async (t) => {
  const scene = new Scene(31);
  const red = scene.session('red', 3n);
  fill(scene, limits.rulesPerVswitchMax - 1);
  for (const i of [1, 2]) red.say({ ...rule(matchOf(oxm('eth_dst', BigInt(i))), 1), xid: i });
  scene.pass(2_000);
  t.strictSame(errors(red.received), ['2 flowModFailed/tableFull'], 'one was left');
  const other = scene.session('red', 1n);
  other.say({ ...rule([], 1), xid: 3 });
  t.ok(scene.answers(other, 4));
  t.strictSame(errors(other.received), [], 'another vswitch has its own');
});

t.test('tests-flowlimit ErrorLimit', async (t) => {
  const scene = new Scene(32);
  const red = scene.session('red', 3n);
  fill(scene, limits.rulesPerVswitchMax - 1);
  // Many that are refused, for other reasons; then one: there is room for it still.
  for (let i = 0; i < 50; i++) red.say({ ...rule([], 0xffff_ff01), xid: 100 + i });
  red.say({ ...rule(matchOf(oxm('eth_dst', 1)), 1), xid: 1 });
  t.ok(scene.answers(red, 2));
  const refused = errors(red.received);
  t.equal(refused.length, 50);
  t.notOk(
    refused.some((one) => /tableFull/.test(one)),
    'a failed one takes no room',
  );
});

function fill(scene: Scene, count: number): void {
  const runtime = scene.hypervisor.runtime(vswitchName('red/v3'));
  for (let i = 0; i < count; i++)
    runtime?.rulebook.apply(rule(matchOf(oxm('eth_src', BigInt(i))), 1), 0);
}

function errors(received: readonly Message[]): readonly string[] {
  return received.filter((one) => one.type === 'error').map((one) => `${one.xid} ${textOf(one)}`);
}

function partsOf(attack: Attack, request: MultipartRequestBody) {
  const answers = attack.says({ type: 'multipartRequest', flags: 0, request });
  return answers.flatMap((one) => (one.type === 'multipartReply' ? [one] : []));
}

function rowsOf(attack: Attack, request: MultipartRequestBody) {
  return partsOf(attack, request).flatMap(({ reply }) =>
    reply.kind === 'flow' ? reply.flows : [],
  );
}

/** Three rules of red's, two of them to port 1; one of blue's. */
function withRules(t: ConstructorParameters<typeof Attack>[0], spoken = version.of13 as 1 | 4) {
  const attack = new Attack(t, spoken);
  attack.blue.say({ ...rule(matchOf(oxm('in_port', 2)), 1), xid: 1 });
  attack.says({ ...rule(matchOf(oxm('in_port', 1)), 2), cookie: 1n });
  attack.says({ ...rule(matchOf(oxm('in_port', 2)), 1), cookie: 2n });
  attack.says({ ...rule(matchOf(oxm('eth_src', 5)), 1), cookie: 3n });
  return attack;
}

for (const spoken of both) {
  t.test(`tests-flowstats FlowStats, in version ${spoken}`, async (t) => {
    const attack = withRules(t, spoken);
    const rows = rowsOf(attack, { kind: 'flow', filter: everything });
    t.strictSame(
      rows.map((one) => one.cookie).sort(),
      [1n, 2n, 3n],
      "all of red's, none of blue's",
    );
  });

  t.test(`tests-flowstats FlowStatsSpecific, in version ${spoken}`, async (t) => {
    const attack = withRules(t, spoken);
    const to1 = rowsOf(attack, { kind: 'flow', filter: { ...everything, outPort: 1 } });
    t.strictSame(to1.map((one) => one.cookie).sort(), [2n, 3n], 'by out_port');
    const match = matchOf(oxm('in_port', 1));
    const from1 = rowsOf(attack, { kind: 'flow', filter: { ...everything, match } });
    t.strictSame(
      from1.map((one) => one.cookie),
      [1n],
      'by match',
    );
  });

  t.test(`tests-flowstats AggStats, in version ${spoken}`, async (t) => {
    const attack = withRules(t, spoken);
    const [part] = partsOf(attack, { kind: 'aggregate', filter: everything });
    t.match(part?.reply, { kind: 'aggregate', flowCount: 3 });
  });

  t.test(`tests-flowstats AggStatsSpecific, in version ${spoken}`, async (t) => {
    const attack = withRules(t, spoken);
    const filter = { ...everything, outPort: 1 };
    const [part] = partsOf(attack, { kind: 'aggregate', filter });
    t.match(part?.reply, { kind: 'aggregate', flowCount: 2 });
    const none = { ...everything, match: matchOf(oxm('eth_src', 6)) };
    const [empty] = partsOf(attack, { kind: 'aggregate', filter: none });
    t.match(empty?.reply, { flowCount: 0 }, 'nothing found is an answer, too');
  });

  t.test(`tests-stats PortStats, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    const [part] = partsOf(attack, { kind: 'portStats', portNo: 1 });
    const ports = part?.reply.kind === 'portStats' ? part.reply.ports : [];
    t.strictSame(
      ports.map((one) => one.portNo),
      [1],
    );
    const [none] = partsOf(attack, { kind: 'portStats', portNo: 3 });
    t.strictSame(
      none?.reply,
      { kind: 'portStats', ports: [] },
      'a port of the switch below is none of red’s',
    );
  });

  t.test(`tests-basic PortStats, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    const [part] = partsOf(attack, { kind: 'portStats', portNo: ofpp.any });
    const ports = part?.reply.kind === 'portStats' ? part.reply.ports : [];
    t.strictSame(
      ports.map((one) => one.portNo).sort((a, b) => a - b),
      [1, 2, ofpp.local],
    );
  });

  t.test(`tests-stats DescStats, in version ${spoken}`, async (t) => {
    const [part] = partsOf(new Attack(t, spoken), { kind: 'desc' });
    t.match(part?.reply, { kind: 'desc', manufacturer: /./ });
  });

  t.test(`tests-stats TableStats, in version ${spoken}`, async (t) => {
    const [part] = partsOf(withRules(t, spoken), { kind: 'table' });
    const tables = part?.reply.kind === 'table' ? part.reply.tables : [];
    t.equal(tables[0]?.activeCount, 3, "red's rules");
  });

  t.test(`tests-stats QueueStats, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    const request = { kind: 'queueStats', portNo: ofpp.any, queueId: 0xffff_ffff } as const;
    const [part] = partsOf(attack, request);
    t.strictSame(part?.reply, { kind: 'queueStats', queues: [] }, 'the file grants none');
  });

  t.test(`tests-queue QueueConfig, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    const found = attack.says({ type: 'queueGetConfigRequest', portNo: 1 });
    const queues = found.map((one) => one.type === 'queueGetConfigReply' && one.queues);
    t.strictSame(queues, [[]]);
    const answers = attack.says({ type: 'queueGetConfigRequest', portNo: 77 }).map(textOf);
    t.strictSame(answers, ['queueOpFailed/badPort'], 'of a port that is not there');
  });

  t.test(`tests-safety FlowModFail, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    const bad = { ...removeAll, tableId: 0, command: 77 };
    attack.isRefused(bad, 'flowModFailed/badCommand');
    attack.isHarmless();
  });
}

t.test('tests-flowstats FlowStatFragments', async (t) => {
  const attack = new Attack(t);
  for (let i = 0; i < 1_500; i++) {
    attack.red.say({ ...rule(matchOf(oxm('eth_src', BigInt(i))), 1), xid: i });
  }
  attack.scene.pass(3_000);
  const parts = partsOf(attack, { kind: 'flow', filter: everything });
  t.ok(parts.length > 1, `${parts.length} parts`);
  t.strictSame(
    parts.map(({ flags }) => flags & 1),
    [...parts.slice(1).map(() => 1), 0],
    'MORE',
  );
  const rows = parts.flatMap(({ reply }) => (reply.kind === 'flow' ? reply.flows : []));
  t.equal(rows.length, 1_500, 'every rule once');
});

/**
 * Who hears of a frame at s3's port 1, where two virtual links arrive, into red's and blue's v3: of
 * one as hosts send it, with these tags, or of one that is wrapped, with this label.
 */
function arrivals(scene: Scene) {
  for (const tenant of ['red', 'blue'] as const) {
    scene.session(tenant, 3n).say({ ...rule([], ofpp.controller), xid: 1 });
  }
  scene.pass(1_000);
  return ({ tags = [], label }: { tags?: readonly number[]; label?: number }) => {
    const count = (tenant: 'red' | 'blue') =>
      scene.session(tenant, 3n).received.filter((one) => one.type === 'packetIn').length;
    const before = { red: count('red'), blue: count('blue') };
    const dst = 0x0300_0000_0000n | (BigInt(label ?? 0) << 24n);
    const wrapping = { dst, src: 0x0200_0000_0000n, isBare: false };
    const frame = { dst: 1, src: 2, id: 3, tags };
    scene.switch('s3').take(1, label === undefined ? frame : { ...frame, wrapping });
    scene.pass(500);
    return `${count('red') - before.red} ${count('blue') - before.blue}`;
  };
}

for (const name of ['NoVlan1', 'NoVlan2'] as const) {
  t.test(`tests-vlan ${name}`, async (t) => {
    const met = arrivals(new Scene(33));
    t.equal(met({}), '0 0', 'without a label it is nobody’s');
    for (const tag of [0, 1, 2, 100]) t.equal(met({ tags: [tag] }), '0 0', 'a tag is no label');
  });
}

for (const [name, wanted] of [
  ['Vlan1', '0 0'],
  ['Vlan2', '1 0'],
] as const) {
  t.test(`tests-vlan ${name}`, async (t) => {
    const met = arrivals(new Scene(34));
    const all = Array.from({ length: 40 }, (_, i) => [i, met({ label: i })] as const);
    t.ok(
      all.some(([, who]) => who === wanted),
      `a label of ${wanted}`,
    );
    t.ok(
      all.some(([, who]) => who === '0 1'),
      'blue has one too',
    );
    t.notOk(
      all.some(([, who]) => who === '1 1'),
      'and no label is both’s',
    );
  });
}

t.test('tests-vlan Internet2_Vlans', async (t) => {
  const attack = new Attack(t);
  attack.says({ ...rule([], 1), cookie: 5n });
  const [row] = rowsOf(attack, { kind: 'flow', filter: everything });
  t.strictSame(row?.match, [], 'no in_port was put in');
  attack.says(flowMod({ command: flowCommand.deleteStrict }));
  t.strictSame(rowsOf(attack, { kind: 'flow', filter: everything }), [], 'so strictly it is found');
});
