/**
 * Comparison of the entries that a datapath reports with those that it was sent, while both go on
 * changing.
 *
 * The rules, groups and meters of a vswitch that is migrating come and go in steps of their own:
 * those are left alone, and so is what a closed vswitch has. Of everything else that is wrong it is
 * said what, in which state of ours (a change on its way is another state when one looks again),
 * and how it is corrected.
 */

import { printInstructions } from '../../openflow/print/print-actions.ts';
import { printRule } from '../../openflow/print/print-flow.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import type { FlowStats, Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { isBig } from '../../slices/network/members.ts';
import { type Cursor, newCursor } from '../../slices/rules/cursor.ts';
import { type Steps, withEach } from '../../slices/steps.ts';
import {
  addFlow,
  addGroup,
  addMeter,
  deleteFlow,
  deleteGroup,
  deleteMeter,
  flowKey,
  modifyFlow,
  modifyGroup,
  modifyMeter,
  type PhysicalFlow,
  sameFlow,
  sameGroup,
  sameMeter,
  unsure,
} from '../../translation/entries/physical-tables.ts';
import {
  type CookieParts,
  readCookie,
  WHOLE_COOKIE_MASK,
} from '../../translation/entries/pipeline.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import { isLearnt } from '../../translation/wiring/normal.ts';
import type { Datapath } from './datapath.ts';
import type { Stock } from './groups-meters.ts';
import { isOfClosed } from './inventory.ts';
import { type ComparingContext, carriedOn, type HostedVswitch, inParts } from './tenants.ts';
import { stockOn } from './union.ts';

export interface Found {
  /** The same when nothing of it has changed, here or there. */
  readonly sign: string;
  readonly wrong: 'missing' | 'changed' | 'not wanted';
  /** Made when it is to be sent: what it says is what is right then. */
  readonly repair: () => readonly Message[];
}

/** How many entries a datapath has when nothing is on its way. */
export function expectedCount(context: ComparingContext, datapath: Datapath): number {
  const { name, intent, flat } = datapath;
  if (flat !== undefined) return intent.flows.size + flat.entryCount;
  const sizeOf = ({ rulebook, bodyRules }: HostedVswitch): number =>
    rulebook.size - bodyRules.lackedOn(name, rulebook);
  return carriedOn(context, name).reduce((sum, one) => sum + sizeOf(one), intent.flows.size);
}

/** Entries of a flat datapath's bodies, by their key. */
export function* flatEntries({ flat }: Datapath): Steps<ReadonlyMap<string, PhysicalFlow>> {
  const entries = new Map<string, PhysicalFlow>();
  yield* withEach(flat?.flows() ?? [], (flows) => {
    for (const flow of flows) entries.set(flowKey(flow), flow);
  });
  return entries;
}

export class Discrepancies {
  /** By what it is, in ovs-ofctl's words. */
  readonly all = new Map<string, Found>();
  /** Entries of ours that are left alone. */
  others = 0;
  readonly #context: ComparingContext;
  readonly #datapath: Datapath;
  readonly #runtimes: readonly HostedVswitch[];
  /** Of a flat datapath: its bodies' entries. */
  readonly #flat: ReadonlyMap<string, PhysicalFlow>;
  readonly #seen = new Set<string>();
  #frame: Generator<readonly (readonly [string, PhysicalFlow, ...unknown[]])[]> | undefined;
  /** Of each vswitch that stands still here, the serials of its rules that are there. */
  readonly #rules = new Map<HostedVswitch, Set<number>>();
  readonly #left: (readonly [HostedVswitch, Cursor])[] = [];
  /** Those that were migrating when it was asked: what comes may be of then. */
  readonly #migrated = new Set<number>();

  constructor(
    context: ComparingContext,
    datapath: Datapath,
    flat: ReadonlyMap<string, PhysicalFlow>,
  ) {
    this.#context = context;
    this.#datapath = datapath;
    this.#runtimes = carriedOn(context, datapath.name);
    this.#flat = flat;
    for (const runtime of this.#runtimes) {
      const isMigrating = this.#isMigrating(runtime);
      if (isMigrating) this.#migrated.add(runtime.vswitch.id);
      if (isMigrating || datapath.flat !== undefined) continue;
      this.#rules.set(runtime, new Set());
      this.#left.push([runtime, newCursor()]);
    }
  }

