/**
 * Plans of the wiring of each datapath after a change of placements or ways, computed a little in
 * each step (paced-plans.ts), since a drain concerns all vswitches.
 */

import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { changedVswitches } from '../../slices/network/affected.ts';
import { changedKeys } from '../../slices/network/persistent-map.ts';
import { datapathsOf } from '../../slices/network/places.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { inOrder } from '../../slices/network/vswitch-order.ts';
import { type Steps, withEach } from '../../slices/steps.ts';
import { type Owner, ownerKey } from '../../translation/datapath/contribution.ts';
import { wiringSteps } from '../../translation/datapath/wiring.ts';
import { type Phase, phases } from '../../translation/entries/difference.ts';
import type { Move } from '../../translation/flat/move.ts';
import type { Plan } from '../../translation/intent/plans.ts';
import type { ConvergingContext } from './contributors.ts';
import { changeBetween, changeOf, type Leading } from './converge.ts';
import type { Datapath } from './datapath.ts';

/** Which parts of the way to carry out (translation/entries/difference.ts). */
export type Parts = 'makeAndChange' | 'all';

/** What becomes another: a vswitch's placement, or with none the ways. */
interface Planned {
  readonly vswitch?: Vswitch;
  readonly parts: Parts;
}

/** What these vswitches want of a datapath. */
export function ownersOf(
  context: ConvergingContext,
  names: Iterable<VswitchName>,
  on: DatapathName,
): readonly Owner[] {
  const { vswitches } = context.snapshot();
  return [...names].flatMap((name) => {
    const vswitch = vswitches.get(name);
    return vswitch === undefined ? [] : context.contributors.of(vswitch, on);
  });
}

/** Where some vswitches have anything, or are to have it. */
export class Places {
  readonly of: Snapshot;
  readonly #on = new Map<VswitchName, ReadonlySet<DatapathName>>();

  constructor(snapshot: Snapshot) {
    this.of = snapshot;
  }

  has({ intent, name }: Datapath, owner: Owner): boolean {
    return intent.has(ownerKey(owner)) || !('vswitch' in owner) || this.#isOn(owner.vswitch, name);
  }

  /** Of these, the vswitches with anything on a datapath. */
  those(names: Iterable<VswitchName>, { name, flat }: Datapath): readonly Vswitch[] {
    return inOrder(this.of, names).filter((vswitch) => {
      return this.#isOn(vswitch, name) || (flat?.entrances(vswitch).length ?? 0) > 0;
    });
  }

  #isOn({ name }: Vswitch, datapath: DatapathName): boolean {
    const vswitch = this.of.vswitches.get(name);
    // One that has gone is nowhere.
    if (vswitch === undefined) return false;
    const known = this.#on.get(name) ?? datapathsOf(this.of, vswitch);
    this.#on.set(vswitch.name, known);
    return known.has(datapath);
  }
}

/**
 * On a flat datapath; ways that are led elsewhere concern all, and so does what is taken away at
 * the end: an earlier step may have changed others' entrances. What concerns nobody there is begun
 * too: rules that come later are made with the snapshot of the last move.
 */
function moveOn(
  { flat }: Datapath,
  snapshot: Snapshot,
  { vswitch, parts }: { readonly vswitch: Vswitch | undefined; readonly parts: Parts },
  touched: readonly Vswitch[],
): Move | undefined {
  const isWhole = parts === 'all';
  if (vswitch === undefined || isWhole) return flat?.begin(snapshot, vswitch, isWhole);
  return flat?.begin(snapshot, vswitch, isWhole, touched);
}

/** How often a look at those who have nothing on a datapath ends a step. */
const LOOKS_PER_STEP = 64;

/** Plans for each datapath what is to become of it, a little in each step; `put` gets them. */
export function* plans(
  context: ConvergingContext,
  { vswitch, parts }: Planned,
  touched: ReadonlySet<VswitchName>,
  put: (leading: Leading) => void,
): Generator<void, void> {
  const places = new Places(context.snapshot());
  for (const datapath of context.datapaths()) {
    const { intent, flat } = datapath;
    const plan = intent.begin(phasesOf(parts));
    let looks = 0;
    for (const name of eachOf(touched, intent.unfinished())) {
      looks += 1;
      if (looks % LOOKS_PER_STEP === 0) yield;
      yield* extend(context, plan, datapath, name, places);
    }
    if (flat !== undefined) yield* flat.unsettled.settling();
    const those = flat === undefined ? [] : places.those(touched, datapath);
    const move = moveOn(datapath, context.snapshot(), { vswitch, parts }, those);
    if (plan.isEmpty && move === undefined) intent.end(plan);
    else put({ datapath, plan, move });
    yield;
  }
}

/** Those, and of the others each once. */
function* eachOf<T>(those: ReadonlySet<T>, others: Iterable<T>): Generator<T, void> {
  yield* those;
  const more = new Set<T>();
  for (const one of others) if (!those.has(one)) more.add(one);
  yield* more;
}

/** By what a vswitch wants of the datapath now: what tenants configure meanwhile is in it. */
function* extend(
  context: ConvergingContext,
  plan: Plan,
  datapath: Datapath,
  name: VswitchName,
  places: Places,
): Generator<void, void> {
  const on = datapath.name;
  const owners = ownersOf(context, [name], on).filter((owner) => places.has(datapath, owner));
  for (const owner of owners) {
    if (owner.type === 'wiring') yield* wiringSteps(context.snapshot(), on, owner.vswitch);
    yield* datapath.intent.extending(plan, () => changeOf(context.snapshot(), on, owner));
    yield;
  }
}

export function phasesOf(parts: Parts): readonly Phase[] {
  return parts === 'all' ? phases : phases.slice(0, 2);
}

/**
 * What becomes of each datapath from what these vswitches wanted in `before` to what they want now:
 * of an owner on one in a step.
 */
export function* vswitchPlans(
  context: ConvergingContext,
  before: readonly Snapshot[],
  vswitches: readonly Vswitch[],
): Steps<readonly Leading[]> {
  const snapshot = context.snapshot();
  const places = [...before, snapshot].map((one) => new Places(one));
  const names = new Set(
    before.flatMap((one) => [
      ...changedVswitches(one, snapshot),
      ...changedKeys(one.wires, snapshot.wires),
    ]),
  );
  const leadings: Leading[] = [];
  for (const datapath of context.datapaths()) {
    const { name, intent, flat } = datapath;
    const plan = intent.begin(phases);
    const there: Owner[] = [];
    yield* withEach(vswitches, (vswitch) => {
      for (const owner of context.contributors.of(vswitch, name)) {
        if (places.some((one) => one.has(datapath, owner))) there.push(owner);
      }
    });
    for (const owner of there) {
      intent.extend(plan, yield* changeBetween(before, snapshot, name, owner));
      yield;
    }
    if (flat !== undefined) yield* flat.unsettled.settling();
    const move = flat?.beginConfig(snapshot, names);
    if (plan.isEmpty && move === undefined) intent.end(plan);
    else leadings.push({ datapath, plan, move });
    yield;
  }
  return leadings;
}
