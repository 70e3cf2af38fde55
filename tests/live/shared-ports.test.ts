/**
 * Hosts of several tenants behind one physical port, told apart by VLAN: frames keep whatever tags
 * they have inside, nobody gets another's, and counters are each one's own, also while the vswitch
 * moves. Flow caches are on: Open vSwitch looks anew at what is behind a tag that comes off.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { migrate, startLimevisor, statusOf, untilReady } from '../../examples/lab/programs.ts';
import { namedHost, triangle } from '../../examples/lab/topologies.ts';
import { until } from '../../examples/lab/wait.ts';
import { ether } from './mirror/frames.ts';
import { openWires } from './mirror/wires.ts';

/** trunk is a server with many VLANs, at s1:1; server2 another at s2:5. */
const lab = await startLab({
  ...triangle(),
  hosts: [
    namedHost('trunk', 1, 's1:1'),
    namedHost('red', 2, 's2:1'),
    namedHost('blue', 3, 's2:2'),
    namedHost('server2', 4, 's2:5'),
    namedHost('plain', 5, 's2:6'),
  ],
});
t.teardown(() => lab.stop());
const file = path.join(lab.dir, 'shared.yaml');
writeFileSync(
  file,
  `control: here
store: ${path.join(lab.dir, 'limevisor.db')}
listen: [ptcp:6653:127.0.0.1]
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
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
    links: ['v1:9 - v2:9']
  blue:
    vswitches:
      v1: { dpid: 1, on: s1, listen: [ptcp:6721:127.0.0.1] }
      v2: { dpid: 2, on: s2, listen: [ptcp:6722:127.0.0.1] }
    hosts:
      a: { port: 'v1:1', at: 's1:1', vlan: 20 }
      a2: { port: 'v1:2', at: 's1:1', vlan: 21 }
      b: { port: 'v2:1', at: 's2:2' }
    links: ['v1:9 - v2:9']
  green:
    vswitches:
      v1: { dpid: 1, on: s1, listen: [ptcp:6731:127.0.0.1] }
    hosts:
      trunk: { port: 'v1:1', at: 's1:1', vlans: 100-199 }
      other: { port: 'v1:2', at: 's2:5', vlans: 150-299 }
      plain: { port: 'v1:3', at: 's2:6' }
`,
);
await startLimevisor(lab, file);
await untilReady(lab);
const ofctl = (command: string, port: number, ...more: readonly string[]) =>
  lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', command, `tcp:127.0.0.1:${port}`, ...more]);
for (const port of [6711, 6712, 6721, 6722, 6731]) await ofctl('add-flow', port, 'actions=flood');
const names = lab.spec.hosts.map(({ name }) => name);
const wires = await openWires(lab, names);

type Tags = readonly (readonly [number, number])[];
const [C, S] = [0x8100, 0x88a8];
const kinds: Readonly<Record<string, Tags>> = {
  'no tag': [],
  'vlan 5': [[C, 5]],
  'the tag of another tenant': [[C, 20]],
  'vlan 0': [[C, 0]],
  'three tags': [
    [S, 5],
    [C, 6],
    [C, 7],
  ],
};
/** A frame with these tags; those of a number are alike. */
function frame(number: number, tags: Tags): Uint8Array {
  const payload = new Uint8Array(60).fill(number & 0xff);
  payload[0] = number >> 8;
  return ether(0x88b6, { vlan: tags.map(([tpid, vid]) => ({ tpid, vid })), payload });
}

let sent = 0;

/** Sends each kind with `outer`; it comes to all of these once, with what each has outside. */
async function arrives(
  t: Test,
  from: string,
  outer: Tags,
  to: Readonly<Record<string, readonly Tags[]>>,
): Promise<void> {
  for (const [kind, tags] of Object.entries(kinds)) {
    sent += 1;
    wires.send(from, frame(sent, [...outer, ...tags]));
    for (const [name, all] of Object.entries(to)) {
      for (const more of all) await wires.arrival(name, frame(sent, [...more, ...tags]));
    }
    const others = Object.fromEntries(names.map((name) => [name, wires.take(name)]));
    const nothing = Object.fromEntries(names.map((name) => [name, []]));
    t.strictSame(others, nothing, `${kind} from ${from}, and nothing else`);
  }
}

