/**
 * Rules that send tagged frames over a way that carries only one tag, from a datapath with several
 * tables, because a flat datapath is on it (ways.ts). A rule that certainly does so is refused, as
 * on flat datapaths; frames of one that may do so, or for which later tables and groups decide, are
 * dropped there.
 */

import { fieldOf, oxmNumber } from '../../openflow/match/match.ts';
import { printMatch } from '../../openflow/print/print-match.ts';
import { port as ofpp } from '../../openflow/values/constants.ts';
import type { Action, Instruction, OfError } from '../../openflow/values/values.ts';
import type { DatapathName, Vport, VswitchName } from '../../slices/ids.ts';
import { touchedBy } from '../../slices/network/affected.ts';
import { behind } from '../../slices/network/behind.ts';
import { endsFrom } from '../../slices/network/host-attachments.ts';
import {
  type Attachment,
  isFlat,
  placementOf,
  type Snapshot,
  type Vswitch,
} from '../../slices/network/snapshot.ts';
import { wayFrom } from '../../slices/network/wires.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';
import { atOnce, flatMapped, type Steps } from '../../slices/steps.ts';
import type { Change } from '../entries/body.ts';
import { port16 } from '../entries/reserved.ts';
import type { TenantTables } from '../entries/tenant-tables.ts';
import { tagOverLink } from '../flat/actions.ts';
import { kindsIn, tagsIn, tagsOf } from '../flat/tenant-tags.ts';

type Ways = ReadonlySet<Vport>;

const none: Ways = new Set();
/** By vswitch and datapath. */
const known = new WeakMap<Snapshot, Map<string, Ways> | 'no flat ones'>();

/** The vports that a body on a datapath with tables reaches by a way of tags. Hot: remembered. */
export function tagWays(snapshot: Snapshot, vswitch: Vswitch, datapath: DatapathName): Ways {
  const ways = known.get(snapshot) ?? begun(snapshot);
  if (ways === 'no flat ones' || isFlat(snapshot, datapath)) return none;
  const key = `${vswitch.id} ${datapath}`;
  const found = ways.get(key) ?? computed(snapshot, vswitch, datapath);
  ways.set(key, found);
  return found;
}

function begun(snapshot: Snapshot): Map<string, Ways> | 'no flat ones' {
  const hasFlat = [...snapshot.datapaths.keys()].some((name) => isFlat(snapshot, name));
  const ways = hasFlat ? new Map<string, Ways>() : 'no flat ones';
  known.set(snapshot, ways);
  return ways;
}

function computed(snapshot: Snapshot, vswitch: Vswitch, datapath: DatapathName): Ways {
  const isByTag = ([vport, attachment]: readonly [Vport, Attachment]): boolean => {
    const ends = attachment.type === 'host' ? endsFrom(attachment, datapath) : [attachment];
    return ends.some((end) => {
      const there = behind(snapshot, vswitch, vport, end);
      if (there === undefined) return false;
      return wayFrom(snapshot, there.vswitch, there.goal, datapath)?.carriage === 'tag';
    });
  };
  return new Set([...vswitch.ports].filter(isByTag).map(([vport]) => vport));
}

/** The error for a change that certainly sends frames with tags of their own over these ways. */
export function refuseTagged(ways: Ways, vswitch: Vswitch, change: Change): OfError | undefined {
  if (ways.size === 0 || 'meter' in change) return undefined;
  if ('rule' in change) {
    return change.type !== 'remove' && sendsTagged(ways, vswitch, change.rule)
      ? tagOverLink
      : undefined;
  }
  if (change.type === 'removeGroup') return undefined;
  const isTagged = change.group.buckets.some(({ actions }) =>
    isLost({ ways, vswitch, ingress: undefined }, actions, inSet(actions, 0)),
  );
  return isTagged ? tagOverLink : undefined;
}

interface Scene {
  readonly ways: Ways;
  readonly vswitch: Vswitch;
  /** Where the frames enter, if the match says so. */
  readonly ingress: number | undefined;
}

function sendsTagged(ways: Ways, vswitch: Vswitch, rule: Rule): boolean {
  const { match, instructions } = rule;
  const [fewest = 'untagged'] = kindsIn(match);
  const inPort = fieldOf(match, 'in_port');
  const ingress = inPort && port16(Number(oxmNumber(inPort)));
  const scene: Scene = { ways, vswitch, ingress };
  let least: number | 'lost' = tagsOf[fewest].least;
  for (const one of instructions) {
    if (one.type !== 'applyActions') continue;
    least = applied(scene, one.actions, least);
    if (least === 'lost') return true;
  }
  const written = instructions.find((one) => one.type === 'writeActions');
  if (written === undefined || instructions.some(goesOn)) return false;
  // What earlier tables have written may take one off, before anything else happens.
  const begin = rule.tableId === 0 ? least : Math.max(0, least - 1);
  return isLost(scene, written.actions, inSet(written.actions, begin));
}

