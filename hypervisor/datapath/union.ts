/**
 * All that a datapath should hold except tenants' rules, which are too many to be computed at once:
 * its intent, and the contributions of tenants' groups and meters. A comparison of a datapath with
 * what it should hold (reconcile.ts, audit.ts) reads this.
 */
import { namesAt } from '../../slices/network/places.ts';
import { contribution, ownerKey } from '../../translation/datapath/contribution.ts';
import {
  flowKey,
  type PhysicalFlow,
  type PhysicalGroup,
  type PhysicalMeter,
  type Tables,
} from '../../translation/entries/physical-tables.ts';
import type { ConvergingContext } from './contributors.ts';
import { changeOf } from './converge.ts';
import type { Datapath } from './datapath.ts';
import { ownersOf } from './wiring-plans.ts';

/** Of a flat datapath with the rules, too: its bodies have them in memory. */
export function unionOn(context: ConvergingContext, { name, intent, flat }: Datapath): Tables {
  const left = context.contributors.left(name);
  const flows = new Map<string, PhysicalFlow>();
  for (const [key, flow, owner] of intent.flows.entries()) {
    if (!left.has(owner)) flows.set(key, flow);
  }
  for (const some of flat?.flows() ?? []) {
    for (const flow of some) flows.set(flowKey(flow), flow);
  }
  return { flows, ...stockOn(context, { name, intent }) };
}

/** Its groups and meters. */
export function stockOn(
  context: ConvergingContext,
  { name, intent }: Pick<Datapath, 'name' | 'intent'>,
): Pick<Tables, 'groups' | 'meters'> {
  const groups = new Map<number, PhysicalGroup>();
  const meters = new Map<number, PhysicalMeter>();
  for (const [id, group] of intent.groups.entries()) groups.set(id, group);
  for (const [id, meter] of intent.meters.entries()) meters.set(id, meter);
  for (const owner of context.contributors.tables(name)) {
    const own = contribution(context.snapshot(), owner, name);
    for (const [id, group] of own.groups) groups.set(id, group);
    for (const [id, meter] of own.meters) meters.set(id, meter);
  }
  return { groups, meters };
}

/** Before a datapath is compared: what it refused the last time is asked for again. */
export function askAgain(context: ConvergingContext, { name, intent }: Datapath): void {
  const { contributors } = context;
  const snapshot = context.snapshot();
  const refused = intent.collectRefused();
  const common = contributors.common.map((owner) => changeOf(snapshot, name, owner));
  intent.lead(common);
  if (refused.size === 0) return;
  const owners = ownersOf(context, namesAt(snapshot, name), name);
  const again = owners.filter((owner) => refused.has(ownerKey(owner)));
  intent.lead(again.map((owner) => changeOf(snapshot, name, owner)));
}
