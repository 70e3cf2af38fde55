/**
 * A laboratory: real Open vSwitch bridges and hosts, in namespaces of their own.
 *
 * The demo (../live-migration/) and tests/live/ run on it. Bridges use the userspace datapath,
 * links are veth pairs, hosts are network namespaces; /run inside is private, /tmp is shared, so
 * sockets in `dir` can be reached from outside.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { droppedFrames } from './dropped-frames.ts';
import { ipBatch, roomScript, within } from './ip-script.ts';
import { type Namespaces, needPrograms, openNamespaces, type Running } from './processes.ts';
import { untilStarted } from './wait.ts';

export interface HostSpec {
  readonly name: string;
  /** Where it is plugged in: `s1:3` is port 3 of s1. */
  readonly at: string;
  /** With the prefix length. */
  readonly ip: string;
  readonly mac: string;
}

/** Versions in Open vSwitch's words. */
export type Spoken = 'OpenFlow10' | 'OpenFlow13';

export interface LabSpec {
  /** Their dpids are 1, 2, 3... */
  readonly switches: readonly string[];
  readonly links: readonly (readonly [string, string])[];
  readonly hosts: readonly HostSpec[];
  /** What the switches connect to, such as tcp:127.0.0.1:6653. */
  readonly controller: string;
  /** Switches that connect elsewhere: to a relay that delays (delay.ts), for example. */
  readonly controllers?: Readonly<Record<string, string>>;
  /** What switches speak that do not speak OpenFlow 1.3. */
  readonly speaks?: Readonly<Record<string, Spoken>>;
  /** Switches with an Open vSwitch of their own, which can be stopped (`signal`). */
  readonly apart?: readonly string[];
  /** Flow caches off: a changed rule counts at once. For tests of meaning, not of loss. */
  readonly exact?: boolean;
  /** Stays up when this process ends. */
  readonly keep?: boolean;
}

export interface Lab {
  readonly dir: string;
  readonly pid: number;
  readonly spec: LabSpec;
  /** In the network of the switches, where the hypervisor and the controllers run too. */
  readonly inside: Namespaces;
  /** `argv` as a host runs it, for `inside.start` and its siblings. */
  on(host: string, argv: readonly string[]): readonly string[];
  vsctl(...args: readonly string[]): Promise<string>;
  /** ovs-ofctl, in what the bridge speaks; the bridge is the second argument, by its name. */
  ofctl(command: string, bridge: string, ...args: readonly string[]): Promise<string>;
  appctl(...args: readonly string[]): Promise<string>;
  /** Stops a switch that is apart: all of it, its sockets fill up. Lets it go on, or kills it. */
  signal(bridge: string, signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): Promise<void>;
  /** By name, the Open vSwitch of each switch that is apart. */
  readonly daemons: Map<string, Running>;
  stop(): Promise<void>;
}

/** Links carry tenants' full-size frames with our tag on top. */
const LINK_MTU = '2000';

const programs = {
  'ovs-vswitchd': 'openvswitch-switch',
  'ovsdb-server': 'openvswitch-switch',
  nsenter: 'util-linux',
  ip: 'iproute2',
  fping: 'fping',
  ethtool: 'ethtool',
  ss: 'iproute2',
  sysctl: 'procps',
} as const;

