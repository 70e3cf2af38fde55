/** Faults in what follows when a datapath refuses something (mutants.ts has all others). */
import type { Mutant } from './mutants.ts';

export const refusing: readonly Mutant[] = [
  {
    name: 'a clone that refuses a change ends nothing',
    file: 'hypervisor/tenant/rounds.ts',
    from: 'setAside(owner, body, refusal);',
    to: '',
    tests: ['tests/hypervisor/refused-changes.test.ts'],
  },
  {
    name: 'a clone that refuses to be filled ends nothing',
    file: 'hypervisor/tenant/bodies.ts',
    from: 'const [refusal] = outcome.refusals;',
    to: 'const [refusal] = [];',
    tests: ['tests/hypervisor/clone-refuses.test.ts'],
  },
  {
    name: 'a clone is told of changes before it is filled, refuses them, and it ends',
    file: 'hypervisor/tenant/excluded-bodies.ts',
    from: 'return this.#unfilled === body || this.has(body);',
    to: 'return this.has(body);',
    tests: ['tests/hypervisor/clone-refuses.test.ts'],
  },
  {
    name: 'a clone that is set aside is migrated to',
    file: 'hypervisor/migrate/executor.ts',
    from: 'this.#tell(next, states.keptIn(next));\n    if (migration.to === body)',
    to: 'this.#tell(next, states.keptIn(next));\n    if (false)',
    tests: ['tests/hypervisor/refused-changes.test.ts'],
  },
  {
    name: 'a refusal is not told',
    file: 'hypervisor/tenant/refused-changes.ts',
    from: 'later, by, isTold ? [] : [errorTo(origin, refusal)]',
    to: 'later, by, []',
    tests: ['tests/hypervisor/refused-changes.test.ts'],
  },
  {
    name: 'a switch that has no room for what it held is hung up on',
    file: 'hypervisor/tenant/repairs.ts',
    from: 'lacked(context, owner, on, messages, outcome);',
    to: 'distrusted(context, owner, on, outcome);',
    tests: ['tests/hypervisor/repairs.test.ts'],
  },
  {
    name: 'a change that was sent once more to lead back is left there when it is refused',
    file: 'hypervisor/tenant/refused-changes.ts',
    from: 'later.length === 0 && !isResent(back)',
    to: 'later.length === 0',
    tests: ['tests/hypervisor/repairs.test.ts'],
  },
  {
    name: 'a rule that was not let go is forgotten with what came in its place',
    file: 'slices/rules/rulebook-revert.ts',
    from: 'if (stands !== undefined) keep(this.#beneath, serial, stands);',
    to: '',
    tests: ['tests/slices/rulebook-revert.test.ts'],
  },
  {
    name: 'what was refused stays in the books',
    file: 'hypervisor/tenant/rounds.ts',
    from: 'revert(context, owner, withRequest(changes, own));',
    to: '',
    tests: ['tests/hypervisor/refused-changes.test.ts'],
  },
];
