/**
 * The corrections that are sent to a datapath after it connected: the difference between the
 * entries that it has and those that it should have, some messages at a time.
 *
 * What is not a rule comes first (intent-corrections.ts); then the datapath takes changes. Rules
 * are many: each is looked at when its turn comes, and what is sent is what it is then. Whether a
 * change of the meantime has been sent already follows from the revision and the serial that were
 * the newest when the datapath began to take them. Entries that are to go are deleted by cookie as
 * well: what has taken the place of one meanwhile has another.
 */

import type { Message } from '../../openflow/values/values.ts';
import { placementOf, type Vswitch } from '../../slices/network/snapshot.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import type { Rule, Rulebook } from '../../slices/rules/rulebook.ts';
import {
  addFlow,
  deleteFlow,
  flowKey,
  modifyFlow,
  type PhysicalFlow,
} from '../../translation/entries/physical-tables.ts';
import { readCookie, WHOLE_COOKIE_MASK } from '../../translation/entries/pipeline.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import type { Datapath } from './datapath.ts';
import { type PartOf, partOf } from './entry-owners.ts';
import type { Stock } from './groups-meters.ts';
import { type Corrected, IntentCorrections } from './intent-corrections.ts';
import type { Inventory, Seen } from './inventory.ts';
import type { Reached } from './start-order.ts';
import { type ComparingContext, type HostedVswitch, inParts, openOn } from './tenants.ts';
import { askAgain } from './union.ts';

/** A vswitch's rules as they were when the first message was sent. */
interface ComparedVswitch {
  readonly runtime: HostedVswitch;
  readonly vswitch: Vswitch;
  readonly rulebook: Rulebook;
  readonly seen: Seen;
  /** Rules from this serial on came later. */
  readonly nextSerial: number;
  /** What was changed later has a later one. */
  readonly revision: number;
}

type Need = 'nothing' | 'add' | 'replace' | 'modify';

