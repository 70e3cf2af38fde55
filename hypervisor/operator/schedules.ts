/**
 * Moves vswitches by themselves, as `schedules:` of the file says (slices/config/schedules.ts).
 *
 * When, and where to, is by chance, which in a real process is the system's (world.ts): who knows
 * all moves so far knows no more of the next than what the file says. What moves does so as in any
 * migration, by LIME, and all of a schedule as one; what stands against it is said, and it is tried
 * again at its next time.
 */

import { pairText } from '../../slices/config/config-names.ts';
import { isIn, movedBy } from '../../slices/config/schedules.ts';
import type { Schedule } from '../../slices/config/values.ts';
import { type DatapathName, tenantOf, type VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { closedIn } from '../../slices/network/drained-datapaths.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { chosen, type Offered } from '../../slices/placement/chosen.ts';
import { cableKey } from '../../slices/traffic/measured.ts';
import { isEnded } from '../../translation/migration/ensemble.ts';
import { isOver, type Migration } from '../../translation/migration/migration.ts';
import { coResidencesOf } from '../../translation/migration/stays.ts';
import type { Traffic } from '../tenant/traffic.ts';
import type { Log } from '../world/log.ts';
import type { Cancel, World } from '../world/world.ts';
import { migrateAsked } from './control-migration.ts';
import type { MigrateResult, MigrateSources } from './migration-asked.ts';
import { type MtdSources, rememberedStays } from './mtd-report.ts';

export interface SchedulesContext extends MigrateSources, MtdSources {
  readonly traffic: Traffic;
}

/** What one has done, and does next. */
export interface ScheduleState {
  readonly schedule: Schedule;
  /** On the world's clock. */
  readonly nextMs: number;
  /** What came of its last time, in words. */
  readonly last: string;
  readonly lastMs: number | undefined;
}

interface Armed {
  schedule: Schedule;
  nextMs: number;
  last: string;
  lastMs: number | undefined;
  cancel: Cancel;
}

const HOUR_MS = 3_600_000;

export class Schedules {
  readonly #world: World;
  readonly #context: SchedulesContext;
  readonly #log: Log;
  readonly #all = new Map<string, Armed>();

  /** The world is one for what may be given up. */
  constructor(world: World, context: SchedulesContext, log: Log) {
    this.#world = world;
    this.#context = context;
    this.#log = log;
  }

  get all(): readonly ScheduleState[] {
    return [...this.#all.values()];
  }

  /** The file has others than before; those that are as they were keep their times. */
  follow(): void {
    const { schedules } = this.#context.snapshot().config;
    const wanted = new Map(schedules.map((one) => [one.name, one]));
    for (const [name, { cancel, schedule }] of this.#all) {
      const isSame = JSON.stringify(wanted.get(name)) === JSON.stringify(schedule);
      if (isSame) continue;
      cancel();
      this.#all.delete(name);
    }
    for (const schedule of schedules) {
      if (this.#all.has(schedule.name)) continue;
      const cancel = (): void => undefined;
      const armed: Armed = { schedule, cancel, nextMs: 0, last: 'not yet', lastMs: undefined };
      this.#all.set(schedule.name, armed);
      this.#arm(armed);
    }
  }

  #arm(armed: Armed): void {
    const { everyMs, jitterMs } = armed.schedule;
    const delayMs = everyMs + jitterMs * this.#world.random();
    armed.nextMs = this.#world.nowMs() + delayMs;
    armed.cancel = this.#world.after(delayMs, () => {
      this.#arm(armed);
      this.#begin(armed);
    });
  }

  #note(armed: Armed, last: string): void {
    armed.last = last;
    armed.lastMs = this.#world.wallClockMs();
  }

  #begin(armed: Armed): void {
    const { quiet, pauseAbove, name } = armed.schedule;
    if (quiet !== undefined && isIn(quiet, this.#world.wallClockMs())) {
      this.#note(armed, 'quiet hours');
      return;
    }
    if (pauseAbove === undefined) {
      this.#move(armed, limits.scheduleTriesMax);
      return;
    }
    this.#context.traffic.want([], () => {
      const busy = busiestOf(this.#context);
      // Another file may have come meanwhile.
      if (this.#all.get(name) !== armed) return;
      if (busy.share <= pauseAbove) this.#move(armed, limits.scheduleTriesMax);
      else this.#note(armed, `paused: ${busy.cable} carries ${Math.round(busy.share * 100)} %`);
    });
  }

  /** Chooses anew where what was chosen cannot be. */
  #move(armed: Armed, tries: number): void {
    const { schedule } = armed;
    const targets = this.#targets(schedule);
    const names = [...targets.keys()];
    const spent = spentOf(this.#context.executor.all(), schedule, this.#context);
    const { perHourMax = Number.POSITIVE_INFINITY } = schedule;
    if (names.length === 0) this.#note(armed, 'no datapath suits');
    else if (spent + names.length > perHourMax) {
      this.#note(armed, `${spent} of ${perHourMax} moves in this hour are made`);
    } else {
      const { hosts, names: all } = this.#withHosts(schedule, names);
      const to = names.map((name) => `${name}=${targets.get(name)}`);
      // A host goes where its vswitch goes, if it can be plugged in there.
      const { probe = false } = schedule;
      const how = { strategy: 'lime', probe, isDry: false, isWatched: false } as const;
      const end = (why: string): void => {
        if (tries > 1) this.#move(armed, tries - 1);
        else this.#refused(armed, why);
      };
      migrateAsked(
        this.#context,
        { names: all, to, ...hosts, ...how },
        {
          result: (value) => {
            const result = value as MigrateResult;
            if (result.plan.type === 'problems') end(result.plan.problems.join('; '));
            else this.#note(armed, endedText(result));
          },
          error: (_, why) => this.#refused(armed, why),
          event: () => undefined,
          onGone: () => undefined,
        },
      );
    }
  }

  #withHosts({ hosts: driver }: Schedule, names: readonly VswitchName[]) {
    if (driver === undefined) return { names, hosts: {} };
    const { hosts } = this.#context.snapshot().config;
    const own = hosts.filter(({ port }) => names.includes(port.device)).map(({ name }) => name);
    return { names: [...names, ...own], hosts: own.length === 0 ? {} : { drivers: [driver] } };
  }

  #refused(armed: Armed, why: string): void {
    this.#note(armed, `not moved: ${why}`);
    this.#log.warn({ schedule: armed.schedule.name, why }, 'scheduled move not started');
  }

  /** By vswitch, for those that have somewhere to go. */
  #targets(schedule: Schedule): ReadonlyMap<VswitchName, DatapathName> {
    const snapshot = this.#context.snapshot();
    const found = new Map<VswitchName, DatapathName>();
    const sharedMs = sharedBy(this.#context, schedule);
    for (const { name } of movedBy(schedule, snapshot.config.vswitches)) {
      const isFree = this.#context.executor.activeOf(name) === undefined;
      const isServed = this.#context.runtime(name)?.isClosed === false;
      if (!isFree || !isServed) continue;
      const offered = offeredTo(this.#context, snapshot, schedule, name, sharedMs);
      const to = chosen(offered, schedule.choice, this.#world.random());
      if (to !== undefined) found.set(name, to);
    }
    return found;
  }
}

/** Of a schedule's vswitches, so many have begun to move in the last hour. */
export function spentOf(
  migrations: readonly Migration[],
  schedule: Schedule,
  context: Pick<SchedulesContext, 'snapshot'> & { readonly world: World },
): number {
  const { vswitches } = context.snapshot().config;
  const own = new Set<string>(movedBy(schedule, vswitches).map((one) => one.name));
  const since = context.world.wallClockMs() - HOUR_MS;
  return migrations.filter((one) => own.has(one.vswitch) && one.startedMs > since).length;
}

type SharedMs = (name: VswitchName, on: DatapathName) => number;

/** For how long its tenant was on a datapath with others, where that is asked for. */
function sharedBy(context: SchedulesContext, { choice }: Schedule): SharedMs {
  if (choice !== 'least-shared-so-far') return () => 0;
  const { stays } = rememberedStays(context, Number.POSITIVE_INFINITY);
  return (name, on) =>
    coResidencesOf(stays, [tenantOf(name)])
      .filter((one) => one.on === on)
      .reduce((sum, one) => sum + one.totalMs, 0);
}

function offeredTo(
  context: Pick<SchedulesContext, 'executor' | 'datapath'>,
  { vswitches, placements, datapaths, avoiding }: Snapshot,
  { among, awayFrom, notLast }: Schedule,
  name: VswitchName,
  sharedMs: SharedMs,
): readonly Offered[] {
  const vswitch = vswitches.get(name);
  const { bodies = [] } = placements.get(name) ?? {};
  if (vswitch === undefined || bodies.length === 0) return [];
  const was = context.executor
    .all()
    .filter((one) => one.vswitch === name && one.state.type === 'done')
    .map((one) => one.from);
  const last = notLast === 0 ? [] : was.slice(-notLast);
  const avoided = [...vswitch.ports.values()].flatMap(({ wish }) => wish.avoid);
  const barred = new Set([...bodies, ...last, ...avoided, ...closedIn(avoiding)]);
  const others = new Map<DatapathName, Set<string>>();
  for (const [other, { bodies: theirs }] of placements) {
    const tenant = vswitches.get(other)?.tenant;
    if (tenant === undefined || tenant === vswitch.tenant) continue;
    for (const on of theirs) others.set(on, (others.get(on) ?? new Set()).add(tenant));
  }
  const all = among.length > 0 ? among : [...datapaths.keys()];
  return all.flatMap((one) => {
    const there = others.get(one) ?? new Set();
    const isOpen = !barred.has(one) && context.datapath(one).isReady;
    if (!isOpen || awayFrom.some((tenant) => there.has(tenant))) return [];
    return [{ name: one, others: there.size, sharedMs: sharedMs(name, one) }];
  });
}

/** Of cables whose bandwidth the file says, the one that carries most of it. */
function busiestOf(context: Pick<SchedulesContext, 'traffic' | 'snapshot'>) {
  const { links, linkBandwidths } = context.snapshot().config;
  let busiest = { cable: '', share: 0 };
  for (const ends of links) {
    const cable = pairText(ends);
    const kbps = linkBandwidths.get(cable);
    if (kbps === undefined) continue;
    for (const end of ends) {
      const share = (context.traffic.measured.of(cableKey(end))?.now ?? 0) / (kbps * 125);
      if (share > busiest.share) busiest = { cable, share };
    }
  }
  return busiest;
}

export function endedText({ migration, ensemble }: MigrateResult): string {
  const one = ensemble ?? migration;
  const isDone = ensemble === undefined ? migration && isOver(migration) : isEnded(ensemble);
  if (one === undefined || isDone !== true) return 'moves';
  const { state, stateSinceMs, startedMs } = one;
  if ('why' in state) return `undone: ${state.why}`;
  const where =
    ensemble === undefined
      ? `${migration?.vswitch} to ${migration?.to}`
      : ensemble.members
          .flatMap(({ move }) => (move.type === 'vswitch' ? [`${move.vswitch} to ${move.to}`] : []))
          .join(', ');
  return `${where} in ${stateSinceMs - startedMs} ms`;
}
