/**
 * The answer of `limevisor trace` (translation/trace/), as plain values that JSON can carry, and
 * Open vSwitch's own trace, where it runs here, or the file names its socket.
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { isFlat, placementOf, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import { ruleMet } from '../../slices/rules/lookup.ts';
import { contribution } from '../../translation/datapath/contribution.ts';
import type { PhysicalFlow } from '../../translation/entries/physical-tables.ts';
import type { TracedDatapath, TracedPass } from '../../translation/trace/datapath-trace.ts';
import { learntOf } from '../../translation/trace/learnt.ts';
import { readTraced, type TraceResult, traceBoth } from '../../translation/trace/trace.ts';
import {
  datapathActionsIn,
  differencesIn,
  questionOf,
} from '../../translation/trace/unixctl-trace.ts';
import type { TracedTables, TraceEnd, TraceVisit } from '../../translation/trace/vswitch-trace.ts';
import { learntFlows } from '../../translation/wiring/normal.ts';
import type { Channel } from '../channel/channel.ts';
import type { ConvergingContext, DatapathContext } from '../datapath/contributors.ts';
import type { Datapath } from '../datapath/datapath.ts';
import { flowsIn } from '../datapath/entry-reader.ts';
import { findUnixctlOf } from '../datapath/unixctls.ts';
import type { LoadingState } from '../store/recovery.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import type { Scheduler } from '../world/scheduler.ts';

export interface TraceSources
  extends ConvergingContext,
    Pick<DatapathContext, 'world' | 'snapshot'> {
  readonly scheduler: Scheduler;
  readonly loading: LoadingState;
  snapshot(): Snapshot;
  datapath(name: DatapathName): Datapath;
  runtime(name: VswitchName): VswitchRuntime | undefined;
  runtimes(): readonly VswitchRuntime[];
}

/** What a switch was asked, and said. */
export interface VerifiedPass {
  readonly datapath: string;
  /** As it may be typed behind `ovs-appctl`; empty where no text says what the packet is. */
  readonly asked: string;
  /** Why it said nothing; empty when it did. */
  readonly why: string;
  readonly differences: readonly string[];
  /** What the fast path does. */
  readonly actions: string;
}

export interface TraceReport {
  readonly vswitch: string;
  readonly virtual: {
    readonly visits: readonly TraceVisit[];
    readonly ends: readonly TraceEnd[];
  };
  readonly physical: {
    readonly visits: readonly TraceVisit[];
    readonly ends: readonly TraceEnd[];
  };
  readonly differences: readonly string[];
  /** Only if it was asked for. */
  readonly verified?: readonly VerifiedPass[];
}

export interface TraceAsked {
  readonly vswitch: string;
  readonly packet: string;
  readonly isVerified: boolean;
}

type Traced = (report: TraceReport | { readonly whyNot: string }) => void;

/**
 * Made in turns, when the tenant's rules are there after a start; `done` gets it, or why there is
 * none.
 */
export function traceReport(context: TraceSources, asked: TraceAsked, done: Traced): void {
  const { tenants, vswitches } = context.snapshot();
  const vswitch = vswitches.get(asked.vswitch as VswitchName);
  const own = (vswitch && tenants.get(vswitch.tenant)) ?? [];
  const names = own.map(({ name }) => name);
  context.loading.whenThere(names, () => loadedTrace(context, asked, done));
}

function loadedTrace(
  context: TraceSources,
  { vswitch: name, packet, isVerified }: TraceAsked,
  done: Traced,
): void {
  const snapshot = context.snapshot();
  const vswitch = snapshot.vswitches.get(name as VswitchName);
  if (vswitch === undefined) {
    done({ whyNot: noSuchText('vswitch', name, snapshot.vswitches.keys()) });
    return;
  }
  const traced = readTraced(vswitch, packet);
  if ('whyNot' in traced) {
    done(traced);
    return;
  }
  readLearnt(context, snapshot, vswitch, (learnt) => {
    const sources = {
      snapshot,
      tablesOf: (one: VswitchName) => tablesOf(snapshot, context.runtime(one), learnt),
      datapath: (one: DatapathName) => holdingOf(context, snapshot, one, learnt),
    };
    context.scheduler.follow(traceBoth(sources, traced), (result) => {
      const report = plainReport(name, result);
      if (!isVerified) done(report);
      else verify(context, result.physical.passes, (verified) => done({ ...report, verified }));
    });
  });
}

/** By datapath, what it has learnt; those that give no answer have learnt nothing. */
type AllLearnt = ReadonlyMap<DatapathName, readonly PhysicalFlow[]>;

/** Of the datapaths where the tenant's packets are processed. */
function readLearnt(
  context: TraceSources,
  snapshot: Snapshot,
  { tenant }: Vswitch,
  done: (learnt: AllLearnt) => void,
): void {
  const own = snapshot.tenants.get(tenant) ?? [];
  const bodies = new Set(own.flatMap(({ name }) => placementOf(snapshot, name).bodies));
  const asked = [...bodies].filter((one) => !isFlat(snapshot, one));
  const learnt = new Map<DatapathName, readonly PhysicalFlow[]>();
  if (asked.length === 0) done(learnt);
  for (const one of asked) {
    context.datapath(one).query({ kind: 'flow', filter: learntFlows }, (parts) => {
      learnt.set(one, flowsIn(parts));
      if (learnt.size === asked.length) done(learnt);
    });
  }
}

