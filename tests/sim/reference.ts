/**
 * The reference model: a tenant's vswitches, each as one switch, and whether they could have shown
 * a trace (trace.ts).
 *
 * A switch carries out changes one after the other, each at a moment of its own between its request
 * and its barrier's reply, and each packet at one moment between its sending and the first sign of
 * it, by the rules of that moment. Those moments are unknown; whether there are any that explain
 * all that was seen is a question of bounds: let e(k) be the moment of change k. A packet that can
 * only be the work of the versions a to b of the rules says that e(a) was not after its first sign,
 * and e(b + 1) not before it was sent. So there is a lower and an upper bound for each e(k), and as
 * they come in order the trace is possible when no lower bound of an earlier change is above an
 * upper bound of a later one. A packet that several stretches of versions explain says nothing
 * until all but one are out of the question: the model rejects nothing that one switch could show.
 * A packet that passes several switches is the work of some versions of each.
 *
 * It knows of rules what the applications of simulations use (apps.ts): one table, whole fields.
 */
import type { Migration } from '../../translation/migration/migration.ts';
import { Bounds } from './reference-bounds.ts';
import { type Journey, journeysIn, passedMs } from './reference-journeys.ts';
import { RuleTable } from './reference-rules.ts';
import {
  type Allows,
  type Course,
  type Part,
  sorted,
  type Walk,
  Walks,
} from './reference-walks.ts';
import type { Wiring } from './reference-wiring.ts';
import type { Sent, SwitchTrace } from './trace.ts';

export interface Circumstances {
  readonly wiring: Wiring;
  /** For how long a switch's packets may meet its old rules after its barrier. */
  readonly lieMs: number;
  /** Packets that nobody can have taken, or that were on a cable that was cut, say. */
  readonly mayLose?: (id: number, sent: Sent) => boolean;
  /** Packets that meet a rule that changes may be dropped (LIME 4.1, two phases). */
  readonly dropsWhileChanging?: boolean;
  /** By how many packets a rule's counter may be wrong, where that was said. */
  readonly countersOff?: number | 'unknown';
  /** A rule is several entries, which change one after the other: packets say nothing of others. */
  readonly areRulesSeveral?: boolean;
}

/** What there is to judge: of each vswitch its rules and what was heard of it, and frames. */
export interface Case {
  readonly courses: ReadonlyMap<string, Course>;
  readonly traces: ReadonlyMap<string, SwitchTrace>;
  readonly frames: ReadonlyMap<number, Sent>;
}

interface Open {
  readonly journey: Journey;
  /** By vswitch: until when it had passed it. */
  readonly passed: ReadonlyMap<string, number>;
  /** Nothing of it was lost. */
  readonly isWhole: boolean;
  walks: readonly Walk[];
}

/** By how much migrations have said that a rule's counter may be wrong. */
export function countersOff(migrations: readonly Migration[]): number {
  return migrations.reduce((sum, { handOver }) => {
    return sum + (handOver?.shared ?? 0) + (handOver?.inDoubt ?? 0);
  }, 0);
}

export class Reference {
  readonly #case: Case;
  readonly #circumstances: Circumstances;
  readonly #walks: Walks;
  readonly #bounds: ReadonlyMap<string, Bounds>;
  readonly #found: string[] = [];
  /** Of packets that were lost where that may be, what they may have met. */
  readonly #lost: (readonly Walk[])[] = [];

  constructor(one: Case, circumstances: Circumstances) {
    this.#case = one;
    this.#circumstances = circumstances;
    const courses = [...one.courses].map(([name, course]) => [name, [course]] as const);
    this.#walks = new Walks(circumstances.wiring, new Map(courses));
    const { lieMs } = circumstances;
    this.#bounds = new Map([...one.courses].map(([name, it]) => [name, new Bounds(it, lieMs)]));
  }

