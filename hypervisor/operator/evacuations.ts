/**
 * Carries evacuations out (translation/migration/evacuation.ts): nothing is placed on the datapaths
 * any more, the vswitches on them move away, the most important first and some at a time, and then
 * ways are routed around them. Vswitches that will miss the deadline are reported before anything
 * moves.
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { awayMs } from '../../translation/migration/estimate.ts';
import {
  type EvacuationPlan,
  type EvacuationStep,
  lateIn,
  lateStrategy,
  type MemberStep,
  strategyIn,
} from '../../translation/migration/evacuation.ts';
import type { Migration, Strategy } from '../../translation/migration/migration.ts';
import { whenReady } from '../migrate/after-restart.ts';
import { textEntry } from '../store/journal-entries.ts';
import { type Keeper, kept, perform } from '../store/ready.ts';
import type { Log } from '../world/log.ts';
import { type DrainResult, drainCircumstancesOf, lead } from './control-drain.ts';
import { migrateAsked } from './control-migration.ts';
import { leaveMembers, type MemberLeft } from './drained-members.ts';
import { leavesOf, planEvacuation } from './evacuation-plan.ts';
import {
  awayIn,
  type Evacuation,
  type EvacuationAsked,
  type Left,
  outcome,
  type Unfinished,
} from './evacuation-report.ts';
import type { MigrateResult, MigrateSources } from './migration-asked.ts';

export interface EvacuationSources extends MigrateSources {
  readonly log: Log;
  readonly journal: Keeper;
}

export interface EvacuationUser {
  planned(plan: EvacuationPlan): void;
  /** One is over, or has begun. */
  told(left: Left): void;
  ended(evacuation: Evacuation): void;
}

/** One that is under way. */
interface Running {
  readonly asked: EvacuationAsked;
  readonly user: EvacuationUser;
  readonly beganMs: number;
  readonly waiting: EvacuationStep[];
  readonly hosts: string[];
  underWay: number;
  /** Whether members of big switches leave beside them. */
  areMembersLeaving: boolean;
  evacuation: Evacuation;
}

/** For one that nobody waits for. */
export const nobody: EvacuationUser = {
  planned: () => undefined,
  told: () => undefined,
  ended: () => undefined,
};

/** How often it is looked whether ways can be led elsewhere now. */
const WAYS_TRIES = 30;

export class Evacuations {
  readonly #context: EvacuationSources;
  /** The last ones, the newest last. */
  #all: readonly Evacuation[] = [];
  readonly #leaving = new Set<DatapathName>();
  #nextId = 1;

  constructor(context: EvacuationSources) {
    this.#context = context;
  }

  get all(): readonly Evacuation[] {
    return this.#all;
  }

