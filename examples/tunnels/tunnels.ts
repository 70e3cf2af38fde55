/**
 * `make tunnels`: two switches in namespaces of their own, that no cable joins. Limevisor lays a
 * VXLAN, a Geneve and a GRE tunnel between them; packets of 1,500 bytes go by each. Ends with 0 if
 * all arrive.
 */
import path from 'node:path';
import { type HostSpec, type Lab, startLab } from '../lab/lab.ts';
import { addRule, root, startLimevisor, untilReady } from '../lab/programs.ts';
import { hostAt } from '../lab/topologies.ts';
import { until } from '../lab/wait.ts';

/** By the port that each tunnel has on both switches. */
const tunnels = { 5: 'vxlan', 6: 'geneve', 7: 'gre' } as const;
const SWITCHES = ['s1', 's2'] as const;
const PACKETS = 50;
/** With the headers of ICMP and IP: 1,500. */
const PAYLOAD_BYTES = 1_472;

export interface Carried {
  readonly type: string;
  readonly sent: number;
  readonly received: number;
  /** How many frames the switch sent into the tunnel meanwhile. */
  readonly through: number;
}

/** h1 and h2 by the first tunnel, h3 and h4 by the second, and so on. */
function hostOf(number: number): HostSpec {
  return hostAt(number, `${SWITCHES[(number - 1) % 2]}:${Math.ceil(number / 2)}`);
}

/** Switches that no cable joins, and a Limevisor that lays tunnels between them. */
export async function startTunnels(): Promise<Lab> {
  const lab = await startLab({
    switches: [...SWITCHES],
    links: [],
    hosts: [1, 2, 3, 4, 5, 6].map(hostOf),
    controller: 'tcp:127.0.0.1:6653',
    apart: [...SWITCHES],
  });
  try {
    await layUnderlay(lab);
    await serve(lab);
    return lab;
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

/** What each tunnel carries. */
export async function carried(lab: Lab): Promise<readonly Carried[]> {
  const all: Carried[] = [];
  for (const [i, [port, type]] of Object.entries(tunnels).entries()) {
    const [from, to] = [`h${2 * i + 1}`, `10.0.0.${2 * i + 2}`];
    await until(`an answer by ${type}`, 20_000, async () =>
      (await ping(lab, from, to, 1)).received > 0 ? true : undefined,
    );
    const before = await sentInto(lab, port);
    const { sent, received } = await ping(lab, from, to, PACKETS);
    // A port's counters are late by some moments.
    const through = await until(`frames by ${type}`, 10_000, async () => {
      const count = (await sentInto(lab, port)) - before;
      return count >= received ? count : undefined;
    });
    all.push({ type, sent, received, through });
  }
  return all;
}

/** A cable between the rooms, and a bridge in each that has its address. */
async function layUnderlay(lab: Lab): Promise<void> {
  const { inside } = lab;
  const mtu = '2000';
  const cable = ['link', 'add', 'under1', 'mtu', mtu, 'netns', 'sw-s1', 'type', 'veth'];
  await inside.run(['ip', ...cable, 'peer', 'name', 'under2', 'mtu', mtu, 'netns', 'sw-s2']);
  for (const [i, name] of SWITCHES.entries()) {
    const own = `10.8.0.${i + 1}`;
    const within = (...argv: readonly string[]) =>
      inside.run(['ip', 'netns', 'exec', `sw-${name}`, ...argv]);
    const bridge = `under-${name}`;
    await within('ip', 'link', 'set', `under${i + 1}`, 'up');
    await vsctl(
      lab,
      name,
      ...['add-br', bridge, '--', 'set', 'bridge', bridge, 'datapath_type=netdev'],
      ...['--', 'add-port', bridge, `under${i + 1}`],
      ...['--', 'set', 'interface', bridge, `mtu_request=${mtu}`],
    );
    await within('ip', 'addr', 'add', `${own}/24`, 'dev', bridge);
    await within('ip', 'link', 'set', bridge, 'up');
  }
}

/** ovs-vsctl at the Open vSwitch of a switch. */
export function vsctl(lab: Lab, name: string, ...args: readonly string[]): Promise<string> {
  const db = `--db=unix:${path.join(lab.dir, `${name}-db.sock`)}`;
  return lab.inside.run(['ovs-vsctl', db, ...args]);
}

/** Each host’s packets go by a virtual cable of its own. */
async function serve(lab: Lab): Promise<void> {
  await startLimevisor(lab, path.join(root, 'examples/tunnels/network.yaml'));
  await untilReady(lab);
  for (const name of ['v', 'w']) {
    const flows = [1, 2, 3].flatMap((i) => [
      `in_port=${i},actions=output:${10 + i}`,
      `in_port=${10 + i},actions=output:${i}`,
    ]);
    for (const flow of flows) await addRule(lab, name, flow);
  }
}

async function ping(lab: Lab, from: string, to: string, count: number) {
  const args = `-c ${count} -p 20 -t 5000 -b ${PAYLOAD_BYTES} ${to}`;
  const said = await lab.inside.run(lab.on(from, ['sh', '-c', `fping -q ${args} 2>&1 || true`]));
  const [, sent = '0', received = '0'] = /= ([0-9]+)\/([0-9]+)\//.exec(said) ?? [];
  return { sent: Number(sent), received: Number(received) };
}

async function sentInto(lab: Lab, port: string): Promise<number> {
  const said = await lab.ofctl('dump-ports', 's1', port);
  return Number(/tx pkts=([0-9]+)/.exec(said)?.[1]);
}

export function isWhole({ sent, received, through }: Carried): boolean {
  return sent === PACKETS && received === sent && through >= sent;
}

if (process.argv[1] === import.meta.filename) {
  console.log('Two switches, joined by tunnels only; packets of 1,500 bytes there and back:');
  const lab = await startTunnels();
  const all = await carried(lab).finally(() => lab.stop());
  for (const { type, sent, received, through } of all) {
    const count = `${received} of ${sent} answered`;
    console.log(`  ${type.padEnd(8)}${count}, ${through} frames went into the tunnel`);
  }
  process.exitCode = all.every(isWhole) ? 0 : 1;
}
