/**
 * A vport's counters, from whatever has counted for it: a real port, entries on every body that its
 * vswitch has lived on (LIME 4.2). They never go back, and outlive migrations and restarts.
 *
 * What a source shows counts from what it showed last; a source that shows less began anew.
 */
import type { PortStats } from '../openflow/values/values.ts';
import { LazyMap } from './lazy-collections.ts';

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
  readonly #seen = new LazyMap<string, PortCounts>();

  constructor(sinceMs: number, total = noCounts, seen: Iterable<[string, PortCounts]> = []) {
    this.sinceMs = sinceMs;
    this.#total = total;
    for (const [source, shown] of seen) this.#seen.set(source, shown);
  }

  total(): PortCounts {
    return this.#total;
  }

  /** What a source shows now. True if it is news. `counts` says what of it is the port's. */
  saw(
    source: string,
    shows: PortCounts,
    beginning: Beginning,
    isCounted: (name: keyof PortCounts) => boolean = () => true,
  ): boolean {
    const last = this.#seen.get(source) ?? (beginning === 'now' ? shows : noCounts);
    const isAnew = names.some((name) => shows[name] < last[name]);
    const from = isAnew ? noCounts : last;
    const isNews = !this.#seen.has(source) || names.some((name) => shows[name] !== last[name]);
    this.#seen.set(source, shows);
    this.#total = mapCounts((name) => {
      return this.#total[name] + (isCounted(name) ? shows[name] - from[name] : 0n);
    });
    return isNews;
  }

  /** Something that no source counts. */
  add(more: Partial<PortCounts>): void {
    this.#total = mapCounts((name) => this.#total[name] + (more[name] ?? 0n));
  }

  /** The source is gone; one of that name would begin anew. */
  forget(source: string): void {
    this.#seen.delete(source);
  }

  toJSON(): unknown {
    const texts = (counts: PortCounts) => names.map((name) => String(counts[name]));
    const seen = [...this.#seen].map(([source, counts]) => [source, texts(counts)]);
    return { since: this.sinceMs, total: texts(this.#total), seen };
  }

  static fromJSON(stored: unknown): PortCounter {
    const { since, total, seen } = stored as {
      since: number;
      total: string[];
      seen: [string, string[]][];
    };
    const counts = (texts: string[]) => mapCounts((_, i) => BigInt(texts[i] ?? '0'));
    return new PortCounter(
      since,
      counts(total),
      seen.map(([source, texts]): [string, PortCounts] => [source, counts(texts)]),
    );
  }
}

function mapCounts(make: (name: keyof PortCounts, i: number) => bigint): PortCounts {
  return Object.fromEntries(names.map((name, i) => [name, make(name, i)])) as unknown as PortCounts;
}
