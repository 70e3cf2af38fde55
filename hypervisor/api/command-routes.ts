/**
 * The command line's requests as routes: each method of the control (operator/control.ts) at its
 * path (operator/resources.ts), with its parameters.
 */
import Type, { type TSchema } from 'typebox';
import { limits } from '../../slices/limits.ts';
import { type MethodName, resources } from '../operator/resources.ts';
import { answerCommand, answerTagged, operateCommand } from './command-responses.ts';
import { flag, how, ms, one, strict, word, words } from './command-values.ts';
import { DiscoverSchema, RunningSchema } from './config-responses.ts';
import { FlowsSchema, TraceSchema } from './flow-responses.ts';
import { operations } from './operation-values.ts';
import { packageRows } from './package-routes.ts';
import type { Access } from './requests.ts';
import { closed, count, listOf, named, number, text, texts } from './response-values.ts';
import type { Route } from './route.ts';
import {
  EvacuationSchema,
  IdleSchema,
  ProposalSchema,
  ScheduleSchema,
  SecrecySchema,
} from './schedule-responses.ts';
import { WaitingSchema } from './status-responses.ts';
import { TrafficSchema } from './traffic-responses.ts';
import { UseSchema } from './use-responses.ts';

interface Row {
  readonly access: Access;
  readonly tag: string;
  readonly summary: string;
  readonly query?: TSchema;
  readonly body?: TSchema;
  readonly params?: TSchema;
  readonly response: TSchema;
}

const Done = closed({ done: texts('what was done') });
const HostTold = closed({ host: text('red/h1'), text: text('what is printed') });
const Levels = closed({ levels: named(text(), 'by module') });
const datapath = Type.Object({ datapath: one('its name, or that of a zone') });
const draining = Type.Object(
  {
    everything: flag('also what lives there'),
    hold: flag('nothing is placed there until it is undrained'),
    ...how,
  },
  strict,
);
const tenants = words('of these tenants; absent: of all');

