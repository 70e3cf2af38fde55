/**
 * Changes the list of members of a running big switch (applying.ts): new members get the rules
 * before anything is processed there; the rules of the others are deleted when nothing is processed
 * there any more. In between another configuration leads the wiring from the old members to the
 * new.
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import {
  isInfeasible,
  type Placement,
  type Vswitch,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import { misfit } from '../../translation/datapath/flat-fit.ts';
import type {
  Reconfiguration,
  Refusal,
  Regrouped,
} from '../../translation/migration/reconfiguration.ts';
import { eachAnswers } from '../tenant/acknowledged.ts';
import { copyRules, type FillingContext, fillMore, leaveBody } from '../tenant/bodies.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { Rewired } from './executor-user.ts';
import type { Members } from './members.ts';
import { place } from './placement-step.ts';

/** Whose members get more rules. */
export interface GrowingContext extends FillingContext {
  runtime(name: VswitchName): VswitchRuntime | undefined;
}

export interface MembersContext extends Rewired, GrowingContext {
  readonly members: Pick<Members, 'changing'>;
}

/** Nobody waits for it: it is corrected when it returns. */
const AWAY = 'a datapath is away';

/** An apply; or what new members cannot hold of what tenants have made. */
export function unlessUnfit(
  context: MembersContext,
  next: Reconfiguration | Refusal,
): Reconfiguration | Refusal {
  if ('whyNot' in next) return next;
  const { regrouped, snapshot } = next;
  const whyNot = regrouped.flatMap(({ name, before, after }) => {
    const [tables, vswitch] = [context.runtime(name), snapshot.vswitches.get(name)];
    if (tables === undefined || vswitch === undefined) return [];
    const come = after.filter((one) => !before.includes(one));
    return come.flatMap((one) => misfit(snapshot, one, vswitch, tables) ?? []);
  });
  return whyNot.length > 0 ? { whyNot } : next;
}

/** Members that hold a part have what they need, and new ones are there. */
export function fillMembers(
  context: MembersContext,
  { changed, regrouped }: Pick<Reconfiguration, 'changed' | 'regrouped'>,
  watch: { whyBack(): string | undefined } | undefined,
  done: Ended,
): void {
  const next = changed.map(([, is]) => is);
  growBodyRules(context, next, (refused) => {
    if (refused !== undefined) done(refused);
    else addMembers(context, regrouped, watch, done);
  });
}

/** New members have all rules; `done` says what a datapath refused, or why it is taken back. */
function addMembers(
  context: MembersContext,
  regrouped: readonly Regrouped[],
  watch: { whyBack(): string | undefined } | undefined,
  done: Ended,
): void {
  const add = ({ name, before, after, vswitch }: Regrouped, ended: Ended): void => {
    const runtime = context.runtime(name);
    // Who processes what stays as it is until this has ended.
    context.members.changing.add(name);
    if (runtime === undefined) ended();
    else {
      const came = after.filter((one) => !before.includes(one));
      for (const one of came) runtime.bodyRules.join(one, vswitch);
      // What a tenant has changed meanwhile may have had no room there: that is not his affair.
      addBodies(context, runtime, after, (trouble) => {
        const full = came.map((one) => runtime.excluded.whyNot(one)).find((why) => why);
        ended(trouble ?? full);
      });
    }
  };
  whenAll(regrouped, add, (trouble) => done(trouble ?? watch?.whyBack()));
}

/** Members that hold a part of the rules have what vswitches need that are to be so. */
export function growBodyRules(
  context: GrowingContext,
  changed: readonly Vswitch[],
  done: Ended,
): void {
  const grow = (vswitch: Vswitch, ended: Ended): void => {
    const runtime = context.runtime(vswitch.name);
    if (runtime === undefined || runtime.bodyRules.areAll) {
      ended();
      return;
    }
    const fill = (on: DatapathName, filled: Ended): void => {
      const lacks = runtime.bodyRules.grow(on, vswitch);
      if (lacks === undefined) filled();
      else fillMore(context, runtime, on, lacks, filled);
    };
    whenAll(runtime.placement.bodies, fill, ended);
  };
  whenAll(changed, grow, done);
}

