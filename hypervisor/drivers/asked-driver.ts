/**
 * Asks a driver to have a host run at its new place, and finds out where the host is afterwards.
 * The driver's word that the host has arrived counts; its word that it has not is verified, where
 * the driver can look (driver.ts): it may have failed after the host went, or not know what another
 * driver that was started before a restart is still doing.
 *
 *   begin -> arrived
 *     '----> failed -> look -> to: arrived
 *                       |'---> from, or unknown: failed
 *                       '----> later: look again, for some time; then its word counts
 */
import type { Drivers as DriversConfig } from '../../slices/config/drivers.ts';
import { endText } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { HostMove } from '../../translation/migration/host-move.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { World } from '../world/world.ts';
import type { Arrival, Drivers, DriverUser, Stop, Task, Whereabouts } from './driver.ts';

type Failed = Arrival & { readonly type: 'failed' };

export interface AskingContext {
  readonly world: Pick<World, 'after' | 'nowMs'>;
  readonly boundary: Pick<Boundary, 'chore'>;
  snapshot(): { readonly config: { readonly drivers: DriversConfig } };
  alarm(what: string): void;
}

/** Before frames are led to the new place, and at once where there is nothing to prepare. */
export function havePrepared(
  context: AskingContext,
  drivers: Drivers,
  move: HostMove,
  then: (whyNot?: string) => void,
): void {
  const config = context.snapshot().config.drivers;
  const title = `the move of ${move.host}`;
  const done = (whyNot?: string): void => context.boundary.chore(title, () => then(whyNot));
  if (move.state.type !== 'open' || drivers.prepare === undefined) then();
  else drivers.prepare(move, config, done);
}

/** `user` is told once how it ended, and what it said until then. */
export function haveRun(
  context: AskingContext,
  drivers: Drivers,
  task: Task,
  user: DriverUser,
): Stop {
  const { world, boundary } = context;
  const config = context.snapshot().config.drivers;
  const title = `the move of ${task.host}`;
  let isOver = false;
  let hasFailed = false;
  const end = (arrival: Arrival): void => {
    isOver = true;
    user.ended(arrival);
  };
  const there = endText(task.to);
  const found = (where: Whereabouts, failed: Failed, sinceMs: number): void => {
    if (isOver) return;
    const isLate = world.nowMs() - sinceMs >= limits.hostLooksMs;
    if (where === 'to') {
      user.said(`${task.host} is at ${there} all the same: ${failed.why}`);
      end({ type: 'arrived' });
    } else if (where === 'later' && !isLate) {
      const again = (): void => boundary.chore(title, () => look(failed, sinceMs));
      world.after(limits.hostLookMs, again);
    } else {
      if (where === 'later') context.alarm(`nobody says whether ${task.host} is at ${there} now`);
      end(failed);
    }
  };
  const look = (failed: Failed, sinceMs: number): void => {
    drivers.look(task, config, (where) => {
      boundary.chore(title, () => found(where, failed, sinceMs));
    });
  };
  const ended = (arrival: Arrival): void => {
    if (isOver) return;
    if (arrival.type === 'arrived') end(arrival);
    else if (!hasFailed) {
      hasFailed = true;
      look(arrival, world.nowMs());
    }
  };
  const whyNot = drivers.whyNot(task.driver, config);
  if (whyNot !== undefined) {
    ended({ type: 'failed', why: whyNot });
    return () => undefined;
  }
  return drivers.begin(task, config, {
    said: (line) => boundary.chore(title, () => user.said(line)),
    ended: (arrival) => boundary.chore(title, () => ended(arrival)),
  });
}
