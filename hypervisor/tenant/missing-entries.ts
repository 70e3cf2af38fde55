/**
 * The entries that a vswitch lacks on a datapath that reconnected and refused them: rules, groups,
 * meters.
 *
 * A body that is not the primary is set aside (excluded-bodies.ts). Of the primary, what no
 * datapath had ever acknowledged leaves the tables: nobody was promised it. What had been
 * acknowledged stays in the tables, and until the datapath takes it the vswitch is down, and says
 * why: a switch that forwards by half of its rules is worse than none. Other vswitches are not
 * concerned. It is tried again every few seconds.
 */

import { groupCommand, meterCommand } from '../../openflow/values/constants.ts';
import { errorName } from '../../openflow/values/errors.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { LazyMap } from '../../slices/lazy-collections.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot } from '../../slices/network/values.ts';
import { idOf, kindOf } from '../../translation/changes/round-change.ts';
import type { Open } from '../../translation/changes/unanswered.ts';
import type { Change, TakenBack } from '../../translation/entries/body.ts';
import {
  addGroup,
  addMeter,
  modifyGroup,
  modifyMeter,
} from '../../translation/entries/physical-tables.ts';
import type { Outcome } from '../datapath/acknowledgements.ts';
import type { Part, RefusedPart } from '../datapath/entry-owners.ts';
import { sendPaced } from '../datapath/paced-send.ts';
import { type AnsweredContext, type AnsweredOwner, freeIds, noteAnswered } from './acknowledged.ts';
import { stockOf } from './bodies.ts';
import type { ExcludedBodies } from './excluded-bodies.ts';
import type { Scheduled } from './flow-statistics.ts';
import type { Groups } from './groups.ts';
import type { Meters } from './meters.ts';
import { deleteOwed, type RepairContext, type RepairOwner, repaired } from './repairs.ts';
import { revertInTables } from './revert.ts';
import type { Send } from './shell.ts';

export interface MissingEntriesContext extends RepairContext, AnsweredContext, Scheduled {
  snapshot(): Snapshot;
  /** Something to show the operator, counted. */
  alarm(what: string): void;
}

/** What lacks something, and who is told when that changes. */
export interface MissingEntriesOwner extends RepairOwner, Omit<AnsweredOwner, 'excluded'> {
  readonly excluded: Pick<ExcludedBodies, 'set' | 'hasDeletions'>;
  readonly groups: Pick<Groups, 'table' | 'owner' | 'revertRefused'>;
  readonly meters: Pick<Meters, 'table' | 'owner' | 'revertRefused'>;
  readonly ports: { refresh(): void };
  livesOn(datapath: DatapathName): boolean;
  refresh(): void;
}

interface Lack {
  readonly parts: readonly RefusedPart[];
  readonly why: string;
}

export class MissingEntries {
  readonly #context: MissingEntriesContext;
  readonly #owner: MissingEntriesOwner;
  readonly #on = new LazyMap<DatapathName, Lack>();
  /** Changes that bodies refused to go back from, and are told of once more (repairs.ts). */
  repeated: Map<DatapathName, Change[]> | undefined;

