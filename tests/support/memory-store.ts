/**
 * A store in memory: what it was given is what the next process finds.
 */
import type { Store } from '../../hypervisor/world/world.ts';

/** With what it was given, each group by itself. */
export interface MemoryStore extends Store {
  load(): readonly Uint8Array[];
}

/** A store that outlives the process under test. */
export function memoryStore(): MemoryStore {
  let groups: Uint8Array[] = [];
  let fresh: Uint8Array[] | undefined;
  return {
    watch: () => undefined,
    follow: () => undefined,
    load: () => [...groups],
    scan: () => placedIn(groups),
    read: (into, at) => readFrom(groups, into, at),
    append(entries, done) {
      groups.push(entries.slice());
      fresh?.push(entries.slice());
      done();
    },
    size: () => sizeOf(groups),
    pendingBytes: () => 0,
    rewrite() {
      const made: Uint8Array[] = [];
      fresh = made;
      return {
        add: (entries) => void made.push(entries.slice()),
        isGivenUp: () => false,
        giveUp() {
          fresh = undefined;
        },
        pendingBytes: () => 0,
        finish(done) {
          groups = made;
          fresh = undefined;
          done(true);
        },
      };
    },
    close: () => undefined,
  };
}

export function sizeOf(groups: readonly Uint8Array[]): number {
  return groups.reduce((sum, one) => sum + one.length, 0);
}

/** Groups one behind the other, as on a disk. */
export function* placedIn(groups: readonly Uint8Array[]) {
  let at = 0;
  for (const bytes of groups) {
    yield { at, bytes: bytes.slice() };
    at += bytes.length;
  }
}

export function readFrom(groups: readonly Uint8Array[], into: Uint8Array, at: number): void {
  let start = 0;
  for (const group of groups) {
    const from = Math.max(at, start);
    const to = Math.min(at + into.length, start + group.length);
    if (from < to) into.set(group.subarray(from - start, to - start), from - at);
    start += group.length;
  }
}