  /** What no switches could have shown, in words. */
  troubles(): readonly string[] {
    const open = this.#signs();
    let left = open;
    for (let [i, before] = [0, -1]; left.length !== before && i < PASSES_MAX; i += 1) {
      before = left.length;
      for (const bounds of this.#bounds.values()) bounds.tighten();
      left = left.filter((one) => !this.#settle(one));
    }
    for (const [name, bounds] of this.#bounds) {
      bounds.tighten();
      const why = bounds.whyNot();
      if (why !== undefined) this.#found.push(this.#bounds.size > 1 ? `${name}: ${why}` : why);
    }
    for (const [name, trace] of this.#case.traces) {
      this.#ups(name, trace);
      this.#counters(name, trace, open);
    }
    return this.#found;
  }

  /** Each frame, and the versions that explain what became of it. */
  #signs(): readonly Open[] {
    const { wiring, areRulesSeveral = false } = this.#circumstances;
    const { frames, traces } = this.#case;
    const all = journeysIn(frames, traces, wiring);
    if (!areRulesSeveral) for (const one of all) this.#sentBack(one);
    for (const bounds of this.#bounds.values()) bounds.tighten();
    return all.flatMap((one) => {
      const sent = frames.get(one.id);
      return sent === undefined ? [] : (this.#open(one, sent) ?? []);
    });
  }

  #open(journey: Journey, sent: Sent): Open | undefined {
    const { id, atMs, signs, start } = journey;
    const does = sorted(...signs.map(({ what }) => what));
    const passed = this.#passed(journey);
    const mayLose = this.#mayLose(id, sent);
    const all = this.#walked(journey, (part) => this.#allows(part, passed, atMs));
    // What the controller has sent may be refused, or too late.
    if (does === '' && (mayLose || 'outs' in start)) {
      this.#lost.push(all ?? []);
      return undefined;
    }
    // Of several copies some may have been lost.
    const isSome = (one: Walk): boolean =>
      one.does === does || (mayLose && isWithin(does.split(' '), one.does.split(' ')));
    if (all === undefined) return undefined;
    const now = all.filter(isSome);
    // Of those that cannot have been it is said why not, when all is known of the others.
    const walks = now.length > 0 ? now : this.#walked(journey, () => true)?.filter(isSome);
    const isWhole = walks?.every((one) => one.does === does) === true;
    if (walks === undefined || walks.length > 0)
      return { journey, passed, isWhole, walks: walks ?? [] };
    this.#tell(journey, does === '' ? 'lost, and no rules drop it' : `no rules do "${does}"`);
    return undefined;
  }

  #walked({ start, src, dst }: Journey, allows: Allows): readonly Walk[] | undefined {
    return 'outs' in start
      ? this.#walks.leaving(start.vswitch, start.outs, allows)
      : this.#walks.from({ ...start, src, dst }, allows);
  }

  #allows({ vswitch, from, to }: Part, passed: Open['passed'], atMs: number): boolean {
    const firstMs = passed.get(vswitch) ?? Infinity;
    return this.#bounds.get(vswitch)?.allows(from, to, firstMs, atMs) ?? false;
  }

