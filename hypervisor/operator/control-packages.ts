/**
 * `export` and `deploy` on the control socket (control.ts): a tenant's whole network as a package,
 * with the contents of its tables; and a package as one tenant more, or several, all of it or
 * nothing.
 */

import { fileTree } from '../../slices/config/config-print.ts';
import type { Config } from '../../slices/config/values.ts';
import { tenantOf } from '../../slices/ids.ts';
import { runningConfig } from '../../slices/network/running-config.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Applying } from '../migrate/applying.ts';
import { fillWith } from '../migrate/brought.ts';
import type { Departures } from '../store/departures.ts';
import type { Keeper } from '../store/ready.ts';
import { toldBy } from '../store/starting.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import { type ApplyResult, differenceTo, resultOf } from './control-apply.ts';
import { type ExportSources, exportTenant } from './control-export.ts';
import { type Params, textOf, textsOf } from './control-values.ts';
import { type ReadingContext, readPackageApart } from './file-thread.ts';
import { type HostStarted, startHosts, whyNoStarts } from './host-starts.ts';
import type { DeployAsked, Surroundings, Unpacked } from './package-file.ts';
import type { Remaps } from './remaps.ts';

export interface PackagesSources extends ReadingContext, ExportSources {
  readonly remaps: Remaps;
  readonly journal: Keeper;
  readonly applying: Applying;
  readonly departures: Pick<Departures, 'all'>;
  runtime(name: VswitchRuntime['name']): VswitchRuntime | undefined;
  datapaths(): readonly Datapath[];
}

/** What came of it, and what came. */
export type DeployResult = ApplyResult & {
  readonly vswitches?: readonly {
    readonly name: string;
    readonly on: string;
    readonly rules: number;
  }[];
  readonly hosts?: readonly HostStarted[];
  readonly tookMs?: number;
};

interface Reply {
  result(value: unknown): void;
  event(value: unknown): void;
}

export const packageMethods = { export: exportTenant, deploy } as const;

/** The answer says what was refused, too: it is the package, or what was asked, that is wrong. */
function deploy(context: PackagesSources, params: Params, reply: Reply): void {
  const begunMs = context.world.nowMs();
  const isDry = params['dryRun'] === true;
  const asked: DeployAsked = {
    file: textOf(params, 'file'),
    as: textsOf(params, 'as'),
    on: textsOf(params, 'on'),
    hosts: textsOf(params, 'hosts'),
    controllers: textsOf(params, 'controllers'),
    asItWas: params['asItWas'] === true,
  };
  const driver = textOf(params, 'driver', '');
  const { config: before } = context.snapshot();
  const noStarts = driver === '' ? undefined : whyNoStarts(driver, before.drivers);
  if (noStarts !== undefined) {
    reply.result({ type: 'refused', whyNot: [noStarts] } satisfies DeployResult);
    return;
  }
  readPackageApart(context, { ...asked, ...surroundingsOf(context) }, (read) => {
    if ('problems' in read) {
      reply.result({ type: 'refused', whyNot: read.problems } satisfies DeployResult);
      return;
    }
    const whyNot = (): readonly string[] => {
      if (context.snapshot().config === before) return [];
      return ['what runs has become another meanwhile; deploy again'];
    };
    const done = (result: ApplyResult): void => {
      const isThere = result.type === 'applied';
      const tookMs = context.world.nowMs() - begunMs;
      const came = isThere && { ...cameOf(context, read), tookMs };
      if (!isThere || driver === '') reply.result({ ...result, ...came });
      else {
        const { boundary, remaps } = context;
        const starting = { boundary, runCommand: remaps.runCommand };
        startHosts(starting, before.drivers, read.hosts, (hosts) => {
          reply.result({ ...result, ...came, hosts });
        });
      }
    };
    const config = together(before, read);
    if (isDry) dryRun(context, config, reply, whyNot, done);
    else apply(context, `${asked.file} as ${namesOf(read)}`, config, read, reply, whyNot, done);
  });
}

function dryRun(
  { applying }: PackagesSources,
  config: Config,
  reply: Reply,
  whyNot: () => readonly string[],
  done: (result: ApplyResult) => void,
): void {
  applying.plan(config, differenceTo, (plan, how) => {
    const why = 'whyNot' in plan ? plan.whyNot : whyNot();
    if (how !== undefined && why.length === 0) reply.event(how);
    if ('whyNot' in plan || why.length > 0) done({ type: 'refused', whyNot: why });
    else done({ type: 'dryRun', waits: applying.waits(plan.wanted) });
  });
}

function apply(
  context: PackagesSources,
  ...[what, config, read, reply, whyNot, done]: [
    string,
    Config,
    Unpacked,
    Reply,
    () => readonly string[],
    (result: ApplyResult) => void,
  ]
): void {
  const brought = Map.groupBy(read.brought, ({ name }) => name);
  const asked: Parameters<Applying['apply']>[3] = {
    whyNot,
    // What was moved stays where it is: only something comes.
    entries: () => [],
    foretell: function* (plan) {
      const how = yield* differenceTo(plan);
      return () => reply.event(how);
    },
    brings: {
      portConfigs: read.portConfigs,
      fill: (runtime, ended) => {
        const own = brought.get(runtime.name.slice(tenantOf(runtime.name).length + 1)) ?? [];
        const requests = own.map((one) => one.requests);
        context.boundary.run(runtime, () => fillWith(context, runtime, requests, ended));
      },
    },
  };
  context.applying.apply(what, config, (applied) => done(resultOf(applied)), asked);
}

/** What runs, and what comes; nothing that runs becomes another. */
function together(before: Config, read: Unpacked): Config {
  const both = <K, V>(one: ReadonlyMap<K, V>, other: ReadonlyMap<K, V>) =>
    new Map([...one, ...other]);
  return {
    ...before,
    vswitches: [...before.vswitches, ...read.vswitches],
    hosts: [...before.hosts, ...read.hosts],
    vlinks: [...before.vlinks, ...read.vlinks],
    schedules: [...before.schedules, ...read.schedules],
    tenantLimits: both(before.tenantLimits, read.tenantLimits),
    pathWishes: both(before.pathWishes, read.pathWishes),
    vlinkBandwidths: both(before.vlinkBandwidths, read.vlinkBandwidths),
  };
}

function surroundingsOf(context: PackagesSources): Surroundings {
  const snapshot = context.snapshot();
  const there = context.datapaths().filter(({ isReady }) => isReady);
  return {
    running: fileTree(runningConfig(snapshot)),
    told: toldBy(snapshot.config, context.datapaths()),
    avoiding: snapshot.avoiding,
    ports: new Map(there.map(({ name, ports }) => [name, [...ports.keys()]])),
    left: context.departures.all().map(({ vswitch }) => vswitch),
  };
}

function namesOf({ vswitches }: Unpacked): string {
  return [...new Set(vswitches.map(({ tenant }) => tenant))].join(', ');
}

function cameOf({ snapshot, runtime }: PackagesSources, read: Unpacked) {
  const { placements } = snapshot();
  return {
    vswitches: read.vswitches.map(({ name, on }) => {
      const bodies = placements.get(name)?.bodies ?? [on];
      return { name, on: bodies.join(' + '), rules: runtime(name)?.rulebook.size ?? 0 };
    }),
    hosts: read.hosts.map(({ name, at }) => ({ name, at: `${at.device}:${at.port}` })),
  };
}
