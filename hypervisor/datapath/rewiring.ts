/**
 * Leads the wiring of every datapath to that of the current snapshot: after a change of a vswitch's
 * placement, of ways, or of the configuration of tenants' ports.
 */

import type { Message } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { withPeers } from '../../slices/network/changed-ways.ts';
import { isHostOn } from '../../slices/network/host-attachments.ts';
import { placementOf, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import { phases } from '../../translation/entries/difference.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import { inParts, type Paced } from './changeover.ts';
import type { ConvergingContext } from './contributors.ts';
import { changeOf, type Leading } from './converge.ts';
import type { Datapath } from './datapath.ts';
import type { CountingContext } from './fresh-counters.ts';
import { makeIntent } from './intent-steps.ts';
import type { ArrivalContext } from './left-ways.ts';
import type { Planning } from './paced-plans.ts';
import type { StaleFlowHealing } from './stale-flow-healing.ts';
import { type Parts, Places, phasesOf, plans, vswitchPlans } from './wiring-plans.ts';

export interface Rewiring {
  /** Whose placement is another; absent: the ways are. */
  readonly vswitch?: Vswitch;
  readonly parts: Parts;
  /** The ways of before carry nothing: nobody waits for cached flows, or counts what passed. */
  readonly isUrgent?: boolean;
  /**
   * Snapshots whose ways are left with it: what is on these, and on others that are left, arrives
   * before they go.
   */
  readonly before?: readonly Snapshot[];
  /** Runs when the change is acknowledged. */
  readonly turned?: () => void;
  /** A datapath that may be away meanwhile: the one that is being left. */
  readonly optional?: DatapathName;
  /** Why waiting for datapaths that are away has no more point, or undefined. */
  readonly giveUp: () => string | undefined;
}

/** Rules of flat datapaths are settled before they are written anew. */
interface SettledContext extends ConvergingContext {
  readonly planning: Pick<Planning, 'settling'>;
}

/** What a change of placements or ways needs of its surroundings. */
export interface RewiringContext extends SettledContext, CountingContext, ArrivalContext {
  readonly planning: Planning;
  readonly heals: Pick<StaleFlowHealing, 'heal'>;
}

/**
 * What is new is made everywhere, then everything switches over, then, if asked for, what is no
 * longer needed is removed. Each part is acknowledged by all before the next begins. A datapath
 * that is away and not `optional` is waited for: it is corrected when it returns.
 */
export function rewire(
  context: RewiringContext,
  rewiring: Rewiring,
  done: (trouble?: string) => void,
): void {
  const { vswitch } = rewiring;
  const own = vswitch === undefined ? [] : withPeers(context.snapshot(), [vswitch.name]);
  const broken = context.planning.changeovers.leave(rewiring.before ?? []);
  const touched = new Set([...context.contributors.collectTouched(), ...own]);
  const leadings: Leading[] = [];
  const steps = plans(context, rewiring, touched, (leading) => leadings.push(leading));
  context.planning.begin(steps, () =>
    perform(context, rewiring, leadings, (trouble) => {
      broken();
      done(trouble);
    }),
  );
}

function perform(
  context: RewiringContext,
  rewiring: Rewiring,
  leadings: readonly Leading[],
  done: (trouble?: string) => void,
): void {
  const { vswitch, parts, isUrgent = false, optional, giveUp } = rewiring;
  const { turned = () => undefined } = rewiring;
  const snapshot = context.snapshot();
  const isTurning = (one: Leading): boolean => !isUrgent && isTurned(snapshot, one, vswitch);
  const paced: Paced = {
    wanted: phasesOf(parts),
    // What is made, or broken, is met by no cached flow.
    ackOf: (phase) => (isUrgent ? 'barrier' : phase === 'change' ? 'full' : 'round'),
    isTurning,
    beforeBreak: (ended) => {
      turned();
      ended();
    },
  };
  inParts(context, leadings, paced, (refused) => {
    if (refused !== undefined) {
      done(refused);
      return;
    }
    const busy = leadings.filter(({ plan }) => !plan.isEmpty).map(({ datapath }) => datapath);
    const needed = busy.filter(({ name }) => name !== optional);
    awaitReady(context, needed, giveUp, done);
  });
}

/**
 * Leads the datapaths from what these vswitches wanted in `before` to what they want now, part by
 * part: those that came want something for the first time, those that went want nothing. What is
 * away is corrected when it returns; `done` says what was refused, or the trouble that came before
 * anything was broken. Several in `before`: a step from the first to the last was not carried out
 * to its end, and what it would have broken is there yet.
 */
export function leadVswitches(
  context: RewiringContext,
  before: readonly Snapshot[],
  vswitches: readonly Vswitch[],
  beforeBreak: ((ended: Ended) => void) | undefined,
  done: Ended,
  waitsForHeals = true,
): void {
  const isTurning = ({ plan }: Leading): boolean => plan.has('change');
  // Frames that are led elsewhere all at once look at nothing more than before (DESIGN 6).
  const changed = (name: DatapathName, ended: Ended): void => {
    const why = 'another file changes the paths of frames';
    context.heals.heal(name, why, waitsForHeals ? ended : undefined);
    if (!waitsForHeals) ended();
  };
  const rest = { beforeBreak, changed };
  const paced: Paced = { wanted: phases, ackOf: () => 'full', isTurning, ...rest };
  const steps = vswitchPlans(context, before, vswitches);
  const broken = context.planning.changeovers.leave(before);
  context.planning.follow(steps, (leadings) =>
    inParts(context, leadings, paced, (refused) => {
      broken();
      done(refused);
    }),
  );
}

/** Without a vswitch, ways are led elsewhere: flows of whoever uses them. */
function isTurned(snapshot: Snapshot, leading: Leading, vswitch: Vswitch | undefined): boolean {
  if (vswitch === undefined) return leading.plan.has('change');
  const { bodies } = placementOf(snapshot, vswitch.name);
  return bodies.includes(leading.datapath.name) && turnsFlows(leading, vswitch);
}

/**
 * Whether cached flows of hosts' frames are led elsewhere than before: from a rule of the vswitch
 * on this very datapath, or to one.
 */
function turnsFlows({ datapath, plan }: Leading, { ports }: Vswitch): boolean {
  return plan.has('change') && [...ports.values()].some((one) => isHostOn(one, datapath.name));
}

/**
 * Leads the datapaths from what the wiring of some vswitches was to what it is in the snapshot of
 * now. Only that: what a migration has made and not yet broken is not touched.
 */
export function changeWiring(
  context: SettledContext,
  before: Snapshot,
  vswitches: readonly Vswitch[],
  done: () => void,
): void {
  const next = context.snapshot();
  const isAnother = ({ name }: Datapath): boolean =>
    before.encodings.get(name) !== next.encodings.get(name);
  const all = context.datapaths();
  let places = new Places(next);
  // One has just connected, and speaks another version than the last time.
  for (const one of all.filter(isAnother)) makeIntent(context, one);
  const change = (datapath: Datapath, ended: Ended): void => {
    const { flat } = datapath;
    context.planning.settling.whenSettled(flat === undefined ? [] : [flat.unsettled], () => {
      const snapshot = context.snapshot();
      if (places.of !== snapshot) places = new Places(snapshot);
      const messages = wiringFrom(context, before, vswitches, datapath, places);
      if (messages.length === 0) ended();
      else datapath.writer.send('intent', messages, 'barrier', () => ended());
    });
  };
  const others = all.filter((one) => !isAnother(one));
  whenAll(others, change, () => done());
}

/** Of one datapath, to what it is now. */
function wiringFrom(
  context: ConvergingContext,
  before: Snapshot,
  those: readonly Vswitch[],
  datapath: Datapath,
  places: Places,
): readonly Message[] {
  const { name, intent, flat } = datapath;
  const { of: snapshot } = places;
  const vswitches = those.flatMap((one) => snapshot.vswitches.get(one.name) ?? []);
  const owners = vswitches
    .flatMap((one) => context.contributors.of(one, name))
    .filter((owner) => places.has(datapath, owner));
  const plan = intent.plan(owners.map((owner) => changeOf(snapshot, name, owner, before)));
  const [make, change] = [intent.advance(plan, 'make'), intent.advance(plan, 'change')];
  const rules = flat?.configure(snapshot, vswitches) ?? [];
  const messages = [...make, ...change, ...rules, ...intent.advance(plan, 'break')];
  intent.end(plan);
  return messages;
}

/** Waits for datapaths that a change needs and that are away. */
function awaitReady(
  context: ConvergingContext,
  needed: readonly Datapath[],
  giveUp: () => string | undefined,
  done: (trouble?: string) => void,
): void {
  const startedMs = context.world.nowMs();
  const look = (): void => {
    const away = needed.find((datapath) => !datapath.isReady);
    const enough = giveUp();
    if (away === undefined) done(undefined);
    else if (enough !== undefined) done(enough);
    else if (context.world.nowMs() - startedMs >= limits.datapathLostMs) {
      done(`datapath ${away.name} is ${away.state.type}`);
    } else context.world.after(limits.pollIntervalMinMs, look);
  };
  look();
}
