/** Faults in when the store is synced (mutants.ts has all others). */
import type { Mutant } from './mutants.ts';

export const syncing: readonly Mutant[] = [
  {
    name: 'the head of a commit that grows is written before its bytes',
    file: 'hypervisor/store/log-file.ts',
    from: 'this.#write(bytes.subarray(from), at + from, () => {',
    to: 'this.#file.writeNow(bytes.subarray(0, 16), at);\n    $&',
    tests: ['tests/hypervisor/store-crashes.test.ts'],
  },
  {
    name: 'what a killed process wrote is not synced by the next',
    file: 'hypervisor/store/store-opening.ts',
    from: 'opened.syncNow();',
    to: '',
    tests: ['tests/hypervisor/store-failing.test.ts'],
  },
  {
    name: 'a barrier waits for the disk whatever the file says',
    file: 'hypervisor/tenant/acknowledged.ts',
    from: 'journal.handed.bind(journal)',
    to: 'journal.sync.bind(journal)',
    tests: ['tests/hypervisor/store-sync.test.ts'],
  },
];