  constructor(context: MissingEntriesContext, owner: MissingEntriesOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** Why the vswitch cannot be served, when a datapath lacks something of it. */
  why(): string | undefined {
    const { primary } = this.#owner.placement;
    return this.#on.get(primary)?.why;
  }

  /** A datapath came back, and holds all but these. */
  returned(on: DatapathName, refused: readonly RefusedPart[]): void {
    this.#on.delete(on);
    const owner = this.#owner;
    const [first] = refused;
    owner.unanswered.isRight(on);
    // What is to be the primary again cannot be done without.
    if (!this.#isNeeded(on)) {
      if (first !== undefined) owner.excluded.set(on, whyOf(on, refused, first));
      freeIds(owner);
      return;
    }
    const open = owner.unanswered.removeOpen(owner);
    // What is to be sent yet will be refused in its turn, and its tenant told.
    const known = refused.filter(({ kind, id }) => !owner.unanswered.concerns(kind, id));
    const left = known.filter((part) => !this.#drop(on, part, open));
    noteAnswered(this.#context, owner);
    this.#lacks(on, left);
  }

  /** It is the switch, or is about to be it again. */
  #isNeeded(on: DatapathName): boolean {
    const { placement, vswitch } = this.#owner;
    return on === placement.primary || on === this.#context.returnsTo(vswitch);
  }

  /** A datapath that has answered everything refuses to hold again what stands. */
  refused(on: DatapathName, parts: readonly RefusedPart[]): void {
    const owner = this.#owner;
    if (!this.#isNeeded(on)) {
      owner.excluded.set(on, whyOf(on, parts, parts[0] as RefusedPart));
      return;
    }
    const lacking = new Map<string, RefusedPart>();
    for (const part of [...(this.#on.get(on)?.parts ?? []), ...parts]) {
      lacking.set(`${part.kind} ${part.id}`, part);
    }
    this.#lacks(on, [...lacking.values()]);
    owner.refresh();
  }

  /** Takes it out of the tables if it was never acknowledged; whether it was so. */
  #drop(on: DatapathName, { kind, id }: RefusedPart, open: Open): boolean {
    const changes = this.#openChanges(kind, id, open);
    if (changes.length === 0) return false;
    const owner = this.#owner;
    open.changes = open.changes.filter((change) => !changes.includes(change));
    const undone = changes.toReversed().map((change) => {
      return { change, ...revertInTables(owner, change, owner.unanswered.since(change)) };
    });
    // What stands is what was before the first of them.
    const messages = undone.slice(-1).flatMap(({ change, back }) =>
      owner.carriers.map((body): Send => {
        const repair = owner.bodyOn(body).repair(change, back);
        deleteOwed(this.#context, owner, body);
        const acked = (outcome: Outcome): void => {
          if (body === on) this.#repaired(on, back, open, outcome);
          else repaired(this.#context, owner, body, change, outcome);
        };
        return { type: 'repair', on: body, messages: repair, acked };
      }),
    );
    const entries = undone.flatMap((one) => one.entries);
    owner.shell.execute({ entries, messages, answers: [] });
    this.#context.alarm(`a ${kind} of ${owner.vswitch.name} was refused by ${on} and removed`);
    return true;
  }

  /** What stood before is lacked if the datapath does not take it back, and it was promised. */
  #repaired(on: DatapathName, back: TakenBack, open: Open, outcome: Outcome): void {
    const [refusal] = outcome.type === 'acked' ? outcome.refusals : [];
    const part = standingIn(back);
    if (refusal === undefined || part === undefined) return;
    if (this.#drop(on, { ...part, refusal }, open)) return;
    // Its tenant has deleted it meanwhile.
    if (part.kind === 'rule' && this.#owner.rulebook.bySerial(part.id) === undefined) return;
    const parts = this.#on.get(on)?.parts ?? [];
    this.#lacks(on, [...parts, { ...part, refusal }]);
    this.#owner.refresh();
  }

  /** The changes of it that no datapath has acknowledged. */
  #openChanges(kind: Part['kind'], id: number, { changes, from }: Open): readonly Change[] {
    const known = changes.filter((change) => kindOf(change) === kind && idOf(change) === id);
    if (known.length > 0 || kind !== 'rule' || id < from) return known;
    const rule = this.#owner.rulebook.bySerial(id);
    return rule === undefined ? [] : [{ type: 'add', rule, replaced: undefined, resets: true }];
  }

  #lacks(on: DatapathName, parts: readonly RefusedPart[]): void {
    const [first] = parts;
    if (first === undefined) {
      this.#on.delete(on);
      return;
    }
    const lack = { parts, why: whyOf(on, parts, first) };
    this.#on.set(on, lack);
    const { channel, flat } = this.#context.datapath(on);
    const again = (): void => {
      const isThere = this.#context.datapath(on).channel === channel;
      if (isThere && this.#on.get(on) === lack) this.#again(on);
    };
    const body = flat?.bodyOf(this.#owner.vswitch);
    this.#context.world.after(limits.missingRetryMs, () => {
      this.#context.planning.settling.whenSettled(body === undefined ? [] : [body.bytes], again);
    });
  }

  #again(on: DatapathName): void {
    const lack = this.#on.get(on);
    if (lack === undefined) return;
    if (!this.#owner.livesOn(on)) {
      // It has moved away: should it come again, it is filled anew.
      this.#on.delete(on);
      return;
    }
    const { parts } = lack;
    /** By message. */
    const whose: (RefusedPart | undefined)[] = [];
    const all = parts.flatMap((part) => {
      const messages = this.#messages(on, part);
      // Whether a group or a meter is there is not known: that it is changed is what counts.
      for (const one of messages) whose.push(isAddOfUsed(one) ? undefined : part);
      return messages;
    });
    let isSent = false;
    const next = (): readonly Message[] | undefined => {
      if (isSent) return undefined;
      isSent = true;
      return all;
    };
    sendPaced(
      this.#context.scheduler,
      this.#context.datapath(on),
      'tables',
      next,
      'full',
      (outcome) => {
        if (outcome.type === 'lost' || this.#on.get(on) !== lack) return;
        const left = outcome.refusals.flatMap((refusal): readonly RefusedPart[] => {
          const part = whose[refusal.index];
          return part === undefined ? [] : [{ ...part, refusal }];
        });
        this.#lacks(on, left);
        this.#owner.refresh();
        this.#owner.ports.refresh();
      },
    );
  }

  #messages(on: DatapathName, { kind, id }: Part): readonly Message[] {
    const stock = stockOf(this.#context.snapshot(), this.#owner, on);
    const meter = kind === 'meter' ? stock.meters.get(id) : undefined;
    if (meter !== undefined) return [addMeter(meter), modifyMeter(meter)];
    const group = kind === 'group' ? stock.groups.get(id) : undefined;
    if (group !== undefined) return [addGroup(group), modifyGroup(group)];
    const rule = kind === 'rule' ? this.#owner.rulebook.bySerial(id) : undefined;
    return rule === undefined ? [] : this.#owner.bodyOn(on).fill([rule]);
  }
}

/** What stands where something was taken back. */
function standingIn(back: TakenBack): Part | undefined {
  if ('group' in back) return back.group && { kind: 'group', id: back.group.below };
  if ('meter' in back) return back.meter && { kind: 'meter', id: back.meter.below };
  return back.stands && { kind: 'rule', id: back.stands.serial };
}

function isAddOfUsed(message: Message): boolean {
  if (message.type === 'groupMod') return message.command === groupCommand.add;
  return message.type === 'meterMod' && message.command === meterCommand.add;
}

function whyOf(on: DatapathName, parts: readonly Part[], { refusal }: RefusedPart): string {
  const name = errorName(refusal.errorType, refusal.errorCode);
  const count = (kind: Part['kind']): number => parts.filter((one) => one.kind === kind).length;
  const kinds = (['rule', 'group', 'meter', 'guard'] as const).filter((kind) => count(kind) > 0);
  const what = kinds.map((kind) => `${count(kind)} ${kind}${count(kind) > 1 ? 's' : ''}`);
  return `datapath ${on} has no room for ${what.join(', ')} of it: ${name}`;
}
