/**
 * A tenant's rule as entries of one datapath, in the flat encoding: the paper's own (LIME 3).
 *
 * One entry for each entrance that the rule's match allows. What OpenFlow 1.0, or a single table,
 * has no words for is refused with the tenant's own request in the error, never left out.
 */
import { flowFlag, oxmClass, type Version, version, vlan } from '../../openflow/constants.ts';
import { isError, ofError } from '../../openflow/errors.ts';
import { fields } from '../../openflow/fields.ts';
import {
  fieldOf,
  normalMatch,
  oxm,
  oxmNumber,
  withField,
  withoutField,
} from '../../openflow/match.ts';
import { unsaidInActions } from '../../openflow/of10/actions.ts';
import { isExactMatch, unsaidInMatch } from '../../openflow/of10/match.ts';
import type { Action, Match, OfError } from '../../openflow/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import type { Rule } from '../../slices/rulebook.ts';
import type { Snapshot } from '../../slices/snapshot.ts';
import type { PhysicalFlow } from '../physical.ts';
import { cookieOf } from '../pipeline.ts';
import { spanningTree, takenAt } from '../port-wiring.ts';
import { port16 } from '../reserved.ts';
import { flatActions, type TheirTag } from './actions.ts';
import { type Entrance, entering } from './entrances.ts';

const TOP = 0xffff;

/** Where rules are written, and for what kind of datapath. */
export interface Site {
  readonly snapshot: Snapshot;
  readonly datapath: DatapathName;
  readonly speaks: Version;
}

export function siteOf(snapshot: Snapshot, datapath: DatapathName): Site {
  const isOld = snapshot.encodings.get(datapath) === 'flat of 1.0';
  return { snapshot, datapath, speaks: isOld ? version.of10 : version.of13 };
}

/** The entry at one entrance; undefined when the rule's match leaves it out. */
export function ruleEntry(
  site: Site,
  entrance: Entrance,
  rule: Rule,
  level: number,
): PhysicalFlow | OfError | undefined {
  const { snapshot, datapath, speaks } = site;
  const { vswitch, vport, inPort, tag } = entrance;
  const where = matchAt(site, entrance, rule.match);
  if (where === undefined) return undefined;
  const actions = actionsOf(rule);
  if (isError(actions)) return actions;
  const theirs = tag === undefined ? tagIn(rule.match) : 'none';
  const here = { snapshot, datapath, speaks, vswitch, vport, inPort, tag, theirs };
  const flat = flatActions(here, actions);
  if (isError(flat)) return flat;
  const match = flat.onlyUntagged ? withField(where, oxm('vlan_vid', vlan.none)) : where;
  return {
    tableId: 0,
    // A switch of 1.0 puts what leaves nothing open at the top, whatever is said (section 3.4).
    priority: speaks === version.of10 && isExactMatch(match) ? TOP : level,
    match,
    instructions: flat.actions.length === 0 ? [] : [apply(flat.actions)],
    // A switch counts our tag's bytes, so what comes with one is told apart (cookies, pipeline.ts).
    cookie: cookieOf(tag === undefined ? 'rule' : 'tagged', vswitch.id, rule.serial),
    flags: flowFlag.sendFlowRem,
  };
}

/** Why a rule cannot stand on a datapath of this kind wherever it is; undefined when it can. */
export function unfitRule(rule: Rule, speaks: Version): OfError | undefined {
  if (rule.tableId !== 0) {
    return ofError('flowModFailed', 'badTableId', `table ${rule.tableId}: there is only the first`);
  }
  const actions = actionsOf(rule);
  if (isError(actions)) return actions;
  if (fieldOf(rule.match, 'metadata') !== undefined) {
    return ofError('badMatch', 'badField', 'metadata, where there is one table');
  }
  if (speaks !== version.of10) return undefined;
  const match = withoutPort(rule.match);
  const why = unsaidInMatch(match);
  if (why !== undefined) return ofError('badMatch', 'badField', why);
  const unsaid = unsaidInActions(actions.filter((one) => !isOurs(one)));
  return unsaid === undefined ? undefined : ofError('badAction', 'badType', unsaid);
}

/** What flatActions has its own words for. */
function isOurs(action: Action): boolean {
  return action.type === 'setQueue' || action.type === 'pushVlan';
}

/** What a rule that fits does to packets that meet it here. */
export function appliedBy(rule: Rule): readonly Action[] {
  const actions = actionsOf(rule);
  return isError(actions) ? [] : actions;
}

function actionsOf(rule: Rule): readonly Action[] | OfError {
  const other = rule.instructions.find((one) => one.type !== 'applyActions');
  if (other !== undefined) {
    return ofError('badInstruction', 'unsupInst', `${other.type}, where there is one table`);
  }
  return rule.instructions.flatMap((one) => (one.type === 'applyActions' ? one.actions : []));
}

/** The rule's match at an entrance; undefined when nothing that enters there can meet it. */
export function matchAt(site: Site, entrance: Entrance, match: Match): Match | undefined {
  const { vswitch, vport, tag } = entrance;
  const inPort = fieldOf(match, 'in_port');
  if (inPort !== undefined && port16(Number(oxmNumber(inPort))) !== vport) return undefined;
  // Frames that came over a link have no tag of their own (actions.ts).
  const theirs = tagIn(match);
  if (tag !== undefined && theirs === 'some') return undefined;
  const bare = tag === undefined ? withoutPort(match) : withoutTag(withoutPort(match));
  const here = normalMatch([...bare, ...entering(entrance)]);
  switch (takenAt(site.snapshot, vswitch, vport)) {
    case 'nothing':
      return undefined;
    case 'spanningTree':
      return both(here, spanningTree);
    case 'all':
    case 'allElse':
      return here;
  }
}

/** The packets of both matches, when the second has exact fields only; undefined for none. */
function both(match: Match, exact: Match): Match | undefined {
  let found = match;
  for (const field of exact) {
    const given = match.find((o) => o.oxmClass === field.oxmClass && o.field === field.field);
    const mask = given?.mask;
    const differs = given?.value.some((byte, i) => {
      return byte !== ((field.value[i] ?? 0) & (mask?.[i] ?? 0xff));
    });
    if (differs) return undefined;
    found = withField(found, field);
  }
  return found;
}

function tagIn(match: Match): TheirTag {
  const vid = fieldOf(match, 'vlan_vid');
  if (fieldOf(match, 'vlan_pcp') !== undefined) return 'some';
  if (vid === undefined) return 'unknown';
  return oxmNumber(vid) === 0n && vid.mask === undefined ? 'none' : 'some';
}

function withoutPort(match: Match): Match {
  return withoutField(match, oxmClass.basic, fields.in_port.field);
}

function withoutTag(match: Match): Match {
  return withoutField(match, oxmClass.basic, fields.vlan_vid.field);
}

function apply(actions: readonly Action[]) {
  return { type: 'applyActions', actions } as const;
}
