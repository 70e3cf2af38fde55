/**
 * Hosts behind one physical port of a datapath with one table, of OpenFlow 1.0 and of 1.3: each
 * VLAN is a host, whatever its priority bits, also while the vswitch moves from a switch of one
 * kind to another; what has a second tag inside goes nowhere, and nobody gets another's frames.
 * A range of VLANs is a trunk: frames keep their tags, no others leave, their vswitch stays.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { attempt, migrate, startLimevisor, untilReady } from '../../examples/lab/programs.ts';
import { namedHost, triangle } from '../../examples/lab/topologies.ts';
import { until } from '../../examples/lab/wait.ts';
import { ether } from './mirror/frames.ts';
import { openWires } from './mirror/wires.ts';

/** Many VLANs are behind trunk, at a switch of 1.0, and behind server, at one of 1.3. */
const lab = await startLab({
  ...triangle(),
  hosts: [
    namedHost('trunk', 1, 's1:1'),
    namedHost('red', 2, 's2:1'),
    namedHost('blue', 3, 's3:5'),
    namedHost('server', 4, 's2:5'),
    namedHost('plain', 5, 's1:5'),
  ],
  speaks: { s1: 'OpenFlow10' },
});
t.teardown(() => lab.stop());
const file = path.join(lab.dir, 'shared.yaml');
const fileOf = (more = ''): string => `control: limevisor.sock
store: ${path.join(lab.dir, 'limevisor.db')}
listen: [ptcp:6653:127.0.0.1]
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2, encoding: flat }, s3: { dpid: 3 } }
links: [s1:3 - s3:1, s2:3 - s3:2, s1:4 - s2:4]
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, listen: [ptcp:6711:127.0.0.1] }
      v2: { dpid: 2, on: s2, listen: [ptcp:6712:127.0.0.1] }
    hosts:
      a: { port: 'v1:1', at: 's1:1', vlan: 10 }
      b: { port: 'v2:1', at: 's2:1' }
      c: { port: 'v2:2', at: 's2:5', vlan: 30 }
      away: { port: 'v1:3', at: 's2:5', vlan: 31 }
${more}    links: ['v1:9 - v2:9']
  blue:
    vswitches:
      v1: { dpid: 1, on: s1, listen: [ptcp:6721:127.0.0.1] }
    hosts:
      a: { port: 'v1:1', at: 's1:1', vlan: 20 }
      a2: { port: 'v1:2', at: 's1:1', vlan: 21 }
      b: { port: 'v1:4', at: 's3:5' }
`;
writeFileSync(file, fileOf());
await startLimevisor(lab, file);
await untilReady(lab);
const ofctl = (command: string, port: number, ...more: readonly string[]) =>
  lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', command, `tcp:127.0.0.1:${port}`, ...more]);
for (const port of [6711, 6712, 6721]) await ofctl('add-flow', port, 'actions=flood');
const names = lab.spec.hosts.map(({ name }) => name);
const wires = await openWires(lab, names);

/** Ethertype, and what is behind it: priority and VLAN. */
type Tags = readonly (readonly [number, number])[];
const C = 0x8100;
const vlan = (vid: number, pcp = 0): Tags => [[C, (pcp << 13) | vid]];

/** Those of a number are alike. */
function frame(number: number, tags: Tags): Uint8Array {
  const payload = new Uint8Array(60).fill(number & 0xff);
  payload[0] = number >> 8;
  return ether(0x88b6, { vlan: tags.map(([tpid, vid]) => ({ tpid, vid })), payload });
}

let sent = 0;
/** By VLAN 20 of the trunk. */
let [wentIn, wentOut] = [0, 0];

/** It comes to all of these once, with what each has outside. */
async function arrives(
  t: Test,
  from: string,
  tags: Tags,
  to: Readonly<Record<string, readonly Tags[]>>,
): Promise<void> {
  sent += 1;
  wires.send(from, frame(sent, tags));
  for (const [name, all] of Object.entries(to)) {
    for (const more of all) await wires.arrival(name, frame(sent, more));
  }
  const others = Object.fromEntries(names.map((name) => [name, wires.take(name)]));
  const nothing = Object.fromEntries(names.map((name) => [name, []]));
  t.strictSame(others, nothing, `from ${from}, and nothing else`);
}

async function everyWay(t: Test): Promise<void> {
  await arrives(t, 'trunk', vlan(10), { red: [[]], server: [vlan(30), vlan(31)] });
  await arrives(t, 'red', [], { trunk: [vlan(10)], server: [vlan(30), vlan(31)] });
  await arrives(t, 'server', vlan(30), { trunk: [vlan(10)], red: [[]], server: [vlan(31)] });
  await arrives(t, 'server', vlan(31), { trunk: [vlan(10)], red: [[]], server: [vlan(30)] });
  await arrives(t, 'trunk', vlan(20), { trunk: [vlan(21)], blue: [[]] });
  wentIn += 1;
  await arrives(t, 'blue', [], { trunk: [vlan(20), vlan(21)] });
  wentOut += 1;
  // What has no tag, another's, or one inside goes nowhere, and the next one comes.
  for (const tags of [[], vlan(11), vlan(0), [...vlan(10), ...vlan(20)]]) {
    wires.send('trunk', frame(sent, tags));
  }
  wires.send('server', frame(sent, [...vlan(31), ...vlan(5)]));
  await arrives(t, 'trunk', vlan(10), { red: [[]], server: [vlan(30), vlan(31)] });
}

