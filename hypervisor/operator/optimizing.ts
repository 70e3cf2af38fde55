/**
 * Looks for a better placement again and again, and moves vswitches to it, as `optimize:` of the
 * file says (slices/config/optimize.ts).
 *
 * Nothing moves for a gain that may be gone a moment later: it has to be as large twice in a row,
 * and within the moves of an hour. What moves does so as one migration, as `optimize --apply`.
 */

import type { Optimize } from '../../slices/config/remaps.ts';
import { isIn } from '../../slices/config/schedules.ts';
import { limits } from '../../slices/limits.ts';
import type { Log } from '../world/log.ts';
import type { Cancel, World } from '../world/world.ts';
import { migrateAsked } from './control-migration.ts';
import { type OptimizeReport, type OptimizeSources, proposed } from './control-optimize.ts';
import type { MigrateResult } from './migration-asked.ts';
import { endedText } from './schedules.ts';

export interface OptimizingSources extends OptimizeSources {
  readonly log: Log;
}

/** What it has done, and does next. */
export interface OptimizingState {
  readonly optimize: Optimize;
  readonly tenants: readonly string[];
  /** On the world's clock. */
  readonly nextMs: number;
  readonly last: string;
  readonly lastMs: number | undefined;
}

const HOUR_MS = 3_600_000;

export class Optimizing {
  readonly #world: World;
  readonly #context: OptimizingSources;
  #optimize: Optimize | undefined;
  #cancel: Cancel | undefined;
  #cancelWish: Cancel | undefined;
  #nextMs = 0;
  #last = 'not yet';
  #lastMs: number | undefined;
  /** Whether the look before found a gain that is enough. */
  #wasBetter = false;
  #isMoving = false;

  /** The world is one for what may be given up. */
  constructor(world: World, context: OptimizingSources) {
    this.#world = world;
    this.#context = context;
  }

  get state(): OptimizingState | undefined {
    const optimize = this.#optimize;
    if (optimize === undefined) return undefined;
    const rest = { nextMs: this.#nextMs, last: this.#last, lastMs: this.#lastMs };
    return { optimize, tenants: this.tenants, ...rest };
  }

  /** Those that may move. */
  get tenants(): readonly string[] {
    const exempt = this.#optimize?.exempt ?? [];
    return [...this.#context.snapshot().tenants.keys()].filter((one) => !exempt.includes(one));
  }

  /** The file may say something else than before. */
  follow(): void {
    const { optimize } = this.#context.snapshot().config;
    if (JSON.stringify(optimize) === JSON.stringify(this.#optimize)) return;
    this.#cancel?.();
    this.#cancelWish?.();
    this.#optimize = optimize;
    this.#wasBetter = false;
    if (optimize === undefined) return;
    this.#keepMeasuring();
    this.#arm(optimize);
  }

  /** Of what nobody asks for nothing is measured. */
  #keepMeasuring(): void {
    this.#context.traffic.want(this.tenants, () => undefined);
    this.#cancelWish = this.#world.after(limits.trafficIdleMs / 2, () => this.#keepMeasuring());
  }

  #arm(optimize: Optimize): void {
    this.#nextMs = this.#world.nowMs() + optimize.everyMs;
    this.#cancel = this.#world.after(optimize.everyMs, () => {
      this.#arm(optimize);
      this.#look(optimize);
    });
  }

  #note(last: string): void {
    this.#last = last;
    this.#lastMs = this.#world.wallClockMs();
  }

  #look(optimize: Optimize): void {
    const { quiet, objective, overMs: windowMs } = optimize;
    if (this.#isMoving) return;
    if (quiet !== undefined && isIn(quiet, this.#world.wallClockMs())) {
      this.#note('quiet hours');
      return;
    }
    const { traffic, scheduler } = this.#context;
    traffic.want(this.tenants, () => {
      const untilMs = this.#world.nowMs() + limits.optimizeMs;
      const isOver = (): boolean => this.#world.nowMs() >= untilMs;
      const asked = { tenants: new Set(this.tenants), objective, windowMs, isOver };
      scheduler.follow(proposed(this.#context, asked), (report) => {
        // Another file may have come meanwhile.
        if (this.#optimize === optimize) this.#judge(optimize, report);
      });
    });
  }

  #judge({ gainMin, perHourMax = Infinity }: Optimize, report: OptimizeReport): void {
    const { score, moves, isUnmeasured } = report;
    const gain = score.before <= 0 ? 0 : (score.before - score.after) / score.before;
    const percent = `${Math.round(gain * 100)} %`;
    const isBetter = moves.length > 0 && !isUnmeasured && gain >= gainMin;
    const wasBetter = this.#wasBetter;
    this.#wasBetter = isBetter;
    const spent = this.spent();
    if (isUnmeasured) this.#note('nothing passed');
    else if (!isBetter) this.#note(`the best would gain ${percent}`);
    else if (!wasBetter) this.#note(`would gain ${percent}; it moves if that is so once more`);
    else if (spent + moves.length > perHourMax) {
      this.#note(`would gain ${percent}; ${spent} of ${perHourMax} moves in this hour are made`);
    } else this.#move(report, percent);
  }

  /** Of those that may move, so many have begun to in the last hour. */
  spent(): number {
    const own = new Set(this.tenants);
    const since = this.#world.wallClockMs() - HOUR_MS;
    const { vswitches } = this.#context.snapshot();
    return this.#context.executor.all().filter(({ vswitch, startedMs }) => {
      return startedMs > since && own.has(vswitches.get(vswitch)?.tenant ?? '');
    }).length;
  }

  #move({ moves }: OptimizeReport, percent: string): void {
    const { log } = this.#context;
    this.#isMoving = true;
    this.#wasBetter = false;
    const names = moves.map(({ vswitch }) => vswitch);
    const to = moves.map(({ vswitch, to: on }) => `${vswitch}=${on}`);
    const how = { strategy: 'lime', isDry: false, isWatched: false } as const;
    log.info({ moves: to, gain: percent }, 'optimize: moving to a better placement');
    const ended = (text: string): void => {
      this.#isMoving = false;
      this.#note(text);
    };
    const refused = (why: string): void => {
      log.warn({ why }, 'optimize: the better placement is not possible');
      ended(`not moved: ${why}`);
    };
    migrateAsked(
      this.#context,
      { names, to, ...how },
      {
        result: (value) => {
          const result = value as MigrateResult;
          if (result.plan.type === 'problems') refused(result.plan.problems.join('; '));
          else ended(`${endedText(result)}, to gain ${percent}`);
        },
        error: (_, why) => refused(why),
        event: () => undefined,
        onGone: () => undefined,
      },
    );
  }
}
