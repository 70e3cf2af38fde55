/**
 * A vswitch that goes round a ring of switches while hosts talk and its tenant changes rules of
 * different grain: after each migration no conversation may be dead, and nothing may go in circles
 * (docs/DESIGN.md, section 6). tests/soak/ring.soak.ts does it for long, on a busy machine.
 */
import fs from 'node:fs';
import path from 'node:path';
import { type Lab, portName, startLab } from '../../examples/lab/lab.ts';
import { socketOf, startLimevisor, untilReady } from '../../examples/lab/programs.ts';
import {
  compared,
  type Receiver,
  type Sender,
  type StreamResult,
  startReceiver,
  startSender,
} from '../../examples/lab/streams.ts';
import { sleep } from '../../examples/lab/wait.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { MigrateResult } from '../../hypervisor/operator/control.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { version } from '../../openflow/values/constants.ts';
import type { Oxm } from '../../openflow/values/values.ts';
import { TestController } from './mirror/controller.ts';
import { applying, bytesOf, flowMod, output, type Unsent } from './mirror/conversation.ts';

export interface RingOptions {
  readonly switches: number;
  /** Between two frames of a stream; there are eight streams. */
  readonly intervalMs: number;
  /** Of rules, a second. */
  readonly changesPerSec: number;
  /** Processes that keep the machine busy. */
  readonly burners: number;
}

export interface Ring {
  /** One migration after the other, with streams all the while; `report` is told of each. */
  goRound(targets: readonly string[], report: (text: string) => void): Promise<Round>;
  readonly names: readonly string[];
  stop(): Promise<void>;
}

export interface Round {
  /** What is wrong, in words. */
  readonly troubles: readonly string[];
  readonly streams: readonly StreamResult[];
  readonly changes: number;
}

const hosts = [
  { name: 'h1', mac: '02:00:00:00:00:01', sends: 2, to: '02:00:00:00:00:02' },
  { name: 'h2', mac: '02:00:00:00:00:02', sends: 1, to: '02:00:00:00:00:01' },
] as const;
/** To h2 and to h1, as rules tell them apart. */
const addresses = (port: 1 | 2) =>
  ['0.2', '0.3', '1.2', '2.2'].map((rest) => `10.${port === 2 ? 1 : 2}.${rest}`);
/** A conversation that is silent for longer is dead. */
const ALIVE_MS = 5_000;
const COUNTS_MS = 100;
/** What frames may cross: half a ring to the vswitch, and half a ring from it. */
const QUIET_MS = 500;
/** Probes of ours, in that time, on all links together. */
const QUIET_PACKETS_MAX = 100;

