/**
 * The paper's experiment (LIME section 5, Figure 3 and Table 1): the network, one run, the table.
 *
 * The demo (demo.ts) runs it in full, tests/live/ with fewer repeats.
 */
import fs from 'node:fs';
import path from 'node:path';
import { startConversations } from '../lab/conversations.ts';
import { type Lab, type LabSpec, type Spoken, startLab } from '../lab/lab.ts';
import { reaches, startPing } from '../lab/ping.ts';
import {
  addRule,
  limevisorJson,
  root,
  startLimevisor,
  startOsken,
  startTestController,
  statusOf,
  untilReady,
} from '../lab/programs.ts';
import { diamond, tenantHost } from '../lab/topologies.ts';
import { sleep, until } from '../lab/wait.ts';

export type Strategy = 'lime' | 'freeze';

/** One migration, and what the hosts noticed of it. */
export interface Run {
  readonly strategy: Strategy;
  readonly from: string;
  readonly to: string;
  readonly red: Traffic;
  readonly blue: Traffic;
  /** First packets of new conversations of red: they go by its controller. */
  readonly fresh: Traffic;
  /** Milliseconds by phase; moves are summed. */
  readonly phases: ReadonlyMap<string, number>;
}

export interface Traffic {
  readonly sent: number;
  readonly lost: number;
  readonly duplicates: number;
}

export const tenants = ['red', 'blue'] as const;
const H2_MAC = '02:00:00:00:00:02';
const FRESH_INTERVAL_MS = 100;
const CONTROLLER_LOG = 'red-controller.log';

export const figure3: LabSpec = {
  ...diamond,
  hosts: tenants.flatMap((tenant, i) =>
    [1, 2].map((number) => tenantHost(tenant, number, `s${number}:${i + 1}`)),
  ),
};

export const configFile = path.join(root, 'examples/live-migration/network.yaml');

/** Its switches, all speaking this. */
export function figure3In(spoken: Spoken): LabSpec {
  return { ...figure3, speaks: Object.fromEntries(figure3.switches.map((s) => [s, spoken])) };
}

/**
 * Switches and controllers that speak this, and Limevisor; returns when every vswitch is up and
 * has its rules.
 */
