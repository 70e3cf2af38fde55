/**
 * The entries that a datapath reports, compared row by row with those that it should hold: of a
 * correct rule only the number is kept, and of a wrong one the difference (corrections.ts).
 */
import type { FlowStats } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import {
  flowKey,
  type PhysicalFlow,
  reports,
  sameFlow,
  sameSlot,
} from '../../translation/entries/physical-tables.ts';
import {
  type CookieKind,
  type CookieParts,
  readCookie,
} from '../../translation/entries/pipeline.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import { isLearnt } from '../../translation/wiring/normal.ts';
import type { ComparingContext, HostedVswitch, Tenants } from './tenants.ts';

/** What `Seen` says of a rule that is there, and does something else than it should. */
const STALE = -1;

/**
 * By serial: the revision of the rule that is there as it should be, or -1 when it does something
 * else. A rule whose entry does not have its match, its cookie and its flags is none of these.
 */
export type Seen = Map<number, number>;

/** Entries that a vswitch's tables, or its migration, put on a datapath. */
const OF_BODIES = new Set<CookieKind>([
  ...(['rule', 'tagged', 'guard', 'freeze', 'divert', 'lossProbe', 'ledRule'] as const),
]);

/** Whether an entry is a closed vswitch's: those stay as they are. */
export function isOfClosed(context: Tenants, cookie: CookieParts | undefined): boolean {
  if (cookie === undefined || !OF_BODIES.has(cookie.kind)) return false;
  return context.runtimeById(cookie.id)?.isClosed === true;
}

export class Inventory {
  /** By `flowKey`: what is to go, unless something takes its place. */
  readonly odd = new Map<string, PhysicalFlow>();
  /** Entries of ours that are no rules, by the same. */
  readonly frame = new Map<string, PhysicalFlow>();
  /** How many entries were not ours. */
  foreign = 0;
  /** Of the vswitches that live there. */
  readonly seen = new Map<HostedVswitch, Seen>();
  readonly #on: DatapathName;
  readonly #context: ComparingContext;

  constructor(context: ComparingContext, on: DatapathName) {
    this.#on = on;
    this.#context = context;
  }

  seenOf(runtime: HostedVswitch): Seen {
    const known = this.seen.get(runtime);
    if (known !== undefined) return known;
    const seen: Seen = new Map();
    this.seen.set(runtime, seen);
    return seen;
  }

  take(row: FlowStats): void {
    const cookie = readCookie(row.cookie);
    if (cookie === undefined) this.foreign += 1;
    // What a vswitch has here that is closed stays as it is.
    else if (isOfClosed(this.#context, cookie)) return;
    // The datapath itself keeps those, and takes them away (translation/wiring/normal.ts).
    if (isLearnt(row)) return;
    if (cookie?.kind === 'rule' && this.#isRule(row, cookie)) return;
    const { tableId, priority, match, instructions, flags } = row;
    const flow = { tableId, priority, match, instructions, flags, cookie: row.cookie };
    const isRules = cookie === undefined || cookie.kind === 'rule' || cookie.kind === 'tagged';
    if (isRules) this.odd.set(flowKey(flow), flow);
    else this.frame.set(flowKey(flow), flow);
  }

  #isRule(row: FlowStats, { id, serial }: CookieParts): boolean {
    const runtime = this.#context.runtimeById(id);
    const rule = runtime?.rulebook.bySerial(serial);
    if (runtime === undefined || rule === undefined) return false;
    if (!runtime.livesOn(this.#on) || runtime.excluded.has(this.#on)) return false;
    if (!runtime.bodyRules.has(this.#on, rule.match)) return false;
    const { boundary } = this.#context;
    const before = boundary.enter(runtime);
    const [flow] = pipelineEncoding.encode(runtime.vswitch, rule);
    boundary.leave(before);
    if (flow === undefined || !sameSlot(flow, row) || reports(flow) !== reports(row)) return false;
    const isRight = sameFlow(flow, row);
    this.seenOf(runtime).set(serial, isRight ? rule.revision : STALE);
    return true;
  }
}
