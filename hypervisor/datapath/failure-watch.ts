/**
 * Watches cables and datapaths for failures, and routes ways around them
 * (slices/network/routes.ts).
 *
 *   a port of either end is down, or gone   its cable carries nothing
 *   it is up again                          used where there is no other way; later, as before
 *   a datapath is away                      it may still forward: nothing new leads through it
 *   it is away for longer than a grace      nothing leads through it
 *
 * New ways are made, then used, then the old ones go, as in any change. What a failure concerns is
 * told to no tenant while there is a way: the snapshot is another before ports are looked at.
 */
import type { Config, PhysicalEnd } from '../../slices/config/config.ts';
import { type DatapathName, endText, type VswitchName } from '../../slices/ids.ts';
import type { Computation } from '../../slices/network/changed-ways.ts';
import { type Failures, noFailures, sameFailures } from '../../slices/network/failures.ts';
import { failing, isInfeasible, type Snapshot } from '../../slices/network/snapshot.ts';
import type { Infeasible } from '../../slices/network/values.ts';
import { losing } from '../../translation/datapath/tag-ways.ts';
import type { TenantTables } from '../../translation/entries/tenant-tables.ts';
import type { Journal } from '../store/journal.ts';
import type { Entry } from '../store/journal-entries.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import type { Cancel } from '../world/world.ts';
import { isAwaited } from './datapaths.ts';
import { type ArrivalContext, whenArrived } from './left-ways.ts';
import type { Planning } from './paced-plans.ts';
import { computeNext, type Next } from './paced-snapshots.ts';
import type { Rewiring } from './rewiring.ts';

/** Where ways lead, and what says how it is. */
export interface FailureContext extends ArrivalContext {
  readonly boundary: Boundary;
  readonly planning: Pick<Planning, 'whenIdle' | 'follow' | 'changeovers'>;
  readonly journal: Journal;
  readonly startedMs: number;
  swap(to: Next, also: readonly Entry[]): void;
  rewire(rewiring: Rewiring, done: (trouble?: string) => void): void;
  runtime(name: VswitchName): TenantTables | undefined;
  alarm(what: string): void;
}

export class FailureWatch {
  readonly #context: FailureContext;
  readonly #log: Log;
  /** When a cable that is held came back, by its ends. */
  readonly #backMs = new Map<string, number>();
  readonly #awayMs = new Map<DatapathName, number>();
  /** When time alone makes something another, the next one of such moments. */
  #dueMs = Number.POSITIVE_INFINITY;
  #cancel: Cancel | undefined;
  /** How many changes of ways are under way. */
  #changing = 0;
  /** Snapshots whose ways are left, and not broken yet; and what says that they are. */
  #before: { readonly snapshot: Snapshot; readonly broken: () => void }[] = [];
  #isBreaking = false;
  /** Whether it is being computed what failures make of the ways, and more may have failed. */
  #isComputing = false;
  #isStale = false;
  /** What follows then. */
  #waiting: (() => void)[] = [];
  /** Ends of the cables of a configuration. */
  #cables: { readonly config: Config; readonly ends: ReadonlySet<string> } | undefined;

  constructor(context: FailureContext, log: Log) {
    this.#context = context;
    this.#log = log;
  }

  /**
   * Something may have failed, or come back. What that makes of the ways is computed in turns, for
   * it may concern everybody; `then` runs when it is so, or nothing is another.
   */
  look(then: () => void = () => undefined): void {
    this.#waiting.push(then);
    if (this.#isComputing) this.#isStale = true;
    else this.#compute();
  }

  /** A port of the file: whether anything may have failed with it. */
  lookAt(end: PhysicalEnd, then: () => void): void {
    if (this.#isOfCable(end)) this.look(then);
    else then();
  }

  /**
   * Whether a cable's end was up before what is being computed: until it is known which way there
   * is, nobody hears of it, and who asks neither. Undefined of all others, and while nothing is.
   */
  wasUp(end: PhysicalEnd): boolean | undefined {
    if (!this.#isComputing && !this.#isStale) return undefined;
    const { down, lost } = this.#context.snapshot().failures;
    return this.#isOfCable(end) ? !down.has(endText(end)) && !lost.has(end.device) : undefined;
  }

  #isOfCable(end: PhysicalEnd): boolean {
    const { config } = this.#context.snapshot();
    if (this.#cables?.config !== config) {
      this.#cables = { config, ends: new Set(config.links.flat().map(endText)) };
    }
    return this.#cables.ends.has(endText(end));
  }

  #compute(): void {
    this.#isComputing = true;
    let failures = noFailures;
    const begin = (before: Snapshot): Computation | undefined => {
      this.#dueMs = Number.POSITIVE_INFINITY;
      this.#isStale = false;
      failures = this.#failures(before);
      this.#lookAgain();
      return sameFailures(before.failures, failures) ? undefined : failing(before, failures);
    };
    computeNext(this.#context, begin, (next) => {
      this.#isComputing = false;
      if (next !== undefined) this.#become(next, failures);
      this.#tell();
      if (this.#isStale) this.#compute();
    });
  }

  #become(next: Next | Infeasible, failures: Failures): void {
    if (isInfeasible(next)) {
      this.#context.alarm(`ways cannot be rerouted around a failure: ${next.why}`);
      return;
    }
    const before = this.#context.snapshot();
    this.#context.swap(next, [{ type: 'failures', failures }]);
    if (next.snapshot.wires === before.wires) return;
    this.#alarm(before, next);
    const broken = this.#context.planning.changeovers.leave([before]);
    this.#before.push({ snapshot: before, broken });
    const isWorse = isMore(failures, before.failures);
    this.#log.info({ ...named(failures), isWorse }, 'ways rerouted');
    this.#lead(isWorse);
  }

