/**
 * A tenant's ports on real switches: what PORT_MOD stops, what a cut cable tells, and counters
 * that agree with the hosts' own interfaces to the byte, over a migration and a kill.
 */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { portName, startLab } from '../../examples/lab/lab.ts';
import { limevisorJson, restartLimevisor, startLimevisor } from '../../examples/lab/programs.ts';
import { triangle } from '../../examples/lab/topologies.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { oxm } from '../../openflow/match/match.ts';
import { port as ofpp, version } from '../../openflow/values/constants.ts';
import type { Message, PortStats } from '../../openflow/values/values.ts';
import { TestController } from './mirror/controller.ts';
import { ask, bytesOf, output, rule, type Unsent } from './mirror/conversation.ts';

const lab = await startLab(triangle('s1:1', 's2:1'));
t.teardown(() => lab.stop());

const at = (name: string) => path.join(lab.dir, name);
const controllers = new Map(
  ['v1', 'v2'].map((name) => [name, new TestController(at(name), version.of13)] as const),
);
t.teardown(() => {
  for (const one of controllers.values()) one.close();
});
function controller(name: string): TestController {
  const one = controllers.get(name);
  if (one === undefined) throw new Error(`no controller ${name}`);
  return one;
}

const mac = '0a:00:00:00:00:01';
fs.writeFileSync(
  at('ports.yaml'),
  `control: here
store: ${at('limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: [s1:3 - s3:1, s2:3 - s3:2]
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, controllers: ['unix:${at('v1')}'], ports: { 1: { mac: ${mac} } } }
      v2: { dpid: 2, on: s2, controllers: ['unix:${at('v2')}'] }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s2:1 } }
    links: [v1:2 - v2:2]
`,
);
for (const one of controllers.values()) await one.listening();
await startLimevisor(lab, at('ports.yaml'));
for (const one of controllers.values()) await one.up();

async function tell(name: string, ...messages: readonly Unsent[]): Promise<void> {
  for (const message of messages) controller(name).send(bytesOf(message));
  await controller(name).barrier();
}

/** FLOOD is a cable on a switch of two ports; v2 says it with numbers. */
async function furnish(): Promise<void> {
  await tell('v1', rule([], [output(ofpp.flood)]));
  const [one, two] = [
    rule([oxm('in_port', 1)], [output(2)]),
    rule([oxm('in_port', 2)], [output(1)]),
  ];
  await tell('v2', one, two);
}
await furnish();
// No ARP: it would come when it likes, and the switches' counters lag behind the hosts'.
for (const [host, ip, other] of [
  ['h1', '10.0.0.2', '02:00:00:00:00:02'],
  ['h2', '10.0.0.1', '02:00:00:00:00:01'],
] as const) {
  const argv = ['ip', 'neigh', 'replace', ip, 'lladdr', other, 'dev', 'eth0', 'nud', 'permanent'];
  await lab.inside.run(lab.on(host, argv));
}

async function ping(count: number): Promise<number> {
  const argv = ['ping', '-q', '-c', String(count), '-i', '0.05', '-W', '1', '10.0.0.2'];
  const { stdout } = await lab.inside.attempt(lab.on('h1', argv));
  return Number(/(\d+) received/.exec(stdout)?.[1] ?? 0);
}

/** What a host's interface counted. */
async function interfaceOf(host: string): Promise<readonly bigint[]> {
  const argv = ['ip', '-s', '-j', 'link', 'show', 'dev', 'eth0'];
  const [{ stats64 }] = JSON.parse(await lab.inside.run(lab.on(host, argv)));
  const { rx, tx } = stats64;
  return [rx.packets, rx.bytes, tx.packets, tx.bytes].map(BigInt);
}

async function stats(name: string, portNo: number): Promise<PortStats> {
  const one = controller(name);
  one.take();
  const request = ask({ kind: 'portStats', portNo });
  one.send(bytesOf(request));
  await one.until('port statistics', () => one.count('multipartReply') > 0);
  const reply = one
    .take()
    .map(({ message }) => message as Message)
    .find((m) => m.type === 'multipartReply');
  if (reply?.type !== 'multipartReply' || reply.reply.kind !== 'portStats') throw new Error('no');
  const [row] = reply.reply.ports;
  if (row === undefined) throw new Error(`no row for port ${portNo}`);
  return row;
}

/** rx and tx of what the vport's host did, as the switch sees it. */
const asSeen = ({ txPackets, txBytes, rxPackets, rxBytes }: PortStats) => [
  txPackets,
  txBytes,
  rxPackets,
  rxBytes,
];

/** The hosts' own counters, and the vports'. */
async function totals() {
  const seen = async (name: string, portNo: number) => asSeen(await stats(name, portNo));
  return {
    h1: await interfaceOf('h1'),
    h2: await interfaceOf('h2'),
    v1p1: await seen('v1', 1),
    v1p2: await seen('v1', 2),
    v2p1: await seen('v2', 1),
    v2p2: await seen('v2', 2),
  };
}

type Totals = Awaited<ReturnType<typeof totals>>;

function since(base: Totals, now: Totals, name: keyof Totals): readonly bigint[] {
  return now[name].map((one, i) => one - (base[name][i] ?? 0n));
}

