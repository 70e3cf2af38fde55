/**
 * What is done in each cell, one step after the other, on both sides: what is shown of it, and what
 * has to be the same.
 */
import { reaches, startPing } from '../../examples/lab/ping.ts';
import { restartLimevisor, socketOf } from '../../examples/lab/programs.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { MigrateResult } from '../../hypervisor/operator/control.ts';
import { IDLE_SEC } from './cells.ts';
import {
  countOf,
  pingAll,
  pingUntil,
  type Reached,
  type Side,
  startController,
  textOf,
  untilStill,
  untilUp,
} from './sides.ts';

/** What a step has seen: for a reader, and what is compared with the other side's. */
export interface Seen {
  readonly shown: string;
  readonly compared: string;
}

interface Step {
  /** The column's heading, and what is done. */
  readonly heading: string;
  readonly meaning: string;
  /** It measures: the other side waits meanwhile. */
  readonly isAlone?: boolean;
  take(side: Side): Promise<Seen>;
}

/** Of `ping` while something happens. */
const INTERVAL_MS = 20;
/** So many before, one by one: the first find no rules. */
const ACQUAINTING = 3;
const IPERF_SEC = 2;
/** As long as a migration and one back take, and a restart. */
const NOTHING_MS = 3_000;

const round = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

async function up({ upMs, network }: Side): Promise<Seen> {
  return { shown: round(upMs), compared: `${network.switches.size} switches` };
}

/** The first one teaches the controller; what it misses is its speed. */
async function pingall(side: Side): Promise<Seen> {
  await untilStill(side);
  await pingAll(side);
  side.reached = await pingAll(side);
  return { shown: countOf(side.reached), compared: textOf(side.reached) };
}

/** Two hosts that reach each other, the farther from each other the better. */
function pairOf({ reached }: Side): readonly [string, string] {
  const names = [...reached.keys()];
  for (const from of names) {
    for (const to of [...names].reverse()) {
      const isBoth = reached.get(from)?.includes(to) && reached.get(to)?.includes(from);
      if (isBoth) return [from, to];
    }
  }
  throw new Error('no two hosts reach each other');
}

const addressOf = ({ network }: Side, host: string): string => network.hosts.get(host)?.ip ?? '';

async function iperf(side: Side): Promise<Seen> {
  const { lab } = side;
  const [from, to] = pairOf(side);
  const server = lab.inside.start(lab.on(to, ['iperf3', '-s', '-1']));
  await until('iperf3 listening', 20_000, async () => {
    const { stdout } = await lab.inside.attempt(lab.on(to, ['ss', '-Hltn', 'sport = :5201']));
    return stdout.trim() === '' ? undefined : true;
  });
  const options = ['-t', String(IPERF_SEC), '-J', '--connect-timeout', '5000'];
  const argv = ['timeout', '30', 'iperf3', '-c', addressOf(side, to), ...options];
  const { stdout } = await lab.inside.attempt(lab.on(from, argv));
  await server.end('SIGKILL');
  const { end } = JSON.parse(stdout || '{}') as {
    end?: { sum_received?: { bits_per_second?: number } };
  };
  const mbit = (end?.sum_received?.bits_per_second ?? 0) / 1e6;
  if (mbit === 0) return { shown: 'nothing', compared: 'nothing passes' };
  return { shown: `${mbit.toFixed(mbit < 10 ? 1 : 0)} Mbit/s`, compared: 'it passes' };
}

/** Counts what a ping loses while something happens; on bridges, while nothing does. */
async function whilePinging(side: Side, during: () => Promise<string>): Promise<Seen> {
  const [from, to] = pairOf(side);
  await acquaint(side, from, to);
  const ping = startPing(side.lab, from, addressOf(side, to), INTERVAL_MS);
  await sleep(10 * INTERVAL_MS);
  const ended = await during();
  const { sent, lost, duplicates } = await ping.stop();
  const doubled = duplicates === 0 ? '' : `, ${duplicates} doubled`;
  const shown = `${lost} of ${sent} lost${doubled}${ended}`;
  return { shown, compared: lost + duplicates === 0 ? `nothing lost${ended}` : 'lost' };
}

/**
 * Their rules are there, and both keep the other's address: a host that asks for it anew needs the
 * controller, which another trouble keeps from answering.
 */
