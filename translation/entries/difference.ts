/**
 * The messages that lead from what a datapath holds to what it should hold, in three parts, each to
 * be acknowledged before the next.
 */
import type { FlowMod, Message } from '../../openflow/values/values.ts';
import {
  addFlow,
  addGroup,
  addMeter,
  deleteFlow,
  deleteGroup,
  deleteMeter,
  modifyFlow,
  modifyGroup,
  modifyMeter,
  type PhysicalFlow,
  reports,
  sameFlow,
  sameGroup,
  sameMeter,
  type Tables,
  unsure,
} from './physical-tables.ts';

/** What is new (nothing uses it yet), what changes (the switch-over), what is no longer needed. */
export type Phase = 'make' | 'change' | 'break';
export const phases: readonly Phase[] = ['make', 'change', 'break'];

export type Difference = Readonly<Record<Phase, readonly Message[]>>;

/** The entries, groups and meters in which two states differ. */
export interface Keys {
  readonly flows: readonly string[];
  readonly groups: readonly number[];
  readonly meters: readonly number[];
}

export function difference(have: Tables, want: Tables): Difference {
  const { make, change, break: gone } = differing(have, want);
  return {
    make: changes(have, want, make),
    change: changes(have, want, change),
    break: changes(have, want, gone),
  };
}

/** Of entries, groups or meters: where two states differ, by the part that makes that good. */
export type Differing<K> = Readonly<Record<Phase, readonly K[]>>;

/** Where two states differ, by the part in which that is made good. */
export function differing(have: Tables, want: Tables): Readonly<Record<Phase, Keys>> {
  return inParts(
    sorted(have.flows, want.flows, sameEntry),
    sorted(have.groups, want.groups, sameGroup),
    sorted(have.meters, want.meters, sameMeter),
    (key) => want.flows.get(key) ?? have.flows.get(key),
  );
}

/** All of it by part; `flowAt`: an entry that is to be there, or else was. */
export function inParts(
  flows: Differing<string>,
  groups: Differing<number>,
  meters: Differing<number>,
  flowAt: (key: string) => PhysicalFlow | undefined,
): Readonly<Record<Phase, Keys>> {
  const steers = (key: string): boolean => flowAt(key)?.steers === true;
  const rest = (key: string): boolean => !steers(key);
  const steering = [...flows.make, ...flows.break].filter(steers);
  return {
    make: { flows: flows.make.filter(rest), groups: groups.make, meters: meters.make },
    change: {
      flows: [...flows.change, ...steering],
      groups: groups.change,
      meters: meters.change,
    },
    break: { flows: flows.break.filter(rest), groups: groups.break, meters: meters.break },
  };
}

function sorted<K, V>(
  have: ReadonlyMap<K, V>,
  want: ReadonlyMap<K, V>,
  isSame: (old: V, next: V) => boolean,
): Differing<K> {
  const found: Record<Phase, K[]> = { make: [], change: [], break: [] };
  for (const [key, next] of want) {
    const old = have.get(key);
    if (old === undefined) found.make.push(key);
    else if (old !== next && !isSame(old, next)) found.change.push(key);
  }
  for (const key of have.keys()) if (!want.has(key)) found.break.push(key);
  return found;
}

/** The messages that make these entries, groups and meters what they are to be. */
export function changes(have: Tables, want: Tables, keys: Keys): readonly Message[] {
  const puts: Message[] = [];
  const gone: Message[] = [];
  for (const id of keys.meters) {
    const [old, next] = [have.meters.get(id), want.meters.get(id)];
    if (next !== undefined) puts.push(old === undefined ? addMeter(next) : modifyMeter(next));
    else if (old !== undefined) gone.push(deleteMeter(id));
  }
  for (const id of keys.groups) {
    const [old, next] = [have.groups.get(id), want.groups.get(id)];
    if (next !== undefined) puts.push(old === undefined ? addGroup(next) : modifyGroup(next));
    else if (old !== undefined) gone.push(deleteGroup(id));
  }
  for (const key of keys.flows) {
    const [old, next] = [have.flows.get(key), want.flows.get(key)];
    if (next !== undefined) puts.push(putFlow(old, next));
    else if (old !== undefined) puts.push(deleteFlow(old));
  }
  // Entries go before the groups and meters that they use.
  return [...puts, ...gone];
}

function putFlow(old: PhysicalFlow | undefined, next: PhysicalFlow): FlowMod {
  const keepsPlace =
    old !== undefined && old.cookie === next.cookie && reports(old) === reports(next);
  return keepsPlace && old.instructions !== unsure ? modifyFlow(next) : addFlow(next);
}

/** Whether they are the same in everything that a switch keeps of them. */
export function sameEntry(a: PhysicalFlow, b: PhysicalFlow): boolean {
  return a.cookie === b.cookie && reports(a) === reports(b) && sameFlow(a, b);
}
