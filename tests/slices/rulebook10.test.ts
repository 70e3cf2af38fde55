/**
 * What a flow-mod of OpenFlow 1.0 does to counters, timers and cookies, and when it adds: the
 * table of Open vSwitch's design.rst, line by line.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand, version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { FlowMod } from '../../openflow/values/values.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import { flowMod } from './rules.ts';

const { add, modify, modifyStrict, delete: del } = flowCommand;

function mod10(over: Partial<FlowMod>): FlowMod {
  return { ...flowMod(over), version: version.of10 };
}

/** A book with a rule that has counted, and what a second flow-mod makes of it. */
function after(second: FlowMod) {
  const book = new Rulebook();
  const timeouts = { idleTimeoutSec: 5, hardTimeoutSec: 50 };
  book.apply(mod10({ command: add, cookie: 1n, ...timeouts }), 1_000);
  const [first] = book.rules();
  first?.counter.saw('s1' as never, { packets: 7n, bytes: 700n });
  const changes = book.apply(second, 9_000);
  if (isError(changes)) throw new Error(changes.why);
  return { book, changes, rule: book.rules()[0] };
}

t.test('an add resets counters and timers, and takes its own cookie', async (t) => {
  const { rule, changes } = after(mod10({ command: add, cookie: 2n, hardTimeoutSec: 9 }));
  t.match(changes, [{ type: 'add', resets: true }]);
  t.equal(rule?.counter.total().packets, 0n);
  t.match(rule, { cookie: 2n, hardTimeoutSec: 9, idleTimeoutSec: 0, addedMs: 9_000 });
});

for (const command of [modify, modifyStrict]) {
  t.test(`a modify (${command}) keeps counters and time-outs, restarts the hard one`, async (t) => {
    const { rule, changes } = after(mod10({ command, cookie: 2n, hardTimeoutSec: 9 }));
    t.match(changes, [{ type: 'modify', resets: false }]);
    t.equal(rule?.counter.total().packets, 7n);
    t.match(rule, { cookie: 2n, idleTimeoutSec: 5, hardTimeoutSec: 50, addedMs: 1_000 });
    t.match(rule, { usedMs: 1_000, hardFromMs: 9_000 });
  });

  t.test(`a modify (${command}) with a cookie of ones leaves the rule its own`, async (t) => {
    const { rule } = after(mod10({ command, cookie: 0xffff_ffff_ffff_ffffn }));
    t.equal(rule?.cookie, 1n);
  });

  t.test(`a modify (${command}) that finds nothing adds, as an add does`, async (t) => {
    const match = matchOf(oxm('in_port', 3));
    const other = mod10({ command, cookie: 2n, hardTimeoutSec: 9, match, priority: 7 });
    const { book, changes } = after(other);
    t.match(changes, [{ type: 'add', rule: { cookie: 2n, hardTimeoutSec: 9, match } }]);
    t.equal(book.size, 2);
  });

  t.test(`in 1.3, a modify (${command}) neither adds nor changes the cookie`, async (t) => {
    const { rule } = after(flowMod({ command, cookie: 2n, cookieMask: 0n }));
    t.equal(rule?.cookie, 1n);
    const match = matchOf(oxm('in_port', 3));
    t.strictSame(after(flowMod({ command, match, priority: 7 })).changes, []);
  });
}

t.test('a modify that would add minds the overlap that it was told to check', async (t) => {
  const book = new Rulebook();
  book.apply(mod10({ command: add, match: matchOf(oxm('in_port', 1)) }), 0);
  const match = matchOf(oxm('eth_type', 0x806));
  const refused = book.apply(mod10({ command: modify, match, flags: 2 }), 0);
  t.match(refused, { type: 'ofError', errorType: 5, errorCode: 3 });
});

t.test('deletes are filtered by a port that enqueue sends to, too', async (t) => {
  const book = new Rulebook();
  const instructions: FlowMod['instructions'] = [
    { type: 'applyActions', actions: [{ type: 'enqueue', port: 2, queueId: 1 }] },
  ];
  book.apply(mod10({ command: add, instructions }), 0);
  t.strictSame(book.apply(mod10({ command: del, outPort: 3 }), 0), []);
  t.match(book.apply(mod10({ command: del, outPort: 2 }), 0), [{ type: 'remove' }]);
});
