/**
 * A store in memory: what it was given is what the next process finds.
 */
import type { Store } from '../../hypervisor/world.ts';

/** A store that outlives the process under test. */
export function memoryStore(): Store {
  let groups: Uint8Array[] = [];
  let fresh: Uint8Array[] | undefined;
  return {
    load: () => [...groups],
    append(entries, done) {
      groups.push(entries.slice());
      fresh?.push(entries.slice());
      done();
    },
    size: () => groups.reduce((sum, one) => sum + one.length, 0),
    rewrite() {
      const made: Uint8Array[] = [];
      fresh = made;
      return {
        add: (entries) => void made.push(entries.slice()),
        finish(done) {
          groups = made;
          fresh = undefined;
          done();
        },
      };
    },
    close: () => undefined,
  };
}
