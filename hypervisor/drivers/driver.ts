/**
 * A driver moves a host; this is its interface for the executor of moves (migrate/host-moves.ts):
 * it is told the old and the new place, and reports once that the host runs there, or why it does
 * not.
 *
 * A driver may be asked again for a move that it was asked for already, after a restart: it goes on
 * with what there is, or says at once how it is. What it had begun then may end at any time.
 */
import type { Drivers as DriversConfig } from '../../slices/config/drivers.ts';
import type { HostMove } from '../../translation/migration/host-move.ts';

export interface Task
  extends Pick<HostMove, 'host' | 'vswitch' | 'vport' | 'from' | 'to' | 'driver'>,
    Pick<HostMove, 'id' | 'startedMs'> {
  /** An earlier process may have asked for it. */
  readonly isAgain?: boolean;
}

/** `why`: it does not run at the new place, and runs where it was. */
export type Arrival = { readonly type: 'arrived' } | { readonly type: 'failed'; why: string };

export interface DriverUser {
  /** A line that it printed. */
  said(line: string): void;
  ended(arrival: Arrival): void;
}

/**
 * Where a host is, as far as its driver can find that out; `later`: it cannot now, or something
 * that it had begun is under way.
 */
export type Whereabouts = 'from' | 'to' | 'later' | 'unknown';

/** A program of the operator's, each word an argument. */
export interface Program {
  readonly argv: readonly string[];
  /** Besides ours. */
  readonly env: Readonly<Record<string, string>>;
}

/** Runs one that moves nothing: it has arrived when it ends with 0. */
export type RunCommand = (program: Program, limitMs: number, user: DriverUser) => void;

/** For one that serves without a world of programs. */
export const noCommands: RunCommand = (_program, _limitMs, user) => {
  user.ended({ type: 'failed', why: 'no programs are run here' });
};

/** Tells it to stop; it says all the same how it ended. */
export type Stop = (why: string) => void;

export interface Drivers {
  /** Why it cannot move hosts here; undefined when it can. */
  whyNot(driver: Task['driver'], config: DriversConfig): string | undefined;
  /**
   * Before frames are led to the new place: it keeps none that come there until the host does, for
   * that has got them where it is. Says why not, when it cannot be had.
   */
  prepare?(task: Task, config: DriversConfig, done: (whyNot?: string) => void): void;
  begin(task: Task, config: DriversConfig, user: DriverUser): Stop;
  /** A move that was prepared is undone, and nothing is led to the new place any more. */
  release?(task: Task, config: DriversConfig): void;
  /** Looks where the host of a task is that it has failed in; moves nothing. */
  look(task: Task, config: DriversConfig, told: (where: Whereabouts) => void): void;
}

/** For one that serves without a world of programs: a person moves hosts. */
export const manualOnly: Drivers = {
  whyNot: (driver) => (driver === 'manual' ? undefined : `there is no driver ${driver} here`),
  begin: () => () => undefined,
  look: (_task, _config, told) => told('unknown'),
};