export class Corrections {
  readonly corrected: Corrected = { added: 0, changed: 0, removed: 0 };
  readonly #context: ComparingContext;
  readonly #intent: IntentCorrections;
  readonly #datapath: Datapath;
  readonly #held: Inventory;
  /** Runs of messages that are one rule's each, by the first one's place among all. */
  readonly #rules: {
    readonly first: number;
    readonly of: readonly (readonly [ComparedVswitch, number])[];
  }[] = [];
  /** Of other messages, by their places. */
  readonly #parts = new Map<number, PartOf>();
  #count = 0;
  /** Rules whose entries are to be another: after those that are new. */
  readonly #changing: (readonly [ComparedVswitch, number])[] = [];

  constructor(context: ComparingContext, datapath: Datapath, held: Inventory, stock: Stock) {
    this.#context = context;
    this.#datapath = datapath;
    this.#held = held;
    datapath.flat = undefined;
    askAgain(context, datapath);
    this.#intent = new IntentCorrections(context, datapath, held, stock, this.corrected);
  }

  *messages(): Generator<readonly Message[] | Reached, undefined> {
    for (const next of this.#messages()) {
      yield next;
      if (!('milestone' in next)) this.#count += next.length;
    }
  }

  *#messages(): Generator<readonly Message[] | Reached, undefined> {
    for (const next of this.#intent.parts()) yield 'milestone' in next ? next : this.#noted(next);
    this.#datapath.writer.compared();
    const bodies = this.#bodies();
    yield this.#noted([...this.#intent.last(), ...this.#left()]);
    for (const body of bodies) yield* this.#add(body);
    yield* this.#change();
    yield* this.#remove();
    yield* this.#intent.empty();
  }

  #noted(messages: readonly Message[]): readonly Message[] {
    messages.forEach((message, i) => {
      const part = this.#intent.partOf(message) ?? partOf(this.#context, message);
      if (part !== undefined) this.#parts.set(this.#count + i, part);
    });
    return messages;
  }

  /** Whose a message is, by its place among all of them; undefined when it is the datapath's. */
  partAt(index: number): PartOf | undefined {
    const part = this.#parts.get(index);
    if (part !== undefined) return part;
    const run = this.#rules[lastUpTo(this.#rules, index)];
    const [body, serial] = run?.of[index - run.first] ?? [];
    if (body === undefined || serial === undefined) return undefined;
    return [body.runtime, { kind: 'rule', id: serial }];
  }

  #bodies(): readonly ComparedVswitch[] {
    return openOn(this.#context, this.#datapath.name).map((runtime) => {
      const { vswitch, rulebook } = runtime;
      const { nextSerial, revision } = rulebook;
      return { runtime, vswitch, rulebook, seen: this.#held.seenOf(runtime), nextSerial, revision };
    });
  }

  /** The rules of vswitches that have left while the datapath said what it holds. */
  #left(): readonly Message[] {
    const { name } = this.#datapath;
    const left = [...this.#held.seen].filter(([runtime]) => !runtime.livesOn(name));
    return left.flatMap(([runtime, seen]) => {
      this.corrected.removed += seen.size;
      return runtime.bodyOn(name).empty();
    });
  }

  /** What is done with a body's tables runs for its vswitch. */
  #enter({ vswitch }: ComparedVswitch) {
    const { boundary } = this.#context;
    const runtime = this.#context.runtime(vswitch.name);
    return runtime === undefined ? boundary.serving : boundary.enter(runtime);
  }

  *#add(body: ComparedVswitch): Generator<readonly Message[]> {
    const { rulebook, seen } = body;
    const cursor = newCursor();
    let { putBack } = rulebook;
    while (!cursor.isOver && this.#isThere(body.vswitch)) {
      const messages: Message[] = [];
      const before = this.#enter(body);
      const of: [ComparedVswitch, number][] = [];
      for (const rule of rulebook.some(cursor)) {
        const need = this.#need(body, rule);
        if (need === 'replace' || need === 'modify') this.#changing.push([body, rule.serial]);
        if (need !== 'add') continue;
        for (const flow of encoded(body, rule)) {
          messages.push(addFlow(flow));
          of.push([body, rule.serial]);
        }
        seen.set(rule.serial, rule.revision);
      }
      this.#context.boundary.leave(before);
      this.corrected.added += messages.length;
      this.#rules.push({ first: this.#count, of });
      yield messages;
      // What was put back meanwhile may be where the cursor has been already.
      if (putBack === rulebook.putBack) continue;
      putBack = rulebook.putBack;
      cursor.slot = 1;
      cursor.isOver = false;
    }
  }

  *#change(): Generator<readonly Message[]> {
    const { odd } = this.#held;
    for (const part of inParts(this.#changing)) {
      const messages: Message[] = [];
      const of: [ComparedVswitch, number][] = [];
      for (const [body, serial] of part) {
        const before = this.#enter(body);
        const rule = body.rulebook.bySerial(serial);
        this.#context.boundary.leave(before);
        if (rule === undefined || !this.#isThere(body.vswitch)) continue;
        const need = this.#need(body, rule);
        if (need === 'nothing') continue;
        body.seen.set(serial, rule.revision);
        for (const flow of encoded(body, rule)) {
          odd.delete(flowKey(flow));
          messages.push(need === 'modify' ? modifyFlow(flow) : addFlow(flow));
          of.push([body, serial]);
        }
      }
      this.corrected.changed += messages.length;
      this.#rules.push({ first: this.#count, of });
      yield messages;
    }
  }

  /** What a rule's entry needs, now. */
  #need({ runtime, vswitch, seen, nextSerial, revision }: ComparedVswitch, rule: Rule): Need {
    const found = seen.get(rule.serial);
    if (found === rule.revision || rule.serial >= nextSerial) return 'nothing';
    if (!runtime.bodyRules.has(this.#datapath.name, rule.match)) return 'nothing';
    if (found !== undefined) {
      const isSent = rule.revision !== revision && isLater(rule.revision, revision);
      return isSent ? 'nothing' : 'modify';
    }
    const { odd } = this.#held;
    const isReplaced = odd.size > 0 && encoded({ vswitch }, rule).some((f) => odd.has(flowKey(f)));
    return isReplaced ? 'replace' : 'add';
  }

  *#remove(): Generator<readonly Message[]> {
    for (const part of inParts([...this.#held.odd.values()])) {
      const gone = part.filter((flow) => !this.#isWanted(flow));
      this.corrected.removed += gone.length;
      yield gone.map((flow) => ({ ...deleteFlow(flow), cookieMask: WHOLE_COOKIE_MASK }));
    }
  }

  /** Whether it is a rule's after all: of one that was put back, or whose vswitch came here. */
  #isWanted(flow: PhysicalFlow): boolean {
    const cookie = readCookie(flow.cookie);
    if (cookie?.kind !== 'rule') return false;
    const runtime = this.#context.runtimeById(cookie.id);
    const rule = runtime?.rulebook.bySerial(cookie.serial);
    if (runtime === undefined || rule === undefined) return false;
    const own = encoded(runtime, rule).some((one) => flowKey(one) === flowKey(flow));
    const isHeld = own && runtime.bodyRules.has(this.#datapath.name, rule.match);
    return isHeld && this.#isThere(runtime.vswitch);
  }

  #isThere({ name }: Vswitch): boolean {
    const { bodies } = placementOf(this.#context.snapshot(), name);
    const { name: on } = this.#datapath;
    return bodies.includes(on) && this.#context.runtime(name)?.excluded.has(on) !== true;
  }
}

function encoded({ vswitch }: { readonly vswitch: Vswitch }, rule: Rule) {
  return pipelineEncoding.encode(vswitch, rule);
}

/** The index of the last run that begins there or before; -1 when there is none. */
function lastUpTo(runs: readonly { readonly first: number }[], at: number): number {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((runs[middle]?.first ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Revisions begin again after 2^32. */
function isLater(a: number, b: number): boolean {
  return (a - b) >>> 0 < 0x8000_0000;
}
