/**
 * A vport's counters, summed over everything that has counted for it: a real port, entries on every
 * body that its vswitch has lived on (LIME 4.2). They never decrease, and outlive migrations and
 * restarts.
 *
 * What a source shows counts from what it showed last; a source that shows less began anew.
 *
 * While a host moves, a copy of each frame leaves at both of its places. The first place counts
 * them, and the second is looked at: when it is the only one, it counts from where both began to,
 * less what the first has counted since. So each frame counts once, at whichever place it was read.
 */
import type { PortStats } from '../openflow/values/values.ts';

export type PortCounts = Omit<PortStats, 'portNo' | 'durationSec' | 'durationNsec'>;

const names = [
  'rxPackets',
  'txPackets',
  'rxBytes',
  'txBytes',
  'rxDropped',
  'txDropped',
  'rxErrors',
  'txErrors',
  'rxFrameErr',
  'rxOverErr',
  'rxCrcErr',
  'collisions',
] as const satisfies readonly (keyof PortCounts)[];

export const noCounts = Object.fromEntries(
  names.map((name) => [name, 0n]),
) as unknown as PortCounts;

/** Where the counting of a source that was never seen begins: at nothing, or at what it shows. */
export type Beginning = 'zero' | 'now';

export class PortCounter {
  /** Milliseconds since 1970 when the port began. */
  readonly sinceMs: number;
  #total: PortCounts;
  /** What each source has shown last; absent while none has. */
  #seen: Map<string, PortCounts> | undefined;
  /** Of what left, what a first place has counted and a second is to count yet. */
  #ahead: PortCounts;
  /** Whether the second is there, and has a copy of what leaves at the first. */
  #isCopied = false;
  /** How many packets of these there were since this process looks. */
  #copied = 0n;
  /** The first and the second, if the very port of the first is about to be the second's. */
  #along: readonly [string, string] | undefined;

  constructor(
    sinceMs: number,
    total = noCounts,
    seen: Iterable<[string, PortCounts]> = [],
    ahead = noCounts,
    along?: readonly [string, string],
  ) {
    this.sinceMs = sinceMs;
    this.#along = along;
    this.#total = total;
    this.#ahead = ahead;
    for (const [source, shown] of seen) this.#shown(source, shown);
  }

  total(): PortCounts {
    return this.#total;
  }

  /** How many packets have left at both of two places. */
  get copied(): bigint {
    return this.#copied;
  }

  /** What a source shows now. True if it is news. `counts` says what of it is the port's. */
  saw(
    source: string,
    shows: PortCounts,
    beginning: Beginning,
    isCounted: (name: keyof PortCounts) => boolean = () => true,
  ): boolean {
    const { more, isNews } = this.#look(source, shows, beginning, isCounted);
    const ahead = this.#ahead;
    const known = mapCounts((name) => least(ahead[name], more[name]));
    this.#count(mapCounts((name) => more[name] - known[name]));
    if (ahead !== noCounts) {
      const left = mapCounts((name) => ahead[name] - known[name]);
      this.#ahead = names.some((name) => left[name] > 0n) ? left : noCounts;
    }
    return isNews;
  }

  /** As `saw`, of the first of two places. */
  sawFirst(
    source: string,
    shows: PortCounts,
    beginning: Beginning,
    isCounted: (name: keyof PortCounts) => boolean,
  ): boolean {
    const { more, isNews } = this.#look(source, shows, beginning, isCounted);
    this.#count(more);
    if (this.#isCopied) this.#copied += more.txPackets;
    const ahead = this.#ahead;
    const isAhead = (name: keyof PortCounts) => this.#isCopied && leaves(name);
    this.#ahead = mapCounts((name) => ahead[name] + (isAhead(name) ? more[name] : 0n));
    return isNews;
  }

  /** As `saw`, of the second of two; `shows` is undefined where there is no such port yet. */
  sawSecond(
    source: string,
    shows: PortCounts | undefined,
    isCounted: (name: keyof PortCounts) => boolean,
  ): boolean {
    this.#isCopied = shows !== undefined;
    const known = this.#seen?.get(source);
    if (shows === undefined) {
      // What it counts when it is there is from the beginning.
      if (known === undefined) this.#shown(source, noCounts);
      return known === undefined;
    }
    const isIts = (name: keyof PortCounts): boolean => !leaves(name) && isCounted(name);
    const { more, isNews, from } = this.#look(source, shows, 'now', isIts);
    this.#count(more);
    this.#shown(
      source,
      mapCounts((name) => (leaves(name) ? from[name] : shows[name])),
    );
    return isNews;
  }

