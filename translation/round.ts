/**
 * One round: how a batch of rule changes reaches every body of a vswitch (DESIGN 6).
 *
 * With one body it is sent, and that is all. With several, packets must never meet the new rule,
 * cause an answer, and the answer meet the old one (LIME 4.1, case N1). So:
 *
 *   guard     every body but the primary: what the batch may touch goes to the primary
 *   primary   the primary changes; one switch, as atomic as a switch is
 *   others    the rest change under their guards
 *   unguard   the guards go
 *
 * Each line is acknowledged by all its datapaths before the next is sent. Nothing is dropped: a
 * guarded packet takes one hop more. Rules that only one body can hit need no guard.
 */
import { oxmClass } from '../openflow/constants.ts';
import { fields } from '../openflow/fields.ts';
import { fieldOf, oxmNumber, withField, withoutField } from '../openflow/match.ts';
import type { Match, Message } from '../openflow/values.ts';
import type { GroupChange } from '../slices/groups.ts';
import type { DatapathName, Vport } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import type { Rule, RuleChange } from '../slices/rulebook.ts';
import { type Placement, placementOf, type Snapshot, type Vswitch } from '../slices/snapshot.ts';
import { enterKey } from '../slices/wires.ts';
import { type Mode, pipelineEncoding } from './encoding.ts';
import { encodeGroup, type GroupScene } from './group-mod.ts';
import {
  addFlow,
  addGroup,
  deleteAll,
  deleteFlow,
  deleteGroup,
  modifyFlow,
  modifyGroup,
  type PhysicalFlow,
} from './physical.ts';
import { atVport, cookieOf, inVswitch, tables, VSWITCH_COOKIE_MASK } from './pipeline.ts';
import { sendTagged } from './wiring.ts';

/** A message of a step; `change` is its place in the batch, -1 when it belongs to a guard. */
export interface StepMessage {
  readonly message: Message;
  readonly change: number;
}

export type StepName = 'apply' | 'guard' | 'primary' | 'others' | 'unguard';

export interface Step {
  readonly name: StepName;
  /**
   * Whether nobody waits, a barrier reply is enough, or the datapath's own level of proof is
   * needed.
   */
  readonly ack: 'none' | 'barrier' | 'full';
  readonly sends: ReadonlyMap<DatapathName, readonly StepMessage[]>;
}

/** `guard: 'off'` is for the canary of the tests, which must then see the order break. */
export interface RoundOptions {
  readonly guard: 'redirect' | 'off';
  /** Vports whose home changed so lately that frames may still be on the way to the old one. */
  readonly unsettled: ReadonlySet<Vport>;
  /** Whether a vport has a link: what fast failover watches (group-mod.ts). */
  isLive(vport: Vport): boolean;
}

/** A change of a vswitch's tables. */
export type Change = RuleChange | GroupChange;

export function planRound(
  snapshot: Snapshot,
  vswitch: Vswitch,
  changes: readonly Change[],
  options: RoundOptions,
): readonly Step[] {
  const placement = placementOf(snapshot, vswitch.name);
  const { bodies, primary } = placement;
  const mode: Mode = bodies.length > 1 ? 'cloned' : 'single';
  const modsOf = (datapath: DatapathName): readonly StepMessage[] => {
    const scene = { datapath, isLive: options.isLive };
    const messages = (change: Change) => encodeChange(vswitch, change, mode, scene);
    return changes.flatMap((change, i) =>
      messages(change).map((message) => ({ message, change: i })),
    );
  };
  const toAll = (of: readonly DatapathName[]) =>
    new Map(of.map((body) => [body, modsOf(body)] as const));
  if (mode === 'single') return [{ name: 'apply', ack: 'none', sends: toAll(bodies) }];
  if (options.guard === 'off') return [{ name: 'apply', ack: 'barrier', sends: toAll(bodies) }];
  const others = bodies.filter((body) => body !== primary);
  const guarded = changes.filter((change) => needsGuard(change, placement, options));
  if (guarded.length === 0) return [{ name: 'apply', ack: 'barrier', sends: toAll(bodies) }];
  const matches = guarded.map((change) => ('rule' in change ? regionOf(change.rule) : []));
  const guards = (body: DatapathName) => guardFlows(snapshot, vswitch, matches, placement, body);
  return [
    {
      name: 'guard',
      ack: 'full',
      sends: new Map(others.map((body) => [body, guards(body).map(asGuard)] as const)),
    },
    { name: 'primary', ack: 'full', sends: toAll([primary]) },
    { name: 'others', ack: 'full', sends: toAll(others) },
    {
      name: 'unguard',
      ack: 'barrier',
      sends: new Map(others.map((body) => [body, [unguard(vswitch)]] as const)),
    },
  ];
}