/** How many tags there are at least after some actions; or that one of them loses frames. */
function applied(scene: Scene, actions: readonly Action[], before: number): number | 'lost' {
  let least = before;
  for (const action of actions) {
    if (least > 0 && leavesBy(scene, action)) return 'lost';
    least = leastAfter(action, least);
  }
  return least;
}

/** The same of a packet-out, whose tags are known. */
export function refuseTaggedPacket(
  ways: Ways,
  vswitch: Vswitch,
  inPort: number,
  actions: readonly Action[],
  data: Uint8Array,
): OfError | undefined {
  if (ways.size === 0) return undefined;
  const scene: Scene = { ways, vswitch, ingress: inPort };
  return applied(scene, actions, tagsIn(data).least) === 'lost' ? tagOverLink : undefined;
}

function goesOn({ type }: Instruction): boolean {
  return type === 'gotoTable';
}

function isLost(scene: Scene, actions: readonly Action[], least: number): boolean {
  return least > 0 && actions.some((action) => leavesBy(scene, action));
}

/** At the output of an action set: tags are taken off first, then put on (OF1.3.5 section 5.10). */
function inSet(actions: readonly Action[], before: number): number {
  const pops = actions.filter(({ type }) => type === 'popVlan' || type === 'stripVlan').length;
  const pushes = actions.filter(({ type }) => type === 'pushVlan').length;
  if (actions.some(({ type }) => type === 'group' || type === 'pushMpls')) return 0;
  return Math.max(0, before - pops) + pushes;
}

function leastAfter(action: Action, least: number): number {
  switch (action.type) {
    case 'pushVlan':
      return least + 1;
    case 'setVlanVid':
    case 'setVlanPcp':
      return Math.max(1, least);
    case 'popVlan':
    case 'stripVlan':
      return Math.max(0, least - 1);
    // Whether a tag is still the outermost after it is the switch's affair.
    case 'pushMpls':
    case 'popMpls':
      return 0;
    default:
      return least;
  }
}

/** Whether an output goes over one of the ways, wherever the frame entered. */
function leavesBy({ ways, vswitch, ingress }: Scene, action: Action): boolean {
  if (action.type !== 'output' && action.type !== 'enqueue') return false;
  const { port } = action;
  if (port === ofpp.inPort) return ingress !== undefined && ways.has(ingress as Vport);
  if (port !== ofpp.flood && port !== ofpp.all) return port !== ingress && ways.has(port as Vport);
  // Nothing that has a tag comes by such a way, so where it enters is another port.
  return [...vswitch.ports.keys()].some((vport) => vport !== ingress && ways.has(vport));
}

/** What a vswitch's rules lose as it is: the network has changed since they were taken. */
export function lostNow(
  snapshot: Snapshot,
  vswitch: Vswitch,
  tables: TenantTables,
): string | undefined {
  const { primary } = placementOf(snapshot, vswitch.name);
  return lostOver(tagWays(snapshot, vswitch, primary), primary, vswitch, tables);
}

/** What a vswitch's rules would lose, once ways of labels are ways of tags; naming the first. */
function lostAfter(
  before: Snapshot,
  after: Snapshot,
  vswitch: Vswitch,
  tables: TenantTables,
): string | undefined {
  const now = tagWays(before, vswitch, placementOf(before, vswitch.name).primary);
  const on = placementOf(after, vswitch.name).primary;
  const then = tagWays(after, vswitch, on);
  const ways: Ways = new Set([...then].filter((vport) => !now.has(vport)));
  return lostOver(ways, on, vswitch, tables);
}

function lostOver(
  ways: Ways,
  on: DatapathName,
  vswitch: Vswitch,
  { rulebook, groups }: TenantTables,
): string | undefined {
  if (ways.size === 0) return undefined;
  const why =
    `sends tagged frames by a way from ${on} that cannot carry them ` +
    '(a flat datapath is on it)';
  for (const group of groups.table.groups()) {
    if (refuseTagged(ways, vswitch, { type: 'addGroup', group })) {
      return `${vswitch.name} has the group ${group.groupId}, which ${why}`;
    }
  }
  for (const rule of rulebook.rules()) {
    if (!sendsTagged(ways, vswitch, rule)) continue;
    const name = `table=${rule.tableId},priority=${rule.priority},${printMatch(rule.match)}`;
    return `${vswitch.name} has the rule ${name}, which ${why}`;
  }
  return undefined;
}

/** The same of vswitches whose ways may be others, in steps. */
export function losing(
  before: Snapshot,
  after: Snapshot,
  those: Iterable<Vswitch>,
  tablesOf: (name: VswitchName) => TenantTables | undefined,
): Steps<readonly string[]> {
  return flatMapped(those, (vswitch) => {
    const tables = tablesOf(vswitch.name);
    const why = tables && lostAfter(before, after, vswitch, tables);
    return why === undefined ? [] : [why];
  });
}

/** Of all that two snapshots concern, at once. */
export function lostBy(
  before: Snapshot,
  after: Snapshot,
  tablesOf: (name: VswitchName) => TenantTables | undefined,
): readonly string[] {
  return atOnce(losing(before, after, touchedBy(before, after), tablesOf));
}
