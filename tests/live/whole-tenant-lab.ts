/**
 * A tenant with six hosts on three vswitches in a row, whose controllers are the test; and another
 * tenant whose flows fill Open vSwitch's caches.
 *
 *   h1 h2 - v1 - v2 (h3 h4) - v3 - h5 h6          near: s1, s2; far: s3, s4; hosts: e1, e2
 *
 * Datapaths and controllers speak one version of OpenFlow.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { type Lab, type Spoken, startLab } from '../../examples/lab/lab.ts';
import type { Running } from '../../examples/lab/processes.ts';
import { root, startLimevisor, untilReady } from '../../examples/lab/programs.ts';
import { hostAt } from '../../examples/lab/topologies.ts';
import { startTransfer, type Transferred } from '../../examples/lab/transfer.ts';
import { until } from '../../examples/lab/wait.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { port as ofpp, version } from '../../openflow/values/constants.ts';
import type { FlowStats, Oxm } from '../../openflow/values/values.ts';
import { TestController } from './mirror/controller.ts';
import { applying, ask, bytesOf, filter, flowMod, output } from './mirror/conversation.ts';

/** Hosts are at the edge: what is counted while they stay and their vswitches move is exact. */
const places = ['e1:1', 'e1:2', 'e1:3', 'e2:1', 'e2:2', 'e2:3', 'e1:7', 'e1:8'];
const links = [
  ['e1:4', 's1:1'],
  ['e1:5', 's4:3'],
  ['e2:4', 's2:1'],
  ['e2:5', 's3:1'],
  ['s1:3', 's2:3'],
  ['s2:4', 's3:3'],
  ['s1:4', 's4:1'],
  ['s4:2', 's3:4'],
] as const;
const physical = {
  switches: ['s1', 's2', 's3', 's4', 'e1', 'e2'],
  links,
  hosts: places.map((at, i) => hostAt(i + 1, at)),
  controller: 'tcp:127.0.0.1:6653',
};
export const names = ['v1', 'v2', 'v3'] as const;
type Name = (typeof names)[number];

const network = `
control: here
store: DIR/limevisor.db
listen: ['ptcp:6653:127.0.0.1']
datapaths:
  { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 },
    e1: { dpid: 5 }, e2: { dpid: 6 } }
zones: { near: [s1, s2], far: [s3, s4] }
links: [LINKS]
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, controllers: ['unix:DIR/v1'] }
      v2: { dpid: 2, on: s2, controllers: ['unix:DIR/v2'] }
      v3: { dpid: 3, on: s2, controllers: ['unix:DIR/v3'] }
    hosts:
      h1: { port: v1:1, at: e1:1 }
      h2: { port: v1:2, at: e1:2 }
      h3: { port: v2:1, at: e1:3 }
      h4: { port: v2:2, at: e2:1 }
      h5: { port: v3:1, at: e2:2 }
      h6: { port: v3:2, at: e2:3 }
    links: [v1:3 - v2:3, v2:4 - v3:3]
  blue:
    vswitches: { b: { dpid: 1, on: e1, controllers: ['unix:DIR/b'] } }
    hosts: { h7: { port: b:1, at: e1:7 }, h8: { port: b:2, at: e1:8 } }
`;

/** By vswitch, where each host is, and by which port the streams leave. */
const ways: Readonly<Record<Name, { readonly to: readonly number[]; readonly stream: number }>> = {
  v1: { to: [1, 2, 3, 3, 3, 3], stream: 3 },
  v2: { to: [3, 3, 1, 2, 4, 4], stream: 4 },
  v3: { to: [3, 3, 3, 3, 1, 2], stream: 2 },
};

/**
 * Of streams from h1 to h6. A rule of the last one comes and goes all the time: where there is none
 * its frames meet the one for h6. It is of the shape and the priority of the others', so that Open
 * vSwitch looks at the same of their frames with it and without, and leaves what it has cached for
 * them alone: what it deletes while a packet is in hand it has not counted, on any bridge.
 */
