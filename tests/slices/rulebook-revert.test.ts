/**
 * A change that a datapath refused is taken back: the book is as it was before it.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand, flowFlag } from '../../openflow/values/constants.ts';
import type { Instruction } from '../../openflow/values/values.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import { Rulebook, type RuleChange } from '../../slices/rules/rulebook.ts';
import { datapath } from './networks.ts';
import { applied, change, flowMod, outputs, plainRules } from './rules.ts';

const { modify, modifyStrict } = flowCommand;

/** A book with two rules. */
function twoRules(): Rulebook {
  const book = new Rulebook();
  applied(book, flowMod({ priority: 1, instructions: outputs(1), cookie: 1n }));
  applied(book, flowMod({ priority: 2, instructions: outputs(2), cookie: 2n }));
  return book;
}

/** In their order, as a datapath's refusals come. */
function revertAll(book: Rulebook, changes: readonly RuleChange[], isSameSlot = false): void {
  for (const [i, one] of changes.entries()) {
    const later = isSameSlot ? changes.slice(i + 1) : [];
    book.revert(
      one,
      later.map((change) => ({ change, isRefused: true, isSent: true })),
    );
  }
}

t.test('an add, a replacement, a modify, each alone', async (t) => {
  for (const mod of [
    flowMod({ priority: 3 }),
    flowMod({ priority: 1, cookie: 9n, instructions: outputs(9) }),
    flowMod({ command: modify, instructions: outputs(9) }),
    flowMod({ command: modifyStrict, priority: 2, instructions: [] }),
  ]) {
    const book = twoRules();
    const before = plainRules(book);
    revertAll(book, applied(book, mod, 50));
    t.strictSame(plainRules(book), before, `command ${mod.command} priority ${mod.priority}`);
    t.equal(book.bySerial(1)?.cookie, 1n);
    t.equal(book.size, 2);
  }
});

t.test('a serial that was given out is not given out again', async (t) => {
  const book = twoRules();
  const added = change(book, flowMod({ priority: 3 }));
  book.revert(added);
  t.ok(change(book, flowMod({ priority: 3 })).rule.serial > added.rule.serial);
});

t.test('a change that something later has overtaken is left alone', async (t) => {
  const book = twoRules();
  const refused = change(book, flowMod({ command: modifyStrict, priority: 1 }));
  const gone = change(book, flowMod({ command: flowCommand.deleteStrict, priority: 1 }));
  const after = plainRules(book);
  book.revert(refused, [{ change: gone, isRefused: false, isSent: true }]);
  t.strictSame(plainRules(book), after, 'deleted meanwhile');
});

t.test('what the rule used before went meanwhile, and took it with it', async (t) => {
  const metered = [{ type: 'meter', meterId: 1, below: 7 }, ...outputs(1)] as const;
  for (const isRefused of [false, true]) {
    const book = new Rulebook();
    applied(book, flowMod({ priority: 1, instructions: metered, cookie: 1n }));
    const refused = change(book, flowMod({ command: modifyStrict, priority: 1 }));
    const next = change(book, flowMod({ command: modifyStrict, priority: 1 }));
    const takes = (all: readonly Instruction[]) => all.some((one) => one.type === 'meter');
    const { stands, sent, removed } = book.revert(refused, [
      { reason: 'meterDelete', takes, isRefused, isSent: true },
      { change: next, isRefused: false, isSent: true },
    ]);
    const left = isRefused ? [1n] : [];
    t.strictSame(
      book.rules().map(({ cookie }) => cookie),
      left,
      'a modify makes nothing of what is not there',
    );
    t.strictSame(stands?.cookie, left[0]);
    t.strictSame(sent?.cookie, left[0]);
    t.strictSame(
      removed.map(({ reason }) => reason),
      isRefused ? [] : ['meterDelete'],
    );
  }
});

t.test('two modifies of one rule are both refused', async (t) => {
  const book = twoRules();
  const before = plainRules(book);
  const first = change(book, flowMod({ command: modifyStrict, priority: 1, instructions: [] }));
  const second = change(
    book,
    flowMod({ command: modifyStrict, priority: 1, instructions: outputs(7) }),
  );
  revertAll(book, [first, second], true);
  t.strictSame(plainRules(book), before);
});

t.test('two replacements of one rule are both refused', async (t) => {
  const book = twoRules();
  const before = plainRules(book);
  const first = change(book, flowMod({ priority: 1, cookie: 7n }));
  const second = change(book, flowMod({ priority: 1, cookie: 8n }));
  revertAll(book, [first, second], true);
  t.strictSame(plainRules(book), before);
});

t.test('counters that a refused modify reset are there again', async (t) => {
  const book = new Rulebook();
  const { rule } = change(book, flowMod({ match: matchOf(oxm('in_port', 1)) }));
  rule.counter.saw(datapath('s1'), { packets: 5n, bytes: 500n });
  const mod = flowMod({ command: modify, flags: flowFlag.resetCounts, instructions: outputs(1) });
  book.revert(change(book, mod));
  t.strictSame(book.bySerial(rule.serial)?.counter.total(), { packets: 5n, bytes: 500n });
});

t.test('a replacement is refused, and then the modify behind it', async (t) => {
  const book = twoRules();
  const before = plainRules(book);
  const add = change(book, flowMod({ priority: 1, cookie: 7n, instructions: outputs(7) }));
  const mod = change(book, flowMod({ command: modifyStrict, priority: 1, instructions: [] }));
  book.revert(add, [{ change: mod, isRefused: false, isSent: true }]);
  t.strictSame(book.bySerial(1)?.instructions, [], 'the modify was of what stood there');
  const back = book.revert(mod);
  t.notOk(back.isOvertaken);
  t.strictSame(plainRules(book), before);
});

t.test('what made a rule use a meter is refused, and the meter was deleted', async (t) => {
  const book = twoRules();
  const before = plainRules(book);
  const metered = [{ type: 'meter', meterId: 3, below: 9 }, ...outputs(5)] as const;
  const mod = change(book, flowMod({ command: modifyStrict, priority: 1, instructions: metered }));
  const [gone] = book.removeSome((all) => all[0]?.type === 'meter', 'meterDelete', newCursor());
  if (gone === undefined) throw new Error('it did not go with its meter');
  const back = book.revert(mod, [{ change: gone, isRefused: false, isSent: false }]);
  t.strictSame(plainRules(book), before, 'it never used the meter');
  t.strictSame(back.void, [gone], 'and its removal is not sent any more');
});

t.test('a rule is not let go, and what came in its place is refused, too', async (t) => {
  for (const isLater of [false, true]) {
    const book = twoRules();
    const before = plainRules(book);
    const gone = change(book, flowMod({ command: flowCommand.deleteStrict, priority: 1 }));
    const add = change(book, flowMod({ priority: 1, cookie: 7n }));
    const mod = change(book, flowMod({ command: modifyStrict, priority: 1, instructions: [] }));
    t.ok(book.revert(gone).isOvertaken);
    const back = book.revert(add, [{ change: mod, isRefused: isLater, isSent: true }]);
    t.ok(back.isResent, 'datapaths may have been told otherwise');
    if (isLater) book.revert(mod);
    const now = plainRules(book);
    t.equal(book.size, 2);
    if (isLater) t.strictSame(now, before);
    else t.strictSame(book.bySerial(1)?.instructions, [], 'the modify was of what stood there');
  }
});
