/**
 * A hypervisor's process that can be killed, in a simulated world.
 */
import type { Connection, ConnectionUser, Store, World } from '../../hypervisor/world.ts';
import type { SimWorld } from './world.ts';

/** After `kill` nothing of it runs or writes. */
export function mortal(world: SimWorld, store: Store) {
  let lives = true;
  const guarded = (run: () => void) => () => {
    if (lives) run();
  };
  const own: World = {
    nowMs: () => world.nowMs(),
    wallClockMs: () => world.wallClockMs(),
    random: () => world.random(),
    after: (delayMs, run) => world.after(delayMs, guarded(run)),
    soon: (run) => world.soon(guarded(run)),
    dial: (target, user: ConnectionUser): Connection => world.dial(target, user),
    listen: (target, accept) => world.listen(target, accept),
    proveRevalidated: (path, done) => world.proveRevalidated(path, done),
  };
  const kill = (): void => {
    lives = false;
    world.crash([6653, 6633]);
  };
  return { own, store: { ...store }, kill };
}
