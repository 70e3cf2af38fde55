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
 * guarded packet takes one hop more. Rules that only one body can hit need no guard. Where all
 * packets go to the primary in any case (together.ts), its own change is all that can be seen.
 */
import { oxmClass } from '../openflow/constants.ts';
import { fields } from '../openflow/fields.ts';
import { fieldOf, oxmNumber } from '../openflow/match.ts';
import type { Match, Message } from '../openflow/values.ts';
import type { DatapathName, Vport } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import type { Rule } from '../slices/rulebook.ts';
import { type Placement, placementOf, type Snapshot, type Vswitch } from '../slices/snapshot.ts';
import type { Body, Change } from './body.ts';

/** A message of a step; `change` is its place in the batch, -1 when it belongs to a guard. */
export interface StepMessage {
  readonly message: Message;
  readonly change: number;
}

/** Made one by one, as they are sent. */
export type StepMessages = Iterable<StepMessage>;

export type StepName = 'apply' | 'guard' | 'primary' | 'others' | 'unguard';

export interface Step {
  readonly name: StepName;
  /**
   * Whether nobody waits, a barrier reply is enough, or the datapath's own level of proof is
   * needed.
   */
  readonly ack: 'none' | 'barrier' | 'full';
  /**
   * Made when the step is sent: what a body needs may change while the steps before it wait, and
   * changes that were refused by then are left out.
   */
  readonly sends: ReadonlyMap<DatapathName, (refused: ReadonlySet<number>) => StepMessages>;
}

/** `guard: 'off'` is for the canary of the tests, which must then see the order break. */
export interface RoundOptions {
  readonly guard: 'redirect' | 'off';
  /** Vports whose home changed so lately that frames may still be on the way to the old one. */
  readonly unsettled: ReadonlySet<Vport>;
  /** Whether the primary processes everything: the guards are there already, or have to stay. */
  readonly together: 'no' | 'begins' | 'yes';
  bodyOn(datapath: DatapathName): Body;
}

export function planRound(
  snapshot: Snapshot,
  vswitch: Vswitch,
  changes: readonly Change[],
  options: RoundOptions,
): readonly Step[] {
  const placement = placementOf(snapshot, vswitch.name);
  const { bodies, primary } = placement;
  const modsOf = (datapath: DatapathName) =>
    function* (refused: ReadonlySet<number>): StepMessages {
      const body = options.bodyOn(datapath);
      for (const [i, change] of changes.entries()) {
        if (refused.has(i)) continue;
        for (const message of body.change(change)) yield { message, change: i };
      }
    };
  const toAll = (of: readonly DatapathName[]) =>
    new Map(of.map((body) => [body, modsOf(body)] as const));
  if (bodies.length === 1) return [{ name: 'apply', ack: 'none', sends: toAll(bodies) }];
  if (options.guard === 'off') return [{ name: 'apply', ack: 'barrier', sends: toAll(bodies) }];
  const { together } = options;
  const others = bodies.filter((body) => body !== primary);
  const regions = together === 'begins' ? [[]] : regionsOf(changes, placement, options);
  if (together === 'yes' || regions.length === 0)
    return [{ name: 'apply', ack: 'barrier', sends: toAll(bodies) }];
  const toOthers = (messages: (body: Body) => readonly Message[]): Step['sends'] =>
    new Map(others.map((on) => [on, () => messages(options.bodyOn(on)).map(asGuard)] as const));
  const unguard: Step = {
    name: 'unguard',
    ack: 'barrier',
    sends: toOthers((body) => body.unguard()),
  };
  return [
    { name: 'guard', ack: 'full', sends: toOthers((body) => body.guard(regions, placement)) },
    { name: 'primary', ack: 'full', sends: toAll([primary]) },
    { name: 'others', ack: 'full', sends: toAll(others) },
    ...(together === 'begins' ? [] : [unguard]),
  ];
}

/** What the guards are for: so many packets at most, or all that the vswitch has. */
function regionsOf(
  changes: readonly Change[],
  placement: Placement,
  options: RoundOptions,
): readonly Match[] {
  const matches: Match[] = [];
  for (const change of changes) {
    if (!needsGuard(change, placement, options)) continue;
    matches.push('rule' in change ? regionOf(change.rule) : []);
    if (matches.length > limits.guardMatchesMax) return [[]];
  }
  return matches;
}

function asGuard(message: Message): StepMessage {
  return { message, change: -1 };
}

/**
 * Packets of any rule may come to a group, by other groups, too, and even to one that is new: a
 * bucket may have named it before. So a group's change guards the whole vswitch. A meter's guards
 * nothing: which packets are above a rate is nothing that a packet's cause and effect could show.
 */
function needsGuard(change: Change, placement: Placement, options: RoundOptions): boolean {
  if ('meter' in change) return false;
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
