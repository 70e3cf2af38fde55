/**
 * A tenant of two vswitches and two hosts, on two of four switches in a ring: all of it can move to
 * the other two. Hosts are moved by the database of the switches (the driver `netns`).
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Lab, type LabSpec, startLab } from '../../examples/lab/lab.ts';
import { reaches } from '../../examples/lab/ping.ts';
import {
  addRule,
  killLimevisor,
  restartLimevisor,
  socketOf,
  startLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { square } from '../../examples/lab/topologies.ts';
import { until } from '../../examples/lab/wait.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { EnsembleEvent } from '../../hypervisor/operator/migration-asked.ts';

const network = `
control: here
store: DIR/limevisor.db
listen: ['ptcp:6653']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
zones: { near: [s1, s2], far: [s3, s4] }
links: ['s1:3 - s2:3', 's2:4 - s3:3', 's1:4 - s4:1', 's4:2 - s3:4']
drivers: { netns: 'unix:DIR/db.sock', exec: [/bin/false], limit: 20s }
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, listen: ['punix:DIR/v1'] }
      v2: { dpid: 2, on: s2, listen: ['punix:DIR/v2'] }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s2:1 } }
    links: [v1:2 - v2:2]
`;

export const near = 'red/h1 s1, red/h2 s2, red/v1 s1, red/v2 s2';
/** Where s4 has a vswitch and no host: it may be one that is apart. */
export const far = 'red/h1 s3, red/h2 s3, red/v1 s3, red/v2 s4';
/** As targets. */
export const home = ['red/v1=s1', 'red/v2=s2', 'red/h1=s1:1', 'red/h2=s2:1'];
const there = ['red/v1=s3', 'red/v2=s4', 'red/h1=s3:1', 'red/h2=s3:2'];

export async function startHostsLab(
  t: { teardown(end: () => Promise<void>): void },
  more: Pick<LabSpec, 'apart'> = {},
): Promise<Lab> {
  const lab = await startLab({ ...square('s1:1', 's2:1'), ...more });
  t.teardown(() => lab.stop());
  const file = path.join(lab.dir, 'hosts.yaml');
  writeFileSync(file, network);
  await startLimevisor(lab, file);
  await untilReady(lab);
  for (const one of ['v1', 'v2']) await addRule(lab, one);
  return lab;
}

/** Where all of it is: bodies and hosts, by datapath. */
export async function whereIs(lab: Lab): Promise<string> {
  const { vswitches, datapaths } = await statusOf(lab);
  const bodies = vswitches.map(({ name, on }) => `${name} ${on.join('+')}`);
  const hosts = datapaths.flatMap(({ name, hosts }) => hosts.map((host) => `${host} ${name}`));
  return [...bodies, ...hosts].sort().join(', ');
}

export async function mustReach(lab: Lab): Promise<void> {
  await until('an answer', 20_000, async () =>
    (await reaches(lab, 'h1', '10.0.0.2')) ? true : undefined,
  );
}

/** When something is killed: a host, or else a vswitch, is in a state. */
export interface Moment {
  readonly of: 'host' | 'vswitch';
  readonly state: string;
}

const victims = {
  Limevisor: killLimevisor,
  // It has an Open vSwitch of its own.
  s4: (lab: Lab) => lab.signal('s4', 'SIGKILL'),
} as const;

export type Victim = keyof typeof victims;

/**
 * All of it begins to move to the far switches, hosts one by one, and one of these is killed then;
 * Limevisor is started again. How it ended, and its number.
 */
export async function killedInMove(
  lab: Lab,
  victim: Victim,
  { of, state }: Moment,
): Promise<{ readonly end: 'done' | 'undone'; readonly id: number }> {
  const asked = { vswitch: ['red'], hosts: true, to: there, driver: ['netns'], noWatch: true };
  let killed: Promise<void> | undefined;
  const look = (event: unknown): void => {
    const { host, member } = event as EnsembleEvent;
    const one = of === 'host' ? host : member;
    if (one?.state.type === state) killed ??= victims[victim](lab);
  };
  const moving = ask(socketOf(lab), 'migrate', { ...asked, movesAtOnce: '1' }, look);
  // Who is killed does not answer, and what is undone is an error.
  await moving.catch((error: unknown) => {
    if (killed === undefined) throw error;
  });
  if (killed === undefined) throw new Error(`no ${of} was in "${state}"`);
  await killed;
  if (victim === 'Limevisor') await restartLimevisor(lab);
  return until('the end', 50_000, async () => {
    const last = (await statusOf(lab)).ensembles.at(-1);
    const end = last?.state.type;
    return last && (end === 'done' || end === 'undone') ? { end, id: last.id } : undefined;
  });
}