export async function startExperiment(keep: boolean, spoken: Spoken): Promise<Lab> {
  const lab = await startLab({ ...figure3In(spoken), keep });
  try {
    const app = spoken === 'OpenFlow10' ? 'learning_switch_10.py' : 'learning_switch.py';
    await startOsken(lab, 6661, CONTROLLER_LOG, [app]);
    await startTestController(lab, 6662, 5, spoken);
    await startLimevisor(lab, configFile);
    await untilServed(lab);
    return lab;
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

/** Waits until every vswitch is up; controllers of 1.3 have installed a table-miss rule then. */
export async function untilServed(lab: Lab): Promise<void> {
  await until('every vswitch having its controller', 20_000, async () => {
    const { vswitches } = await statusOf(lab);
    const served = vswitches.every((one) =>
      one.controllers.every((c) => c.state === 'up' && (one.rules > 0 || c.version === '1.0')),
    );
    return served ? true : undefined;
  });
}

/**
 * Limevisor with this file, whose vswitches have no controllers: one rule each, put there over
 * their sockets. Returns when these hosts reach the other one of their tenant.
 */
export async function serveByRules(
  lab: Lab,
  file: string,
  hosts: readonly string[],
): Promise<void> {
  await startLimevisor(lab, path.join(root, file));
  await untilReady(lab);
  const { vswitches } = await statusOf(lab);
  for (const { name } of vswitches) await addRule(lab, name.replace('/', '-'));
  for (const host of hosts) {
    await until(`an answer to ${host}`, 20_000, async () =>
      (await reaches(lab, host, '10.0.0.2')) ? true : undefined,
    );
  }
}

/** Pings from each tenant's hosts to each other; rejects with the pair that cannot. */
export async function pingAll(lab: Lab): Promise<void> {
  for (const tenant of tenants) {
    for (const [from, to] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const name = `${tenant}-h${from}`;
      await until(`a ping from ${name} to 10.0.0.${to}`, 5_000, async () =>
        (await reaches(lab, name, `10.0.0.${to}`)) ? true : undefined,
      );
    }
  }
}

/**
 * Hosts that know each other by now go on knowing: else they ask again (ARP) after some 30 s, and
 * a controller that does not answer for 3 s, because it is dead or its machine is busy, is a host
 * that does not send. What is measured is the network.
 */
export async function keepNeighbours(lab: Lab): Promise<void> {
  for (const { name } of lab.spec.hosts) {
    const known = await lab.inside.run(lab.on(name, ['ip', '-4', 'neigh', 'show', 'nud', 'all']));
    for (const [, ip = '', dev = '', mac = ''] of known.matchAll(
      /^(\S+) dev (\S+) lladdr (\S+)/gm,
    )) {
      const entry = [ip, 'lladdr', mac, 'dev', dev, 'nud', 'permanent'];
      await lab.inside.run(lab.on(name, ['ip', 'neigh', 'replace', ...entry]));
    }
  }
}

/** Where a vswitch lives now. */
export async function bodiesOf(lab: Lab, vswitch: string): Promise<readonly string[]> {
  const { vswitches } = await statusOf(lab);
  return vswitches.find((one) => one.name === vswitch)?.on ?? [];
}

interface Migrated {
  readonly migration: {
    readonly phases: readonly { name: string; startedMs: number; endedMs: number }[];
  };
}

export interface RunOptions {
  readonly vswitch: string;
  readonly to: string;
  readonly strategy: Strategy;
  /** Whether red's hosts begin new conversations all the time, so that rules change. */
  readonly busy: boolean;
}

/** One migration of `vswitch` while h1 pings h2 in both tenants every 10 ms. */
export async function runOnce(lab: Lab, options: RunOptions): Promise<Run> {
  const { vswitch, to, strategy, busy } = options;
  const [from = '?'] = await bodiesOf(lab, vswitch);
  const red = startPing(lab, 'red-h1', '10.0.0.2');
  const blue = startPing(lab, 'blue-h1', '10.0.0.2');
  const fresh = busy
    ? await startConversations(lab, 'red-h1', 'red-h2', H2_MAC, FRESH_INTERVAL_MS)
    : undefined;
  await sleep(300);
  const args = ['migrate', vswitch, '--to', to, '--strategy', strategy, '--no-watch'];
  const { migration } = await limevisorJson<Migrated>(lab, ...args);
  await sleep(300);
  const phases = new Map<string, number>();
  for (const { name, startedMs, endedMs } of migration.phases) {
    phases.set(name, (phases.get(name) ?? 0) + endedMs - startedMs);
  }
  const none = { sent: 0, lost: 0, duplicates: 0 };
  const freshTraffic = (await fresh?.stop()) ?? none;
  const [redTraffic, blueTraffic] = [await red.stop(), await blue.stop()];
  return { strategy, from, to, red: redTraffic, blue: blueTraffic, fresh: freshTraffic, phases };
}

/** What red's controller has printed so far: a line for each message that it received. */
export function controllerMessages(lab: Lab): readonly string[] {
  const text = fs.readFileSync(path.join(lab.dir, CONTROLLER_LOG), 'utf8');
  return text.split('\n').filter((line) => line.includes('dpid='));
}

/** A flow table without what every moment changes: durations and counters. */
export function withoutCounters(flows: readonly string[]): readonly string[] {
  return flows.map((flow) => flow.replace(/(duration|n_packets|n_bytes)=[^,]*, ?/g, ''));
}

export interface Summary {
  readonly average: number;
  readonly deviation: number;
  readonly max: number;
  readonly min: number;
}

/** The paper's four columns. The deviation is the sample's. */
export function summarize(values: readonly number[]): Summary {
  const average = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const squares = values.reduce((sum, value) => sum + (value - average) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, values.length - 1));
  return { average, deviation, max: Math.max(...values), min: Math.min(...values) };
}
