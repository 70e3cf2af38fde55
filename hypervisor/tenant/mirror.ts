/**
 * Keeps the copy of a mirrored vswitch (slices/config/mirrors.ts) the same as its original: changes
 * of the original are looked up, and requested here. What waits is the difference, and not the
 * history: a rule that changes a thousand times meanwhile is one request.
 *
 * Nothing of it concerns the original: a fault closes the copy, a refusal is said in `status`.
 */
import type { Vport } from '../../slices/ids.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import { contentOf } from '../../slices/rules/rule-record.ts';
import type { Rule, Rulebook } from '../../slices/rules/rulebook.ts';
import type { ErrorNumbers } from '../../translation/controllers/verdict.ts';
import type { Change } from '../../translation/entries/body.ts';
import {
  copiedGroup,
  copiedMeter,
  copiedRule,
  type RulePlace,
} from '../../translation/requests/copied-requests.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { Keeper } from '../store/ready.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { Ended } from '../world/when-all.ts';
import { whenAcknowledged } from './acknowledged.ts';
import type { Mirroring } from './changes-user.ts';
import type { VswitchRuntime } from './vswitch.ts';

export interface MirrorContext extends Datapaths {
  readonly boundary: Boundary;
  readonly scheduler: Scheduler;
  readonly journal: Keeper;
}

/** What is to be looked at. */
type Place =
  | ({ readonly type: 'rule' } & RulePlace)
  | { readonly type: 'group' | 'meter'; readonly id: number };

export class Mirror implements Mirroring {
  readonly copy: VswitchRuntime;
  readonly #context: MirrorContext;
  readonly #original: VswitchRuntime;
  /** In the order in which they became others last. */
  readonly #places = new Map<string, Place>();
  #isBusy = false;
  #idle: (() => void)[] = [];
  /** Why the copy lacks something; undefined when it has all. */
  lacks: string | undefined;

  constructor(context: MirrorContext, original: VswitchRuntime, copy: VswitchRuntime) {
    this.#context = context;
    this.#original = original;
    this.copy = copy;
  }

  get isOver(): boolean {
    return this.copy.isClosed;
  }

  /** All that there is; `ended` says what the copy cannot have, when its body has the rest. */
  fill(ended: Ended): void {
    const { groups, meters, rulebook } = this.#original;
    for (const { meterId } of meters.table.meters()) this.#put({ type: 'meter', id: meterId });
    for (const { groupId } of groups.table.groups()) this.#put({ type: 'group', id: groupId });
    const cursor = newCursor();
    const step = (): boolean => {
      for (const rule of rulebook.some(cursor)) this.#put({ type: 'rule', ...placeOf(rule) });
      return !cursor.isOver;
    };
    this.#context.scheduler.run({ step }, () => {
      this.#idle.push(() => {
        whenAcknowledged(this.#context, this.copy, () => {
          this.#context.journal.sync(() => ended(this.lacks));
        });
      });
      this.#go();
    });
  }

  /** They were made, or taken back. */
  touched(changes: readonly Change[]): void {
    if (this.isOver) {
      if (this.#original.mirror === this) this.#original.mirror = undefined;
      return;
    }
    for (const change of changes) {
      if ('rule' in change) this.#put({ type: 'rule', ...placeOf(change.rule) });
      else if ('group' in change) this.#put({ type: 'group', id: change.group.groupId });
      else this.#put({ type: 'meter', id: change.meter.meterId });
    }
    this.#go();
  }

  /** Its tenant has configured a port. */
  configured(vport: Vport, set: number, clear: number): void {
    if (this.isOver || !this.copy.vswitch.portIdentities.has(vport)) return;
    const change = { vport, set, clear };
    this.#run(() =>
      this.copy.exclusive((release) => this.copy.ports.change(change, undefined, release)),
    );
  }

  #put(place: Place): void {
    const key = keyOf(place);
    this.#places.delete(key);
    this.#places.set(key, place);
  }

  #run(work: () => void): void {
    this.#context.boundary.run(this.copy, work);
  }

  #go(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    const step = (): boolean => {
      const [first] = this.#places;
      if (first === undefined || this.isOver) return false;
      this.#places.delete(first[0]);
      this.#ask(first[1]);
      return this.#places.size > 0;
    };
    const mayGo = (): boolean => this.isOver || this.copy.mayChange();
    this.#run(() => {
      this.#context.scheduler.run({ step, mayGo }, () => {
        this.#isBusy = false;
        for (const run of this.#idle.splice(0)) run();
      });
    });
  }

  #ask(place: Place): void {
    const { changes, meters: own } = this.copy;
    const { rulebook, groups, meters } = this.#original;
    const origin = {
      refuse: (error: ErrorNumbers & { why?: string }) => this.#refused(place, error),
    };
    switch (place.type) {
      case 'rule':
        changes.flowMod(copiedRule(place, ruleAt(rulebook, place)), origin, () => undefined);
        break;
      case 'group':
        changes.groupMod(copiedGroup(place.id, groups.table.byId(place.id)), origin);
        break;
      case 'meter': {
        const isThere = own.table.byId(place.id) !== undefined;
        const meter = meters.table.byId(place.id);
        if (isThere || meter !== undefined) {
          changes.meterMod(copiedMeter(place.id, meter, isThere), origin);
        }
        break;
      }
    }
  }

  #refused(place: Place, { errorType, errorCode, why }: ErrorNumbers & { why?: string }): void {
    const what = place.type === 'rule' ? `a rule of table ${place.tableId}` : `a ${place.type}`;
    this.lacks = `${what} was refused: ${why ?? `error ${errorType}/${errorCode}`}`;
  }
}

function placeOf({ tableId, priority, match }: RulePlace): RulePlace {
  return { tableId, priority, match };
}

/** The rule of exactly this table, priority and match. */
function ruleAt(rulebook: Rulebook, { tableId, priority, match }: RulePlace): Rule | undefined {
  if (rulebook.isUnused) return undefined;
  const { arena } = rulebook;
  const slot = arena.find(tableId, priority, contentOf(match, []));
  return slot === 0 ? undefined : rulebook.bySerial(arena.serialOf(slot));
}

function keyOf(place: Place): string {
  if (place.type !== 'rule') return `${place.type} ${place.id}`;
  const { tableId, priority, match } = place;
  const fields = match.map(({ oxmClass, field, value, mask = [] }) => [
    ...[oxmClass, field, ...value, '/', ...mask],
  ]);
  return `rule ${tableId} ${priority} ${fields.join(' ')}`;
}