  /** Nothing is longer on its way, to where it is dropped either. */
  #passed(journey: Journey): Open['passed'] {
    const { wiring } = this.#circumstances;
    const lastMs = journey.atMs + (journey.signs.length === 0 ? ON_THE_WAY_MS : Infinity);
    return new Map(
      [...this.#bounds.keys()].map((name) => {
        return [name, Math.min(lastMs, passedMs(journey, name, wiring))];
      }),
    );
  }

  #tell({ id, atMs }: Journey, why: string): void {
    this.#found.push(`frame ${id} at ${atMs.toFixed(1)}: ${why}`);
  }

  /** Why none of these can have been. */
  #why(walks: readonly Walk[], atMs: number): string {
    const isPromised = walks.some(({ parts }) =>
      parts.some((it) => this.#bounds.get(it.vswitch)?.isOver(it.to, atMs)),
    );
    return isPromised ? 'by rules that a barrier had ended' : 'by rules that were not there';
  }

  #mayLose(id: number, sent: Sent): boolean {
    const { mayLose, dropsWhileChanging = false } = this.#circumstances;
    if (mayLose?.(id, sent) === true) return true;
    if (!dropsWhileChanging) return false;
    const endMs = sent.atMs + ON_THE_WAY_MS;
    return [...this.#bounds.values()].some((one) => one.isChanging(sent.atMs, endMs));
  }

  /** Leaves what its bounds allow; whether only one is left, which is then counted on. */
  #settle(one: Open): boolean {
    const { journey, passed, isWhole } = one;
    const { atMs } = journey;
    const allows = (part: Part): boolean => this.#allows(part, passed, atMs);
    const left = one.walks.filter(({ parts }) => parts.every(allows));
    if (left.length === 0) {
      const lost = journey.signs.length === 0 ? 'lost, or dropped ' : '';
      this.#tell(journey, `${lost}${this.#why(one.walks, atMs)}`);
      one.walks = [];
      return true;
    }
    one.walks = left;
    // What was lost may not have come there; and where rules are several entries it says nothing.
    if (!isWhole || this.#circumstances.areRulesSeveral) return left.length === 1;
    const stretches = [...this.#bounds.keys()].flatMap((name) => stretchOf(name, left) ?? []);
    for (const { vswitch, from, to } of stretches) {
      this.#bounds.get(vswitch)?.met(from, to, passed.get(vswitch) ?? Infinity, atMs);
    }
    const all = new Set(left.flatMap(({ parts }) => parts.map(({ vswitch }) => vswitch)));
    return stretches.length === all.size;
  }

  /** What the controller sent came out: what it had asked for before was done. */
  #sentBack({ start, behind, signs }: Journey): void {
    if (behind === undefined || signs.length === 0) return;
    const firstMs = Math.min(...signs.map(({ atMs }) => atMs));
    this.#bounds.get(start.vswitch)?.done(behind, firstMs);
  }

  /** Packet-ins come once, with their port, in the order of their packets. */
  #ups(name: string, { ups }: SwitchTrace): void {
    const { wiring } = this.#circumstances;
    const seen = new Set<number>();
    let lastMs = -Infinity;
    let last = -1;
    for (const { id, port, atMs } of ups) {
      const sent = this.#case.frames.get(id);
      if (sent === undefined) continue;
      const way = wiring.way(sent, name) ?? [];
      const entered = way.at(-1)?.port;
      if (seen.has(id)) this.#found.push(`frame ${id} went up twice`);
      seen.add(id);
      if (port !== entered) this.#found.push(`frame ${id} entered by ${entered}, not ${port}`);
      // What is behind this vswitch.
      const later = sent.arrivals.filter((one) => {
        const whole = wiring.way(sent, one.vswitch) ?? [];
        return whole.some(({ vswitch }) => vswitch === name);
      });
      const firstMs = Math.min(atMs, ...later.map((one) => one.atMs));
      if (firstMs < lastMs) this.#found.push(`frame ${id} went up after ${last}, its effect`);
      if (sent.atMs > lastMs) [lastMs, last] = [sent.atMs, id];
    }
  }

  #counters(name: string, { removed, counted }: SwitchTrace, open: readonly Open[]): void {
    const { countersOff: off = 0, wiring } = this.#circumstances;
    const told = new Set<bigint>();
    const table = new RuleTable(wiring.ports.get(name) ?? []);
    const course = this.#case.courses.get(name);
    for (const { apply } of [...(course?.before ?? []), ...(course?.steps ?? [])]) apply(table);
    for (const { cookie, packets } of removed) {
      if (told.has(cookie)) this.#found.push(`rule ${cookie} went twice`);
      told.add(cookie);
      if (off === 'unknown') continue;
      const lineage = table.lineage.get(cookie) ?? new Set([cookie]);
      const isIts = ({ parts }: Walk): boolean =>
        parts.some((one) => one.vswitch === name && lineage.has(one.cookie ?? -1n));
      const isSure = ({ walks, isWhole }: Open): boolean =>
        isWhole && walks.length > 0 && walks.every(isIts);
      const least = open.filter(isSure).length;
      const lost = this.#lost.filter((walks) => walks.some(isIts)).length;
      const most = open.filter(({ walks }) => walks.some(isIts)).length + lost;
      if (packets < least - off || packets > most + off) {
        this.#found.push(`rule ${cookie} had ${packets} packets; ${least} to ${most} met it`);
      }
    }
    const last = new Map<bigint, number>();
    for (const { packets, atMs } of counted) {
      for (const [cookie, count] of packets) {
        const before = last.get(cookie) ?? 0;
        last.set(cookie, count);
        if (count >= before) continue;
        this.#found.push(`at ${atMs.toFixed(1)} rule ${cookie} had ${count}, ${before} before`);
      }
    }
  }
}

/** What is left to be known after so many is little. */
const PASSES_MAX = 20;

/** From a host to where it is processed, and on. */
export const ON_THE_WAY_MS = 60;

/** Versions of a vswitch's rules that all of these have met, if that is one stretch of them. */
function stretchOf(vswitch: string, walks: readonly Walk[]): Part | undefined {
  const parts = walks.flatMap((one) => one.parts.find((it) => it.vswitch === vswitch) ?? []);
  if (parts.length < walks.length) return undefined;
  let whole: Part | undefined;
  for (const next of [...parts].sort((a, b) => a.from - b.from)) {
    if (whole !== undefined && next.from > whole.to + 1) return undefined;
    whole = { ...(whole ?? next), to: Math.max(whole?.to ?? next.to, next.to) };
  }
  return whole;
}

function isWithin(some: readonly string[], all: readonly string[]): boolean {
  return some.every((one) => all.includes(one));
}