  /** An interface goes from the first place to the second, and counts on from what it shows. */
  comesAlong(first: string, second: string): void {
    this.#along = [first, second];
  }

  /** It has come, or the first place is gone: the second goes on where the first was. */
  #came(): void {
    const [first = '', second = ''] = this.#along ?? [];
    this.#along = undefined;
    const shown = this.#seen?.get(first);
    if (shown !== undefined) this.#shown(second, shown);
  }

  /** There is one place again: the first, which has counted everything, or the second. */
  oneIsLeft(place: 'first' | 'second'): void {
    this.#isCopied = false;
    if (place === 'second') return;
    this.#ahead = noCounts;
    this.#along = undefined;
  }

  /** What a source has counted since it was looked at last, as far as it is the port's. */
  #look(
    source: string,
    shows: PortCounts,
    beginning: Beginning,
    isCounted: (name: keyof PortCounts) => boolean,
  ) {
    if (source === this.#along?.[1]) this.#came();
    const last = this.#seen?.get(source) ?? (beginning === 'now' ? shows : noCounts);
    const isAnew = names.some((name) => shows[name] < last[name]);
    const from = isAnew ? noCounts : last;
    const isNews =
      this.#seen?.has(source) !== true || names.some((name) => shows[name] !== last[name]);
    this.#shown(source, shows);
    const more = mapCounts((name) => (isCounted(name) ? shows[name] - from[name] : 0n));
    return { more, from, isNews };
  }

  #shown(source: string, counts: PortCounts): void {
    this.#seen ??= new Map();
    this.#seen.set(source, counts);
  }

  #count(more: PortCounts): void {
    const total = this.#total;
    this.#total = mapCounts((name) => total[name] + more[name]);
  }

  /** Something that no source counts. */
  add(more: Partial<PortCounts>): void {
    this.#total = mapCounts((name) => this.#total[name] + (more[name] ?? 0n));
  }

  /** The source is gone; one of that name would begin anew. */
  forget(source: string): void {
    if (source === this.#along?.[0]) this.#came();
    this.#seen?.delete(source);
  }

  toJSON(): unknown {
    const seen = [...(this.#seen ?? [])].map(([source, counts]) => [source, texts(counts)]);
    const ahead = this.#ahead === noCounts ? {} : { ahead: texts(this.#ahead) };
    const along = this.#along && { along: this.#along };
    return { since: this.sinceMs, total: texts(this.#total), seen, ...ahead, ...along };
  }

  static fromJSON(stored: unknown): PortCounter {
    const { since, total, seen, ahead, along } = stored as {
      since: number;
      total: string[];
      seen: [string, string[]][];
      /** Only where a host moves, or has moved. */
      ahead?: string[];
      along?: [string, string];
    };
    const counts = (texts: string[]) => mapCounts((_, i) => BigInt(texts[i] ?? '0'));
    return new PortCounter(
      since,
      counts(total),
      seen.map(([source, texts]): [string, PortCounts] => [source, counts(texts)]),
      ahead && counts(ahead),
      along,
    );
  }
}

/** Whether a counter is of what leaves by the port. */
function leaves(name: keyof PortCounts): boolean {
  return name.startsWith('tx');
}

function least(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

/** As far as they are not 0: most ports count two or four of them, and each is kept as text. */
function texts(counts: PortCounts): readonly string[] {
  const last = names.findLastIndex((name) => counts[name] !== 0n);
  return names.slice(0, last + 1).map((name) => String(counts[name]));
}

function mapCounts(make: (name: keyof PortCounts, i: number) => bigint): PortCounts {
  return Object.fromEntries(names.map((name, i) => [name, make(name, i)])) as unknown as PortCounts;
}