async function acquaint(side: Side, one: string, other: string): Promise<void> {
  const { inside, on } = side.lab;
  const device = (host: string) => `${host}-eth0`;
  for (let i = 0; i < ACQUAINTING; i++) await reaches(side.lab, one, addressOf(side, other));
  for (const [host, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const address = await inside.run(on(to, ['cat', `/sys/class/net/${device(to)}/address`]));
    const keep = ['ip', 'neigh', 'replace', addressOf(side, to), 'lladdr', address.trim()];
    await inside.run(on(host, [...keep, 'dev', device(host), 'nud', 'permanent']));
  }
}

/** Of the pair's second host, to another datapath and back. */
async function migration(side: Side): Promise<Seen> {
  if (side.kind === 'bridges') return whilePinging(side, async () => await nothing());
  const home = side.network.hosts.get(pairOf(side)[1])?.at ?? '';
  const other = [...side.network.switches.keys()].find((name) => name !== home) ?? '';
  return whilePinging(side, async () => {
    for (const to of [other, home]) {
      const args = { vswitch: `red/${home}`, to, strategy: 'lime', noWatch: true };
      const { migration } = await ask<MigrateResult>(socketOf(side.lab), 'migrate', args);
      const state = migration?.state;
      const why = state !== undefined && 'why' in state ? `, ${state.why}` : '';
      if (state?.type !== 'done') return `; to ${to}: ${state?.type ?? 'not begun'}${why}`;
    }
    return '';
  });
}

async function nothing(): Promise<string> {
  await sleep(NOTHING_MS);
  return '';
}

async function controllerRestart(side: Side): Promise<Seen> {
  await side.controller.end('SIGKILL');
  const startedMs = performance.now();
  side.controller = await startController(side.lab, side.cell);
  await untilUp(side);
  const upMs = performance.now() - startedMs;
  return again(side, side.reached, `, up in ${round(upMs)}`);
}

async function again(side: Side, wanted: Reached, more = ''): Promise<Seen> {
  const reached = await pingUntil(side, wanted);
  return { shown: `${countOf(reached)}${more}`, compared: textOf(reached) };
}

/** The first cable down, and up again. */
async function linkDown(side: Side): Promise<Seen> {
  const [one, other] = side.network.links[0] ?? [];
  if (one === undefined || other === undefined) throw new Error('no cable');
  await side.network.say(`link ${one.at} ${other.at} down`);
  const down = await again(side, withoutFirstLink(side));
  await side.network.say(`link ${one.at} ${other.at} up`);
  const back = await again(side, side.reached);
  return {
    shown: `${down.shown}, then ${back.shown}`,
    compared: `${down.compared}\n${back.compared}`,
  };
}

/** Who can still reach whom. */
function withoutFirstLink({ network, reached }: Side): Reached {
  const part = new Map([...network.switches.keys()].map((name) => [name, name]));
  const rootOf = (name: string): string => {
    const next = part.get(name) ?? name;
    return next === name ? name : rootOf(next);
  };
  for (const [one, other] of network.links.slice(1)) part.set(rootOf(one.at), rootOf(other.at));
  const place = (host: string) => rootOf(network.hosts.get(host)?.at ?? '');
  return new Map(
    [...reached].map(([from, to]) => [from, to.filter((one) => place(one) === place(from))]),
  );
}

/** The second host's switch: its bridge is deleted and made again, by Mininet. */
async function switchRestart(side: Side): Promise<Seen> {
  const at = side.network.hosts.get(pairOf(side)[1])?.at ?? '';
  await side.network.say(`switch ${at} stop`);
  await side.network.say(`switch ${at} start`);
  await untilUp(side);
  return again(side, side.reached);
}

async function killed(side: Side): Promise<Seen> {
  // The controller was started anew: where rules of before still take a host's packets it never
  // hears of that host, floods what others send it, and so nothing passes while it hears nothing.
  await sleep((IDLE_SEC + 2) * 1_000);
  const seen = await whilePinging(side, async () => {
    if (side.limevisor === undefined) return nothing();
    await side.limevisor.end('SIGKILL');
    side.limevisor = await restartLimevisor(side.lab);
    await untilUp(side);
    return '';
  });
  const after = await again(side, side.reached);
  return {
    shown: `${seen.shown}, then ${after.shown}`,
    compared: `${seen.compared}\n${after.compared}`,
  };
}

export const steps = {
  up: {
    heading: 'up',
    meaning: 'from when the controller starts until it has a connection for each switch.',
    take: up,
  },
  pingall: {
    heading: 'pingall',
    meaning: "Mininet's `pingall`, twice; pairs of the second.",
    take: pingall,
  },
  iperf: {
    heading: 'iperf3',
    meaning: 'TCP for two seconds between the farthest two that reach each other.',
    take: iperf,
    isAlone: true,
  },
  migration: {
    heading: 'there and back',
    meaning:
      'the vswitch of one of them migrates to another datapath and back, under a ping every ' +
      '20 ms between hosts that know each other’s addresses; on bridges nothing moves for ' +
      'as long.',
    take: migration,
  },
  controllerRestart: {
    heading: 'controller killed',
    meaning:
      '`kill -9` of the controller, and another start; until all switches are there again, ' +
      'and `pingall` then.',
    take: controllerRestart,
  },
  linkDown: {
    heading: 'link down, and up',
    meaning: "Mininet's `link down` of the first cable, `pingall`, `link up`, `pingall`.",
    take: linkDown,
  },
  switchRestart: {
    heading: 'switch anew',
    meaning:
      "Mininet's `switch stop` and `switch start`: a bridge is deleted and made anew; " +
      '`pingall` then.',
    take: switchRestart,
  },
  killed: {
    heading: 'Limevisor killed',
    meaning:
      '`kill -9` of Limevisor and another start, under that ping, and `pingall` then; on ' +
      'bridges nothing happens for three seconds. Rules of before have timed out.',
    take: killed,
  },
} satisfies Readonly<Record<string, Step>>;

export type StepName = keyof typeof steps;
export const stepNames = Object.keys(steps) as readonly StepName[];

export function stepOf(name: StepName): Step {
  return steps[name];
}
