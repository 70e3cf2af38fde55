/**
 * The rules of one moment, looked at in parts while others change them (slices/rules).
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand } from '../../openflow/values/constants.ts';
import { RuleSnapshot } from '../../slices/rules/rule-snapshot.ts';
import { type Rule, Rulebook, type RuleChange } from '../../slices/rules/rulebook.ts';
import { Random } from '../openflow/random.ts';
import { applied, flowMod, outputs } from './rules.ts';

const text = ({ serial, cookie, instructions }: Rule): string =>
  JSON.stringify([serial, `${cookie}`, instructions]);

function beforeOf(change: RuleChange): Rule | undefined {
  if (change.type === 'add') return change.replaced;
  return change.type === 'modify' ? change.before : change.rule;
}

t.test('all parts, and what was asked about early, are one moment', async (t) => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new Random(seed);
    const book = new Rulebook();
    let early: ((rule: Rule) => void) | undefined;
    const changeSome = (): void => {
      const command = random.pick([0, 0, 0, 1, 2, 3, 4]);
      const match = random.number(9) === 0 ? [] : matchOf(oxm('eth_dst', random.number(60)));
      const cookie = BigInt(random.number(5));
      const instructions = command >= flowCommand.delete ? [] : outputs(1 + random.number(2));
      const changes = applied(book, flowMod({ command, match, cookie, instructions }));
      // What a datapath refuses is there again, in another place of the memory.
      const isBack = random.number(6) === 0;
      for (const change of changes) {
        const before = beforeOf(change);
        if (before !== undefined) early?.(before);
      }
      for (const change of isBack ? changes.toReversed() : []) {
        if (change.type === 'add' || change.type === 'modify') early?.(change.rule);
        book.revert(change);
      }
    };
    for (let i = 0; i < 80; i++) changeSome();
    const since = random.number(2) === 0 ? undefined : book.revision - 20;
    const wanted = book.rules().filter(({ revision }) => since === undefined || revision > since);
    const snapshot = new RuleSnapshot(book, since);
    const seen: string[] = [];
    early = (rule) => {
      if (snapshot.leaves(rule)) seen.push(text(rule));
    };
    while (!snapshot.isOver) {
      for (const rule of snapshot.next(1 + random.number(5))) seen.push(text(rule));
      for (let i = random.number(6); i > 0; i--) changeSome();
    }
    t.strictSame(seen.sort(), wanted.map(text).sort(), `seed ${seed}`);
    t.strictSame(snapshot.next(9), []);
  }
});

t.test('of a book without rules there are none', async (t) => {
  const snapshot = new RuleSnapshot(new Rulebook());
  t.ok(snapshot.isOver);
  t.strictSame(snapshot.next(5), []);
});
