/**
 * The cost of a group on a datapath: the number of buckets that one frame visits in it.
 *
 * A bucket may name a group whose buckets name others, so a few groups can ask for more visits
 * than anybody ever ends: thirty groups of two buckets, each of which names the next, are 2^30, and
 * Open vSwitch makes them in one turn, in which it does nothing else for any tenant. Visits are
 * therefore counted before a group, a rule or a packet-out is taken (groups.ts):
 *
 *   ALL                   the sum over its buckets of one, and of the visits of what they name
 *   SELECT, INDIRECT, FF  the largest of those, and what it takes to find out which are alive
 *
 * Groups that are not there take no visits. Where they name each other in a loop, Open vSwitch
 * goes 64 deep, and the visits of 64 levels count: few, if the loop has one branch.
 */
import { groupType, group as ofpg } from '../../openflow/values/constants.ts';
import type { Bucket } from '../../openflow/values/values.ts';

/** What counts of a group. */
export interface Expanding {
  /** OFPGT_*. */
  readonly groupType: number;
  readonly buckets: readonly Bucket[];
}

/** How deep Open vSwitch goes (MAX_DEPTH, ofproto-dpif-xlate.c). */
const DEPTH_MAX = 64;

export interface Visits {
  /** When a frame meets the group. */
  readonly met: number;
  /** When another group asks whether this one is alive. */
  readonly asked: number;
}

const none: Visits = { met: 0, asked: 0 };

/** The group that a bucket leads to: of several, an action set has the last. */
function nextOf({ actions }: Bucket): number | undefined {
  const next = actions.findLast((one) => one.type === 'group');
  return next?.type === 'group' ? next.groupId : undefined;
}

/** A group's visits when those of the groups that it names are known. */
export function visitsOf(group: Expanding, inner: ReadonlyMap<number, Visits>): Visits {
  let sum = 0;
  let most = 0;
  let asked = 1;
  for (const bucket of group.buckets) {
    const next = nextOf(bucket);
    const visits = 1 + (next === undefined ? 0 : (inner.get(next) ?? none).met);
    sum += visits;
    most = Math.max(most, visits);
    if (bucket.watchGroup !== ofpg.any) asked += 1 + (inner.get(bucket.watchGroup) ?? none).asked;
  }
  if (group.groupType === groupType.all) return { met: sum, asked };
  return { met: most + asked - 1, asked };
}

/** The visits of every group among `groups`. */
export function expansionsOf(groups: ReadonlyMap<number, Expanding>): Map<number, Visits> {
  const order = inwardOut(groups);
  let all: Map<number, Visits> = new Map();
  if (order !== undefined) {
    for (const [groupId, one] of order) all.set(groupId, visitsOf(one, all));
    return all;
  }
  for (let depth = 0; depth < DEPTH_MAX; depth++) {
    const inner = all;
    all = new Map();
    for (const [groupId, one] of groups) {
      all.set(groupId, visitsOf(one, inner));
    }
  }
  return all;
}

/** Whether a group leads, or looks, back to itself by others or at once. */
export function isInLoop(groups: ReadonlyMap<number, Expanding>, groupId: number): boolean {
  const seen = new Set<number>();
  const waiting = [groupId];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const next of namedBy(groups.get(id))) {
      if (next === groupId) return true;
      if (seen.has(next)) continue;
      seen.add(next);
      waiting.push(next);
    }
  }
  return false;
}

/** Groups, those first that others name; undefined when they name each other in a loop. */
function inwardOut(
  groups: ReadonlyMap<number, Expanding>,
): readonly (readonly [number, Expanding])[] | undefined {
  const order: (readonly [number, Expanding])[] = [];
  const namers = new Map<number, number[]>();
  const left = new Map<number, number>();
  for (const [groupId, one] of groups) {
    const named = namedBy(one).filter((id) => groups.has(id));
    left.set(groupId, named.length);
    for (const id of named) {
      const known = namers.get(id);
      if (known === undefined) namers.set(id, [groupId]);
      else known.push(groupId);
    }
  }
  const ready = [...groups.keys()].filter((id) => left.get(id) === 0);
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    const one = groups.get(id);
    if (one !== undefined) order.push([id, one]);
    for (const namer of namers.get(id) ?? []) {
      const more = (left.get(namer) ?? 0) - 1;
      left.set(namer, more);
      if (more === 0) ready.push(namer);
    }
  }
  return order.length === groups.size ? order : undefined;
}

/** The groups that a group names, each once. */
function namedBy(group: Expanding | undefined): readonly number[] {
  const named = new Set<number>();
  for (const bucket of group?.buckets ?? []) {
    const next = nextOf(bucket);
    if (next !== undefined) named.add(next);
    if (bucket.watchGroup !== ofpg.any) named.add(bucket.watchGroup);
  }
  return [...named];
}
