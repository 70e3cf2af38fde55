/**
 * A network that Mininet makes and keeps, in a lab of its own: told what to do by lines of
 * Mininet's command line language while it stands, with hosts that the lab's other tools find by
 * name.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Lab, type Spoken, startLab } from '../../examples/lab/lab.ts';
import { needPrograms } from '../../examples/lab/processes.ts';
import { until } from '../../examples/lab/wait.ts';

/** A port of a switch. */
export interface End {
  readonly at: string;
  readonly port: number;
}

export interface Network {
  readonly lab: Lab;
  /** Each with its dpid, in hexadecimal. */
  readonly switches: ReadonlyMap<string, string>;
  readonly hosts: ReadonlyMap<string, End & { readonly ip: string }>;
  readonly links: readonly (readonly [End, End])[];
  /** What Mininet answers to a line. */
  say(line: string): Promise<string>;
}

/** Between switches: frames of tenants are 22 bytes longer there (docs/GUIDE.md). */
const MTU = 1_600;
/** Longer than Mininet takes on a busy machine. */
const START_MS = 90_000;
/** Now and then it waits for its first shell for ever; it has made nothing then. */
const FIRST_SHELL_MS = 25_000;
/** A `pingall` without an answer waits a second for each pair. */
const SAY_MS = 180_000;

/** Mininet's words for a topology, and where its switches find their controller. */
export async function startNetwork(topology: string, spoken: Spoken, port: number) {
  needPrograms({ mn: 'mininet', mnexec: 'mininet', iperf3: 'iperf3' });
  const lab = await startLab({ switches: [], links: [], hosts: [], controller: '' });
  try {
    // Mininet would raise the machine's limits; in here it cannot, and says so.
    await lab.inside.run(['mount', '--bind', '-o', 'ro', '/proc/sys', '/proc/sys']);
    const say = await startMininet(lab, topology, spoken, port);
    return await prepared(lab, say);
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

/** Starts `mn`; answers what asks its command line. */
async function startMininet(lab: Lab, topology: string, spoken: Spoken, port: number) {
  const log = path.join(lab.dir, 'mininet.log');
  const fifo = path.join(lab.dir, 'mininet.lines');
  await lab.inside.run(['mkfifo', fifo]);
  // For reading, too: so it opens at once.
  const lines = fs.openSync(fifo, 'r+');
  const argv = [
    ...['env', `OVS_RUNDIR=${lab.dir}`, 'sh', '-c', 'exec mn "$@" <"$0"', fifo],
    ...['--topo', topology, '--switch', `ovs,datapath=user,protocols=${spoken}`, '--mac'],
    ...['--controller', `remote,ip=127.0.0.1,port=${port}`],
  ];
  const textOf = () => (fs.existsSync(log) ? fs.readFileSync(log, 'utf8') : '');
  const start = () => lab.inside.start(argv, log);
  const isMaking = () => (textOf().includes('Adding hosts') ? true : undefined);
  const first = start();
  await until('the first shell of Mininet', FIRST_SHELL_MS, isMaking).catch(async () => {
    await first.end('SIGKILL');
    start();
  });
  const isThere = () => (textOf().includes('Starting CLI') ? true : undefined);
  await until(`the start of Mininet (${log})`, START_MS, isThere);
  let count = 0;
  return async (line: string): Promise<string> => {
    count += 1;
    const end = `said-${count}.`;
    const script = path.join(lab.dir, `mininet-${count}.cli`);
    const from = textOf().length;
    fs.writeFileSync(script, `${line}\nsh echo ${end}\n`);
    fs.writeSync(lines, `source ${script}\n`);
    const said = () => {
      const text = textOf().slice(from);
      return text.includes(end) ? text.slice(0, text.indexOf(end)) : undefined;
    };
    return until(`Mininet's answer to "${line}"`, SAY_MS, said);
  };
}

/** Reads what Mininet has made, and gives hosts names that `ip netns` knows. */
async function prepared(lab: Lab, say: Network['say']): Promise<Network> {
  const dump = await say('dump');
  const cables = (await say('net')).matchAll(/(\w+)-eth(\d+):(\w+)-eth(\d+)/g);
  const found = [...dump.matchAll(/<Host (\w+): \w+-eth0:([\d.]+) pid=(\d+)>/g)];
  const ips = new Map(found.map(([, name = '', ip = '']) => [name, ip]));
  const hosts = new Map<string, End & { readonly ip: string }>();
  const links: (readonly [End, End])[] = [];
  for (const [, a = '', portA, b = '', portB] of cables) {
    const [one, other] = [
      { at: a, port: Number(portA) },
      { at: b, port: Number(portB) },
    ];
    const ip = ips.get(a);
    if (ip !== undefined) hosts.set(a, { ...other, ip });
    else if (!ips.has(b) && a < b) links.push([one, other]);
  }
  const switches = new Map<string, string>();
  for (const [, name = ''] of dump.matchAll(/<OVSSwitch\S* .*?(\w+): lo:/g)) {
    const said = await lab.vsctl('get', 'bridge', name, 'other_config:datapath-id');
    switches.set(name, said.trim().replaceAll('"', ''));
  }
  const commands = [
    ...links.flat().map((end) => `ip link set ${interfaceOf(end)} mtu ${MTU}`),
    ...found.flatMap(([, name, , pid]) => [
      `ip netns attach ${name} ${pid}`,
      // The userspace datapath passes on TCP segments whose checksum nobody has filled in.
      `mnexec -a ${pid} ethtool -K ${name}-eth0 tx off >/dev/null`,
    ]),
  ];
  await lab.inside.run(['sh', '-ec', commands.join('\n')]);
  return { lab, switches, hosts, links, say };
}

export function interfaceOf({ at, port }: End): string {
  return `${at}-eth${port}`;
}

/** A file with one tenant, whose virtual network is the physical one. */
export function fileOf({ switches, hosts, links }: Network, version: string, port: number): string {
  const end = ({ at, port: number }: End) => `${at}:${number}`;
  const all = [...switches].map(([name, dpid]) => ({ name, dpid }));
  const cables = links.map(([one, other]) => `${end(one)} - ${end(other)}`);
  const hostLine = ([name, at]: readonly [string, End]) =>
    `      ${name}: { port: '${end(at)}', at: '${end(at)}' }`;
  const listed = (some: readonly string[], indent: string) =>
    some.map((one) => `\n${indent}- ${one}`).join('');
  return `control: here
store: limevisor.db
datapaths:
${all.map(({ name, dpid }) => `  ${name}: { dpid: ${dpid} }`).join('\n')}
links:${listed(cables, '  ')}
tenants:
  red:
    openflow: ['${version}']
    controllers: ['tcp:127.0.0.1:${port}']
    vswitches:
${all.map(({ name, dpid }) => `      ${name}: { dpid: ${dpid}, on: ${name} }`).join('\n')}
    hosts:
${[...hosts].map(hostLine).join('\n')}
    links:${listed(cables, '      ')}
`;
}
