/**
 * The packets that a vswitch's rules may send both to the controller and on; only a change of the
 * primary body has to know them (hypervisor/tenant/hand-over.ts).
 *
 * An answer to such a packet is sent up, too, and when another body does that its packet-in may
 * overtake the first one's: "something that would never happen with a single switch" (LIME 4.1,
 * case N4). A packet that only goes up has no answer before its controller knows of it, and one
 * that only goes on is nothing that the controller sees.
 *
 * What is found is a region, in the terms of packets that enter: a match of the first table, or
 * everything. Nothing is forgotten before the clone is gone: what made it necessary may still be on
 * its way.
 */
import { port as ofpp, oxmClass } from '../../openflow/values/constants.ts';
import { fields } from '../../openflow/values/fields.ts';
import type { Action, Instruction, Match } from '../../openflow/values/values.ts';
import type { Group, GroupTable } from '../../slices/groups-meters/groups.ts';
import { limits } from '../../slices/limits.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import type { Rule, Rulebook } from '../../slices/rules/rulebook.ts';
import type { Change } from '../entries/body.ts';

/** The packets that may go up and on. */
export interface Found {
  readonly why: string;
  /** Matches of packets as they enter; `[[]]` is everything. */
  readonly regions: readonly Match[];
}

/** What a rule does with a packet. A group may do either, and rules of later tables the rest. */
interface Kind {
  readonly goesUp: boolean;
  readonly goesOn: boolean;
  readonly toGroup: boolean;
  readonly leads: boolean;
}

type RuleParts = Pick<Rule, 'tableId' | 'match' | 'instructions'>;

export class PuntAndForward {
  /** Of rules of the first table, by what they do. */
  readonly #first = new Map<string, { readonly kind: Kind; readonly regions: Regions }>();
  /** What rules of later tables do, all of them together. */
  #later: Kind = { goesUp: false, goesOn: false, toGroup: false, leads: false };
  /** A group that sends up. */
  #group: number | undefined;

  note(change: Change): void {
    if ('rule' in change) this.noteRule(change.rule);
    else if ('group' in change) this.noteGroup(change.group);
  }

  noteRule({ tableId, match, instructions }: RuleParts): void {
    const kind = kindOf(instructions);
    if (tableId > 0) {
      this.#later = either(this.#later, kind);
      return;
    }
    const key = Object.values(kind).join();
    const known = this.#first.get(key) ?? { kind, regions: new Regions() };
    this.#first.set(key, known);
    known.regions.add(match);
  }

  /** Other groups may lead packets to it. */
  noteGroup({ groupId, buckets }: Pick<Group, 'groupId' | 'buckets'>): void {
    if (buckets.some(({ actions }) => actions.some(isUp))) this.#group ??= groupId;
  }

  /** Undefined when no packet can go both ways. */
  get found(): Found | undefined {
    const whole = new Regions();
    let why: string | undefined;
    for (const { kind, regions } of this.#first.values()) {
      const reason = this.#whyBoth(kind);
      if (reason === undefined) continue;
      why ??= reason;
      whole.addAll(regions);
    }
    return why === undefined ? undefined : { why, regions: whole.matches };
  }

  /** Why packets that meet such a rule of the first table may go both ways. */
  #whyBoth(kind: Kind): string | undefined {
    if (kind.goesUp && kind.goesOn) return 'a rule sends packets to the controller and on';
    const all = kind.leads ? either(kind, this.#later) : kind;
    const byGroup = all.toGroup && this.#group !== undefined;
    if (byGroup) return `group ${this.#group} sends packets to the controller`;
    if (!all.goesUp || !all.goesOn) return undefined;
    return 'rules of several tables may send a packet to the controller and on';
  }
}

/** So many matches at most, or everything. */
class Regions {
  readonly #byText = new Map<string, Match>();

  get matches(): readonly Match[] {
    return this.#byText.size > limits.guardMatchesMax ? [[]] : [...this.#byText.values()];
  }

  add(match: Match): void {
    if (this.#byText.size > limits.guardMatchesMax) return;
    // Metadata is the tenant's own, and 0 when a packet enters.
    const region = match.filter(
      (one) => one.oxmClass !== oxmClass.basic || one.field !== fields.metadata.field,
    );
    if (region.length === 0) this.#byText.clear();
    else if (this.#byText.has('')) return;
    this.#byText.set(textOf(region), region);
  }

  addAll(others: Regions): void {
    for (const match of others.matches) this.add(match);
  }
}

function textOf(match: Match): string {
  return match.map((f) => `${f.oxmClass}.${f.field}=${f.value.join()}/${f.mask?.join()}`).join(' ');
}

/** What there is in a vswitch's tables; rules that come later may send packets up and on, too. */
export function puntAndForward({ rulebook, groups }: PuntAndForwardTables): Found | undefined {
  const all = new PuntAndForward();
  for (const group of groups.table.groups()) all.noteGroup(group);
  const cursor = newCursor();
  while (!cursor.isOver) for (const rule of rulebook.some(cursor)) all.noteRule(rule);
  return all.found;
}

export interface PuntAndForwardTables {
  readonly rulebook: Pick<Rulebook, 'some'>;
  readonly groups: { readonly table: Pick<GroupTable, 'groups'> };
}

function kindOf(instructions: readonly Instruction[]): Kind {
  const actions = instructions.flatMap(actionsIn);
  return {
    goesUp: actions.some(isUp),
    goesOn: actions.some((action) => isForwarding(action) && !isUp(action)),
    toGroup: actions.some((action) => action.type === 'group'),
    leads: instructions.some((one) => one.type === 'gotoTable'),
  };
}

function either(a: Kind, b: Kind): Kind {
  return {
    goesUp: a.goesUp || b.goesUp,
    goesOn: a.goesOn || b.goesOn,
    toGroup: a.toGroup || b.toGroup,
    leads: a.leads || b.leads,
  };
}

function actionsIn(one: Instruction): readonly Action[] {
  return one.type === 'applyActions' || one.type === 'writeActions' ? one.actions : [];
}

export function isForwarding(action: Action): boolean {
  return action.type === 'output' || action.type === 'enqueue' || action.type === 'group';
}

function isUp(action: Action): boolean {
  return action.type === 'output' && action.port === ofpp.controller;
}
