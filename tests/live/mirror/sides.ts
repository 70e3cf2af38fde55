/**
 * The two switches that have to be alike, in one lab.
 *
 *   plain    an Open vSwitch bridge of four ports, 1 to 4
 *   virtual  red's vswitch of four ports, 1 to 4, which are the ports 11, 7, 12 and 5 of another
 *            bridge; two more tenants live there, with the same dpid, ports, addresses and rules.
 *            Where it can move, port 3 is at a bridge beside the two where it lives by turns; where
 *            it is a big switch, that bridge is a member, too
 *
 * Each has two controllers for the conversation and a third, the keeper, for the test itself, and
 * listens for ovs-ofctl. The virtual switch's ports have the bridge's ports' names and addresses.
 */
import fs from 'node:fs';
import path from 'node:path';
import {
  type HostSpec,
  type Lab,
  portName,
  type Spoken,
  startLab,
} from '../../../examples/lab/lab.ts';
import { attempt, revalidated, startLimevisor } from '../../../examples/lab/programs.ts';
import { type Version, version } from '../../../openflow/values/constants.ts';
import type { Consistency } from '../../../slices/config/values.ts';
import { TestController } from './controller.ts';
import { bytesOf, output, rule } from './conversation.ts';
import { openWires, type Wires } from './wires.ts';

export interface Side {
  readonly name: 'plain' | 'virtual';
  readonly c1: TestController;
  readonly c2: TestController;
  readonly keeper: TestController;
  /** Where ovs-ofctl finds it. */
  readonly vconns: readonly string[];
  /** The host at a port. */
  host(port: number): string;
  /** What a barrier answered for is in force for every packet, cached flows or not. */
  settled(): Promise<void>;
  /** With cached flows a frame that needs none of its own made overtakes others. */
  readonly keepsOrder: boolean;
}

export interface Neighbour {
  readonly controller: TestController;
  readonly hosts: readonly string[];
}

export interface Sides {
  readonly lab: Lab;
  readonly wires: Wires;
  readonly plain: Side;
  readonly virtual: Side;
  /** The other tenants of the virtual switch's bridge: nothing may ever reach them. */
  readonly neighbours: readonly Neighbour[];
  stop(): Promise<void>;
}

export const ports = [1, 2, 3, 4] as const;
/** Where the virtual switch's ports are; the neighbours have the others. */
const redAt = [11, 7, 12, 5];
/** Where it lives: on one bridge, on two by turns, or on three. */
export type Stays = 'at home' | 'moving' | Big;
type Big = `big, ${Consistency}`;

/** Port 3 where the vswitch can move: what changes there takes its time, so ports stay apart. */
const elsewhere = { vport: 3, settleMs: 1_000 } as const;
const LOOK_OFTEN = 'other_config:max-revalidator=100';
const LISTEN_PORT = 6701;
const neighbourAt = { green: [1, 2], blue: [3, 4] } as const;

/**
 * `spoken` by the controllers of conversations, the keeper always speaks 1.3; `below` by the
 * datapath of the virtual switch.
 */
