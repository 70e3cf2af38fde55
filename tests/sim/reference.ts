/**
 * The reference model: one switch, and whether it could have shown a trace (trace.ts).
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
 *
 * It knows of rules what the applications of simulations use (apps.ts): one table, whole fields.
 */
import type { Migration } from '../../translation/migration/migration.ts';
import { type Handled, RuleTable } from './reference-rules.ts';
import { type Step, stepsOf } from './reference-steps.ts';
import type { Sent, Trace } from './trace.ts';

export interface Circumstances {
  /** All of the switch's, which FLOOD means. */
  readonly ports: readonly number[];
  /** For how long a switch's packets may meet its old rules after its barrier. */
  readonly lieMs: number;
  /** Packets that nobody can have taken, or that were on a cable that was cut, say. */
  readonly mayLose?: (id: number) => boolean;
  /** Packets that meet a rule that changes may be dropped (LIME 4.1, two phases). */
  readonly dropsWhileChanging?: boolean;
  /** By how many packets a rule's counter may be wrong, where that was said. */
  readonly countersOff?: number;
}

/** Versions of the rules, from one to the other. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly cookie: bigint | undefined;
}

interface Open {
  readonly id: number;
  readonly sent: Sent;
  readonly firstMs: number;
  stretches: readonly Stretch[];
}

/** By how much migrations have said that a rule's counter may be wrong. */
export function countersOff(migrations: readonly Migration[]): number {
  return migrations.reduce((sum, { handOver }) => {
    return sum + (handOver?.shared ?? 0) + (handOver?.inDoubt ?? 0);
  }, 0);
}

/** What no single switch could have shown, in words. */
export function impossibleIn(trace: Trace, circumstances: Circumstances): readonly string[] {
  return new Reference(trace, circumstances).troubles();
}

class Reference {
  readonly #trace: Trace;
  readonly #circumstances: Circumstances;
  readonly #steps: readonly Step[];
  readonly #low: number[];
  readonly #high: number[];
  /** By what it looks at in a frame: what each version does with it. */
  readonly #kinds = new Map<string, readonly (Stretch & { readonly does: string })[]>();
  readonly #found: string[] = [];
  /** Of packets that were lost where that may be, what they may have met. */
  readonly #lost: (readonly Stretch[])[] = [];
  readonly #idleMs = new Map<bigint, number>();

  constructor(trace: Trace, circumstances: Circumstances) {
    this.#trace = trace;
    this.#circumstances = circumstances;
    this.#steps = stepsOf(trace);
    const { lieMs } = circumstances;
    // Version 0 is there from the beginning; e(k) is the moment of step k - 1.
    this.#low = [-Infinity, ...this.#steps.map(({ atMs }) => atMs), Infinity];
    this.#high = [-Infinity, ...this.#steps.map(({ ackedMs }) => ackedMs + lieMs), Infinity];
    for (const { mod } of trace.changes) {
      if (mod.idleTimeoutSec > 0) this.#idleMs.set(mod.cookie, mod.idleTimeoutSec * 1_000);
    }
  }

