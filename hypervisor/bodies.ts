/**
 * What a migration does to one body: fill it, wait until it is quiet, empty it.
 */
import { errorName } from '../openflow/errors.ts';
import type { Message } from '../openflow/values.ts';
import type { DatapathName } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import { misfit } from '../translation/flat/fit.ts';
import { addGroup, addMeter, deleteGroup, deleteMeter } from '../translation/physical.ts';
import type { Hub, VswitchRuntime } from './vswitch.ts';

type Done = (trouble?: string) => void;

/**
 * Copies the rulebook to a new body: from the book and not from a switch, so it is one consistent
 * state; changes that come meanwhile follow on the same connection (LIME 3, "clones").
 */
export function copyRules(hub: Hub, runtime: VswitchRuntime, to: DatapathName, done: Done): void {
  const misfitting = misfit(hub.snapshot(), to, runtime.vswitch, runtime);
  if (misfitting !== undefined) {
    done(misfitting);
    return;
  }
  const rules = runtime.rulebook.rules();
  for (const rule of rules) rule.tally.leave(to);
  runtime.groups.leave(to);
  runtime.meters.leave(to);
  // Meters and groups first, and anew if they are there already: rules of unknown ones are refused.
  const copies = [
    ...deletions(runtime),
    ...runtime.meters.encoded().map(addMeter),
    ...runtime.groups.encoded(to).map(addGroup),
    ...runtime.bodyOn(to).fill(rules, 'cloned'),
  ];
  const others = runtime.placement.bodies.filter((body) => body !== to);
  const sends: [DatapathName, readonly Message[]][] = [
    [to, copies],
    ...others.map((body): [DatapathName, readonly Message[]] => [
      body,
      runtime.bodyOn(body).turn(rules, 'cloned'),
    ]),
  ];
  let left = sends.length;
  let trouble: string | undefined;
  for (const [body, messages] of sends) {
    hub.datapath(body).applyWhenReady(messages, 'full', (outcome) => {
      if (outcome.type === 'lost' && body === to) trouble = `datapath ${to} went away`;
      if (outcome.type === 'acked' && outcome.refusals[0] !== undefined) {
        const { errorType, errorCode } = outcome.refusals[0];
        const count = outcome.refusals.length;
        const name = errorName(errorType, errorCode);
        trouble = `datapath ${body} refused ${count} of ${messages.length} rules: ${name}`;
      }
      left -= 1;
      if (left === 0) done(trouble);
    });
  }
}

function deletions(runtime: VswitchRuntime): readonly Message[] {
  const { groups, meters } = runtime;
  return [
    ...groups.book.groups().map(({ below }) => deleteGroup(below)),
    ...meters.book.meters().map(({ below }) => deleteMeter(below)),
  ];
}

/**
 * Waits until no packet meets a rule on a body: the last move was acknowledged a while ago, and
 * the counters there, which lag by up to half a second, have stood still for longer than that.
 */
export function drain(hub: Hub, runtime: VswitchRuntime, on: DatapathName, done: Done): void {
  const startedMs = hub.world.nowMs();
  let last: bigint | undefined;
  let stillSinceMs = 0;
  const look = (): void => {
    runtime.counters.readBody(on, (packets) => {
      const now = hub.world.nowMs();
      // A datapath that is gone has nothing on its way.
      if (packets === undefined) {
        done();
        return;
      }
      if (packets !== last) stillSinceMs = now;
      last = packets;
      if (now - stillSinceMs >= limits.drainStillMs) done();
      else if (now - startedMs >= limits.drainTimeoutMs) {
        done(
          `packets still reach ${runtime.vswitch.name} on ${on} after ${limits.drainTimeoutMs} ms`,
        );
      } else hub.world.after(limits.drainPollMs, look);
    });
  };
  hub.world.after(limits.drainMs, look);
}

/** Empties a body that the placement no longer has; what it counted stays in the totals. */
export function leaveBody(hub: Hub, runtime: VswitchRuntime, on: DatapathName, done: Done): void {
  const { vswitch, rulebook } = runtime;
  runtime.groups.readBody(on, () => runtime.groups.leave(on));
  runtime.meters.readBody(on, () => runtime.meters.leave(on));
  runtime.counters.readBody(on, () => {
    for (const rule of rulebook.rules()) {
      rule.tally.leave(on);
      hub.ledger.putRule(vswitch.name, rule);
    }
    const { bodies } = runtime.placement;
    let left = bodies.length + 1;
    const finish = (): void => {
      left -= 1;
      if (left === 0) done();
    };
    const gone = [...runtime.bodyOn(on).empty(), ...deletions(runtime)];
    hub.datapath(on).applyWhenReady(gone, 'barrier', finish);
    for (const body of bodies) {
      const turned = runtime.bodyOn(body).turn(rulebook.rules(), 'single');
      hub.datapath(body).applyWhenReady(turned, 'full', finish);
    }
  });
}
