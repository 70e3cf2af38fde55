/** Faults in how it is known that a change is in force (mutants.ts has all others). */
import type { Mutant } from './mutants.ts';

export const acknowledging: readonly Mutant[] = [
  {
    name: 'what a switch takes after its barrier is not waited for',
    file: 'hypervisor/datapath/acknowledgements.ts',
    from: "if (ack === 'barrier') acked();",
    to: 'if (acked) acked();',
    tests: ['tests/hypervisor/datapath.test.ts', 'tests/sim/continuity.test.ts'],
  },
  {
    name: 'two flips of a canary are enough',
    file: 'slices/limits/migrations.ts',
    from: 'canaryFlips: 3,',
    to: 'canaryFlips: 2,',
    tests: ['tests/translation/canary.test.ts'],
  },
  {
    name: 'one whole round of revalidators is enough, however many flows are new',
    file: 'translation/datapath/canary-flips.ts',
    from: 'return 1 + Math.max(1,',
    to: 'return 1 + Math.min(0,',
    tests: ['tests/translation/canary.test.ts'],
  },
  {
    name: 'a canary that is not cached counts',
    file: 'translation/datapath/canary-flips.ts',
    from: 'const counts = this.#isCached || !caches;',
    to: 'const counts = version > 0 || !caches;',
    tests: ['tests/translation/canary.test.ts'],
  },
];
