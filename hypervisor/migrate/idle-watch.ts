/**
 * Tells the operator's command (`on-idle:`) of datapaths and cables that carry nothing, and of
 * those that are needed again (slices/network/idle.ts).
 *
 *   carries nothing --for a while--> told "idle" --to carry something--> told "needed" --> in use
 *
 * What was told is kept, and told again when the command did not end well: it has to bear hearing
 * the same twice.
 */
import type { OnIdle } from '../../slices/config/remaps.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { type IdleThing, idleIn } from '../../slices/network/idle.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { ToldIdle } from '../../translation/stored/stored-places.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Arrival, RunCommand } from '../drivers/driver.ts';
import type { Journal } from '../store/journal.ts';
import { textEntry } from '../store/journal-entries.ts';
import { kept, perform } from '../store/ready.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { Cancel, World } from '../world/world.ts';

export interface IdleContext {
  readonly boundary: Boundary;
  readonly scheduler: Scheduler;
  readonly journal: Journal;
  readonly log: Log;
  snapshot(): Snapshot;
  datapath(name: DatapathName): Pick<Datapath, 'isReady' | 'isPortUp'>;
}

/** What a command is told. */
type What = 'idle' | 'needed';

/** Something that carries nothing, or was told so. */
export interface IdleState extends IdleThing {
  readonly state: 'idle' | 'telling' | 'off' | 'waking';
  /** On the wall clock, since it is so; absent: it is looked at now. */
  readonly sinceMs?: number;
  /** What went wrong when the command was called last. */
  readonly why?: string;
}

interface Failed {
  readonly why: string;
  readonly atMs: number;
}

export class IdleWatch {
  readonly #world: World;
  readonly #context: IdleContext;
  readonly #runCommand: RunCommand;
  readonly #told: Map<string, ToldIdle>;
  /** Since when each carries nothing, on the world's clock. */
  readonly #since = new Map<string, number>();
  readonly #running = new Map<string, What>();
  readonly #failed = new Map<string, Failed>();
  /** Datapaths to which something is about to come, which need all of their cables. */
  readonly #awaited = new Map<DatapathName, number>();
  #things: readonly IdleThing[] = [];
  #cancel: Cancel | undefined;
  #dueMs = Number.POSITIVE_INFINITY;

  /** The world is one for what may be given up. */
  constructor(
    world: World,
    context: IdleContext,
    runCommand: RunCommand,
    told: readonly ToldIdle[],
  ) {
    this.#world = world;
    this.#context = context;
    this.#runCommand = runCommand;
    this.#told = new Map(told.map((one) => [one.object, one]));
  }