  /** What tenants' rules lose by it. */
  #alarm(before: Snapshot, { snapshot, touched }: Next): void {
    const { boundary, scheduler } = this.#context;
    const steps = losing(before, snapshot, touched, (name) => this.#context.runtime(name));
    const alarm = (all: readonly string[]): void => {
      for (const why of all) this.#context.alarm(why);
    };
    boundary.run(undefined, () => scheduler.follow(steps, alarm));
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) one();
  }

  #lead(isUrgent: boolean): void {
    this.#changing += 1;
    this.#context.rewire({ parts: 'makeAndChange', isUrgent, giveUp }, () => {
      this.#changing -= 1;
      this.#breakOld();
    });
  }

  /**
   * Not while ways of before are used until others are made. What is on an old way that works
   * arrives before that goes, and what cached flows still send there.
   */
  #breakOld(): void {
    if (this.#changing > 0 || this.#isBreaking) return;
    this.#isBreaking = true;
    const before = this.#before;
    this.#before = [];
    const arrived = (): void => {
      this.#isBreaking = false;
      if (this.#changing > 0) this.#before.push(...before);
      else if (this.#before.length > 0) this.#breakOld();
      else {
        this.#context.rewire({ parts: 'all', giveUp }, () => {
          for (const { broken } of before) broken();
        });
      }
    };
    const { planning } = this.#context;
    const snapshots = before.map(({ snapshot }) => snapshot);
    planning.whenIdle(() => {
      // Others may be leading something away from them.
      planning.changeovers.whenOthers('changed', undefined, () => {
        whenArrived(this.#context, { before: snapshots, proved: new Set() }, arrived);
      });
    });
  }

  #failures({ config, failures: before }: Snapshot): Failures {
    const now = this.#context.world.nowMs();
    const [down, held] = [new Set<string>(), new Set<string>()];
    const { away, lost } = this.#datapaths(before, now);
    for (const link of config.links) {
      const [one, other] = link.map(endText) as [string, string];
      const into = (set: Set<string>): void => void set.add(one).add(other);
      const carries = link.map(({ device, port }) => this.#carries(device, port));
      // Of a cable with an end that nobody can tell of, the last that was known is true.
      const isUnknown = carries.includes(undefined);
      const isDown = carries.includes(false) || (isUnknown && before.down.has(one));
      const isBack =
        before.down.has(one) || link.some(({ device }) => this.#isBack(before, device));
      if (isDown) {
        into(down);
        this.#backMs.delete(one);
      } else if (isBack || before.held.has(one)) {
        if (this.#isHeld(one, now)) into(held);
      }
    }
    return { down, held, away, lost };
  }

  /** Whether a cable in this port carries frames; undefined while nobody can tell. */
  #carries(device: DatapathName, port: number): boolean | undefined {
    const datapath = this.#context.datapath(device);
    return datapath.isReady ? datapath.isPortUp(port) : undefined;
  }

  #isBack({ lost }: Failures, name: DatapathName): boolean {
    return lost.has(name) && this.#context.datapath(name).isReady;
  }

  #isHeld(end: string, now: number): boolean {
    const since = this.#backMs.get(end) ?? now;
    const { revertMs } = this.#context.snapshot().config.failover;
    const isOver = revertMs !== 'never' && this.#isOver(since + revertMs, now);
    if (isOver) this.#backMs.delete(end);
    else this.#backMs.set(end, since);
    return !isOver;
  }

  #datapaths(before: Failures, now: number): Pick<Failures, 'away' | 'lost'> {
    const [away, lost] = [new Set<DatapathName>(), new Set<DatapathName>()];
    const { awayMs } = this.#context.snapshot().config.failover;
    for (const datapath of this.#context.datapaths()) {
      const { name, isReady } = datapath;
      if (isReady) {
        this.#awayMs.delete(name);
        continue;
      }
      if (before.lost.has(name)) lost.add(name);
      if (isAwaited(this.#context, datapath, now)) continue;
      away.add(name);
      const since = this.#awayMs.get(name) ?? now;
      if (this.#isOver(since + awayMs, now)) lost.add(name);
      this.#awayMs.set(name, since);
    }
    return { away, lost };
  }

  /** Whether a moment is past; if not, it is looked again then. */
  #isOver(dueMs: number, now: number): boolean {
    if (now >= dueMs) return true;
    this.#dueMs = Math.min(this.#dueMs, dueMs);
    return false;
  }

  #lookAgain(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#dueMs === Number.POSITIVE_INFINITY) return;
    const { world } = this.#context;
    this.#cancel = world.after(this.#dueMs - world.nowMs(), () => this.look());
  }
}

/** Nobody waits for a datapath that is away. */
const giveUp = (): string => 'what is away is corrected when it returns';

/** Whether something has failed that had not. */
function isMore(now: Failures, before: Failures): boolean {
  const has = <T>(some: ReadonlySet<T>, others: ReadonlySet<T>): boolean =>
    [...some].some((one) => !others.has(one));
  return has(now.down, before.down) || has(now.lost, before.lost);
}

/** For people: a cable by one of its ends. */
function named({ down, held, lost }: Failures) {
  return { down: [...down], held: [...held], lost: [...lost] };
}
