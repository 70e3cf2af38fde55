/**
 * The intents of datapaths, computed from nothing in steps: at a start, and when a datapath speaks
 * another version than before.
 */
import type { DatapathName } from '../../slices/ids.ts';
import { namesAt } from '../../slices/network/places.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Steps } from '../../slices/steps.ts';
import { contribution, type Owner, ownerKey } from '../../translation/datapath/contribution.ts';
import type { Intent } from '../../translation/intent/intent.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { ConvergingContext } from './contributors.ts';
import { nameIn } from './converge.ts';
import type { Datapath } from './datapath.ts';
import { ownersOf } from './wiring-plans.ts';

/** Everything anew, for one that is not sent anything now. */
export function makeIntent(context: ConvergingContext, datapath: Datapath): void {
  makeIntentLater(context, datapath);
  while (datapath.makeIntent());
}

/**
 * The same, as everything is now, except the computation: there is time for it until somebody asks
 * for it (datapath.ts). With thousands of vswitches it is most of what a start takes.
 */
export function makeIntentLater(context: ConvergingContext, datapath: Datapath): void {
  const { name } = datapath;
  const snapshot = context.snapshot();
  const owners = [
    ...context.contributors.common,
    ...ownersOf(context, namesAt(snapshot, name), name),
  ];
  datapath.beginIntent((intent) => computed(snapshot, name, owners, intent));
}

function* computed(
  snapshot: Snapshot,
  name: DatapathName,
  owners: readonly Owner[],
  intent: Intent,
): Steps<void> {
  intent.clear();
  for (const owner of owners) {
    const tables = contribution(snapshot, owner, name, true);
    intent.fill({ owner: ownerKey(owner), vswitch: nameIn(owner), tables });
    yield;
  }
}

/** Computes what datapaths should hold, a little in each turn. */
export function makeIntents(making: Making): void {
  const { scheduler } = making;
  for (const one of making.datapaths()) scheduler.run({ step: () => one.makeIntent() });
}

interface Making {
  readonly scheduler: Scheduler;
  datapaths(): readonly Datapath[];
}