/** Every counter agrees with the interfaces, once the switches' own counters have caught up. */
async function agree(t: Test, base: Totals, when: string): Promise<void> {
  await sleep(1_200);
  const now = await totals();
  const grown = (name: keyof Totals) => since(base, now, name);
  // A host receives what its port sends. h1's frames cross the virtual cable, and then are h2's.
  t.strictSame(grown('v1p1'), grown('h1'), `v1 port 1 is h1's, ${when}`);
  t.strictSame(grown('v2p1'), grown('h2'), `v2 port 1 is h2's, ${when}`);
  t.strictSame(grown('v1p2'), grown('h2'), `v1 port 2 sends what h2 receives, ${when}`);
  t.strictSame(grown('v2p2'), grown('h1'), `v2 port 2 sends what h1 receives, ${when}`);
}

/** `number config:state` of what a controller was told of ports. */
async function told(name: string, count: number): Promise<string> {
  const one = controller(name);
  await one.until(`${count} port-status`, () => one.count('portStatus') >= count);
  return one
    .take()
    .flatMap(({ message }) => (message.type === 'portStatus' ? [message.desc] : []))
    .map(({ portNo, config, state }) => `${portNo} ${config}:${state}`)
    .join(', ');
}

/** Open vSwitch's cached flows follow its tables. */
const SETTLE_MS = 500;

function portMod(portNo: number, config: number, mask: number): Unsent {
  const hwAddr = Uint8Array.from(mac.split(':'), (octet) => Number.parseInt(octet, 16));
  return { type: 'portMod', portNo, hwAddr, config, mask, advertise: 0 };
}

t.test('what PORT_MOD stops, and what it starts again', async (t) => {
  t.equal(await ping(5), 5);
  for (const [what, bits] of [
    ['PORT_DOWN', 1],
    ['NO_RECV', 4],
    ['NO_FWD', 32],
  ] as const) {
    await tell('v1', portMod(1, bits, bits));
    await sleep(SETTLE_MS);
    t.equal(await ping(3), 0, `${what}: nothing`);
    await tell('v1', portMod(1, 0, bits));
    await sleep(SETTLE_MS);
    t.equal(await ping(3), 3, `no ${what}: everything`);
  }
  t.equal(await told('v1', 2), '1 1:1, 1 0:4', 'the sender hears what followed');
});

t.test(
  'a cable that is cut between switches is cut at both ends of the virtual link',
  async (t) => {
    for (const name of ['v1', 'v2']) controller(name).take();
    await lab.inside.run(['ip', 'link', 'set', portName('s1:3'), 'down']);
    t.equal(await told('v1', 2), '2 0:0, 2 0:1');
    t.equal(await told('v2', 2), '2 0:0, 2 0:1');
    await lab.inside.run(['ip', 'link', 'set', portName('s1:3'), 'up']);
    t.equal(await told('v1', 1), '2 0:4');
    t.equal(await told('v2', 1), '2 0:4');
    await lab.inside.run(lab.on('h1', ['ip', 'link', 'set', 'eth0', 'down']));
    t.equal(await told('v1', 2), '1 0:0, 1 0:1', 'a host’s own');
    await lab.inside.run(lab.on('h1', ['ip', 'link', 'set', 'eth0', 'up']));
    t.equal(await told('v1', 1), '1 0:4');
  },
);

t.test('counters agree with the hosts’ own, to the byte', async (t) => {
  const base = await totals();
  t.equal(await ping(20), 20);
  await agree(t, base, 'at home');
  await limevisorJson(lab, 'migrate', 'red/v1', '--to', 's3', '--no-watch');
  t.equal(await ping(20), 20);
  await agree(t, base, 'far from its host');
  await limevisorJson(lab, 'migrate', 'red/v2', '--to', 's3', '--no-watch');
  t.equal(await ping(10), 10);
  await agree(t, base, 'both on one switch');
  await limevisorJson(lab, 'migrate', 'red/v1', '--to', 's2', '--no-watch');
  t.equal(await ping(10), 10);
  await agree(t, base, 'each where the other was');
  await lab.inside.run(['pkill', '-9', '-f', `main.[jt]s run ${lab.dir}`]);
  t.equal(await ping(10), 10, 'nobody is there, and packets go on');
  await restartLimevisor(lab);
  for (const name of ['v1', 'v2']) {
    await until(`${name} again`, 15_000, () =>
      tell(name).then(
        () => true,
        () => undefined,
      ),
    );
  }
  await agree(t, base, 'after a kill');
  t.ok((await stats('v1', 2)).durationSec > 5, 'and its age goes on');
});

t.test('under traffic a host’s port is exact, and a virtual link’s nearly', async (t) => {
  const base = await totals();
  const moving = limevisorJson(lab, 'migrate', 'red/v2', '--to', 's2', '--no-watch');
  t.equal(await ping(60), 60);
  await moving;
  await sleep(1_200);
  const now = await totals();
  t.strictSame(since(base, now, 'v1p1'), since(base, now, 'h1'));
  t.strictSame(since(base, now, 'v2p1'), since(base, now, 'h2'));
  // What Open vSwitch has not dumped yet when an entry changes, it counts for the new entry.
  const [packets = 0n] = since(base, now, 'v1p2');
  t.ok(packets >= 40n && packets <= 80n, `the virtual link counted ${packets} of 60`);
});
