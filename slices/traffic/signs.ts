/**
 * Signs that a datapath is about to fail (slices/config/evacuate-on.ts): frames with errors at a
 * port, a port that comes and goes, a slow reply. Each has to last before it counts, except ports
 * that come and go, which have lasted already.
 */

import type { EvacuateOn } from '../config/remaps.ts';
import { spanText } from '../config/schedules.ts';
import { type DatapathName, endText, type Port } from '../ids.ts';

/** Counters of a port that grow when frames are lost at it. */
export interface PortErrors {
  readonly port: Port;
  readonly errors: bigint;
}

/** What is wrong, and at which port; absent: at none, and so the datapath's own. */
export interface Sign {
  readonly why: string;
  readonly port?: Port;
}

interface Read {
  readonly errors: bigint;
  readonly atMs: number;
  /** In a second, since the look before. */
  readonly rate: number;
}

export class Signs {
  readonly #name: DatapathName;
  readonly #ports = new Map<Port, Read>();
  /** When each port went down. */
  readonly #downs = new Map<Port, number[]>();
  #slow: { readonly ms: number } | undefined;
  /** Since when there is a sign that has to last. */
  #sinceMs: number | undefined;

  constructor(name: DatapathName) {
    this.#name = name;
  }

  /** Counters that were read; one that shows less than before began anew. */
  sawErrors(all: readonly PortErrors[], nowMs: number): void {
    for (const { port, errors } of all) {
      const before = this.#ports.get(port);
      const isNew = before === undefined || errors < before.errors || nowMs <= before.atMs;
      const grown = isNew ? 0 : Number(errors - before.errors);
      const rate = isNew ? 0 : (grown * 1_000) / (nowMs - before.atMs);
      this.#ports.set(port, { errors, atMs: nowMs, rate });
    }
  }

  wentDown(port: Port, nowMs: number, keptMax: number): void {
    const times = this.#downs.get(port) ?? [];
    times.push(nowMs);
    if (times.length > keptMax) times.shift();
    this.#downs.set(port, times);
  }

  /** How long it took to answer, or has taken so far. */
  answered(ms: number): void {
    this.#slow = { ms };
  }

  get answerMs(): number {
    return this.#slow?.ms ?? 0;
  }

  /** It is away, or was told of otherwise: what was read before says nothing. */
  forget(): void {
    this.#ports.clear();
    this.#slow = undefined;
    this.#sinceMs = undefined;
  }

  /** What is wrong now, whether it has lasted or not. */
  present(on: EvacuateOn, nowMs: number): readonly Sign[] {
    return [...this.#flapping(on, nowMs), ...this.#failing(on)];
  }

  /** What is wrong and has lasted; asked again and again. */
  lasting(on: EvacuateOn, nowMs: number): readonly Sign[] {
    const failing = this.#failing(on);
    if (failing.length === 0) this.#sinceMs = undefined;
    else this.#sinceMs ??= nowMs;
    const isLong = this.#sinceMs !== undefined && nowMs - this.#sinceMs >= on.forMs;
    return [...this.#flapping(on, nowMs), ...(isLong ? failing : [])];
  }

  #flapping({ flaps }: EvacuateOn, nowMs: number): readonly Sign[] {
    if (flaps === undefined) return [];
    return [...this.#downs].flatMap(([port, times]) => {
      const count = times.filter((one) => one > nowMs - flaps.inMs).length;
      const why = `${this.#at(port)} went down ${count} times in ${spanText(flaps.inMs)}`;
      return count >= flaps.count ? [{ why, port }] : [];
    });
  }

  #failing({ errorsPerSec = Infinity, slowMs = Infinity }: EvacuateOn): readonly Sign[] {
    const ports = [...this.#ports].flatMap(([port, { rate }]) => {
      const why = `${this.#at(port)} loses ${Math.round(rate)} frames a second`;
      return rate >= errorsPerSec ? [{ why, port }] : [];
    });
    const { ms = 0 } = this.#slow ?? {};
    const slow = ms >= slowMs ? [{ why: `it takes ${Math.round(ms)} ms to answer` }] : [];
    return [...ports, ...slow];
  }

  #at(port: Port): string {
    return endText({ device: this.#name, port });
  }
}