  troubles(): readonly string[] {
    const open = this.#signs();
    this.#sentBack();
    let left = open;
    for (let before = -1; left.length !== before; ) {
      before = left.length;
      this.#tighten();
      left = left.filter((one) => !this.#settle(one));
    }
    this.#tighten();
    this.#inOrder();
    this.#ups();
    this.#counters(open);
    return this.#found;
  }

  /** Each frame, and the versions that explain what became of it. */
  #signs(): readonly Open[] {
    const ups = new Map(this.#trace.ups.map((up) => [up.id, up]));
    const back = Map.groupBy(this.#trace.sentBack, ({ id }) => id);
    const open: Open[] = [];
    for (const [id, sent] of this.#trace.frames) {
      const up = ups.get(id);
      const wanted = (back.get(id) ?? []).flatMap(({ ports }) => ports);
      const arrivals = [...sent.arrivals];
      // What the controller sent comes as it went up.
      for (const port of wanted) {
        const at = arrivals.findIndex((one) => one.port === port && one.src === sent.src);
        if (at >= 0) arrivals.splice(at, 1);
      }
      const seen = arrivals.map(({ port, src, dst }) => `${port}:${src}:${dst}`).sort();
      const does = [...(up === undefined ? [] : ['up']), ...seen].join(' ');
      // Nothing is longer on its way, to where it is dropped either.
      const lastMs = sent.atMs + ON_THE_WAY_MS;
      const signs = [up?.atMs ?? Infinity, ...arrivals.map(({ atMs }) => atMs)];
      const firstMs = Math.min(...signs, does === '' ? lastMs : Infinity);
      const all = this.#kind(sent);
      const mayLose = this.#mayLose(id, sent);
      if (does === '' && mayLose) {
        this.#lost.push(all);
        continue;
      }
      // Of several copies some may have been lost.
      const isSome = (one: string): boolean =>
        one === does || (mayLose && isWithin(does.split(' '), one.split(' ')));
      const stretches = all.filter((one) => isSome(one.does));
      if (stretches.length === 0) {
        this.#found.push(`frame ${id} at ${sent.atMs.toFixed(1)}: no rules do "${does}"`);
      } else open.push({ id, sent, firstMs, stretches });
    }
    return open;
  }

  #mayLose(id: number, { atMs }: Sent): boolean {
    const { mayLose, dropsWhileChanging = false, lieMs } = this.#circumstances;
    if (mayLose?.(id) === true) return true;
    const endMs = atMs + ON_THE_WAY_MS;
    const isChanging = this.#steps.some((one) => one.atMs < endMs && one.ackedMs + lieMs > atMs);
    return dropsWhileChanging && isChanging;
  }

  /** What all versions do with such a frame. */
  #kind({ port, src, dst }: Sent): readonly (Stretch & { readonly does: string })[] {
    const key = `${port} ${src} ${dst}`;
    const known = this.#kinds.get(key);
    if (known !== undefined) return known;
    const table = new RuleTable(this.#circumstances.ports);
    const made: (Stretch & { readonly does: string })[] = [];
    const note = (version: number, { does, cookie }: Handled): void => {
      const last = made.at(-1);
      if (last?.does === does && last.cookie === cookie) {
        made[made.length - 1] = { ...last, to: version };
      } else made.push({ from: version, to: version, cookie, does });
    };
    note(0, table.handle(port, src, dst));
    for (const [i, step] of this.#steps.entries()) {
      step.apply(table);
      note(i + 1, table.handle(port, src, dst));
    }
    this.#kinds.set(key, made);
    return made;
  }

  /** Leaves what its bounds allow; whether only one stretch is left, which is then counted on. */
  #settle(one: Open): boolean {
    const { id, sent, firstMs } = one;
    const left = one.stretches.filter(({ from, to }) => {
      return this.#at(this.#low, from) < firstMs && this.#at(this.#high, to + 1) > sent.atMs;
    });
    if (left.length === 0) {
      this.#found.push(`frame ${id} at ${sent.atMs.toFixed(1)}: by rules that were not there`);
      one.stretches = [];
      return true;
    }
    one.stretches = left;
    // Neighbours that do the same are one.
    const from = left[0]?.from ?? 0;
    const to = left.at(-1)?.to ?? 0;
    const isOne = left.every((it, i) => i === 0 || it.from === (left[i - 1]?.to ?? 0) + 1);
    if (!isOne) return false;
    this.#high[from] = Math.min(this.#at(this.#high, from), firstMs);
    this.#low[to + 1] = Math.max(this.#at(this.#low, to + 1), sent.atMs);
    const expiry = this.#steps[to]?.expired;
    // Not before its time after the last packet (LIME 4.2: "for a period of time").
    const idleMs = this.#idleMs.get(expiry?.cookie ?? -1n) ?? 0;
    if (expiry !== undefined) {
      this.#low[to + 1] = Math.max(this.#at(this.#low, to + 1), sent.atMs + idleMs);
    }
    return true;
  }