  /** An entry with a cookie of ours. */
  compare(row: FlowStats): void {
    if (isLearnt(row)) return;
    const key = flowKey(row);
    const wanted = this.#datapath.intent.flows.get(key) ?? this.#flat.get(key);
    if (wanted !== undefined) this.#compareFrame(key, wanted, row);
    else if (this.#datapath.flat === undefined) this.#compareRule(row);
    else this.#compareOther(row);
  }

  #compareFrame(key: string, wanted: PhysicalFlow, row: FlowStats): void {
    this.#seen.add(key);
    if (wanted.cookie === row.cookie && sameFlow(wanted, row)) return;
    // What it refused to change nobody has changed.
    if (wanted.instructions === unsure || this.#isLeft(readCookie(wanted.cookie))) return;
    const repair = (): readonly Message[] => [
      wanted.cookie === row.cookie ? modifyFlow(wanted) : addFlow(wanted),
    ];
    this.#put(textOf(row), `${row.cookie} ${doingOf(row)} ${doingOf(wanted)}`, 'changed', repair);
  }

  #compareRule(row: FlowStats): void {
    const cookie = readCookie(row.cookie);
    const runtime = this.#context.runtimeById(cookie?.id ?? 0);
    const seen = runtime && this.#rules.get(runtime);
    const rule = cookie?.kind === 'rule' ? runtime?.rulebook.bySerial(cookie.serial) : undefined;
    const isHeld = rule !== undefined && runtime?.bodyRules.has(this.#datapath.name, rule.match);
    if (runtime === undefined || seen === undefined || rule === undefined || !isHeld) {
      this.#compareOther(row);
      return;
    }
    const [flow] = pipelineEncoding.encode(runtime.vswitch, rule);
    if (flow === undefined || flowKey(flow) !== flowKey(row)) {
      this.#compareOther(row);
      return;
    }
    seen.add(rule.serial);
    if (sameFlow(flow, row)) return;
    const repair = (): readonly Message[] => againOf(runtime, rule.serial, modifyFlow);
    this.#put(textOf(row), `${rule.revision} ${doingOf(row)}`, 'changed', repair);
  }

  /** Ours by its cookie, and nothing that should be there. */
  #compareOther(row: FlowStats): void {
    const cookie = readCookie(row.cookie);
    if (this.#isLeft(cookie)) {
      this.others += 1;
      return;
    }
    const repair = (): readonly Message[] => [onlyThis(row, this.#datapath.version)];
    this.#put(textOf(row), doingOf(row), 'not wanted', repair);
  }

  compareStock({ groups, meters }: Stock): void {
    const isMoving = this.#runtimes.some(({ vswitch }) => this.#isMoving(vswitch.id));
    if (isMoving) return;
    const want = stockOn(this.#context, this.#datapath);
    const [groupIds, meterIds] = [new Set<number>(), new Set<number>()];
    for (const group of groups) {
      groupIds.add(group.groupId);
      const wanted = want.groups.get(group.groupId);
      const what = `group_id=${group.groupId}`;
      if (wanted === undefined) {
        this.#put(what, '', 'not wanted', () => [deleteGroup(group.groupId)]);
      } else if (!sameGroup(group, wanted)) {
        this.#put(what, JSON.stringify(group), 'changed', () => [modifyGroup(wanted)]);
      }
    }
    for (const [id, group] of want.groups) {
      if (!groupIds.has(id)) this.#put(`group_id=${id}`, '', 'missing', () => [addGroup(group)]);
    }
    for (const meter of meters) {
      meterIds.add(meter.meterId);
      const wanted = want.meters.get(meter.meterId);
      const what = `meter=${meter.meterId}`;
      if (wanted === undefined) {
        this.#put(what, '', 'not wanted', () => [deleteMeter(meter.meterId)]);
      } else if (!sameMeter(meter, wanted)) {
        this.#put(what, JSON.stringify(meter), 'changed', () => [modifyMeter(wanted)]);
      }
    }
    for (const [id, meter] of want.meters) {
      if (!meterIds.has(id)) this.#put(`meter=${id}`, '', 'missing', () => [addMeter(meter)]);
    }
  }

  /** Looks for what is missing, a few at a time; true when there is more. */
  step(): boolean {
    const [next] = this.#left;
    if (next === undefined) return this.#missingFrame();
    const [runtime, cursor] = next;
    if (this.#isMigrating(runtime) || !runtime.livesOn(this.#datapath.name)) {
      this.#left.shift();
      return true;
    }
    const { name: on } = this.#datapath;
    for (const { serial, revision, match } of runtime.rulebook.some(cursor)) {
      if (this.#rules.get(runtime)?.has(serial) || !runtime.bodyRules.has(on, match)) continue;
      const what = `rule ${serial} of ${runtime.vswitch.name}`;
      this.#put(what, String(revision), 'missing', () => {
        runtime.rulebook.bySerial(serial)?.counter.leave(on);
        return againOf(runtime, serial, addFlow);
      });
    }
    if (cursor.isOver) this.#left.shift();
    return true;
  }

  /** Entries that are no rules, as many as a step looks at. */
  #missingFrame(): boolean {
    this.#frame ??= inParts(this.#all());
    const part = this.#frame.next();
    for (const [key, flow] of part.done === true ? [] : part.value) {
      if (this.#seen.has(key) || this.#isLeft(readCookie(flow.cookie))) continue;
      if (flow.instructions === unsure) continue;
      this.#put(textOf(flow), '', 'missing', () => [addFlow(flow)]);
    }
    return part.done !== true;
  }

  *#all(): Generator<readonly [string, PhysicalFlow, ...unknown[]], void> {
    yield* this.#datapath.intent.flows.entries();
    yield* this.#flat;
  }

  /** Whether an entry of ours is left alone. */
  #isLeft(cookie: CookieParts | undefined): boolean {
    if (cookie?.kind === 'rule' || cookie?.kind === 'tagged') {
      if (this.#isMoving(cookie.id)) return true;
    }
    return isOfClosed(this.#context, cookie);
  }

  #isMoving(id: number): boolean {
    const runtime = this.#context.runtimeById(id);
    if (runtime === undefined) return false;
    const isLeaving = runtime.excluded.isLeaving(this.#datapath.name);
    return isLeaving || this.#migrated.has(id) || this.#isMigrating(runtime);
  }

  /** Also in its last steps, in which the old body is none any more. */
  #isMigrating({ vswitch, placement }: HostedVswitch): boolean {
    const { executor } = this.#context;
    if (executor.activeOf(vswitch.name) !== undefined) return true;
    return placement.bodies.length > 1 && !isBig(vswitch);
  }

  #put(what: string, sign: string, wrong: Found['wrong'], repair: Found['repair']): void {
    if (this.all.size >= limits.auditFindingsMax) return;
    this.all.set(what, { sign, wrong, repair });
  }
}

/** Deletes an entry, and nothing that may have taken its place; 1.0 cannot say the latter. */
export function onlyThis(row: FlowStats, speaks: Version): Message {
  const mod = deleteFlow(row);
  return speaks === version.of10 ? mod : { ...mod, cookieMask: WHOLE_COOKIE_MASK };
}

/** A rule's entry as it is to be now; none when the rule is gone. */
function againOf(
  { vswitch, rulebook }: HostedVswitch,
  serial: number,
  put: (flow: PhysicalFlow) => Message,
): readonly Message[] {
  const rule = rulebook.bySerial(serial);
  return rule === undefined ? [] : pipelineEncoding.encode(vswitch, rule).map((flow) => put(flow));
}

function doingOf({ instructions }: Pick<PhysicalFlow, 'instructions'>): string {
  return printInstructions(instructions);
}

function textOf(flow: PhysicalFlow): string {
  const { cookie, tableId } = flow;
  const what = [`cookie=0x${cookie.toString(16)}`, `table=${tableId}`, printRule(flow)];
  return `${what.filter((word) => word !== '').join(', ')} actions=${doingOf(flow)}`;
}
