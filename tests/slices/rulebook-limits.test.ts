/**
 * The rulebook's edges: full, counters of a replaced rule, filters that a list cannot show.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand, flowFlag } from '../../openflow/values/constants.ts';
import type { Instruction, Match } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import { belowOf, contentOf } from '../../slices/rules/rule-record.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import { datapath } from './networks.ts';
import { applied, change, flowMod, outputs } from './rules.ts';

const mac = (i: number) => matchOf(oxm('eth_dst', i));
/** Of a rule on a datapath. */
const bytesOf = (match: Match, instructions: readonly Instruction[]) =>
  belowOf(contentOf(match, instructions));
const anyFilter = { outPort: 0xffffffff, outGroup: 0xffffffff, cookie: 0n, cookieMask: 0n };

t.test('one rule more than the limit is TABLE_FULL; a replacement still fits', async (t) => {
  const book = new Rulebook();
  for (let i = 0; i < limits.rulesPerVswitchMax; i++) applied(book, flowMod({ match: mac(i) }));
  const full = book.apply(flowMod({ match: mac(limits.rulesPerVswitchMax) }), 0);
  t.match(full, { type: 'ofError', errorType: 5, errorCode: 1 });
  t.equal(book.size, limits.rulesPerVswitchMax);
  t.equal(change(book, flowMod({ match: mac(3), cookie: 9n })).rule.cookie, 9n);
  applied(book, flowMod({ match: mac(3), command: flowCommand.delete }));
  t.equal(change(book, flowMod({ match: mac(-1) })).type, 'add', 'one was deleted');
});

t.test('rules with too many bytes on a datapath are TABLE_FULL, added or modified', async (t) => {
  const book = new Rulebook();
  const long = outputs(...Array.from({ length: 1_000 }, (_, i) => i + 1));
  const fit = Math.floor(limits.ruleBytesBelowPerVswitchMax / bytesOf(mac(1), long));
  for (let i = 0; i < fit; i++) applied(book, flowMod({ match: mac(i), instructions: long }));
  const full = { type: 'ofError', errorType: 5, errorCode: 1 };
  t.match(book.apply(flowMod({ match: mac(fit), instructions: long }), 0), full);
  applied(book, flowMod({ match: mac(fit), instructions: outputs(1) }));
  const modify = { command: flowCommand.modify, match: mac(fit), instructions: long };
  t.match(book.apply(flowMod(modify), 0), full);
  t.equal(book.rules().at(-1)?.instructions.length, 1);
  applied(book, flowMod({ match: mac(3), command: flowCommand.delete }));
  t.equal(applied(book, flowMod(modify)).length, 1, 'there is room again');
  const less = { ...modify, match: [], instructions: outputs(1) };
  applied(book, flowMod(less));
  const below = fit * bytesOf(mac(1), outputs(1));
  t.equal(book.arena.belowBytes, below, 'shorter ones make room');
  applied(book, flowMod({ command: flowCommand.delete }));
  t.equal(book.arena.belowBytes, 0);
});

t.test('when serials are used up, those that nobody has begin again', async (t) => {
  const book = new Rulebook(0xffff_fffe);
  const serials = [1, 2, 3, 4].map(
    (i) => change(book, flowMod({ match: mac(i), command: flowCommand.add })).rule.serial,
  );
  t.strictSame(serials, [0xffff_fffe, 0xffff_ffff, 1, 2]);
  const again = new Rulebook(0xffff_fffe);
  for (const rule of book.rules().filter(({ serial }) => serial < 3)) {
    const { match, instructions, counter, ...head } = rule;
    again.restore({ ...head, match, instructions, counted: counter.base() });
  }
  t.equal(change(again, flowMod({ match: mac(9) })).rule.serial, 0xffff_fffe);
  t.equal(change(again, flowMod({ match: mac(8) })).rule.serial, 0xffff_ffff);
  t.equal(change(again, flowMod({ match: mac(7) })).rule.serial, 3, "1 and 2 are somebody's");
  t.equal(again.bySerial(3)?.serial, 3);
});

t.test('a command that does not exist', async (t) => {
  const refused = new Rulebook().apply(flowMod({ command: 5 }), 0);
  t.match(refused, { type: 'ofError', errorType: 5, errorCode: 6 });
});

t.test('modify resets counters when it says so, and only then', async (t) => {
  const book = new Rulebook();
  const { rule } = change(book, flowMod());
  rule.counter.saw(datapath('s1'), { packets: 5n, bytes: 500n });
  const plain = change(book, flowMod({ command: flowCommand.modify }));
  t.equal(plain.rule.counter.total().packets, 5n);
  const flags = flowFlag.resetCounts;
  const reset = change(book, flowMod({ command: flowCommand.modify, flags }));
  t.equal(reset.rule.counter.total().packets, 0n);
});

t.test('an add that replaces keeps the counters, unless it resets them', async (t) => {
  // OF1.3.5 section 6.4: with OFPFF_RESET_COUNTS the counters are cleared, otherwise they are
  // copied over from the replaced flow entry.
  const book = new Rulebook();
  change(book, flowMod()).rule.counter.saw(datapath('s1'), { packets: 5n, bytes: 500n });
  t.equal(change(book, flowMod({ cookie: 2n })).rule.counter.total().packets, 5n);
  const flags = flowFlag.resetCounts;
  t.equal(change(book, flowMod({ cookie: 3n, flags })).rule.counter.total().packets, 0n);
});

t.test('out_port looks into write-actions too, and ignores set-field and groups', async (t) => {
  const book = new Rulebook();
  const write = {
    type: 'writeActions',
    actions: [{ type: 'output', port: 4, maxLen: 0 }],
  } as const;
  applied(book, flowMod({ priority: 1, instructions: [write] }));
  applied(book, flowMod({ priority: 2, instructions: outputs(4, 5) }));
  applied(book, flowMod({ priority: 3, instructions: outputs(5) }));
  const select = (filter: object) =>
    book
      .select({ tableId: 0, match: [], ...anyFilter, ...filter }, newCursor())
      .map((r) => r.priority);
  t.strictSame(select({ outPort: 4 }), [2, 1]);
  t.strictSame(select({ outGroup: 4 }), []);
  t.strictSame(select({}), [3, 2, 1], 'highest priority first');
  t.strictSame(select({ tableId: 0xff }), [3, 2, 1], 'OFPTT_ALL');
});

t.test('statistics of another table do not show the rules of this one', async (t) => {
  const book = new Rulebook();
  applied(book, flowMod());
  t.strictSame(book.select({ ...anyFilter, tableId: 7, match: [] }, newCursor()), []);
});

t.test('tables are apart: a rule, its overlaps, its deletion', async (t) => {
  const book = new Rulebook();
  for (const tableId of [0, 1, 7]) applied(book, flowMod({ tableId, cookie: BigInt(tableId) }));
  t.equal(book.size, 3);
  applied(
    book,
    flowMod({ tableId: 2, flags: flowFlag.checkOverlap, match: matchOf(oxm('eth_dst', 1)) }),
  );
  const one = applied(book, flowMod({ tableId: 1, command: flowCommand.deleteStrict }));
  t.strictSame(
    one.map(({ rule }) => rule.tableId),
    [1],
  );
  const all = applied(book, flowMod({ tableId: 0xff, command: flowCommand.deleteStrict }));
  t.strictSame(
    all.map(({ rule }) => rule.tableId),
    [0, 7],
    'OFPTT_ALL, strictly',
  );
  const rest = applied(book, flowMod({ tableId: 0xff, command: flowCommand.delete }));
  t.strictSame(
    rest.map(({ rule }) => rule.tableId),
    [2],
  );
});
