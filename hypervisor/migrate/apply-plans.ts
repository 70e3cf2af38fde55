/**
 * Plans of applies, computed in turns (datapath/paced-snapshots.ts): with thousands of vswitches a
 * plan takes longer than anybody who is served may wait.
 */
import type { Config } from '../../slices/config/config.ts';
import { carried } from '../../slices/config/mirrors.ts';
import { carriedNetworks } from '../../slices/config/owned.ts';
import type { VswitchName } from '../../slices/ids.ts';
import { withTagsOf } from '../../slices/network/hop-tags.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Steps } from '../../slices/steps.ts';
import { whyNotMeanwhile } from '../../translation/migration/ensemble-apply.ts';
import { type HostMove, whyNotApplied } from '../../translation/migration/host-move.ts';
import {
  type Reconfiguration,
  type Refusal,
  type Running,
  reconfiguration,
  reconfigurationOnto,
  type Step,
  stepBetween,
  stepOnto,
  stepTo,
  whyMoving,
} from '../../translation/migration/reconfiguration.ts';
import { changedTexts } from '../../translation/stored/stored-ways.ts';
import type { Planning } from '../datapath/paced-plans.ts';
import { type PacingContext, pace } from '../datapath/paced-snapshots.ts';
import type { NotLaid } from '../datapath/tunnels.ts';
import type { Entry } from '../store/journal-entries.ts';
import type { Recovered } from '../store/recovered.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import type { Ended } from '../world/when-all.ts';
import { runningOf, type SteppingContext } from './config-step.ts';
import type { HostPlaces } from './host-places.ts';
import { type MembersContext, unlessUnfit } from './member-changes.ts';

/** What serves, and what stands against an apply. */
export interface ApplyPlansContext extends SteppingContext, PacingContext, MembersContext {
  readonly planning: Planning;
  readonly draining: { readonly isUnderWay: boolean };
  readonly hostMoves: { readonly places: HostPlaces; all(): readonly HostMove[] };
  readonly reopening: { readonly underWay: ReadonlySet<VswitchName> };
}

/** What those that come have before anybody serves them (brought.ts). */
export interface Brings {
  readonly portConfigs: Snapshot['portConfigs'];
  /** One has come, and its bodies are wired; `ended` says what was refused. */
  fill(runtime: VswitchRuntime, ended: Ended): void;
}

/** Who is told how far an apply is. */
export interface ApplyWatch {
  begins(): void;
  /** All that is new is there; it is used, and what goes is used no more. */
  reached(what: 'made' | 'used'): void;
  /** It is taken back from here on. */
  fails(why: string): void;
  /** Why it is to be taken back though nothing is refused; asked once, before `made`. */
  whyBack(): string | undefined;
}

/** What is asked for besides. */
export interface Asked {
  /** It says which mirrors and owners' networks there are; absent: those that are there stay. */
  readonly isWhole?: true;
  readonly brings?: Brings;
  readonly watch?: ApplyWatch;
  /** In steps, how it will be told what the apply is going to be; before anything is done. */
  foretell?(plan: Reconfiguration): Steps<() => void>;
  /** Why it is not to be after all, a line each. */
  whyNot?(plan: Reconfiguration): readonly string[];
  /** What the store is to have when it serves; absent: that a file was applied. */
  entries?(): readonly Entry[];
}

/** What is computed from what serves. */
interface PacedStep<R> {
  begin(running: Running): Steps<R>;
  onto(now: Snapshot, before: Snapshot, found: R): R | undefined;
  take(found: R): void;
}

type Planned<T> = { readonly plan: Reconfiguration; readonly found: T } | Refusal;

export class ApplyPlans {
  readonly #context: ApplyPlansContext;

  constructor(context: ApplyPlansContext) {
    this.#context = context;
  }

