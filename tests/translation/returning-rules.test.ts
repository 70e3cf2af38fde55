/**
 * Whether a modify or a delete may be about a rule whose removal is not acknowledged: by a hash for
 * strict ones, which says what a look at all of them says.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand } from '../../openflow/values/constants.ts';
import { limits } from '../../slices/limits.ts';
import { concerns } from '../../slices/rules/rule-filter.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import { ReturningRules } from '../../translation/changes/returning-rules.ts';
import { RoundChange } from '../../translation/changes/round-change.ts';
import { applied, flowMod } from '../slices/rules.ts';

const mac = (i: number) => matchOf(oxm('eth_dst', i));

/** Removals of rules for so many addresses, of two priorities and tables. */
function removals(count: number): readonly RoundChange[] {
  const book = new Rulebook();
  for (let i = 0; i < count; i++) {
    applied(book, flowMod({ match: mac(i >> 1), priority: 5 + (i & 1), tableId: (i >> 2) & 1 }));
  }
  const all = flowMod({ command: flowCommand.delete, tableId: 0xff });
  return applied(book, all).map((change) => new RoundChange(change));
}

t.test('what may be there again is found, by strict requests and others', async (t) => {
  const all = removals(40);
  t.equal(all.length, 40);
  const rules = new ReturningRules();
  const there = new Set<RoundChange>();
  const isThere = (mod: ReturnType<typeof flowMod>): boolean =>
    [...there].some(
      ({ change, isRefused }) => 'rule' in change && !isRefused && concerns(mod, change.rule),
    );
  let found = 0;
  const look = (): void => {
    for (let i = 0; i < 24; i++) {
      for (const command of [flowCommand.deleteStrict, flowCommand.modifyStrict]) {
        for (const [priority, tableId] of [
          [5, 0],
          [6, 0],
          [6, 1],
          [7, 0],
          [5, 0xff],
        ] as const) {
          const mod = flowMod({ command, match: mac(i), priority, tableId });
          found += Number(isThere(mod));
          if (rules.mayBe(mod) !== isThere(mod)) t.fail(`${command} ${priority} ${tableId} ${i}`);
        }
      }
    }
    const wide = flowMod({ command: flowCommand.delete });
    if (rules.mayBe(wide) !== isThere(wide)) t.fail('all');
  };
  look();
  for (const one of all) {
    rules.add(one);
    there.add(one);
    if (there.size % 8 === 0) look();
  }
  for (const one of all.slice(0, 10)) one.isRefused = true;
  look();
  for (const one of all) {
    rules.delete(one);
    there.delete(one);
    if (there.size % 8 === 0) look();
  }
  t.ok(found > 100, `${found} were found`);
  t.notOk(rules.mayBe(flowMod({ command: flowCommand.delete })), 'none is left');
});

t.test('among very many a strict request for none of them does not wait', async (t) => {
  const rules = new ReturningRules();
  for (const one of removals(limits.removalsAskedMax + 2)) rules.add(one);
  const strict = { command: flowCommand.deleteStrict, priority: 5 };
  t.notOk(rules.mayBe(flowMod({ ...strict, match: mac(10_000) })));
  t.ok(rules.mayBe(flowMod({ ...strict, match: mac(3), tableId: 1 })));
  t.ok(rules.mayBe(flowMod({ command: flowCommand.delete, match: mac(10_000) })), 'others do');
});