/**
 * Those whose primary leaves: what they have changed is in force on every body, and they change
 * nothing until `letGo` is called. So whichever body processes a packet while entrances are led
 * from the one primary to the other, it meets the same rules.
 */
export function holdChanges(
  context: MembersContext,
  regrouped: readonly Regrouped[],
  held: (letGo: () => void) => void,
): void {
  const releases: (() => void)[] = [];
  const hold = ({ name, after }: Regrouped, ended: Ended): void => {
    const runtime = context.runtime(name);
    if (runtime === undefined || after.includes(runtime.placement.primary)) {
      ended();
      return;
    }
    const prove = (body: DatapathName, proved: Ended): void =>
      context.datapath(body).writer.send('intent', [], 'full', () => proved());
    runtime.exclusive((release) => {
      releases.push(release);
      const { bodies } = runtime.placement;
      eachAnswers(context, runtime, () => whenAll(bodies, prove, ended));
    });
  };
  whenAll(regrouped, hold, () =>
    held(() => {
      for (const release of releases.splice(0)) release();
    }),
  );
}

/** What others than the members of before, or of now, hold is deleted. */
export function keepMembers(
  context: MembersContext,
  regrouped: readonly Regrouped[],
  which: 'before' | 'after',
  done: Ended,
): void {
  const keep = (one: Regrouped, ended: Ended): void => {
    const runtime = context.runtime(one.name);
    if (runtime === undefined) ended();
    else keepBodies(context, runtime, one[which], ended);
  };
  whenAll(regrouped, keep, (trouble) => {
    for (const { name } of regrouped) {
      context.members.changing.delete(name);
      context.runtime(name)?.bodyRules.settle();
    }
    done(trouble);
  });
}

/** Bodies there, with all rules. */
function addBodies(
  context: MembersContext,
  runtime: VswitchRuntime,
  wanted: readonly DatapathName[],
  done: Ended,
): void {
  const { bodies } = runtime.placement;
  const on = wanted.find((one) => !bodies.includes(one));
  if (on === undefined) {
    done();
    return;
  }
  const { excluded, flowRemoved } = runtime;
  const isThere = (): boolean => context.datapath(on).isReady;
  excluded.awaitFill(on);
  become(context, runtime, { ...runtime.placement, bodies: [...bodies, on] }, (trouble) => {
    const filled: Ended = (refused) => {
      flowRemoved.filled(on);
      // One that is away is corrected when it is there.
      if (refused !== undefined && isThere()) done(refused);
      else addBodies(context, runtime, wanted, done);
    };
    if (trouble !== undefined) filled(trouble);
    else if (isThere()) copyRules(context, runtime, on, filled);
    else {
      excluded.isFilling(on);
      filled();
    }
  });
}

/** Bodies nowhere else; what the others hold is deleted. */
function keepBodies(
  context: MembersContext,
  runtime: VswitchRuntime,
  wanted: readonly DatapathName[],
  done: Ended,
): void {
  const { placement } = runtime;
  const bodies = placement.bodies.filter((one) => wanted.includes(one));
  const left = placement.bodies.filter((one) => !wanted.includes(one));
  const leave = (i: number, trouble?: string): void => {
    const on = left[i];
    if (on === undefined) {
      done(trouble);
      return;
    }
    leaveBody(context, runtime, on, (refused) => {
      runtime.excluded.forget(on);
      runtime.bodyRules.forget(on);
      leave(i + 1, trouble ?? refused);
    });
  };
  if (left.length === 0) done();
  else become(context, runtime, { ...placement, bodies }, (trouble) => leave(0, trouble));
}

/** Alone among its requests, when all bodies have answered what they were sent. */
function become(
  context: MembersContext,
  runtime: VswitchRuntime,
  placement: Placement,
  done: Ended,
): void {
  const { name } = runtime;
  let isTaken = false;
  const take = (then: Ended): void => {
    isTaken = true;
    const next = withPlacement(context.snapshot(), name, placement);
    if (isInfeasible(next)) then(next.why);
    else context.swap(next, [{ type: 'placement', vswitch: name, placement }], () => then());
  };
  const giveUp = (): string | undefined => (isTaken ? AWAY : undefined);
  place(context, runtime, { place: take, parts: 'all', giveUp }, (trouble) => {
    done(trouble === AWAY ? undefined : trouble);
  });
}