  /** What the controller sent came out: what it had asked for before was done. */
  #sentBack(): void {
    const { lieMs } = this.#circumstances;
    for (const { id, changes, ports } of this.#trace.sentBack) {
      const sent = this.#trace.frames.get(id);
      const came = (sent?.arrivals ?? []).filter(({ port }) => ports.includes(port));
      if (changes === 0 || came.length === 0) continue;
      const firstMs = Math.min(...came.map(({ atMs }) => atMs));
      const step = this.#steps.findIndex(({ change }) => change === changes - 1);
      if (step < 0) continue;
      this.#high[step + 1] = Math.min(this.#at(this.#high, step + 1), firstMs + lieMs);
    }
  }

  /** Changes come in their order. */
  #tighten(): void {
    for (let k = 1; k < this.#low.length; k += 1) {
      this.#low[k] = Math.max(this.#at(this.#low, k), this.#at(this.#low, k - 1));
    }
    for (let k = this.#high.length - 2; k >= 0; k -= 1) {
      this.#high[k] = Math.min(this.#at(this.#high, k), this.#at(this.#high, k + 1));
    }
  }

  #inOrder(): void {
    for (let k = 1; k <= this.#steps.length; k += 1) {
      const [low, high] = [this.#at(this.#low, k), this.#at(this.#high, k)];
      // A packet takes some time from its host, and to it.
      if (low < high) continue;
      const what = `change ${k} took effect after ${low.toFixed(1)} and before ${high.toFixed(1)}`;
      this.#found.push(what);
      return;
    }
  }

  /** Packet-ins come once, with their port, in the order of their packets. */
  #ups(): void {
    const seen = new Set<number>();
    let lastMs = -Infinity;
    let last = -1;
    for (const { id, port, atMs } of this.#trace.ups) {
      const sent = this.#trace.frames.get(id);
      if (sent === undefined) continue;
      if (seen.has(id)) this.#found.push(`frame ${id} went up twice`);
      seen.add(id);
      if (port !== sent.port) this.#found.push(`frame ${id} entered by ${sent.port}, not ${port}`);
      const firstMs = Math.min(atMs, ...sent.arrivals.map((one) => one.atMs));
      if (firstMs < lastMs) this.#found.push(`frame ${id} went up after ${last}, its effect`);
      if (sent.atMs > lastMs) [lastMs, last] = [sent.atMs, id];
    }
  }

  #counters(open: readonly Open[]): void {
    const off = this.#circumstances.countersOff ?? 0;
    const told = new Set<bigint>();
    const table = new RuleTable(this.#circumstances.ports);
    for (const { apply } of this.#steps) apply(table);
    for (const { cookie, packets } of this.#trace.removed) {
      if (told.has(cookie)) this.#found.push(`rule ${cookie} went twice`);
      told.add(cookie);
      const lineage = table.lineage.get(cookie) ?? new Set([cookie]);
      const isIts = (one: Stretch): boolean => lineage.has(one.cookie ?? -1n);
      const least = open.filter(({ stretches }) => stretches.every(isIts)).length;
      const lost = this.#lost.filter((stretches) => stretches.some(isIts)).length;
      const most = open.filter(({ stretches }) => stretches.some(isIts)).length + lost;
      if (packets < least - off || packets > most + off) {
        this.#found.push(`rule ${cookie} had ${packets} packets; ${least} to ${most} met it`);
      }
    }
    const last = new Map<bigint, number>();
    for (const { packets, atMs } of this.#trace.counted) {
      for (const [cookie, count] of packets) {
        const before = last.get(cookie) ?? 0;
        last.set(cookie, count);
        if (count >= before) continue;
        this.#found.push(`at ${atMs.toFixed(1)} rule ${cookie} had ${count}, ${before} before`);
      }
    }
  }

  #at(bounds: readonly number[], k: number): number {
    return bounds[k] ?? Infinity;
  }
}

/** From a host to where it is processed, and on. */
const ON_THE_WAY_MS = 60;

function isWithin(some: readonly string[], all: readonly string[]): boolean {
  return some.every((one) => all.includes(one));
}