const rows = {
  waiting: {
    ...{ access: 'viewer', tag: 'status' },
    summary: 'What is missing until all is ready, or a tenant or vswitch is',
    query: Type.Object({ names: words('tenants and vswitches; absent: all') }, strict),
    response: WaitingSchema,
  },
  top: {
    ...{ access: 'viewer', tag: 'use' },
    summary: 'What each tenant uses, of the limits that the file gives it',
    response: UseSchema,
  },
  traffic: {
    ...{ access: 'viewer', tag: 'use' },
    summary: 'What passes between hosts and vswitches, by cables and datapaths (bytes a second)',
    query: Type.Object(
      { tenant: tenants, windowMs: ms('this time back'), points: flag('each step, too') },
      strict,
    ),
    response: TrafficSchema,
  },
  flows: {
    ...{ access: 'viewer', tag: 'flows' },
    summary: "A vswitch's flow table in ovs-ofctl's words, and what its datapaths hold for it",
    query: Type.Object(
      { vswitch: one('such as red/v1'), physical: flag('also what datapaths hold for it') },
      strict,
    ),
    response: FlowsSchema,
  },
  trace: {
    ...{ access: 'viewer', tag: 'flows' },
    summary: 'What becomes of a packet, by the tables of its tenant and by those of the datapaths',
    query: Type.Object(
      {
        vswitch: one('such as red/v1'),
        packet: one('in words of ofproto/trace: in_port=1,tcp,nw_dst=10.0.0.2'),
        verify: flag('also ask each Open vSwitch that runs where Limevisor does'),
      },
      strict,
    ),
    response: TraceSchema,
  },
  log: {
    ...{ access: 'viewer', tag: 'status' },
    summary: 'How much each part of Limevisor says in its log',
    query: Type.Object({ modules: words('of these; absent: of all') }, strict),
    response: Levels,
  },
  setLog: {
    ...{ access: 'operator', tag: 'status' },
    summary: 'How much it says from now on, until the next start',
    body: Type.Object({ modules: words('these; absent: all'), level: one('such as warn') }, strict),
    response: Levels,
  },
  backup: {
    ...{ access: 'operator', tag: 'status' },
    summary: 'Where the store is, and how much of its file is whole: who copies so much has all',
    response: closed({ store: text(), inode: number(), bytes: count() }),
  },
  schedules: {
    ...{ access: 'viewer', tag: 'schedules' },
    summary: 'What moves by itself: when, and what came of it last',
    response: listOf(ScheduleSchema),
  },
  mtd: {
    ...{ access: 'viewer', tag: 'schedules' },
    summary: 'How hard it is to know where vswitches are, and with whom they shared a datapath',
    query: Type.Object({ tenant: tenants, windowMs: ms('this time back') }, strict),
    response: SecrecySchema,
  },
  running: {
    ...{ access: 'viewer', tag: 'configuration' },
    summary: 'What runs: the file that would make it so',
    response: RunningSchema,
  },
  apply: {
    ...{ access: 'operator', tag: 'configuration' },
    summary: 'Make what runs what a file says, all of it or nothing',
    body: Type.Object(
      {
        file: word('its path, where Limevisor runs'),
        text: word('or what stands in it: paths are beside the file that runs'),
        dryRun: how.dryRun,
      },
      strict,
    ),
    response: operations.apply,
  },
  migrate: {
    ...{ access: 'operator', tag: 'migrations' },
    summary: 'Move vswitches, hosts, or all of a tenant, while traffic flows',
    body: Type.Object({ vswitch: words('vswitches, tenants, hosts'), ...how }, strict),
    response: operations.migrate,
  },
  undo: {
    ...{ access: 'operator', tag: 'migrations' },
    summary: 'Take a migration back that is under way',
    params: Type.Object({ migration: one('its number') }),
    response: closed({ migration: count() }),
  },
  drain: {
    ...{ access: 'operator', tag: 'datapaths' },
    summary: 'Lead all ways around a datapath, so that its cables can be unplugged',
    ...{ params: datapath, body: draining, response: operations.drain },
  },
  undrain: {
    ...{ access: 'operator', tag: 'datapaths' },
    summary: 'Let ways lead through a datapath again',
    ...{ params: datapath, body: draining, response: operations.undrain },
  },
  idle: {
    ...{ access: 'viewer', tag: 'datapaths' },
    summary: 'Datapaths and cables that carry nothing, and may be switched off',
    response: listOf(IdleSchema),
  },
  evacuate: {
    ...{ access: 'operator', tag: 'datapaths' },
    summary: 'Move what lives on a datapath, or in a zone, away before it fails',
    params: datapath,
    body: Type.Object(
      {
        withinMs: ms('how long it is expected to live'),
        driver: word('move the hosts that are plugged in there, too, by this driver'),
        ...{ to: how.to, movesAtOnce: how.movesAtOnce, dryRun: how.dryRun },
      },
      strict,
    ),
    response: operations.evacuate,
  },
  evacuations: {
    ...{ access: 'viewer', tag: 'datapaths' },
    summary: 'Evacuations since the start, and what became of each that had to leave',
    response: listOf(EvacuationSchema),
  },
  move: {
    ...{ access: 'operator', tag: 'hosts' },
    summary: 'Move a host to another port while traffic flows',
    body: Type.Object(
      {
        host: one('such as red/h1'),
        to: one('such as s5:4'),
        driver: word('who moves it: exec, netns, qemu, or manual'),
        probe: flag('loss is measured meanwhile, by probes through its vport'),
        dryRun: how.dryRun,
      },
      strict,
    ),
    response: operations.move,
  },
  moved: {
    ...{ access: 'operator', tag: 'hosts' },
    summary: 'Say that a host runs at its new place (driver manual)',
    body: Type.Object({ host: one('such as red/h1') }, strict),
    response: HostTold,
  },
  abort: {
    ...{ access: 'operator', tag: 'hosts' },
    summary: 'Take the move of a host back',
    body: Type.Object({ host: one('such as red/h1') }, strict),
    response: HostTold,
  },
  optimize: {
    ...{ access: 'operator', tag: 'placement' },
    summary: 'Which vswitches would be better elsewhere, by what passes; nothing is changed',
    body: Type.Object(
      {
        tenant: tenants,
        objective: one('latency, load, energy or spread'),
        windowMs: ms('by what passed in this time back'),
        budgetMs: ms(`how long to look for it, at most ${limits.optimizeLongestMs}`),
      },
      strict,
    ),
    response: ProposalSchema,
  },
  discover: {
    ...{ access: 'operator', tag: 'placement' },
    summary: 'Datapaths and links of what is connected, by probes; takes some seconds',
    response: DiscoverSchema,
  },
  ...packageRows,
  purge: {
    ...{ access: 'operator', tag: 'departures' },
    summary: 'Delete the kept rules of a vswitch, or a tenant, that left the file',
    body: Type.Object({ vswitch: word('or a tenant'), left: flag('all that left') }, strict),
    response: Done,
  },
  restore: {
    ...{ access: 'operator', tag: 'departures' },
    summary: 'Give a vswitch the kept rules of its name, from the next start on',
    body: Type.Object({ vswitch: one('such as red/v1') }, strict),
    response: Done,
  },
  reopen: {
    ...{ access: 'operator', tag: 'vswitches' },
    summary: 'Serve a vswitch again that an internal error has closed',
    body: Type.Object({ vswitch: one('such as red/v1') }, strict),
    response: Done,
  },
} as const satisfies Partial<Record<MethodName, Row>>;

const dryRun = Type.Object({ dryRun: how.dryRun }, strict);

export const commandRoutes: readonly Route[] = Object.entries(rows).map(([name, row]): Route => {
  const { verb, path, isLong } = resources[name as MethodName] as (typeof resources)['apply'];
  const begin = isLong ? operateCommand : name === 'running' ? answerTagged : answerCommand;
  // Long ones may be tried without doing anything, by their query, too.
  const query = isLong ? { query: dryRun } : {};
  return { ...query, ...row, method: verb, path, answer: (...all) => begin(name, ...all) };
});
