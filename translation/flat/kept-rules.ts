/**
 * Frames of the rules of a flat body that are still raw (rule-bytes.ts), one behind the other in
 * chunks. A chunk of which little is left is freed, and the rest of it copied, so that keeping one
 * rule of each hundred takes no more memory than that.
 */
import type { Writer } from '../../openflow/layout/writer.ts';
import type { RuleRun } from '../../slices/rules/rule-run.ts';
import type { Width } from './priority-map.ts';

/** The first chunk of a body, and those of one that has many. */
const CHUNK_BYTES_MIN = 1_024;
const CHUNK_BYTES_MAX = 32 * 1_024;
/** It is given back when so little of it is left. */
const LEAST_LEFT = 1 / 4;

interface Chunk {
  readonly dv: DataView;
  used: number;
  /** Whose frames came to it, and how many bytes of them stand yet. */
  readonly serials: number[];
  left: number;
}

/** Where a rule's frame is, and what it is on the datapath. */
export interface Kept {
  chunk: Chunk;
  at: number;
  readonly size: number;
  readonly matchSize: number;
  readonly revision: number;
  /** Entries that it has on the datapath, and levels that it takes there. */
  readonly entries: number;
  readonly width: Width;
}

export class KeptRules {
  readonly #bySerial = new Map<number, Kept>();
  #newest: Chunk = chunkOf(0);
  #bytes = 0;
  #entryCount = 0;
  /** Where the run is that is being kept, or was last. */
  #run: Chunk = this.#newest;
  #runAt = 0;

  get size(): number {
    return this.#bySerial.size;
  }

  /** Of all chunks. */
  get bytes(): number {
    return this.#bytes;
  }

  get(serial: number): Kept | undefined {
    return this.#bySerial.get(serial);
  }

  serials(): Iterable<number> {
    return this.#bySerial.keys();
  }

  /** How many entries they have. */
  get entryCount(): number {
    return this.#entryCount;
  }

  /** Copies the frames of a run, whose rules are `put` behind each other. Hot. */
  begin({ dv, at, size }: RuleRun): void {
    this.#runAt = this.#copy(dv, at[0] as number, size);
    this.#run = this.#newest;
    this.#run.left += size;
  }

  put(run: RuleRun, i: number, entries: number, width: Width): void {
    const chunk = this.#run;
    const serial = run.serial[i] as number;
    const [first, at] = [run.at[0] as number, run.at[i] as number];
    const size = (i + 1 < run.count ? (run.at[i + 1] as number) : first + run.size) - at;
    chunk.serials.push(serial);
    this.#entryCount += entries;
    this.#bySerial.set(serial, {
      chunk,
      at: this.#runAt + at - first,
      size,
      matchSize: run.matchSize[i] as number,
      revision: run.revision[i] as number,
      entries,
      width,
    });
  }

  /** A rule is this frame from now on. */
  replace(
    serial: number,
    { dv, at: size }: Writer,
    what: Pick<Kept, 'revision' | 'entries' | 'width'>,
  ): void {
    const before = this.#bySerial.get(serial);
    if (before === undefined) throw new Error(`rule ${serial} does not stand as bytes`);
    const at = this.#copy(dv, 0, size);
    const chunk = this.#newest;
    chunk.left += size;
    chunk.serials.push(serial);
    this.#entryCount += what.entries - before.entries;
    this.#bySerial.set(serial, { ...before, ...what, chunk, at, size });
    before.chunk.left -= before.size;
    this.#giveBack(before.chunk);
  }

  delete(serial: number): void {
    const kept = this.#bySerial.get(serial);
    if (kept === undefined) return;
    this.#bySerial.delete(serial);
    const { chunk, size, entries } = kept;
    this.#entryCount -= entries;
    chunk.left -= size;
    this.#giveBack(chunk);
  }

  /** Nothing may be left of it: then nothing is kept. */
  trim(): void {
    if (this.size > 0) return;
    this.#newest = chunkOf(0);
    this.#run = this.#newest;
    this.#bytes = 0;
  }

  /** Where it begins in the newest chunk. */
  #copy(dv: DataView, at: number, size: number): number {
    const before = this.#newest;
    const isFull = before.used + size > before.dv.byteLength;
    if (isFull) {
      const whole = Math.min(CHUNK_BYTES_MAX, Math.max(CHUNK_BYTES_MIN, this.#bytes));
      this.#newest = chunkOf(Math.max(whole, size));
      this.#bytes += this.#newest.dv.byteLength;
    }
    const chunk = this.#newest;
    const to = chunk.used;
    new Uint8Array(chunk.dv.buffer, to, size).set(
      new Uint8Array(dv.buffer, dv.byteOffset + at, size),
    );
    chunk.used += size;
    if (isFull) this.#giveBack(before);
    return to;
  }

  /** If little is left of one that nothing is put into any more: what is left is copied. */
  #giveBack(chunk: Chunk): void {
    if (chunk === this.#newest || chunk === this.#run) return;
    if (chunk.left > chunk.dv.byteLength * LEAST_LEFT) return;
    this.#bytes -= chunk.dv.byteLength;
    for (const serial of chunk.serials) {
      const kept = this.#bySerial.get(serial);
      if (kept?.chunk !== chunk) continue;
      kept.at = this.#copy(chunk.dv, kept.at, kept.size);
      kept.chunk = this.#newest;
      kept.chunk.serials.push(serial);
      kept.chunk.left += kept.size;
    }
  }
}

function chunkOf(size: number): Chunk {
  return { dv: new DataView(new ArrayBuffer(size)), used: 0, serials: [], left: 0 };
}