/** What a change of the rulebook is on a datapath. */
export function encodeChange(
  vswitch: Vswitch,
  change: Change,
  mode: Mode,
  scene: GroupScene,
): readonly Message[] {
  if (!('rule' in change)) return [encodeGroupChange(vswitch, change, scene)];
  const flows = pipelineEncoding.encode(vswitch, change.rule, mode);
  switch (change.type) {
    case 'add':
      return flows.map((flow) => addFlow(flow, change.resets));
    case 'modify':
      return flows.map((flow) => modifyFlow(flow, change.resets));
    case 'remove':
      return flows.map(deleteFlow);
  }
}

function encodeGroupChange(vswitch: Vswitch, change: GroupChange, scene: GroupScene): Message {
  switch (change.type) {
    case 'addGroup':
      return addGroup(encodeGroup(vswitch, change.group, scene));
    case 'modifyGroup':
      return modifyGroup(encodeGroup(vswitch, change.group, scene));
    case 'removeGroup':
      return deleteGroup(change.group.below);
  }
}

/**
 * Packets of any rule may come to a group, by other groups, too, and even to one that is new: a
 * bucket may have named it before. So a group's change guards the whole vswitch.
 */
function needsGuard(change: Change, placement: Placement, options: RoundOptions): boolean {
  return !('rule' in change) || !hitByOneBody(change.rule.match, placement, options);
}

/**
 * Whether packets can meet the rule on one body only: it names a vport whose home stands still.
 * That body is then one switch, and no order between bodies can be seen.
 */
function hitByOneBody(match: Match, placement: Placement, options: RoundOptions): boolean {
  const inPort = fieldOf(match, 'in_port');
  if (inPort === undefined) return false;
  const vport = Number(oxmNumber(inPort)) as Vport;
  return placement.homes.has(vport) && !options.unsettled.has(vport);
}

/**
 * The packets that a change may touch, as they are when they enter: a rule of table 0 sees them as
 * the guard does. In later tables headers and metadata may be others by then; the ingress port
 * stays.
 */
function regionOf({ tableId, match }: Rule): Match {
  const isMine = (one: Match[number]): boolean =>
    one.oxmClass === oxmClass.basic &&
    (one.field === fields.in_port.field || (tableId === 0 && one.field !== fields.metadata.field));
  return match.filter(isMine);
}

/** The guard on one body: for each vport, what the batch may touch goes to the primary. */
function guardFlows(
  snapshot: Snapshot,
  vswitch: Vswitch,
  matches: readonly Match[],
  placement: Placement,
  body: DatapathName,
): readonly PhysicalFlow[] {
  const regions = matches.length > limits.guardMatchesMax ? [[]] : matches;
  const flows: PhysicalFlow[] = [];
  for (const vport of vswitch.ports.keys()) {
    const key = enterKey(vswitch, vport, placement.primary);
    const actions = sendTagged(snapshot, key, body, placement.primary);
    for (const region of regions) {
      const inPort = fieldOf(region, 'in_port');
      if (inPort !== undefined && Number(oxmNumber(inPort)) !== vport) continue;
      const rest = withoutField(region, oxmClass.basic, fields.in_port.field);
      flows.push({
        tableId: tables.guard,
        priority: GUARD_PRIORITY,
        match: withField(rest, atVport(vswitch.id, vport)),
        instructions: [{ type: 'applyActions', actions }],
        cookie: cookieOf('guard', vswitch.id, 0),
      });
    }
  }
  return flows;
}

const GUARD_PRIORITY = 100;

function asGuard(flow: PhysicalFlow): StepMessage {
  return { message: addFlow(flow), change: -1 };
}

/** Takes every guard of the vswitch away at once: they share a cookie. */
function unguard(vswitch: Vswitch): StepMessage {
  const message = deleteAll(tables.guard, cookieOf('guard', vswitch.id, 0), VSWITCH_COOKIE_MASK);
  return { message, change: -1 };
}

/** Drops what enters a vswitch on a body: the freeze of freeze-and-copy (LIME 2.2). */
export function freezeFlow(vswitch: Vswitch): PhysicalFlow {
  return {
    tableId: tables.guard,
    priority: FREEZE_PRIORITY,
    match: [inVswitch(vswitch.id)],
    instructions: [],
    cookie: cookieOf('freeze', vswitch.id, 0),
  };
}

const FREEZE_PRIORITY = 200;