export const counted = ['10.9.0.1', '10.9.0.2', '10.9.0.3'];
export const churned = '10.9.0.4';
const FIRST_COOKIE = 100n;
const STREAM_PRIORITY = 20;

export interface Tenant {
  readonly lab: Lab;
  /** Of the other tenant. */
  readonly blue: TestController;
  readonly controllers: ReadonlyMap<Name, TestController>;
  stop(): Promise<void>;
}

export async function startTenant(spoken: Spoken = 'OpenFlow13'): Promise<Tenant> {
  const speaks = Object.fromEntries(physical.switches.map((name) => [name, spoken]));
  const lab = await startLab({ ...physical, speaks });
  const spokenVersion = spoken === 'OpenFlow10' ? version.of10 : version.of13;
  const controllers = new Map(
    names.map((name) => [name, new TestController(path.join(lab.dir, name), spokenVersion)]),
  );
  const blue = new TestController(path.join(lab.dir, 'b'), spokenVersion);
  const stop = async (): Promise<void> => {
    for (const one of [...controllers.values(), blue]) one.close();
    await lab.stop();
  };
  try {
    const file = path.join(lab.dir, 'whole.yaml');
    const cables = links.map(([one, other]) => `'${one} - ${other}'`);
    fs.writeFileSync(file, network.replace('LINKS', cables.join(', ')));
    for (const one of [...controllers.values(), blue]) await one.listening();
    await startLimevisor(lab, file);
    await untilReady(lab);
    for (const [name, one] of controllers) {
      await one.up();
      for (const mod of rulesOf(name)) one.send(bytesOf(mod, spokenVersion));
      await one.barrier();
    }
    await blue.up();
    return { lab, controllers, blue, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function rulesOf(name: Name) {
  const { to, stream } = ways[name];
  return [
    ...counted.map((address, i) => {
      const cookie = FIRST_COOKIE + BigInt(i);
      const match = streamTo(address);
      return flowMod('add', {
        cookie,
        priority: STREAM_PRIORITY,
        match,
        instructions: applying(output(stream)),
      });
    }),
    ...to.map((port, i) => {
      const match = matchOf(oxm('eth_dst', 0x0200_0000_0001n + BigInt(i)));
      return flowMod('add', { priority: 10, match, instructions: applying(output(port)) });
    }),
    flowMod('add', { priority: 1, match: [], instructions: applying(output(ofpp.flood)) }),
  ];
}

/** IPv4 to an address. */
export function streamTo(address: string) {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  const number = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  return matchOf(oxm('eth_type', 0x800), oxm('ipv4_dst', number));
}

/** A rule of v2's comes and goes, so often. */
export function churn({ controllers }: Tenant, everyMs: number): () => number {
  const controller = controllers.get('v2');
  let changes = 0;
  const timer = setInterval(() => {
    const command = changes % 2 === 0 ? 'add' : 'deleteStrict';
    const instructions = applying(output(ways.v2.stream));
    const match = streamTo(churned);
    const mod = flowMod(command, { priority: STREAM_PRIORITY, match, instructions });
    controller?.send(bytesOf(mod, controller.version));
    changes += 1;
  }, everyMs);
  return () => {
    clearInterval(timer);
    return changes;
  };
}

/** What a vswitch has counted for each stream that is counted. */
export async function countersOf({ controllers }: Tenant, name: Name): Promise<readonly number[]> {
  const controller = controllers.get(name);
  if (controller === undefined) throw new Error(`no ${name}`);
  controller.take();
  controller.send(bytesOf(ask({ kind: 'flow', filter: filter() }), controller.version));
  await controller.until('flow statistics', () => controller.count('multipartReply') > 0);
  const rows = controller.take().flatMap(({ message }): readonly FlowStats[] => {
    const isFlow = message.type === 'multipartReply' && message.reply.kind === 'flow';
    return isFlow ? message.reply.flows : [];
  });
  return counted.map((_, i) => {
    return Number(
      rows.find(({ cookie }) => cookie === FIRST_COOKIE + BigInt(i))?.packetCount ?? -1,
    );
  });
}

/** So many flows of the other tenant are cached until it is ended. */
export async function fillCaches({ lab, blue }: Tenant, count: number): Promise<Running> {
  const out = applying(output(2));
  for (let i = 0; i < count; i += 1) {
    const match = fromPort(i + 1);
    blue.send(bytesOf(flowMod('add', { priority: 9, match, instructions: out }), blue.version));
  }
  // A rule of another shape above them: so each flow has a cached flow of its own.
  const match = fromPort(60_001, oxm('udp_dst', 9));
  blue.send(bytesOf(flowMod('add', { priority: 10, match, instructions: out }), blue.version));
  await blue.barrier();
  const script = path.join(root, 'tests/live/cached/flows.py');
  const argv = ['/usr/bin/python3', script, 'keep', 'eth0', '02:00:00:00:00:08', String(count)];
  const running = lab.inside.start(lab.on('h7', argv));
  if (running.child.stdout !== null) await once(running.child.stdout, 'data');
  return running;
}

/** UDP that comes in by the first port, from a port. */
function fromPort(port: number, ...more: readonly Oxm[]) {
  const head = [oxm('in_port', 1), oxm('eth_type', 0x800), oxm('ip_proto', 17)];
  return matchOf(...head, oxm('udp_src', port), ...more);
}

/** What iperf3 has sent from h4 to h5, and resets that the kernels of both have counted. */
export interface Iperf3 {
  readonly bytes: number;
  readonly resets: number;
}

/** iperf3 sends from h4 to h5, so much in a second. */
export async function iperf3({ lab }: Tenant, kbytesSec: number): Promise<() => Promise<Iperf3>> {
  const server = lab.inside.start(lab.on('h5', ['iperf3', '-s', '-1']));
  const connections = async (state: string): Promise<number> => {
    const argv = ['ss', '-Htn', 'state', state, 'sport', '=', ':5201'];
    return (await lab.inside.run(lab.on('h5', argv))).trim().split('\n').filter(Boolean).length;
  };
  await until(
    'iperf3 listening',
    20_000,
    async () => (await connections('listening')) || undefined,
  );
  const rate = ['-b', `${kbytesSec * 8}K`, '-t', '86400', '-J'];
  const client = lab.inside.start(lab.on('h4', ['iperf3', '-c', '10.0.0.5', ...rate]));
  let said = '';
  client.child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  // One that controls, and one that carries.
  await until('iperf3 connected', 20_000, async () => {
    return (await connections('established')) >= 2 || undefined;
  });
  const before = await resetsOf(lab);
  return async () => {
    const resets = (await resetsOf(lab)) - before;
    const left = await connections('established');
    await client.end('SIGINT');
    await server.end('SIGKILL');
    const { end } = JSON.parse(said) as { end: { sum_sent: { bytes: number } } };
    if (left < 2) throw new Error(`iperf3 has ended: ${said}`);
    return { bytes: end.sum_sent.bytes, resets };
  };
}

/** Of connections that hosts had, and that they refused. */
async function resetsOf(lab: Lab): Promise<number> {
  let sum = 0;
  for (const host of ['h4', 'h5']) {
    const text = await lab.inside.run(lab.on(host, ['cat', '/proc/self/net/snmp']));
    const [names = [], values = []] = text
      .split('\n')
      .filter((line) => line.startsWith('Tcp:'))
      .map((line) => line.split(' '));
    for (const name of ['EstabResets', 'OutRsts']) sum += Number(values[names.indexOf(name)]);
  }
  return sum;
}

/** A TCP connection from h3 to h6; ends with what came of it at both. */
export function transfer({ lab }: Tenant, kbytesSec: number): Promise<() => Promise<Transferred>> {
  return startTransfer(lab, 'h3', { host: 'h6', ip: '10.0.0.6' }, kbytesSec);
}