  /**
   * To another configuration, with what follows from that: both are true in the very turn of
   * `then`. `recovered`: what the store has, where some come back; `brings`: what others have.
   */
  whole<T>(
    asked: Config,
    following: (plan: Reconfiguration) => Steps<T>,
    then: (plan: Reconfiguration | Refusal, found?: T) => void,
    {
      recovered,
      brings,
      isWhole,
    }: Pick<Asked, 'brings' | 'isWhole'> & { recovered?: Recovered } = {},
  ): void {
    const context = this.#context;
    const config = isWhole ? asked : withThoseThatStay(asked, context.snapshot().config);
    if ('why' in config) {
      then({ whyNot: [config.why] });
      return;
    }
    const early = this.#whyNotNow(config);
    if (early !== undefined) {
      then(early);
      return;
    }
    const paced: PacedStep<Planned<T>> = {
      *begin(running) {
        const plan = unlessUnfit(context, yield* reconfiguration(running, config));
        return 'whyNot' in plan ? plan : { plan, found: yield* following(plan) };
      },
      onto(now, before, planned) {
        if ('whyNot' in planned) return now === before ? planned : undefined;
        const plan = reconfigurationOnto(now, planned.plan);
        return plan && { ...planned, plan };
      },
      take: (planned) => {
        if ('whyNot' in planned) then(planned);
        else then(this.#stillFine(config, planned.plan), planned.found);
      },
    };
    this.#pace(paced, (context) => runningOf(context, recovered, brings?.portConfigs));
  }

  /** What has begun meanwhile. */
  #stillFine(config: Config, plan: Reconfiguration): Reconfiguration | Refusal {
    const moving = whyMoving(this.#context.executor.all(), plan);
    if (moving.length > 0) return { whyNot: moving };
    return this.#whyNotNow(config) ?? unlessUnfit(this.#context, plan);
  }

  #whyNotNow(config: Config): Refusal | undefined {
    const { draining, reopening, executor, hostMoves } = this.#context;
    if (draining.isUnderWay) {
      return { whyNot: ['ways are being led around a datapath; apply again when that is done'] };
    }
    const [reopened] = reopening.underWay;
    if (reopened !== undefined) {
      return { whyNot: [`${reopened} is being reopened; apply again when that has ended`] };
    }
    const ensembles = executor.ensembles.all.values();
    const whyNot = [
      ...whyNotApplied(hostMoves.all(), config),
      ...whyNotMeanwhile(ensembles, this.#context.snapshot().config, config),
    ];
    return whyNot.length > 0 ? { whyNot } : undefined;
  }

  /** From what serves to what is left of it when all that is to go has gone. */
  rest(config: Config, then: (step: WholeStep | Refusal) => void): void {
    this.#pace<WholeStep | Refusal>({
      begin: (running) => withWays(stepTo(running, config)),
      onto: stepFor,
      take: then,
    });
  }

  /** The way back from a plan, to what served before; it throws where that cannot be. */
  back({ before, adding }: Reconfiguration, then: (step: WholeStep) => void): void {
    function* steps(running: Running): Steps<Step | Refusal> {
      const snapshot = withTagsOf(running.snapshot, before);
      const known = { ...running.known, placements: before.placements };
      const back = yield* stepTo({ ...running, snapshot, known }, before.config);
      // The very same, where nobody has changed anything: all numbers are what they were.
      const isSame = running.snapshot === adding.snapshot && !('whyNot' in back);
      if (isSame) return yield* stepBetween(running.snapshot, before, back.arrivals);
      return 'whyNot' in back ? back : { ...back, before: running.snapshot };
    }
    this.#pace<WholeStep | Refusal>({
      begin: (running) => withWays(steps(running)),
      onto: stepFor,
      take: (back) => {
        if (!('whyNot' in back)) then(back);
        else throw new Error(`what served cannot serve again: ${back.whyNot.join()}`);
      },
    });
  }

  /** Again when what serves, or who left, is another by then. */
  #pace<R>(
    paced: PacedStep<R>,
    running: (context: ApplyPlansContext) => Running = runningOf,
  ): void {
    const { departures } = this.#context;
    let version = '';
    pace<R>(this.#context, {
      begin: () => {
        ({ version } = departures);
        return paced.begin(running(this.#context));
      },
      onto: (now, before, found) => {
        return departures.version === version ? paced.onto(now, before, found) : undefined;
      },
      take: (found) => {
        if (found !== undefined) paced.take(found);
      },
    });
  }
}

/** What is in no file, and there all the same. */
function withThoseThatStay(file: Config, before: Config): Config | { readonly why: string } {
  const config = carriedNetworks(file, before);
  return 'why' in config ? config : carried(config, before);
}

/** With what the store is to have of its ways. */
export type WholeStep = Step & { readonly ways: Entry };

function* withWays(steps: Steps<Step | Refusal>): Steps<WholeStep | Refusal> {
  const step = yield* steps;
  return 'whyNot' in step ? step : { ...step, ways: yield* waysOf(step) };
}

/** In steps: nothing that changes meanwhile is in it. */
export function* waysOf({ before, snapshot }: Pick<Step, 'before' | 'snapshot'>): Steps<Entry> {
  return { type: 'wayTexts', ...(yield* changedTexts(before, snapshot)) };
}

function stepFor(now: Snapshot, before: Snapshot, step: WholeStep | Refusal) {
  if ('whyNot' in step) return now === before ? step : undefined;
  return stepOnto(now, step);
}

/** For the log. */
export function countsOf({ came, gone, changed }: Reconfiguration) {
  return { came: came.length, gone: gone.length, changed: changed.length };
}

/** Of tunnels, as an apply tells it. */
export function saidOf({ troubles, waits }: NotLaid) {
  return { done: troubles, waits };
}

/** Nothing follows from it. */
export function* nothing(): Steps<void> {
  yield;
}

export function* foretellNothing(): Steps<() => void> {
  yield;
  return () => undefined;
}
