/**
 * The corrections that are sent to a datapath after it connected: the difference between the
 * entries that it has and those that it should have, some messages at a time.
 *
 * From the first of them on the datapath takes changes. So what is not a rule is led to what it
 * should be at once, in that turn. Rules are many: each is looked at when its turn comes, and what
 * is sent is what it is then. Whether a change of the meantime has been sent already follows from
 * the revision and the serial that were the newest when this began. Entries that are to go are
 * deleted by cookie as well: what has taken the place of one meanwhile has another.
 */

import type { Message } from '../../openflow/values/values.ts';
import { GROUP_IDS_FROM } from '../../slices/groups-meters/groups.ts';
import { limits } from '../../slices/limits.ts';
import { bodiesOn, placementOf, type Vswitch } from '../../slices/network/snapshot.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import type { Rule, Rulebook } from '../../slices/rules/rulebook.ts';
import { difference } from '../../translation/difference.ts';
import { pipelineEncoding } from '../../translation/encoding.ts';
import { withoutIdentity } from '../../translation/identity.ts';
import {
  addFlow,
  deleteFlow,
  deleteGroup,
  deleteMeter,
  flowKey,
  modifyFlow,
  type PhysicalFlow,
  tablesOf,
} from '../../translation/physical-tables.ts';
import { readCookie } from '../../translation/pipeline.ts';
import type { Datapath } from './datapath.ts';
import { type PartOf, partOf } from './entry-owners.ts';
import type { Stock } from './groups-meters.ts';
import type { Inventory, Seen } from './inventory.ts';
import type { Carried, ComparingContext } from './tenants.ts';
import { askAgain, unionOn } from './union.ts';

const WHOLE_COOKIE = 0xffff_ffff_ffff_ffffn;

/** How many of each were sent; the entry that says whose it is changes at every start. */
export interface Corrected {
  added: number;
  changed: number;
  removed: number;
}

/** A vswitch's rules as they were when the first message was sent. */
interface Body {
  readonly runtime: Carried;
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
  readonly #datapath: Datapath;
  readonly #held: Inventory;
  readonly #stock: Stock;
  /** Runs of messages that are one rule's each, by the first one's place among all. */
  readonly #rules: { readonly first: number; readonly of: readonly (readonly [Body, number])[] }[] =
    [];
  #frameParts: readonly (PartOf | undefined)[] = [];
  #count = 0;
  /** Rules whose entries are to be another: after those that are new. */
  readonly #changing: (readonly [Body, number])[] = [];

  constructor(context: ComparingContext, datapath: Datapath, held: Inventory, stock: Stock) {
    this.#context = context;
    this.#datapath = datapath;
    this.#held = held;
    this.#stock = stock;
  }

  *messages(): Generator<readonly Message[], undefined> {
    for (const messages of this.#messages()) {
      yield messages;
      this.#count += messages.length;
    }
  }