export async function startRing(options: RingOptions): Promise<Ring> {
  const names = Array.from({ length: options.switches }, (_, i) => `s${i + 1}`);
  const links = names.map((one, i) => {
    return [`${one}:20`, `${names[(i + 1) % names.length]}:21`] as const;
  });
  const places = ['s1:1', 's3:1'];
  const lab = await startLab({
    switches: names,
    links,
    hosts: hosts.map(({ name, mac }, i) => {
      return { name, at: places[i] ?? '', ip: `10.0.0.${i + 1}/24`, mac };
    }),
    controller: 'tcp:127.0.0.1:6653',
  });
  const controller = new TestController(path.join(lab.dir, 'red'), version.of13);
  const stop = async (): Promise<void> => {
    controller.close();
    await lab.stop();
  };
  try {
    fs.writeFileSync(path.join(lab.dir, 'ring.yaml'), configuration(lab, names, links, places));
    await controller.listening();
    await startLimevisor(lab, path.join(lab.dir, 'ring.yaml'));
    await controller.up();
    await untilReady(lab);
    for (let i = 0; i < options.burners; i++) {
      lab.inside.start(['sh', '-c', 'while :; do :; done']);
    }
    tell(controller, { in: 1 }, 2, 1);
    tell(controller, { in: 2 }, 1, 1);
    await controller.barrier();
    const goRound: Ring['goRound'] = (targets, report) =>
      round({ lab, controller, options, links: links.flat(), report }, targets);
    return { names, goRound, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Scene {
  readonly lab: Lab;
  readonly controller: TestController;
  readonly options: RingOptions;
  readonly links: readonly string[];
  readonly report: (text: string) => void;
}

async function round(scene: Scene, targets: readonly string[]): Promise<Round> {
  const { lab, options, controller, report } = scene;
  const receivers = await Promise.all(hosts.map(({ name }) => startReceiver(lab, name, COUNTS_MS)));
  const senders = hosts.map(({ name, to, sends }) =>
    startSender(lab, name, to, options.intervalMs, addresses(sends)),
  );
  const churn = startChurn(controller, options.changesPerSec);
  const troubles: string[] = [];
  await troubleOf(receivers, 'before anything moves', troubles);
  for (const to of targets) {
    const { plan, migration } = await ask<MigrateResult>(
      socketOf(lab),
      'migrate',
      { vswitch: 'red/v', to },
      () => undefined,
    );
    const state = migration?.state.type;
    const revivedMs = await troubleOf(receivers, `after ${to}`, troubles);
    const { watched } = migration ?? {};
    report(`${to}: ${state}, ${JSON.stringify(watched)}, all talk within ${revivedMs} ms`);
    if (state !== 'done') troubles.push(`${to}: ${JSON.stringify(migration?.state ?? plan)}`);
    if (watched?.goesOn) troubles.push(`${to}: packets still come the old way`);
  }
  const changes = churn.stop();
  await controller.barrier();
  const streams = await ended(senders, receivers);
  const before = await linkPackets(scene);
  await sleep(QUIET_MS);
  const circling = (await linkPackets(scene)) - before;
  if (circling > QUIET_PACKETS_MAX) troubles.push(`${circling} packets in ${QUIET_MS} ms circle`);
  if (streams.some(({ doubled }) => doubled > 0)) troubles.push('frames came twice');
  return { troubles, streams, changes };
}

/** How long until every stream has gone on; a trouble when one does not. */
async function troubleOf(
  receivers: readonly Receiver[],
  when: string,
  troubles: string[],
): Promise<number> {
  const startedMs = Date.now();
  const before = receivers.map((one) => one.counts());
  const silent = (): readonly string[] =>
    receivers.flatMap((one, i) => {
      const now = one.counts();
      const mine = addresses(i === 0 ? 1 : 2);
      return mine.filter((address) => (now[address] ?? 0) <= (before[i]?.[address] ?? 0));
    });
  while (silent().length > 0 && Date.now() - startedMs < ALIVE_MS) await sleep(COUNTS_MS / 2);
  if (silent().length > 0) troubles.push(`${when}: nothing comes for ${silent().join(', ')}`);
  return Date.now() - startedMs;
}

async function ended(
  senders: readonly Sender[],
  receivers: readonly Receiver[],
): Promise<readonly StreamResult[]> {
  const [one, other] = receivers;
  if (one === undefined || other === undefined) throw new Error('there are two hosts');
  const [first, second] = senders;
  if (first === undefined || second === undefined) throw new Error('both hosts send');
  const both = await Promise.all([compared([first], other), compared([second], one)]);
  return both.flatMap((streams) => Object.values(streams));
}

async function linkPackets({ lab, links }: Scene): Promise<number> {
  const names = new Set(links.map(portName));
  const all = JSON.parse(await lab.inside.run(['ip', '-j', '-s', 'link'])) as readonly {
    readonly ifname: string;
    readonly stats64: { readonly rx: { readonly packets: number } };
  }[];
  const ours = all.filter(({ ifname }) => names.has(ifname));
  return ours.reduce((sum, { stats64 }) => sum + stats64.rx.packets, 0);
}

interface Grain {
  readonly in?: number;
  /** To which address, and how many of its bits. */
  readonly to?: string;
  readonly bits?: number;
  readonly udp?: boolean;
}

type Command = Parameters<typeof flowMod>[0];

function tell(
  controller: TestController,
  grain: Grain,
  out: number,
  priority: number,
  command: Command = 'add',
): void {
  const mod: Unsent = flowMod(command, {
    priority,
    match: matchOf(...oxms(grain)),
    instructions: command === 'deleteStrict' ? [] : applying(output(out)),
  });
  controller.send(bytesOf(mod));
}

function oxms({ in: port, to, bits = 32, udp = false }: Grain): readonly Oxm[] {
  if (to === undefined) return [oxm('in_port', port ?? 0)];
  const match = [oxm('eth_type', 0x800)];
  if (udp) match.push(oxm('ip_proto', 17), oxm('udp_dst', 4001));
  return [...match, oxm('ipv4_dst', bits === 32 ? to : `${to}/${bits}`)];
}

/** Rules that come, change and go, of every grain, and never lead another way. */
function startChurn(controller: TestController, perSec: number): { stop(): number } {
  const grains = [1, 2].flatMap((out) =>
    addresses(out as 1 | 2).flatMap((to, i) => [
      { out, to, bits: 32, udp: true },
      { out, to, bits: i === 0 ? 16 : 24 },
      { out, to, bits: 32 },
    ]),
  );
  const commands: readonly Command[] = ['add', 'modifyStrict', 'deleteStrict'];
  const startedMs = Date.now();
  let changes = 0;
  const timer = setInterval(() => {
    const due = Math.min(changes + 50, ((Date.now() - startedMs) * perSec) / 1_000);
    for (; changes < due; changes += 1) {
      const grain = grains[changes % grains.length];
      const command = commands[Math.floor(changes / grains.length) % commands.length];
      if (grain === undefined || command === undefined) continue;
      const { out, bits } = grain;
      const to = masked(grain.to, bits);
      tell(controller, { ...grain, to }, out, 10 + bits, command);
    }
  }, 5);
  return {
    stop() {
      clearInterval(timer);
      return changes;
    },
  };
}

function masked(address: string, bits: number): string {
  return address
    .split('.')
    .map((part, i) => (i * 8 < bits ? part : '0'))
    .join('.');
}

function configuration(
  lab: Lab,
  names: readonly string[],
  links: readonly (readonly [string, string])[],
  places: readonly string[],
): string {
  const datapaths = names.map((name, i) => `${name}: { dpid: ${i + 1} }`).join(', ');
  const at = (name: string): string => path.join(lab.dir, name);
  return `control: here
store: ${at('limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { ${datapaths} }
links: [${links.map(([one, other]) => `${one} - ${other}`).join(', ')}]
tenants:
  red:
    controllers: ['unix:${at('red')}']
    vswitches: { v: { dpid: 1, on: s2 } }
    hosts: { h1: { port: v:1, at: ${places[0]} }, h2: { port: v:2, at: ${places[1]} } }
`;
}
