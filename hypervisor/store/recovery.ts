/**
 * Loads the rules of all vswitches from the store after a start: a part in every turn, one vswitch
 * after the other, those with few rules first. Each vswitch is served when its own rules are
 * loaded; until then no datapath that it lives on is compared with anything, so none of its entries
 * is deleted early.
 */
import type { VswitchName } from '../../slices/ids.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { Journal, Release } from './journal.ts';
import type { RuleReading } from './stored-rules.ts';

/** One vswitch's. */
export interface Load {
  readonly vswitch: VswitchName;
  readonly reading: RuleReading;
  /** All of it is there. */
  done(): void;
}

/** Loads it within this call. */
export function loadWhole({ reading }: Load): void {
  while (reading.step());
}

export interface LoadingUser {
  onLoaded(name: VswitchName): void;
  /** Some of it cannot be read. */
  onUnreadable(name: VswitchName, error: unknown): void;
}

interface PendingLoad {
  readonly load: Load;
  readonly release: Release;
}

interface Waiting {
  readonly names: readonly VswitchName[];
  readonly run: () => void;
}

/** Whose rules are there. */
export type LoadingState = Pick<Loading, 'whyNot' | 'whenThere'>;

export class Loading {
  readonly #scheduler: Scheduler;
  readonly #log: Pick<Journal, 'hold'>;
  /** Those that are not there yet, the first of them on its way. */
  readonly #loads = new Map<VswitchName, PendingLoad>();
  #waiting: Waiting[] = [];

  constructor(scheduler: Scheduler, log: Pick<Journal, 'hold'>, loads: readonly Load[]) {
    this.#scheduler = scheduler;
    this.#log = log;
    const inOrder = [...loads].sort((one, other) => one.reading.bytes - other.reading.bytes);
    for (const load of inOrder) this.#put(load);
  }

  /** The log that it is in stays until it is there. */
  #put(load: Load): void {
    this.#loads.set(load.vswitch, { load, release: this.#log.hold() });
  }

  /** Tells of each that is there, or cannot be read; maybe in this call. */
  begin(user: LoadingUser): void {
    const [held] = this.#loads.values();
    if (held === undefined) return;
    const { load, release } = held;
    let isWhole = true;
    const step = (): boolean => {
      try {
        return load.reading.step();
      } catch (error) {
        isWhole = false;
        user.onUnreadable(load.vswitch, error);
        return false;
      }
    };
    this.#scheduler.run({ step }, () => {
      this.#loads.delete(load.vswitch);
      if (isWhole) {
        load.done();
        // What cannot be read would be lost if the store were made anew.
        release();
        user.onLoaded(load.vswitch);
      }
      this.#tell();
      this.begin(user);
    });
  }

  /** One more, of a vswitch that is reopened, or back; `run` when it is there. */
  add(name: VswitchName, load: Load | undefined, user: LoadingUser, run: () => void): void {
    const isIdle = this.#loads.size === 0;
    if (load !== undefined) this.#put(load);
    if (isIdle) this.begin(user);
    this.whenThere([name], run);
  }

  /** Why a vswitch is not served; undefined when its rules are there. */
  whyNot(name: VswitchName): string | undefined {
    const held = this.#loads.get(name);
    if (held === undefined) return undefined;
    const { bytes, bytesDone } = held.load.reading;
    return `its rules are being loaded: ${Math.floor((100 * bytesDone) / Math.max(1, bytes))} %`;
  }

  /** Runs when the rules of all of them are there, at once if they are. */
  whenThere(names: readonly VswitchName[], run: () => void): void {
    if (this.#isThere(names)) run();
    else this.#waiting.push({ names, run });
  }

  #isThere(names: readonly VswitchName[]): boolean {
    return !names.some((name) => this.#loads.has(name));
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { names, run } of waiting) this.whenThere(names, run);
  }
}