  *#messages(): Generator<readonly Message[], undefined> {
    this.#datapath.writer.compared();
    const bodies = this.#bodies();
    const frame = this.#frame();
    this.#frameParts = frame.map((message) => partOf(this.#context, message));
    yield frame;
    for (const body of bodies) yield* this.#add(body);
    yield* this.#change();
    yield* this.#remove();
    yield this.#empty();
  }

  /** Whose a message is, by its place among all of them; undefined when it is the datapath's. */
  partAt(index: number): PartOf | undefined {
    if (index < this.#frameParts.length) return this.#frameParts[index];
    const run = this.#rules.findLast(({ first }) => first <= index);
    const [body, serial] = run?.of[index - run.first] ?? [];
    if (body === undefined || serial === undefined) return undefined;
    return [body.runtime, { kind: 'rule', id: serial }];
  }

  #bodies(): readonly Body[] {
    return bodiesOn(this.#context.snapshot(), this.#datapath.name).flatMap((vswitch) => {
      const runtime = this.#context.runtime(vswitch.name);
      if (runtime === undefined || runtime.isClosed) return [];
      if (runtime.excluded.has(this.#datapath.name)) return [];
      const { rulebook } = runtime;
      const { nextSerial, revision } = rulebook;
      return [
        { runtime, vswitch, rulebook, seen: this.#held.seenOf(runtime), nextSerial, revision },
      ];
    });
  }

  /** What is no rule; groups and meters that are too many stay while there may be rules of them. */
  #frame(): readonly Message[] {
    const { frame, odd } = this.#held;
    this.#datapath.flat = undefined;
    askAgain(this.#context, this.#datapath);
    const want = unionOn(this.#context, this.#datapath);
    const { groups, meters } = this.#stock;
    const have = tablesOf(
      [...frame, ...[...want.flows.keys()].flatMap((key) => odd.get(key) ?? [])],
      groups.filter(({ groupId }) => want.groups.has(groupId)),
      meters.filter(({ meterId }) => want.meters.has(meterId)),
    );
    for (const key of want.flows.keys()) odd.delete(key);
    const { make, change, break: gone } = difference(have, want);
    this.corrected.added += make.length;
    this.corrected.changed += withoutIdentity(change).length;
    this.corrected.removed += gone.length;
    return [...make, ...change, ...gone, ...this.#left()];
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

  /** What is done with a body's books runs for its vswitch. */
  #enter({ vswitch }: Body) {
    const { boundary } = this.#context;
    const runtime = this.#context.runtime(vswitch.name);
    return runtime === undefined ? boundary.serving : boundary.enter(runtime);
  }

  *#add(body: Body): Generator<readonly Message[]> {
    const { rulebook, seen } = body;
    const cursor = newCursor();
    let { putBack } = rulebook;
    while (!cursor.isOver && this.#isThere(body.vswitch)) {
      const messages: Message[] = [];
      const before = this.#enter(body);
      const of: [Body, number][] = [];
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
    for (const part of partsOf(this.#changing)) {
      const messages: Message[] = [];
      const of: [Body, number][] = [];
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
  #need({ vswitch, seen, nextSerial, revision }: Body, rule: Rule): Need {
    const found = seen.get(rule.serial);
    if (found === rule.revision || rule.serial >= nextSerial) return 'nothing';
    if (found !== undefined) {
      const isSent = rule.revision !== revision && isLater(rule.revision, revision);
      return isSent ? 'nothing' : 'modify';
    }
    const { odd } = this.#held;
    const isReplaced = odd.size > 0 && encoded({ vswitch }, rule).some((f) => odd.has(flowKey(f)));
    return isReplaced ? 'replace' : 'add';
  }

  *#remove(): Generator<readonly Message[]> {
    for (const part of partsOf([...this.#held.odd.values()])) {
      const gone = part.filter((flow) => !this.#isWanted(flow));
      this.corrected.removed += gone.length;
      yield gone.map((flow) => ({ ...deleteFlow(flow), cookieMask: WHOLE_COOKIE }));
    }
  }

  /** Whether it is a rule's after all: of one that was put back, or whose vswitch came here. */
  #isWanted(flow: PhysicalFlow): boolean {
    const cookie = readCookie(flow.cookie);
    if (cookie?.kind !== 'rule') return false;
    const runtime = this.#context.runtimes().find((one) => one.vswitch.id === cookie.id);
    const rule = runtime?.rulebook.bySerial(cookie.serial);
    if (runtime === undefined || rule === undefined) return false;
    const own = encoded(runtime, rule).some((one) => flowKey(one) === flowKey(flow));
    return own && this.#isThere(runtime.vswitch);
  }

  /** Groups and meters that nobody wants now. */
  #empty(): readonly Message[] {
    const want = unionOn(this.#context, this.#datapath);
    // Rules go with their groups and meters, and a closed vswitch's stay: whose is not known.
    const hasClosed = this.#context.runtimes().some((one) => {
      return one.isClosed && one.livesOn(this.#datapath.name);
    });
    const isKept = (groupId = GROUP_IDS_FROM): boolean => groupId >= GROUP_IDS_FROM && hasClosed;
    const gone = [
      ...this.#stock.groups.filter(({ groupId }) => !want.groups.has(groupId) && !isKept(groupId)),
      ...this.#stock.meters.filter(({ meterId }) => !want.meters.has(meterId) && !isKept()),
    ].map((one) => ('groupId' in one ? deleteGroup(one.groupId) : deleteMeter(one.meterId)));
    this.corrected.removed += gone.length;
    return gone;
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

function* partsOf<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < all.length; i += limits.slotsPerStep) {
    yield all.slice(i, i + limits.slotsPerStep);
  }
}

/** Revisions begin again after 2^32. */
function isLater(a: number, b: number): boolean {
  return (a - b) >>> 0 < 0x8000_0000;
}
