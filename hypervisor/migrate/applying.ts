/**
 * Replaces the running configuration by another without a restart: `limevisor apply`, and SIGHUP.
 * All of it, or nothing.
 *
 *   read and compiled --refused--> nothing has changed
 *        |
 *        v
 *   tunnels that come are laid; no way leads over one that is not there, nor over such a cable
 *        |
 *        v
 *   what comes or changes is made, changed; kept rules of those that come back are filled in
 *        |          --a datapath refuses some--> the way back, to the configuration of before
 *        v
 *   what is no longer wanted is broken; those that go are let go, and what they had made is removed
 *        |
 *        v
 *   those who stay are told what they see; others begin
 *
 * Until nothing can be refused any more nobody is told anything, and those that go are served as
 * before, but that nothing is behind their ports. A process that ends in the middle begins with the
 * file that it is given, and every datapath is compared with that: it ends as one or the other. One
 * at a time.
 */
import type { Config } from '../../slices/config/config.ts';
import { isCopyName } from '../../slices/config/mirrors.ts';
import type { VswitchName } from '../../slices/ids.ts';
import type { Contents } from '../../slices/remedy.ts';
import type { Steps } from '../../slices/steps.ts';
import {
  changingIn,
  type Reconfiguration,
  type Refusal,
} from '../../translation/migration/reconfiguration.ts';
import { missing, missingOf } from '../datapath/missing-ports.ts';
import type { Entry } from '../store/journal-entries.ts';
import { kept, perform } from '../store/ready.ts';
import type { Recovered } from '../store/recovered.ts';
import { ranEntry, type Starting } from '../store/starting.ts';
import type { Shared } from '../store/tenant-state.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import type { Ended } from '../world/when-all.ts';
import type { Store } from '../world/world.ts';
import {
  ApplyPlans,
  type ApplyPlansContext,
  type ApplyWatch,
  type Asked,
  type Brings,
  countsOf,
  saidOf,
  waysOf,
} from './apply-plans.ts';
import { fillBrought } from './brought.ts';
import {
  applyStep,
  emptyDatapaths,
  refreshing,
  renewing,
  type TenantStates,
  telling,
  tenantStatesFor,
} from './config-step.ts';
import { fillMembers, holdChanges, keepMembers } from './member-changes.ts';
import { MemberMoves } from './member-moves.ts';
import { MemberPlaces } from './member-places.ts';
import { Returning, type ReturningContext } from './returning.ts';
import { type LayingContext, planLaid } from './tunnel-plans.ts';

/** What serves, and how another configuration takes its place. */
export interface ApplyingContext extends ApplyPlansContext, ReturningContext, LayingContext {
  readonly boundary: Boundary;
  /** Of datapaths and listeners, those that are in the configuration no more. */
  forgetRest(why: string): void;
  /** Forgets what one has made that is gone. */
  purge(name: VswitchName): unknown;
  alarm(what: string): void;
}

/** What was done, a line each; or why nothing was. */
export type Applied =
  | { readonly done: readonly string[]; readonly waits: readonly string[] }
  /** `isTakenBack`: datapaths refused it, and hold what they held before. */
  | { readonly whyNot: readonly string[]; readonly isTakenBack?: true };

/** An apply that is under way. */
interface Task {
  readonly file: string;
  readonly next: Reconfiguration;
  readonly states: TenantStates;
  /** Of those that come back, what the store keeps. */
  readonly contents: ReadonlyMap<VswitchName, Contents>;
  /** What the store is to have when it serves. */
  entries(): readonly Entry[];
  readonly brings?: Brings;
  readonly watch?: ApplyWatch;
  readonly done: (applied: Applied) => void;
}

type TaskAsked = Pick<Task, 'file' | 'entries' | 'brings' | 'watch' | 'done'>;

export class Applying {
  readonly memberPlaces: MemberPlaces;
  readonly memberMoves: MemberMoves;
  readonly #context: ApplyingContext;
  readonly #log: Log;
  readonly #shared: Shared;
  readonly #returning: Returning;
  #underWay: string | undefined;
  /** Not served before it is certain that they come. */
  #coming: ReadonlySet<VswitchName> = new Set();
  /** Those that become others, or whose ways do. */
  #changing: ReadonlySet<VswitchName> = new Set();
  readonly #plans: ApplyPlans;

  constructor(context: ApplyingContext, log: Log, begun: Starting, store: Store) {
    const { shared, start, memberMoves } = begun;
    this.memberPlaces = new MemberPlaces(start.movedMembers);
    this.memberMoves = new MemberMoves(context, memberMoves);
    this.#context = context;
    this.#plans = new ApplyPlans(context);
    this.#log = log;
    this.#shared = shared;
    this.#returning = new Returning(context, store);
  }