  /** Something else may carry nothing now, or something. */
  changed(): void {
    if (this.#config !== undefined || this.#told.size > 0) this.#lookIn(limits.idleLookMs);
  }

  /** What was told, and is not needed yet. */
  get off(): readonly string[] {
    return [...this.#told.keys()];
  }

  /** All that carries nothing, or was told so, as it is now. */
  list(then: (all: readonly IdleState[]) => void): void {
    this.#look(() => {
      const known = new Set(this.#things.map(({ object }) => object));
      const needed = [...this.#told.values()].filter(({ object }) => !known.has(object));
      then([...this.#things, ...needed].map((one) => this.#stateOf(one)));
    });
  }

  /**
   * These datapaths are about to be needed. What is answered waits until nothing of them is off any
   * more; nothing of them is told idle for as long as it takes until something is there.
   */
  wake(datapaths: readonly DatapathName[]): (done: (trouble?: string) => void) => void {
    const limitMs = limits.idleAwakeMs + (this.#config?.limitMs ?? 0);
    for (const one of datapaths) this.#awaited.set(one, this.#world.nowMs() + 2 * limitMs);
    const ends = [...this.#told.values()].filter((one) => this.#isAwaited(one));
    if (ends.length > 0) this.#lookIn(0);
    return (done) => this.#whenAwake(ends, limitMs, done);
  }

  #whenAwake(ends: readonly ToldIdle[], limitMs: number, done: (trouble?: string) => void): void {
    const untilMs = this.#world.nowMs() + limitMs;
    const look = (): void => {
      const asleep = ends.find((one) => !this.#isAwake(one));
      if (asleep === undefined) done();
      else if (this.#world.nowMs() < untilMs) this.#world.after(limits.pollIntervalMinMs, look);
      else {
        const why = this.#failed.get(asleep.object)?.why;
        done(`${asleep.object} is off${why === undefined ? '' : `: ${why}`}; switch it on`);
      }
    };
    look();
  }

  #isAwaited({ parts }: Pick<IdleThing, 'parts'>): boolean {
    return parts.some((part) => this.#awaited.has(deviceOf(part)));
  }

  #isAwake({ object, parts }: ToldIdle): boolean {
    const isReady = parts.every((part) => {
      const [, port] = part.split(':');
      const datapath = this.#context.datapath(deviceOf(part));
      return datapath.isReady && (port === undefined || datapath.isPortUp(Number(port)));
    });
    return isReady && !this.#told.has(object);
  }

  get #config(): OnIdle | undefined {
    return this.#context.snapshot().config.onIdle;
  }

  #lookIn(delayMs: number): void {
    const dueMs = this.#world.nowMs() + delayMs;
    if (dueMs >= this.#dueMs) return;
    this.#cancel?.();
    this.#dueMs = dueMs;
    this.#cancel = this.#world.after(delayMs, () => {
      this.#dueMs = Number.POSITIVE_INFINITY;
      this.#look(() => undefined);
    });
  }

  #look(then: () => void): void {
    const { boundary, scheduler } = this.#context;
    boundary.chore('what is idle', () => {
      scheduler.follow(idleIn(this.#context.snapshot()), (things) => {
        this.#things = things;
        this.#tellAll();
        then();
      });
    });
  }

  #tellAll(): void {
    const now = this.#world.nowMs();
    const config = this.#config;
    for (const [one, untilMs] of this.#awaited) if (untilMs < now) this.#awaited.delete(one);
    const mayBeOff = this.#things.filter((one) => !(one.stays || this.#isAwaited(one)));
    const off = new Map(mayBeOff.map((one) => [one.object, one]));
    for (const name of this.#since.keys()) if (!off.has(name)) this.#since.delete(name);
    for (const one of this.#told.values()) if (!off.has(one.object)) this.#tell(one, 'needed');
    for (const one of off.values()) {
      const since = this.#since.get(one.object) ?? now;
      this.#since.set(one.object, since);
      if (config === undefined || this.#told.has(one.object)) continue;
      const leftMs = since + config.afterMs - now;
      if (leftMs > 0) this.#lookIn(leftMs);
      else this.#tell(one, 'idle');
    }
  }

  #tell(thing: IdleThing | ToldIdle, what: What): void {
    const { object, kind, parts } = thing;
    if (this.#running.has(object) || this.#running.size >= limits.idleCommandsAtOnce) return;
    const failed = this.#failed.get(object);
    const leftMs = (failed?.atMs ?? -Infinity) + limits.idleAgainMs - this.#world.nowMs();
    if (leftMs > 0) {
      this.#lookIn(leftMs);
      return;
    }
    const { boundary, log } = this.#context;
    this.#running.set(object, what);
    const config = this.#config;
    const ended = (arrival: Arrival): void => this.#ended(thing, what, arrival);
    if (config === undefined) {
      ended({ type: 'failed', why: 'the file has no "on-idle"; switch it on by hand' });
      return;
    }
    log.info({ object, kind, what }, 'on-idle: command called');
    const argv = [...config.exec, what, kind, ...parts];
    const env = { LIMEVISOR_WHAT: what, LIMEVISOR_KIND: kind, LIMEVISOR_OBJECT: object };
    this.#runCommand({ argv, env }, config.limitMs, {
      said: (line) => boundary.chore('on-idle', () => log.info({ object, line }, 'on-idle')),
      ended: (arrival) => boundary.chore('on-idle', () => ended(arrival)),
    });
  }

  #ended({ object, kind, parts }: IdleThing | ToldIdle, what: What, arrival: Arrival): void {
    const { log, journal } = this.#context;
    this.#running.delete(object);
    if (arrival.type === 'failed') {
      const { why } = arrival;
      this.#failed.set(object, { why, atMs: this.#world.nowMs() });
      log.warn({ object, what, why }, 'on-idle: command failed; it will be called again');
      this.#lookIn(limits.idleAgainMs);
      return;
    }
    this.#failed.delete(object);
    const sinceMs = Math.floor(this.#world.wallClockMs());
    if (what === 'idle') this.#told.set(object, { object, kind, parts, sinceMs });
    else this.#told.delete(object);
    perform(journal, kept([textEntry('idle', [...this.#told.values()])]));
    this.#lookIn(0);
  }

  #stateOf(thing: IdleThing | ToldIdle): IdleState {
    const { object, kind, parts } = thing;
    const told = this.#told.get(object);
    const running = this.#running.get(object);
    const why = this.#failed.get(object)?.why;
    const since = this.#since.get(object);
    const isNeeded = running === 'needed' || (told !== undefined && since === undefined);
    const on = running === 'idle' ? 'telling' : 'idle';
    const agoMs = since === undefined ? 0 : this.#world.nowMs() - since;
    const sinceMs = told?.sinceMs ?? Math.floor(this.#world.wallClockMs() - agoMs);
    return {
      ...{ object, kind, parts, sinceMs },
      state: isNeeded ? 'waking' : told !== undefined ? 'off' : on,
      ...('stays' in thing && thing.stays !== undefined && { stays: thing.stays }),
      ...(why !== undefined && { why }),
    };
  }
}

/** Of a datapath, or of one of its ports. */
function deviceOf(part: string): DatapathName {
  return (part.split(':')[0] ?? '') as DatapathName;
}