function plainReport(
  vswitch: string,
  { virtual, physical, differences }: TraceResult,
): TraceReport {
  const { visits, ends } = physical;
  return { vswitch, virtual, physical: { visits, ends }, differences };
}

function tablesOf(
  snapshot: Snapshot,
  runtime: VswitchRuntime | undefined,
  all: AllLearnt,
): TracedTables | undefined {
  if (runtime === undefined || runtime.isClosed) return undefined;
  const { rulebook, groups, meters, vswitch } = runtime;
  const { primary } = placementOf(snapshot, vswitch.name);
  const entries = isFlat(snapshot, primary) ? undefined : (all.get(primary) ?? []);
  return {
    learnt: entries && learntOf(vswitch, entries),
    rule: (...seen) => ruleMet(rulebook, ...seen),
    group: (groupId) => groups.table.byId(groupId),
    meter: (meterId) => meters.table.byId(meterId),
    isLive: (vport) => groups.isLive(vport),
  };
}

function holdingOf(
  context: TraceSources,
  snapshot: Snapshot,
  name: DatapathName,
  learnt: AllLearnt,
): TracedDatapath | undefined {
  if (!snapshot.datapaths.has(name)) return undefined;
  const datapath = context.datapath(name);
  const left = context.contributors.left(name);
  return {
    *flows() {
      for (const [, flow, owner] of datapath.intent.flows.entries()) {
        if (!left.has(owner)) yield flow;
      }
      for (const some of datapath.flat?.flows() ?? []) yield* some;
      yield* learnt.get(name) ?? [];
    },
    group: (groupId, vswitch) => {
      const runtime = vswitch && context.runtime(vswitch.name);
      const own = runtime && contribution(snapshot, runtime.groups.owner, name);
      return datapath.intent.groups.get(groupId) ?? own?.groups.get(groupId);
    },
    carries: (one) => {
      const runtime = context.runtime(one);
      return runtime?.livesOn(name) === true && !runtime.excluded.has(name);
    },
    isPortUp: (port) => datapath.isPortUp(port),
  };
}

/** One after the other. */
function verify(
  context: TraceSources,
  passes: readonly TracedPass[],
  done: (verified: readonly VerifiedPass[]) => void,
): void {
  const found: VerifiedPass[] = [];
  const next = (): void => {
    const pass = passes[found.length];
    if (pass === undefined) {
      done(found);
      return;
    }
    verifyOne(context, pass, (one) => {
      found.push(one);
      next();
    });
  };
  next();
}

function verifyOne(
  context: TraceSources,
  pass: TracedPass,
  done: (one: VerifiedPass) => void,
): void {
  const datapath = context.datapath(pass.datapath);
  const bridge = datapath.local?.name ?? datapath.name;
  const question = questionOf(pass);
  const params = [bridge, ...(question?.params ?? [])];
  const asked = question === undefined ? '' : `${question.method} ${params.map(quoted).join(' ')}`;
  const none = { datapath: datapath.name, asked, differences: [], actions: '' };
  if (question === undefined) {
    done({ ...none, why: 'a packet with several tags or labels cannot be asked for' });
    return;
  }
  unixctlOf(context, datapath, (unixctl) => {
    if (unixctl === undefined) {
      const next = '"ack: proof SOCKET" in the file names it';
      done({ ...none, why: `no unixctl socket of its Open vSwitch is found here; ${next}` });
      return;
    }
    let isAnswered = false;
    const answered = (text: string | undefined): void => {
      if (isAnswered) return;
      isAnswered = true;
      cancel();
      if (text === undefined) done({ ...none, why: `no answer from ${unixctl}` });
      else {
        const differences = differencesIn(pass, text);
        done({ ...none, why: '', differences, actions: datapathActionsIn(text) ?? '' });
      }
    };
    const cancel = context.world.after(limits.traceAnswerMs, () => answered(undefined));
    context.world.askUnixctl(unixctl, question.method, params, answered);
  });
}

function quoted(word: string): string {
  return /^[\w./:=,-]+$/.test(word) ? word : `'${word}'`;
}

/** Of connections where it was looked for. */
const known = new WeakMap<Channel, string>();

function unixctlOf(
  context: TraceSources,
  datapath: Datapath,
  found: (unixctl: string | undefined) => void,
): void {
  const { channel, config } = datapath;
  const before = channel && known.get(channel);
  if (config.ack.type === 'proof') found(config.ack.unixctl);
  else if (before !== undefined || channel === undefined || !datapath.isReady) found(before);
  else {
    findUnixctlOf(context, datapath, (unixctl) => {
      if (unixctl !== undefined) known.set(channel, unixctl);
      found(unixctl);
    });
  }
}
