/**
 * Two sites with a slow cable between them, and a tenant at one: for `make cloud-move`, and for the
 * bench of orders (tests/bench/move-order.ts).
 */
import { once } from 'node:events';
import path from 'node:path';
import { type HostSpec, type Lab, portName, startLab } from '../lab/lab.ts';
import { addRule, root, startLimevisor, statusOf } from '../lab/programs.ts';
import { hostAt } from '../lab/topologies.ts';
import { until } from '../lab/wait.ts';

const WAN = ['s2:20', 's3:20'] as const;

export interface Wan {
  readonly delayMs: number;
  readonly mbit: number;
}

/** h1, h2 ... , the first half on s1 and the others on s2, with their vports. */
export function sitesHosts(count: number): readonly (HostSpec & { readonly vport: number })[] {
  const half = Math.ceil(count / 2);
  return Array.from({ length: count }, (_, i) => {
    const vport = i < half ? i + 1 : i + 1 - half;
    return { ...hostAt(i + 1, `${i < half ? 's1' : 's2'}:${vport}`), vport };
  });
}

/** Limevisor serves the file; each host reaches each other by rules of its vswitch. */
export async function startSites(file: string, count: number, wan: Wan): Promise<Lab> {
  const hosts = sitesHosts(count);
  const lab = await startLab({
    switches: ['s1', 's2', 's3', 's4'],
    links: [
      ['s1:9', 's2:9'],
      ['s3:9', 's4:9'],
    ],
    hosts,
    controller: 'tcp:127.0.0.1:6653',
  });
  try {
    await layWan(lab, wan);
    await startLimevisor(lab, file);
    await until('all links and ports', 30_000, async () => {
      const { datapaths, links } = await statusOf(lab);
      const isUp = links.every(({ state }) => state === 'up');
      return isUp && datapaths.every((one) => one.state === 'ready') ? true : undefined;
    });
    for (const vswitch of ['v1', 'v2']) await addRules(lab, vswitch, hosts);
    return lab;
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

async function layWan(lab: Lab, { delayMs, mbit }: Wan): Promise<void> {
  const inner = WAN.map((end) => `wan-${portName(end)}`);
  for (const [i, end] of WAN.entries()) {
    const [name, peer = ''] = [portName(end), inner[i]];
    const pair = ['type', 'veth', 'peer', 'name', peer, 'mtu', '2000'];
    await lab.inside.run(['ip', 'link', 'add', name, 'mtu', '2000', ...pair]);
    for (const one of [name, peer]) await lab.inside.run(['ip', 'link', 'set', one, 'up']);
    const [bridge = '', port] = end.split(':');
    const request = ['set', 'interface', name, `ofport_request=${port}`];
    await lab.vsctl('add-port', bridge, name, '--', ...request);
  }
  const script = path.join(root, 'examples/lab/slow_cable.py');
  const args = [...inner, String(delayMs), String(mbit)];
  const { stdout } = lab.inside.start(['/usr/bin/python3', script, ...args]).child;
  if (stdout === null) throw new Error('the output is not piped');
  await once(stdout, 'data');
  stdout.resume();
}

/** By MAC address: to a port of the vswitch, or to the other one. */
async function addRules(
  lab: Lab,
  vswitch: string,
  hosts: readonly (HostSpec & { readonly vport: number })[],
): Promise<void> {
  await addRule(lab, vswitch, 'priority=1,actions=flood');
  for (const { mac, at, vport } of hosts) {
    const isHere = at.startsWith('s1') === (vswitch === 'v1');
    await addRule(lab, vswitch, `priority=2,dl_dst=${mac},actions=output:${isHere ? vport : 9}`);
  }
}

/** Bytes that the slow cable has carried, both ways. */
export async function carriedByWan(lab: Lab): Promise<number> {
  const [bridge = '', port = ''] = WAN[0].split(':');
  const text = await lab.ofctl('dump-ports', bridge, port);
  return [...text.matchAll(/bytes=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
}