export async function startLab(spec: LabSpec): Promise<Lab> {
  needPrograms(programs);
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'limevisor-lab-'));
  const inside = await openNamespaces(dir, spec.keep === true).catch((error: unknown) => {
    fs.rmSync(dir, { recursive: true, force: true });
    throw error;
  });
  const lab = makeLab(spec, inside, dir);
  try {
    await startOpenVswitch(lab);
    for (const name of spec.apart ?? []) {
      await addRoom(lab, name);
      await startOpenVswitch(lab, name);
    }
    const work: Work = { links: [], commands: [], requests: new Map() };
    for (const [i, name] of spec.switches.entries()) addSwitch(lab, work, name, i + 1);
    for (const [one, other] of spec.links) addLink(lab, work, one, other);
    for (const host of spec.hosts) addHost(lab, work, host);
    await runWork(lab, work);
    return lab;
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

function makeLab(spec: LabSpec, inside: Namespaces, dir: string): Lab {
  const at = (name: string): string => path.join(dir, name);
  const daemons = new Map<string, Running>();
  const onSignal = (signal: NodeJS.Signals): void => {
    void stop().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  };
  async function stop(): Promise<void> {
    const dropped = await droppedFrames(inside, (spec.apart ?? []).map(roomOf));
    if (dropped > 0) {
      process.stderr.write(
        `this machine dropped ${dropped} frames before Open vSwitch read them: no time for it\n`,
      );
    }
    await inside.stop();
    fs.rmSync(dir, { recursive: true, force: true });
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    dir,
    pid: inside.pid,
    spec,
    inside,
    on: (host, argv) => ['ip', 'netns', 'exec', host, ...argv],
    vsctl: (...args) => inside.run(['ovs-vsctl', `--db=unix:${at('db.sock')}`, ...args]),
    ofctl(command, bridge, ...args) {
      const argv = ['ovs-ofctl', '-O', spokenBy(spec, bridge), command, at(`${bridge}.mgmt`)];
      return inside.run([...argv, ...args]);
    },
    appctl: (...args) => inside.run(['ovs-appctl', '-t', at('vswitchd.ctl'), ...args]),
    async signal(bridge, signal) {
      const pid = fs.readFileSync(at(`${bridge}-vswitchd.pid`), 'utf8').trim();
      await inside.run(['kill', `-${signal}`, pid]);
      // nsenter stops with what it runs, and would never end.
      if (signal === 'SIGCONT') daemons.get(bridge)?.child.kill(signal);
    },
    daemons,
    stop,
  };
}

/** A network of its own for a switch that is apart. */
async function addRoom({ inside, spec }: Lab, name: string): Promise<void> {
  const net = `10.255.${spec.switches.indexOf(name)}`;
  await inside.run(['sh', '-ec', roomScript(roomOf(name), `mg-${name}`, net)]);
}

function roomOf(bridge: string): string {
  return `sw-${bridge}`;
}

/** Where a switch finds its controller. */
function controllerOf({ spec }: Lab, name: string): string {
  const target = spec.controllers?.[name] ?? spec.controller;
  if (!spec.apart?.includes(name)) return target;
  return target.replace('127.0.0.1', `10.255.${spec.switches.indexOf(name)}.1`);
}

/** The one of all switches, or of one that is apart: its files begin with its name. */
async function startOpenVswitch(lab: Lab, bridge?: string): Promise<void> {
  const { dir, inside } = lab;
  const at = (name: string): string => path.join(dir, ownFile(bridge, name));
  const schema = '/usr/share/openvswitch/vswitch.ovsschema';
  await inside.run(['ovsdb-tool', 'create', at('conf.db'), schema]);
  // OVS_RUNDIR: the bridges' .mgmt sockets would otherwise want a shared directory.
  const room = bridge === undefined ? [] : ['ip', 'netns', 'exec', roomOf(bridge)];
  const env = [...room, 'env', `OVS_RUNDIR=${dir}`];
  const daemon = (name: string, argv: readonly string[]): Running =>
    inside.start([...env, ...argv, `--log-file=${at(`${name}.log`)}`], at(`${name}.out`));
  const db = `unix:${at('db.sock')}`;
  const dbArgs = [`--remote=p${db}`, `--unixctl=${at('ovsdb.ctl')}`];
  const ovsdb = daemon('ovsdb', ['ovsdb-server', at('conf.db'), ...dbArgs]);
  await untilStarted('ovsdb-server', ovsdb, 30_000, () => exists(at('db.sock')));
  const vsctl = (...args: readonly string[]) => vsctlOf(lab, bridge ?? '', ...args);
  await vsctl('--no-wait', 'init');
  const files = [`--unixctl=${at('vswitchd.ctl')}`, `--pidfile=${at('vswitchd.pid')}`];
  // Before others: what arrives at a port while it has to wait finds room for some ninety frames.
  // Of 1,600 pieces of memory that it asks for with each, glibc would keep seven of a size.
  const first = ['nice', '-n', '-10', 'env', 'GLIBC_TUNABLES=glibc.malloc.tcache_count=60000'];
  const vswitchd = daemon('vswitchd', [...first, 'ovs-vswitchd', db, '--disable-system', ...files]);
  if (bridge !== undefined) lab.daemons.set(bridge, vswitchd);
  await untilStarted('ovs-vswitchd', vswitchd, 30_000, () => exists(at('vswitchd.ctl')));
  if (lab.spec.exact !== true) return;
  const exact = ['other_config:flow-limit=0', 'other_config:emc-insert-inv-prob=0'];
  await vsctl('set', 'Open_vSwitch', '.', ...exact);
}

function ownFile(bridge: string | undefined, name: string): string {
  return bridge === undefined ? name : `${bridge}-${name}`;
}

/** ovs-vsctl where a bridge is. */
function vsctlOf({ inside, dir, spec }: Lab, bridge: string, ...args: readonly string[]) {
  const own = spec.apart?.includes(bridge) ? bridge : undefined;
  const db = `--db=unix:${path.join(dir, ownFile(own, 'db.sock'))}`;
  return inside.run(['ovs-vsctl', db, ...args]);
}

/** All that a lab takes, done at once: a process for each step would be most of its time. */
interface Work {
  /** Words of ip(8), one after the other in one process of it. */
  readonly links: (readonly string[])[];
  /** What follows: commands of sh(1). */
  readonly commands: string[];
  /** What Open vSwitches are asked for, each by the name of its database. */
  readonly requests: Map<string, (readonly string[])[]>;
}

async function runWork({ inside, dir }: Lab, work: Work): Promise<void> {
  const { links, commands, requests } = work;
  await inside.run(['sh', '-ec', [ipBatch(links), ...commands].join('\n')]);
  for (const [name, some] of requests) {
    const db = `--db=unix:${path.join(dir, name)}`;
    await inside.run(['ovs-vsctl', db, ...some.flatMap((one) => ['--', ...one])]);
  }
}

function ask({ spec }: Lab, { requests }: Work, bridge: string, ...request: readonly string[]) {
  const own = spec.apart?.includes(bridge) ? bridge : undefined;
  const name = ownFile(own, 'db.sock');
  requests.set(name, [...(requests.get(name) ?? []), request]);
}

function addSwitch(lab: Lab, work: Work, name: string, dpid: number): void {
  const id = dpid.toString(16).padStart(16, '0');
  ask(lab, work, name, 'add-br', name);
  ask(
    lab,
    work,
    name,
    ...['set', 'bridge', name, 'datapath_type=netdev', 'fail_mode=secure'],
    ...[`protocols=${spokenBy(lab.spec, name)}`, `other-config:datapath-id=${id}`],
    'other-config:disable-in-band=true',
  );
  ask(lab, work, name, 'set-controller', name, controllerOf(lab, name));
  ask(lab, work, name, 'set', 'controller', name, 'max_backoff=1000');
}

function addLink(lab: Lab, work: Work, one: string, other: string): void {
  const mtu = ['mtu', LINK_MTU];
  const peer = ['type', 'veth', 'peer', 'name', portName(other), ...mtu];
  work.links.push(['link', 'add', portName(one), ...mtu, ...peer]);
  for (const end of [one, other]) addPort(lab, work, end);
}

function addHost(lab: Lab, work: Work, { name, at, ip, mac }: HostSpec): void {
  const peer = ['type', 'veth', 'peer', 'name', 'eth0', 'address', mac, 'netns', name];
  work.links.push(['netns', 'add', name], ['link', 'add', portName(at), ...peer]);
  const own = [
    ['link', 'set', 'lo', 'up'],
    ['addr', 'add', ip, 'dev', 'eth0'],
    ['link', 'set', 'eth0', 'up'],
  ];
  // The userspace datapath would pass on TCP segments whose checksum nobody has filled in.
  const offload = 'ethtool -K eth0 tx off';
  const noIpv6 = 'sysctl -qw net.ipv6.conf.all.disable_ipv6=1';
  work.commands.push(within(name, [noIpv6, ipBatch(own), offload]));
  addPort(lab, work, at);
}

function addPort(lab: Lab, work: Work, end: string): void {
  const [bridge = '', port = ''] = end.split(':');
  const name = portName(end);
  const isApart = lab.spec.apart?.includes(bridge) === true;
  if (isApart) {
    const room = roomOf(bridge);
    work.links.push(['link', 'set', name, 'netns', room]);
    work.commands.push(`ip -n ${room} link set ${name} up`);
  } else work.links.push(['link', 'set', name, 'up']);
  ask(lab, work, bridge, 'add-port', bridge, name);
  ask(lab, work, bridge, 'set', 'interface', name, `ofport_request=${port}`);
}

function spokenBy({ speaks }: LabSpec, name: string): Spoken {
  return speaks?.[name] ?? 'OpenFlow13';
}

/** The interface's name of `s1:3`. */
export function portName(end: string): string {
  return end.replace(':', '-p');
}

function exists(file: string): true | undefined {
  return fs.existsSync(file) ? true : undefined;
}
