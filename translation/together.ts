/**
 * What a vswitch may have that several bodies could not do as one switch does it. While it is
 * cloned and has such a thing, all its packets are processed by one body, the primary (DESIGN 5).
 *
 *   up and on   A packet is sent to the controller and forwarded. An answer to it may enter at
 *               another body, whose packet-in would overtake the first one's: "something that would
 *               never happen with a single switch" (LIME 4.1, case N4).
 *   a meter     Each body would let the whole rate pass.
 *
 * Nothing is forgotten before the clone is gone: what made it necessary may still be on its way.
 */
import { port as ofpp } from '../openflow/constants.ts';
import type { Action, Instruction } from '../openflow/values.ts';
import { newCursor } from '../slices/cursor.ts';
import type { Group, GroupBook } from '../slices/groups.ts';
import type { Rule, Rulebook } from '../slices/rulebook.ts';
import type { Change } from './body.ts';

export class Together {
  #why: string | undefined;
  /** The first table that forwards packets, or is going to, and leads them on to another one. */
  #firstOn = Number.POSITIVE_INFINITY;
  /** The last table that sends packets up. */
  #lastUp = -1;

  /** Why one body has to process everything, in words; undefined when it need not. */
  get why(): string | undefined {
    return this.#why;
  }

  note(change: Change): void {
    if ('rule' in change) this.noteRule(change.rule);
    else if ('group' in change) this.noteGroup(change.group);
  }

  noteRule({ tableId, instructions }: Pick<Rule, 'tableId' | 'instructions'>): void {
    if (this.#why !== undefined) return;
    const leads = instructions.some((one) => one.type === 'gotoTable');
    const actions = instructions.flatMap(actionsIn);
    const goesUp = actions.some(isUp);
    const goesOn = actions.some((action) => isForwarding(action) && !isUp(action));
    if (leads && goesOn) this.#firstOn = Math.min(this.#firstOn, tableId);
    if (goesUp) this.#lastUp = Math.max(this.#lastUp, tableId);
    if (instructions.some((one) => one.type === 'meter')) this.#why = 'a rule has a meter';
    else if (goesUp && (goesOn || leads)) {
      this.#why = `a rule of table ${tableId} sends packets to the controller and on`;
    } else if (this.#firstOn < this.#lastUp) {
      const tables = `table ${this.#firstOn} forwards, table ${this.#lastUp} sends up`;
      this.#why = `packets may go to the controller and on: ${tables}`;
    }
  }

  /** Other rules and groups, or a packet-out, may lead packets to it beside what they forward. */
  noteGroup({ groupId, buckets }: Group): void {
    if (this.#why === undefined && buckets.some(({ actions }) => actions.some(isUp))) {
      this.#why = `group ${groupId} sends packets to the controller`;
    }
  }
}

/** What there is in a vswitch's books that would make it so; rules that come later may, too. */
export function whyTogether({ rulebook, groups }: TogetherBooks): string | undefined {
  const together = new Together();
  for (const group of groups.book.groups()) together.noteGroup(group);
  const cursor = newCursor();
  while (together.why === undefined && !cursor.isOver) {
    for (const rule of rulebook.some(cursor)) together.noteRule(rule);
  }
  return together.why;
}

export interface TogetherBooks {
  readonly rulebook: Pick<Rulebook, 'some'>;
  readonly groups: { readonly book: Pick<GroupBook, 'groups'> };
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
