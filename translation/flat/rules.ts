/**
 * A tenant's rule as entries of one datapath, in the flat encoding: the paper's own (LIME 3).
 *
 * One entry for each entrance that the rule's match allows. What OpenFlow 1.0, or a single table,
 * has no words for is refused with the tenant's own request in the error, never left out.
 */

import { whyActionsNotIn10 } from '../../openflow/actions/actions10.ts';
import {
  fieldOf,
  normalMatch,
  oxm,
  oxmNumber,
  withField,
  withoutField,
} from '../../openflow/match/match.ts';
import { isExactMatch, whyMatchNotIn10 } from '../../openflow/match/match10.ts';
import {
  flowFlag,
  port as ofpp,
  oxmClass,
  type Version,
  version,
} from '../../openflow/values/constants.ts';
import { isError, ofError } from '../../openflow/values/errors.ts';
import { fields } from '../../openflow/values/fields.ts';
import type { Action, Match, OfError } from '../../openflow/values/values.ts';
import type { DatapathName, Vport } from '../../slices/ids.ts';
import { isHostOnlyOn } from '../../slices/network/host-attachments.ts';
import type { Attachment, Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import { trunkBlocks, trunksOn } from '../../slices/network/trunks.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';
import { asMet, isMetByNone } from '../entries/missing-fields.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import { cookieOf } from '../entries/pipeline.ts';
import { port16 } from '../entries/reserved.ts';
import { isTenantRegister } from '../entries/tenant-registers.ts';
import { spanningTree, takenAt } from '../wiring/port-wiring.ts';
import { flatActions, tagOverLink } from './actions.ts';
import { type Entrance, entering } from './ingress.ts';
import type { Width } from './priority-map.ts';
import { applying, type Frames, type Made, matchesOf, spread } from './tag-priorities.ts';
import { amongTags, kindsIn, tagIn, tagOf, tagsOf } from './tenant-tags.ts';

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

export interface RuleEntry {
  readonly flow: PhysicalFlow;
  /** By vport, how many copies of a frame do not leave, for a tag of its own. */
  readonly lost: ReadonlyMap<Vport, number>;
}

/**
 * The entries at one entrance, those that stand above others first; none when the rule's match
 * leaves it out. Frames that differ in their tags may need entries of their own, at a level above.
 */
export function ruleEntries(
  site: Site,
  entrance: Entrance,
  rule: Rule,
  level: number,
): readonly RuleEntry[] | OfError {
  const { snapshot, datapath, speaks } = site;
  const { vswitch, vport, inPort, tag, isAccess = false, trunk } = entrance;
  const where = matchAt(site, entrance, rule.match);
  if (where === undefined) return [];
  const actions = actionsOf(rule);
  if (isError(actions)) return actions;
  const frames = framesAt(site, entrance, rule, where);
  const areMixed = frames.some(({ kind }) => kind !== 'untagged');
  const known = tagOf(where) ?? trunk;
  const all: Made[] = [];
  for (const one of frames) {
    const { kind, vids = known } = one;
    const theirs = kind === 'untagged' ? tagsOf[kind] : { ...tagsOf[kind], vids };
    const at = { snapshot, datapath, speaks, vswitch, vport };
    const here = { ...at, inPort, tag, isAccess, theirs, areMixed };
    const flat = flatActions(here, actions);
    if (isError(flat)) return flat;
    all.push({ ...one, ...flat });
  }
  // The first has the fewest tags: what it loses, all others lose.
  const isOfAll = trunk === undefined || isOnlyOfTagged(rule.match);
  if (isOfAll && all[0]?.lost.some((one) => one.isCertain)) return tagOverLink;
  const entry = (match: Match, at: number, { actions, lost }: Made): RuleEntry => {
    const flow: PhysicalFlow = {
      tableId: 0,
      // A switch of 1.0 puts what leaves nothing open at the top, whatever is said (section 3.4).
      priority: speaks === version.of10 && isExactMatch(match) ? TOP : at,
      match,
      instructions: actions.length === 0 ? [] : [applying(actions)],
      // A switch counts our tag's bytes, so what comes with one is told apart (pipeline.ts).
      cookie: cookieOf(tag === undefined ? 'rule' : 'tagged', vswitch.id, rule.serial),
      flags: flowFlag.sendFlowRem,
    };
    return { flow, lost: countBy(lost.map((one) => one.vport)) };
  };
  return spread(all).flatMap(({ made, above }) =>
    (above === 0 ? [where] : matchesOf(where, made)).map((match) => {
      return entry(match, level + above, made);
    }),
  );
}

/** Frames that meet a rule there, as far as they may differ in what becomes of them. */
function framesAt(
  { snapshot, datapath }: Site,
  { vswitch, tag, trunk }: Entrance,
  rule: Rule,
  where: Match,
): readonly Frames[] {
  // Frames that came over a link have no tag of their own (actions.ts).
  if (tag !== undefined) return [{ kind: 'untagged' }];
  const kinds = kindsIn(where);
  const all: readonly Frames[] = kinds.map((kind) => ({ kind }));
  if (trunk !== undefined || !differsByTag(vswitch, datapath, rule)) return all;
  const parts = trunkBlocks(snapshot, datapath, vswitch).flatMap((vids) => {
    const some = kinds.filter((kind) => kind !== 'untagged');
    return amongTags(where, vids) === undefined ? [] : some.map((kind) => ({ kind, vids }));
  });
  return [...all, ...parts];
}

/** Whether a rule's match itself says that frames have a tag. */
function isOnlyOfTagged(match: Match): boolean {
  return tagIn(match) === 'some' || fieldOf(match, 'in_port') !== undefined;
}

function countBy(vports: readonly Vport[]): ReadonlyMap<Vport, number> {
  const counts = new Map<Vport, number>();
  for (const vport of vports) counts.set(vport, (counts.get(vport) ?? 0) + 1);
  return counts;
}

/** How many levels a rule takes on this datapath, wherever its neighbours move. */
export function widthOf(datapath: DatapathName, vswitch: Vswitch, rule: Rule): Width {
  const kinds = kindsIn(rule.match);
  if (differsByTag(vswitch, datapath, rule)) return kinds.includes('stacked') ? 3 : 2;
  if (kinds.length === 1) return 1;
  const isHere = (vport: number): boolean => {
    const attachment = vswitch.ports.get(vport as Vport);
    if (attachment === undefined) return vport === ofpp.controller;
    return isHostOnlyOn(attachment, datapath) && !isAccess(attachment);
  };
  return outputsOf(rule).every(isHere) ? 1 : 2;
}

function outputsOf(rule: Rule): readonly number[] {
  return appliedBy(rule).flatMap((one) =>
    one.type === 'output' || one.type === 'enqueue' ? [one.port] : [],
  );
}

/** Whether it depends on a tag that is not in its match what becomes of a frame: by a trunk. */
function differsByTag(vswitch: Vswitch, datapath: DatapathName, rule: Rule): boolean {
  if (trunksOn(vswitch, datapath).length === 0) return false;
  if (tagIn(rule.match) === 'none' || tagOf(rule.match) !== undefined) return false;
  return outputsOf(rule).some((vport) => {
    const attachment = vswitch.ports.get(vport as Vport);
    if (attachment === undefined) return vport !== ofpp.controller;
    return attachment.type === 'host' && attachment.vlans !== undefined;
  });
}

/** Whether what leaves there gets a tag, which is the only one. */
function isAccess(attachment: Attachment): boolean {
  return attachment.type === 'host' && attachment.vlan !== undefined;
}

/** Why a rule cannot stand on a datapath of this kind wherever it is; undefined when it can. */
export function unfitRule(rule: Rule, speaks: Version): OfError | undefined {
  if (rule.tableId !== 0) {
    const why = `table ${rule.tableId} does not exist: the datapath has one table`;
    return ofError('flowModFailed', 'badTableId', why);
  }
  const actions = actionsOf(rule);
  if (isError(actions)) return actions;
  if (fieldOf(rule.match, 'metadata') !== undefined) {
    return ofError('badMatch', 'badField', 'metadata is not supported with one table');
  }
  if (rule.match.some(isTenantRegister)) {
    return ofError('badMatch', 'badField', 'registers are not supported with one table');
  }
  if (speaks !== version.of10) return undefined;
  const match = withoutPort(rule.match);
  const why = whyMatchNotIn10(match);
  if (why !== undefined) return ofError('badMatch', 'badField', why);
  const unsaid = whyActionsNotIn10(actions.filter((one) => !isOurs(one)));
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
    return ofError('badInstruction', 'unsupInst', `${other.type} is not supported with one table`);
  }
  return rule.instructions.flatMap((one) => (one.type === 'applyActions' ? one.actions : []));
}

/** The rule's match at an entrance; undefined when nothing that enters there can meet it. */
export function matchAt(site: Site, entrance: Entrance, match: Match): Match | undefined {
  const { vswitch, vport, tag, trunk } = entrance;
  if (isMetByNone(match)) return undefined;
  const inPort = fieldOf(match, 'in_port');
  if (inPort !== undefined && port16(Number(oxmNumber(inPort))) !== vport) return undefined;
  // Frames that came over a link have no tag of their own (actions.ts).
  if (tag !== undefined && tagIn(match) === 'some') return undefined;
  const among = trunk === undefined ? match : amongTags(match, trunk);
  if (among === undefined) return undefined;
  const bare = tag === undefined ? withoutPort(among) : withoutTag(withoutPort(among));
  const own = trunk === undefined ? entering(entrance) : [oxm('in_port', entrance.inPort)];
  const here = normalMatch([...bare, ...own]);
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

function withoutPort(match: Match): Match {
  return withoutField(asMet(match), oxmClass.basic, fields.in_port.field);
}

function withoutTag(match: Match): Match {
  return withoutField(match, oxmClass.basic, fields.vlan_vid.field);
}