async function everyWay(t: Test): Promise<void> {
  const vlan = (vid: number): Tags => [[C, vid]];
  await arrives(t, 'trunk', vlan(10), { red: [[]], server2: [vlan(30), vlan(31)] });
  await arrives(t, 'red', [], { trunk: [vlan(10)], server2: [vlan(30), vlan(31)] });
  await arrives(t, 'server2', vlan(30), { trunk: [vlan(10)], red: [[]], server2: [vlan(31)] });
  await arrives(t, 'server2', vlan(31), { trunk: [vlan(10)], red: [[]], server2: [vlan(30)] });
  await arrives(t, 'trunk', vlan(20), { trunk: [vlan(21)], blue: [[]] });
  await arrives(t, 'blue', [], { trunk: [vlan(20), vlan(21)] });
}

t.test('each VLAN of a port is a host', everyWay);

t.test('what has no tag, or one that is nobody’s, goes nowhere', async (t) => {
  sent += 1;
  for (const tags of [[], [[C, 11]], [[C, 0]], [[C, 4095]]] as const) {
    wires.send('trunk', frame(sent, tags));
  }
  wires.send('server2', frame(sent, [[C, 10]]));
  await arrives(t, 'trunk', [[C, 10]], { red: [[]], server2: [[[C, 30]], [[C, 31]]] });
});

t.test('a range of VLANs is a trunk: frames keep their tags, and no others leave', async (t) => {
  const trunk = async () => {
    for (const vid of [100, 149, 150, 199]) {
      const own: readonly Tags[] = [[[C, vid]]];
      const to = vid < 150 ? { plain: own } : { plain: own, server2: own };
      await arrives(t, 'trunk', [[C, vid]], to);
    }
    await arrives(t, 'server2', [[C, 299]], { plain: [[[C, 299]]] });
    await arrives(t, 'plain', [[C, 170]], { trunk: [[[C, 170]]], server2: [[[C, 170]]] });
    // Of a tenant that does not own the id: not where others have it, nor anywhere else.
    await arrives(t, 'plain', [[C, 10]], {});
    await arrives(t, 'plain', [[C, 20]], {});
    for (const tags of [[[C, 99]], [[C, 200]], []] as const) wires.send('trunk', frame(sent, tags));
    await arrives(t, 'trunk', [[C, 101]], { plain: [[[C, 101]]] });
  };
  await trunk();
  const moving = migrate(lab, 'green/v1', 's3');
  await trunk();
  t.equal(await moving, 'done');
  await trunk();
  const text = await ofctl('dump-ports', 6731, '1');
  t.match(text, /rx pkts=[1-9]/, 'it counts');
});

t.test('counters are of the VLAN, without its tag', async (t) => {
  const countersOf = async (port: number): Promise<readonly number[]> => {
    const text = await ofctl('dump-ports', port, '1');
    const numbers = /rx pkts=(\d+), bytes=(\d+).*tx pkts=(\d+), bytes=(\d+)/s.exec(text);
    return (numbers ?? []).slice(1).map(Number);
  };
  sent += 1;
  for (let i = 0; i < 10; i += 1) wires.send('trunk', frame(sent, [[C, 10]]));
  for (let i = 0; i < 5; i += 1) wires.send('red', frame(sent, []));
  for (let i = 0; i < 5; i += 1) await wires.arrival('trunk', frame(sent, [[C, 10]]));
  for (let i = 0; i < 10; i += 1) await wires.arrival('red', frame(sent, []));
  // Each kind was sent twice into VLAN 10 of the trunk, and came out of it three times.
  const bytes = Object.values(kinds).reduce((sum, tags) => sum + frame(0, tags).length, 0);
  const [count, { length }] = [Object.keys(kinds).length, frame(sent, [])];
  const wanted = [2 * count + 10, 2 * bytes + 10 * length, 3 * count + 5, 3 * bytes + 5 * length];
  // Open vSwitch counts what its cached flows have carried some time later.
  const counted = await until('all being counted', 10_000, async () => {
    const now = await countersOf(6711);
    return (now[0] ?? 0) >= 2 * count + 10 && (now[2] ?? 0) >= 3 * count + 5 ? now : undefined;
  });
  t.strictSame(counted, wanted);
  for (const name of names) wires.take(name);
});

t.test('the same while and after it moves', async (t) => {
  const moving = migrate(lab, 'red/v1', 's3');
  await everyWay(t);
  t.equal(await moving, 'done');
  await everyWay(t);
  const { vswitches } = await statusOf(lab);
  const v1 = vswitches.find(({ name }) => name === 'red/v1');
  t.match(v1?.ports.find(({ port }) => port === '1')?.leadsTo ?? '', /VLAN 10/);
});