  /** The file that is being applied. */
  get underWay(): string | undefined {
    return this.#underWay;
  }

  /** Why a vswitch is not served yet; undefined when it does not come back. */
  whyNot(name: VswitchName): string | undefined {
    if (this.#returning.has(name)) return 'it is back, and gets its kept rules';
    return this.#coming.has(name) ? 'the file with it is being applied' : undefined;
  }

  /** What a configuration names that is not there yet, a line each. */
  waits(config: Config): readonly string[] {
    return missingOf(config, this.#context.datapaths());
  }

  /** Why a vswitch does not migrate now, though it could. */
  whyNotMoved(name: VswitchName): string | undefined {
    if (!this.#changing.has(name)) return undefined;
    return `${name} is changed by ${this.#underWay}, which is being applied; ask again when it is`;
  }

  /** What an apply would be, and what follows from that, in turns; nothing is changed. */
  readonly plan: ApplyPlans['whole'] = (...all) => this.#plans.whole(...all);

  /** `file` is for people; `done` when datapaths have it, and those who see it are told. */
  apply(file: string, config: Config, done: (applied: Applied) => void, asked: Asked = {}): void {
    if (this.#underWay !== undefined) {
      done({ whyNot: [`${this.#underWay} is being applied; apply again when that has ended`] });
      return;
    }
    this.#underWay = file;
    const ended = (applied: Applied): void => {
      this.#underWay = undefined;
      this.#coming = new Set();
      this.#changing = new Set();
      this.#returning.release();
      done(applied);
    };
    planLaid(this.#context, this.#plans, config, asked, (prepared) => {
      if ('whyNot' in prepared) {
        ended(prepared);
        return;
      }
      prepared.tell();
      const task = { file, done: ended, entries: () => this.#entriesOf(file), ...asked };
      this.#applyPlan(task, prepared.plan, prepared.ways);
    });
  }

  /** It was planned in this very turn. */
  #applyPlan(asked: TaskAsked, plan: Reconfiguration, ways: Entry): void {
    const { scheduler } = this.#context;
    if (plan.isSame) {
      scheduler.follow(renewing(this.#context), () => {
        this.#renew();
        this.#tellRest([], plan.snapshot.config, asked.done);
      });
    } else if (plan.returned.size === 0) this.#begin(asked, plan, ways);
    else this.#read(asked, plan);
  }

  /** What the store keeps of those that come back is read first; it may take many turns. */
  #read(asked: TaskAsked, { file }: Reconfiguration): void {
    this.#returning.read((recovered) => {
      if (typeof recovered === 'string') {
        asked.done({ whyNot: [recovered] });
        return;
      }
      // What stays is in it already.
      const whole = { recovered, isWhole: true } as const;
      const following = ({ adding }: Reconfiguration): Steps<Entry> => waysOf(adding);
      const begin = (plan: Reconfiguration | Refusal, ways?: Entry): void => {
        if ('whyNot' in plan) asked.done(plan);
        else if (ways !== undefined) this.#begin(asked, plan, ways, recovered);
      };
      this.#plans.whole(file, following, begin, whole);
    });
  }

  #tenantStates({ came, returned }: Reconfiguration, recovered?: Recovered): TenantStates {
    if (recovered !== undefined) this.#returning.expect(returned, recovered);
    const names = came.map(({ name }) => name);
    return tenantStatesFor(this.#context, names, recovered, returned, this.#shared);
  }

  #begin(asked: TaskAsked, next: Reconfiguration, ways: Entry, recovered?: Recovered): void {
    const { file, watch } = asked;
    watch?.begins();
    const { departures } = this.#context;
    const census = departures.census([]);
    const contents = new Map([...next.returned].map((name) => [name, census.contents(name)]));
    const task: Task = { ...asked, next, states: this.#tenantStates(next, recovered), contents };
    this.#coming = new Set(next.came.map(({ name }) => name));
    this.#changing = changingIn(next);
    this.#log.info({ file, ...countsOf(next) }, 'applying a configuration');
    // From then on nothing that is new is sent.
    let isMade = false;
    const beforeBreak = (ended: Ended): void => {
      this.#fill(task, (trouble) => {
        isMade = trouble === undefined;
        ended(trouble);
      });
    };
    applyStep(this.#context, next.adding, { states: task.states, ways, beforeBreak }, (refused) => {
      if (refused === undefined || isMade) this.#letGo(task, refused);
      else this.#takeBack(task, refused);
    });
  }

  /** Kept rules of those that are back, or brought; then rules in new members of big switches. */
  #fill({ next, states, brings, watch }: Task, ended: Ended): void {
    this.#returning.fillAll(next.returned, states, (trouble) => {
      if (trouble !== undefined) ended(trouble);
      else {
        fillBrought(this.#context, next.came, brings, (refused) => {
          if (refused !== undefined) ended(refused);
          else fillMembers(this.#context, next, watch, ended);
        });
      }
    });
  }

  /** Everything new is there: those that go are let go. */
  #letGo(task: Task, refused: string | undefined): void {
    const { next, watch } = task;
    watch?.reached('made');
    if (next.gone.length + next.regrouped.length === 0) {
      this.#end(task, refused);
      return;
    }
    holdChanges(this.#context, next.regrouped, (letGo) => this.#lead(task, refused, letGo));
  }

  /** To where nothing of those that go is used; `letGo` when all is led there. */
  #lead(task: Task, refused: string | undefined, letGo: () => void): void {
    const { next, watch } = task;
    this.#plans.rest(next.snapshot.config, (rest) => {
      // What it is compiled from was there a moment ago, and more of it.
      if ('whyNot' in rest) {
        letGo();
        this.#takeBack(task, rest.whyNot.join('; '));
      } else {
        const beforeBreak = (ended: Ended): void => {
          letGo();
          ended();
        };
        const taking = { states: new Map(), ways: rest.ways, beforeBreak };
        applyStep(this.#context, rest, taking, (more) => {
          letGo();
          watch?.reached('used');
          keepMembers(this.#context, next.regrouped, 'after', (left) => {
            this.#end(task, refused ?? more ?? left);
          });
        });
      }
    });
  }

  /** The way back: to what served before, with what others have changed of it meanwhile. */
  #takeBack({ file, next, contents, brings, watch, done }: Task, refused: string): void {
    watch?.fails(refused);
    this.#log.warn({ file, why: refused }, 'the apply failed and is being undone');
    this.#plans.back(next, (step) => {
      const end = (more: string | undefined): void => {
        this.#returning.forget(next.returned);
        if (brings !== undefined) for (const { name } of next.came) this.#context.purge(name);
        const refreshed = refreshing(this.#context, step.touched);
        this.#context.scheduler.follow(refreshed, () => {
          emptyDatapaths(this.#context, () => this.#context.forgetRest('its apply is undone'));
          if (more !== undefined) this.#context.alarm(more);
          this.#context.tunnels.look('whole', () => done({ whyNot: [refused], isTakenBack: true }));
        });
      };
      const taking = { states: new Map(), ways: step.ways, contents, from: next.before };
      applyStep(this.#context, step, taking, (more) => {
        keepMembers(this.#context, next.regrouped, 'before', (left) => end(more ?? left));
      });
      this.#context.tunnels.look('laid');
    });
  }

  /** What is in the file no more is let go. */
  #renew(): void {
    this.#context.forgetRest('this datapath is no longer in the file');
  }

  /** A file has the last word on what was moved. */
  #entriesOf(file: string): readonly Entry[] {
    const { world, hostMoves } = this.#context;
    const ran = ranEntry(file, world.wallClockMs());
    return [...hostMoves.places.applied(), ...this.memberPlaces.applied(), ran];
  }

  #end({ file, next, entries, done }: Task, refused: string | undefined): void {
    const { journal, scheduler } = this.#context;
    perform(journal, kept(entries()));
    for (const { name } of next.gone) if (isCopyName(name)) this.#context.purge(name);
    this.#log.info({ file, ...countsOf(next) }, 'configuration applied');
    this.#coming = new Set();
    scheduler.follow(telling(this.#context, this.#log, next), () => {
      emptyDatapaths(this.#context, () => this.#renew());
      if (refused !== undefined) this.#context.alarm(refused);
      this.#tellRest(refused === undefined ? [] : [refused], next.snapshot.config, done);
    });
  }

  /** With what is parked: datapaths, ports and tunnels that are not there. */
  #tellRest(said: readonly string[], config: Config, done: Task['done']): void {
    const { tunnels, scheduler } = this.#context;
    tunnels.look('whole', (not) => {
      const { done: more, waits } = saidOf(not);
      scheduler.follow(missing(config, this.#context.datapaths()), (there) =>
        done({ done: [...said, ...more], waits: [...there, ...waits] }),
      );
    });
  }
}
