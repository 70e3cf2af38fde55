/**
 * The interfaces that flow-mods which stay bytes need (flow-mods.ts): the rulebook, the store and
 * the bodies.
 */
import type { ControlTraffic } from '../../slices/control-traffic.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Used } from '../../translation/entries/tenant-tables.ts';
import type { BodyRules } from './body-rules.ts';
import type { ExcludedBodies } from './excluded-bodies.ts';
import type { FlowUpdates } from './flow-updates.ts';
import type { Counters } from './rule-counters.ts';
import type { UnansweredContext, UnansweredOwner } from './sent-lot.ts';
import type { SingleBody } from './single-body.ts';

/** The snapshot, the store, and where flow-mods of a body go. */
export interface FlowModsContext extends UnansweredContext {
  snapshot(): Snapshot;
}
/** Whose flow-mods they are; those with a time-out are watched. */
export type FlowModsOwner = UnansweredOwner & {
  readonly counters: Pick<Counters, 'start'>;
  readonly singleBody: Pick<SingleBody, 'noteRun' | 'note' | 'isWatching'>;
  readonly excluded: Pick<ExcludedBodies, 'leavesOut'>;
  readonly bodyRules: Pick<BodyRules, 'areAll'>;
  readonly traffic: ControlTraffic;
  readonly flowUpdates: Pick<FlowUpdates, 'areWanted'>;
  readonly groups: { readonly table: Used['groups'] };
  readonly meters: { readonly table: Used['meters'] };
};