t.test('each VLAN of a port is a host', everyWay);

t.test('priority bits of a host stay with it', async (t) => {
  for (const pcp of [5, 7]) {
    await arrives(t, 'trunk', vlan(10, pcp), { red: [[]], server: [vlan(30), vlan(31)] });
    await arrives(t, 'server', vlan(31, pcp), { trunk: [vlan(10)], red: [[]], server: [vlan(30)] });
  }
});

t.test('the same while and after it moves: to one table of 1.3, to many, and back', async (t) => {
  for (const to of ['s2', 's3', 's1']) {
    const moving = migrate(lab, 'red/v1', to);
    await everyWay(t);
    t.equal(await moving, 'done', to);
    await everyWay(t);
  }
});

/** Packets and bytes that came, and that left. */
async function countersAt(listener: number, port: string): Promise<readonly number[]> {
  const text = await ofctl('dump-ports', listener, port);
  const numbers = /rx pkts=(\d+), bytes=(\d+).*tx pkts=(\d+), bytes=(\d+)/s.exec(text);
  return (numbers ?? []).slice(1).map(Number);
}

t.test('counters are of the VLAN, without its tag', async (t) => {
  const countersOf = () => countersAt(6721, '1');
  // All that went into VLAN 20, and out of it, so far.
  const before = await until('all before being counted', 10_000, async () => {
    const now = await countersOf();
    return now[0] === wentIn && now[2] === wentOut ? now : undefined;
  });
  sent += 1;
  for (let i = 0; i < 10; i += 1) wires.send('trunk', frame(sent, vlan(20)));
  for (let i = 0; i < 10; i += 1) await wires.arrival('blue', frame(sent, []));
  for (let i = 0; i < 5; i += 1) wires.send('blue', frame(sent, []));
  for (let i = 0; i < 5; i += 1) await wires.arrival('trunk', frame(sent, vlan(20)));
  const { length } = frame(sent, []);
  const counted = await until('all being counted', 10_000, async () => {
    const now = (await countersOf()).map((count, i) => count - (before[i] ?? 0));
    return (now[0] ?? 0) >= 10 && (now[2] ?? 0) >= 5 ? now : undefined;
  });
  t.strictSame(counted, [10, 10 * length, 5, 5 * length]);
});

const trunks = `
      t: { port: 'v1:5', at: 's1:1', vlans: 100-107 }
      p: { port: 'v1:6', at: 's1:5' }
      t2: { port: 'v2:5', at: 's2:5', vlans: 200-299 }
`.slice(1);

t.test('a range of VLANs is a trunk, of 1.0 and of 1.3', async (t) => {
  writeFileSync(file, fileOf(trunks));
  const { stderr } = await attempt(lab, ['apply', file]);
  t.equal(stderr, '');
  const rules = [
    [6711, 'priority=40000,in_port=5,actions=6'],
    [6711, 'priority=40000,in_port=6,actions=5'],
    [6711, 'priority=50000,in_port=5,dl_vlan=107,actions=strip_vlan,output:9'],
    [6711, 'priority=50000,in_port=6,dl_vlan=99,actions=mod_vlan_vid:103,output:5'],
    [6712, 'priority=40000,in_port=5,actions=1'],
    [6712, 'priority=40000,in_port=1,actions=5'],
  ] as const;
  for (const [port, rule] of rules) await ofctl('add-flow', port, rule);
  for (const name of names) wires.take(name);
  for (const vid of [100, 105]) {
    await arrives(t, 'trunk', vlan(vid, 5), { plain: [vlan(vid, 5)] });
    await arrives(t, 'plain', vlan(vid, 7), { trunk: [vlan(vid, 7)] });
  }
  await arrives(t, 'trunk', vlan(107), { red: [[]], server: [vlan(30)] });
  await arrives(t, 'plain', vlan(99), { trunk: [vlan(103)] });
  await arrives(t, 'plain', [...vlan(106), ...vlan(5)], { trunk: [[...vlan(106), ...vlan(5)]] });
  for (const vid of [200, 255, 299]) {
    await arrives(t, 'server', vlan(vid), { red: [vlan(vid)] });
    await arrives(t, 'red', vlan(vid), { server: [vlan(vid)] });
  }
  // Others leave by no trunk, whatever stands behind them in the cable.
  for (const tags of [[], vlan(98), vlan(108), vlan(20)]) wires.send('plain', frame(sent, tags));
  for (const tags of [[], vlan(199), vlan(300)]) wires.send('red', frame(sent, tags));
  await arrives(t, 'plain', vlan(104), { trunk: [vlan(104)] });
  await arrives(t, 'red', vlan(201), { server: [vlan(201)] });
  const { length } = frame(sent, vlan(100));
  await until('its counters being what came and left', 10_000, async () => {
    const want = [3, 3 * length, 5, 5 * length + 4];
    return (await countersAt(6711, '5')).join() === want.join() ? true : undefined;
  });
});

t.test('its vswitch stays where its frames keep their tags, and says why', async (t) => {
  const { stderr } = await attempt(lab, ['migrate', 'red/v1', '--to', 's3']);
  t.match(stderr, /VLANs 100-107 of s1:1, whose frames keep their tags,\s+and between s3 and s1 /);
  await arrives(t, 'trunk', vlan(101), { plain: [vlan(101)] });
});