  /** Of these datapaths, one that is being evacuated. */
  leaving(datapaths: readonly DatapathName[]): DatapathName | undefined {
    return datapaths.find((one) => this.#leaving.has(one));
  }

  /** Goes on with what an earlier process had begun, when its datapaths are back. */
  resume(unfinished: readonly Unfinished[]): void {
    const { world } = this.#context;
    for (const { id } of unfinished) this.#nextId = Math.max(this.#nextId, id + 1);
    for (const { id, untilMs, asked } of unfinished) {
      this.#keep(id, undefined);
      const those = asked.datapaths.filter((one) => this.#context.snapshot().datapaths.has(one));
      if (those.length === 0) continue;
      whenReady(
        world,
        () => this.#context.datapaths(),
        () => {
          const withinMs = Math.max(1, untilMs - world.wallClockMs());
          this.begin({ ...asked, datapaths: those, withinMs }, nobody);
        },
      );
    }
  }

  /** Until it is over. */
  #keep(id: number, unfinished: Omit<Unfinished, 'id'> | undefined): void {
    const value = unfinished && { id, ...unfinished };
    perform(this.#context.journal, kept([textEntry(`evacuation/${id}`, value)]));
  }

  begin(asked: EvacuationAsked, user: EvacuationUser): void {
    const { boundary, scheduler, log, draining, world } = this.#context;
    const { what, datapaths, cause, withinMs } = asked;
    const id = this.#nextId;
    this.#nextId += 1;
    this.#keep(id, { asked, untilMs: Math.floor(world.wallClockMs() + withinMs) });
    for (const one of datapaths) this.#leaving.add(one);
    const beganMs = world.nowMs();
    log.warn({ what, cause, withinMs }, 'evacuation begins');
    boundary.chore(`the evacuation of ${what}`, () => {
      draining.hold(datapaths);
      scheduler.follow(planEvacuation(this.#context, asked), (plan) => {
        this.#start(id, asked, plan, beganMs, user);
      });
    });
  }

  #start(
    id: number,
    asked: EvacuationAsked,
    plan: EvacuationPlan,
    beganMs: number,
    user: EvacuationUser,
  ): void {
    const { world, log } = this.#context;
    const { what, datapaths, cause, withinMs } = asked;
    const late = lateIn(plan);
    for (const { vswitch, why } of late) {
      log.warn({ what, vswitch, why }, 'vswitch will miss the evacuation deadline');
    }
    const evacuation: Evacuation = {
      ...{ id, what, datapaths, cause, withinMs, late, byHand: plan.byHand },
      startedMs: Math.floor(world.wallClockMs()),
      left: plan.stuck.map(({ vswitch, importance, why }) => {
        const from = this.#placeOf(vswitch);
        return { name: vswitch, importance, from, to: '', isAway: false, isInTime: false, why };
      }),
    };
    const hosts = asked.driver === undefined ? [] : this.#hostsAt(datapaths);
    const waiting = [...plan.steps];
    const begun = { asked, user, beganMs, waiting, hosts, underWay: 0, areMembersLeaving: true };
    const running: Running = { ...begun, evacuation };
    user.planned(plan);
    this.#next(running);
    this.#leaveMembers(running, plan.members);
  }

  #leaveMembers(running: Running, members: readonly MemberStep[]): void {
    const rest = [...members];
    let startMs = this.#sinceMs(running);
    const told = (left: MemberLeft): void => {
      const { importance = 0, from = '' } = rest.shift() ?? {};
      const endMs = this.#sinceMs(running);
      const { vswitch: name, to = '', why } = left;
      const about = { name, importance, from, to, startMs, endMs };
      this.#ended(running, { ...about, ...outcome(why, endMs <= running.asked.withinMs) });
      startMs = endMs;
    };
    leaveMembers(this.#context, members, told, () => {
      running.areMembersLeaving = false;
      this.#next(running);
    });
  }

  #hostsAt(datapaths: readonly DatapathName[]): string[] {
    const { hosts } = this.#context.snapshot().config;
    return hosts.flatMap(({ name, at }) => (datapaths.includes(at.device) ? [name] : []));
  }

  #placeOf(name: VswitchName): string {
    return this.#context.snapshot().placements.get(name)?.primary ?? '';
  }

  #next(running: Running): void {
    const { waiting, asked, hosts } = running;
    while (running.underWay < asked.atOnce) {
      const step = waiting.shift();
      if (step === undefined) break;
      running.underWay += 1;
      this.#move(running, step);
    }
    if (running.underWay > 0 || running.areMembersLeaving) return;
    // Hosts of a tenant move while none of its vswitches does.
    const host = hosts.shift();
    if (host !== undefined) {
      running.underWay += 1;
      this.#moveHost(running, host);
    } else this.#leadAround(running);
  }

  /** By what is left of the time, and not by what the plan said. */
  #move(running: Running, step: EvacuationStep): void {
    const { vswitch: name, importance, rules, to, isInTime } = step;
    const remembered = leavesOf(this.#context, running.asked);
    const until = (one: Strategy): number => awayMs(one, rules, remembered);
    const times = { limeMs: until('lime'), freezeMs: until('freeze') };
    const startMs = this.#sinceMs(running);
    const { withinMs } = running.asked;
    const strategy = strategyIn(times, startMs, withinMs) ?? lateStrategy(times);
    const about = { name, importance, from: this.#placeOf(name), to, strategy, startMs };
    running.user.told({ ...about, isAway: false, isInTime });
    const asked = { names: [name], to: [to], strategy, isDry: false, isWatched: false } as const;
    this.#asking(asked, (why, migration) => {
      const endMs = migration === undefined ? this.#sinceMs(running) : startMs + awayIn(migration);
      this.#over(running, { ...about, endMs, ...outcome(why, endMs <= withinMs) });
    });
  }

  #moveHost(running: Running, host: string): void {
    const { driver = 'manual', withinMs } = running.asked;
    const own = this.#context.snapshot().config.hosts.find(({ name }) => name === host);
    const startMs = this.#sinceMs(running);
    const about = { name: host, importance: 0, from: own?.at.device ?? '', to: '', startMs };
    const how = { strategy: 'lime', isDry: false, isWatched: false } as const;
    this.#asking({ names: [host], to: [], drivers: [driver], ...how }, (why) => {
      const now = this.#context.snapshot().config.hosts.find(({ name }) => name === host);
      const endMs = this.#sinceMs(running);
      const to = now?.at.device ?? '';
      this.#over(running, { ...about, to, endMs, ...outcome(why, endMs <= withinMs) });
    });
  }

  /** `done` when it is over: why it is where it was, if it is. */
  #asking(
    asked: Parameters<typeof migrateAsked>[1],
    done: (why: string | undefined, migration?: Migration) => void,
  ): void {
    migrateAsked(this.#context, asked, {
      result: (value) => {
        const { plan, migration, ensemble } = value as MigrateResult;
        const { state } = ensemble ?? migration ?? {};
        if (plan.type === 'problems') done(plan.problems.join('; '));
        else if (state?.type === 'undone') done(state.why);
        else done(undefined, migration);
      },
      error: (_, why) => done(why),
      event: () => undefined,
      onGone: () => undefined,
    });
  }

  #sinceMs({ beganMs }: Running): number {
    return Math.round(this.#context.world.nowMs() - beganMs);
  }

  #over(running: Running, left: Left): void {
    running.underWay -= 1;
    this.#ended(running, left);
    this.#next(running);
  }

  #ended(running: Running, left: Left): void {
    const { evacuation, user, asked } = running;
    running.evacuation = { ...evacuation, left: [...evacuation.left, left] };
    const { isAway, name, why } = left;
    if (!isAway) {
      this.#context.log.warn({ what: asked.what, name, why }, 'evacuation: a vswitch did not move');
    }
    user.told(left);
  }

  /** Behind what else is under way. */
  #leadAround(running: Running, tries = WAYS_TRIES): void {
    const { world } = this.#context;
    if (tries > 0 && drainCircumstancesOf(this.#context).underWay() !== undefined) {
      world.after(limits.pollIntervalMs, () => this.#leadAround(running, tries - 1));
      return;
    }
    const ended = (ways: string): void => {
      const { log } = this.#context;
      const endedMs = Math.floor(world.wallClockMs());
      const whole = { ...running.evacuation, endedMs, ways };
      this.#keep(whole.id, undefined);
      this.#all = [...this.#all, whole].slice(-limits.evacuationsKept);
      for (const one of running.asked.datapaths) this.#leaving.delete(one);
      const stays = whole.left.filter(({ isAway }) => !isAway).map(({ name }) => name);
      log.warn({ what: whole.what, stays, ways }, 'evacuation over');
      running.user.ended(whole);
    };
    lead(
      this.#context,
      running.asked.what,
      true,
      {
        result: (value) => {
          const { plan, text } = value as DrainResult;
          ended(plan.type === 'problems' ? plan.problems.join('; ') : (text ?? ''));
        },
        error: (_, why) => ended(why),
      },
      true,
    );
  }
}