export async function startSides(
  spoken: Version,
  below: Spoken = 'OpenFlow13',
  stays: Stays = 'at home',
  caches: 'off' | 'on' = 'off',
): Promise<Sides> {
  const moves = stays !== 'at home';
  const lab = await startLab({
    switches: ['plain', 'shared', ...(moves ? ['other', 'edge'] : [])],
    links: moves ? cables : [],
    hosts: [
      ...ports.map((port) => hostAt(`p${port}`, `plain:${port}`, port)),
      ...redAt.map((at, i) => hostAt(`v${i + 1}`, `${bridgeOf(i, moves)}:${at}`, i + 1)),
      ...Object.entries(neighbourAt).flatMap(([tenant, at]) =>
        at.map((port, i) => hostAt(`${tenant}${i + 1}`, `shared:${port}`, i + 1)),
      ),
    ],
    controller: 'tcp:127.0.0.1:6653',
    // Nobody's address, until its three controllers are there.
    controllers: { plain: 'tcp:127.0.0.1:9' },
    speaks: { shared: below },
    exact: caches === 'off',
  });
  try {
    // Cached flows are looked at ten times a second and not twice, or each wait would be long.
    if (caches === 'on') await lab.vsctl('set', 'Open_vSwitch', '.', LOOK_OFTEN);
    return await connect(lab, spoken, stays);
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

const cables: readonly (readonly [string, string])[] = [
  ['shared:20', 'other:20'],
  ['shared:21', 'edge:20'],
  ['other:21', 'edge:21'],
];

function bridgeOf(i: number, moves: boolean): string {
  return moves && i + 1 === elsewhere.vport ? 'edge' : 'shared';
}

/** No IP address and no MAC address that a conversation uses: the hosts themselves stay silent. */
function hostAt(name: string, at: string, number: number): HostSpec {
  return { name, at, ip: `192.0.2.${number}/24`, mac: `06:00:00:00:01:0${number}` };
}

async function connect(lab: Lab, spoken: Version, stays: Stays): Promise<Sides> {
  const at = (name: string): string => path.join(lab.dir, `${name}.controller`);
  const all: TestController[] = [];
  const open = async (name: string, speaks: Version = version.of13): Promise<TestController> => {
    const controller = new TestController(at(name), speaks);
    all.push(controller);
    await controller.listening();
    return controller;
  };
  const side = async (name: Side['name'], letter: string, vconns: string[]): Promise<Side> => ({
    name,
    vconns,
    c1: await open(`${name}-1`, spoken),
    c2: await open(`${name}-2`, spoken),
    keeper: await open(`${name}-keeper`),
    host: (port) => `${letter}${port}`,
    keepsOrder: lab.spec.exact === true,
    settled: lab.spec.exact === true ? async () => undefined : () => revalidated(lab),
  });
  const plain = await side('plain', 'p', [`unix:${path.join(lab.dir, 'plain.mgmt')}`]);
  const virtual = await side('virtual', 'v', [`tcp:127.0.0.1:${LISTEN_PORT}`, `unix:${at('red')}`]);
  const neighbours: Neighbour[] = [];
  for (const tenant of Object.keys(neighbourAt)) {
    neighbours.push({
      controller: await open(tenant),
      hosts: [1, 2].map((number) => `${tenant}${number}`),
    });
  }
  const hosts = [...ports.flatMap((port) => [plain.host(port), virtual.host(port)])];
  const wires = await openWires(lab, [...hosts, ...neighbours.flatMap((one) => one.hosts)]);
  await connectPlain(
    lab,
    [1, 2, 'keeper'].map((name) => `unix:${at(`plain-${name}`)}`),
  );
  await giveQueues(lab, portName('plain:2'), [0, 1, 2]);
  await giveQueues(lab, portName(`shared:${redAt[1]}`), [0, 5, 7, 9]);
  const file = path.join(lab.dir, 'mirror.yaml');
  fs.writeFileSync(file, configuration(lab, at, await facesOf(lab), stays));
  await startLimevisor(lab, file);
  await Promise.all(all.map((one) => one.up()));
  // A port behind a cable is up when both datapaths are there: its PORT_STATUS is nobody's answer.
  const waited = await attempt(lab, ['wait']);
  if (waited.code !== 0) throw new Error(`the virtual switch is not ready: ${waited.stderr}`);
  for (const { controller } of neighbours) await furnish(controller);
  return {
    ...{ lab, wires, plain, virtual, neighbours },
    async stop() {
      for (const one of all) one.close();
      await lab.stop();
    },
  };
}

/** Queues of these numbers at a port, as an operator makes them. */
async function giveQueues(lab: Lab, port: string, numbers: readonly number[]): Promise<void> {
  const qos = ['--id=@qos', 'create', 'qos', 'type=linux-htb', 'other-config:max-rate=100000000'];
  const made = numbers.map((number) => `queues:${number}=@q${number}`);
  const queues = numbers.flatMap((number) => [
    ...['--', `--id=@q${number}`, 'create', 'queue', 'other-config:min-rate=1000000'],
  ]);
  await lab.vsctl('--', 'set', 'port', port, 'qos=@qos', '--', ...qos, ...made, ...queues);
}

/** What the tenant's queues are at the virtual switch's port 2; queue 9 there is not its own. */
const QUEUES = 'queues: { 0: 0, 1: 5, 2: 7 }';

/** Addresses that conversations know: both switches' ports have them. */
const addressOf = (low: string) => `0a:00:00:00:00:${low.padStart(2, '0')}`;

async function connectPlain(lab: Lab, targets: readonly string[]): Promise<void> {
  await lab.vsctl('set', 'bridge', 'plain', 'protocols=OpenFlow10,OpenFlow13');
  await lab.vsctl('set', 'bridge', 'plain', `other-config:hwaddr="${addressOf('fe')}"`);
  for (const port of ports) {
    await lab.inside.run([
      'ip',
      'link',
      'set',
      `plain-p${port}`,
      'address',
      addressOf(String(port)),
    ]);
  }
  await lab.vsctl('set-controller', 'plain', ...targets);
  const ids = (await lab.vsctl('get', 'bridge', 'plain', 'controller')).match(/[0-9a-f-]{36}/g);
  for (const id of ids ?? []) {
    await lab.vsctl('set', 'controller', id, 'max_backoff=1000');
  }
}

/** The names and addresses of the plain bridge's ports, as the configuration file says them. */
async function facesOf(lab: Lab): Promise<string> {
  const names = ['plain', ...ports.map((port) => portName(`plain:${port}`))];
  const portIdentities: string[] = [];
  for (const [port, name] of names.entries()) {
    const mac = (await lab.vsctl('get', 'interface', name, 'mac_in_use')).trim();
    portIdentities.push(`${port === 0 ? 'LOCAL' : port}: { name: ${name}, mac: ${mac} }`);
  }
  return portIdentities.join(', ');
}

function configuration(
  lab: Lab,
  at: (name: string) => string,
  portIdentities: string,
  stays: Stays,
): string {
  const moves = stays !== 'at home';
  const [isBig, consistency] = stays.split('big, ');
  const own = isBig === '' ? `[shared, other, edge], consistency: ${consistency}` : 'shared';
  const listen = `listen: ['ptcp:${LISTEN_PORT}:127.0.0.1', 'punix:${at('red')}']`;
  const queues = (place: number): string => (place === redAt[1] ? `, ${QUEUES}` : '');
  const bridge = (place: number, i: number): string => bridgeOf(i, moves && place === redAt[i]);
  const hosts = (places: readonly number[]): string =>
    places
      .map((place, i) => {
        const where = `${bridge(place, i)}:${place}`;
        return `      h${i + 1}: { port: v:${i + 1}, at: ${where}${queues(place)} }`;
      })
      .join('\n');
  const settle = stays === 'moving' ? `settle ${elsewhere.settleMs}ms` : 'barrier';
  const more = `, other: { dpid: 3, ack: barrier }, edge: { dpid: 4, ack: ${settle} }`;
  const links = cables.map(([one, other]) => `${one} - ${other}`).join(', ');
  const tenant = (
    name: string,
    controllers: readonly string[],
    places: readonly number[],
    on = 'shared',
    more = '',
  ) => `
  ${name}:
    controllers: [${controllers.map((one) => `unix:${at(one)}`).join(', ')}]
    vswitches: { v: { dpid: 1, on: ${on}${more} } }
    hosts:
${hosts(places)}`;
  return `control: ${path.join(lab.dir, 'limevisor.sock')}
store: ${path.join(lab.dir, 'limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { shared: { dpid: 2, ack: barrier }${moves ? more : ''} }
links: [${moves ? links : ''}]
tenants:
${tenant(
  'red',
  ['virtual-1', 'virtual-2', 'virtual-keeper'],
  redAt,
  own,
  `, ${listen}, ports: { ${portIdentities} }`,
)}
${Object.entries(neighbourAt)
  .map(([name, places]) => tenant(name, [name], places))
  .join('\n')}
`;
}

/** A neighbour floods and would be told of everything: what leaked to it would be seen. */
async function furnish(controller: TestController): Promise<void> {
  const everything = [output(0xfffffffb), output(0xfffffffd)];
  controller.send(bytesOf(rule([], everything, { priority: 1 })));
  await controller.barrier();
}
