/**
 * Flow monitors of who reads slowly, or never, and of very many rules.
 */

import t from 'tap';
import { flowCommand } from '../../openflow/values/constants.ts';
import { limits } from '../../slices/limits.ts';
import { MonitoredTable, monitor, monitoring, updatesIn } from '../openflow/monitored.ts';
import { outputs } from '../slices/rules.ts';
import { add, barrier, on, remove, row, started, told } from './monitored-rules.ts';

t.test('who does not read is paused, and told what it missed when it reads', async (t) => {
  const { net, red, other, says } = started();
  says(red, add(1), add(2));
  says(other, monitoring(8, [monitor(1)]));
  other.reads = false;
  other.unread = limits.monitorWaitBytesMax;
  says(red, add(3));
  t.strictSame(told(other), [`0 | ADDED 0/100 ${row(3)} c0 out 2`, '0 1871']);
  says(red, add(4), add(5), remove({ ...on(1) }), remove({ ...on(4) }), add(2, { cookie: 7n }));
  says(red, add(3, { command: flowCommand.modify, instructions: outputs(1) }));
  t.strictSame(
    told(other),
    [`0 | DELETED 2 0/100 ${row(1)} c0 out 2`, `0 | DELETED 2 0/100 ${row(2)} c0 out 2`],
    'of what it knew',
  );
  other.reads = true;
  net.run();
  t.strictSame(told(other), [
    [
      `0 | MODIFIED 0/100 ${row(3)} c0 out 1`,
      `ADDED 0/100 ${row(5)} c0 out 2`,
      `ADDED 0/100 ${row(2)} c7 out 2`,
    ].join(' | '),
    '0 1872',
  ]);
  says(red, add(6));
  t.strictSame(told(other), [`0 | ADDED 0/100 ${row(6)} c0 out 2`]);
});

t.test('many rules are told in turns, as of one moment; what changes follows', async (t) => {
  const { net, runtime, red, other, says } = started();
  const count = 5_000;
  red.says(...Array.from({ length: count }, (_, i) => add(i, { priority: 1 + (i % 9) })));
  net.run(1_000);
  told(red);
  net.world.roundsPerTurnMax = 1;
  other.says(monitoring(8, [monitor(1)]));
  red.says(remove({ ...on(4_990) }), add(20, { priority: 3, cookie: 9n }), add(9_999));
  red.says(add(4_991, { command: flowCommand.modify, priority: 6, cookie: 1n }));
  net.run(1_000);
  const messages = other.received().filter(({ type }) => type === 'multipartReply');
  const last = messages.findLastIndex(({ xid }) => xid === 8);
  const initial = messages.slice(0, last + 1).flatMap((one) => updatesIn(one) ?? []);
  t.ok(last > 0, 'in several parts');
  t.equal(initial.length, count);
  t.ok(initial.every((one) => 'cookie' in one && one.cookie === 0n));
  t.equal(messages.length, last + 4, 'the changes behind it');
  const table = new MonitoredTable();
  for (const one of messages) table.take(one);
  t.strictSame(table.faults, []);
  t.equal(table.rules.size, runtime.rulebook.size);
  t.strictSame(says(red, barrier), ['99 barrierReply']);
});

t.test('who monitors and reads nothing is cut off, and nobody else notices', async (t) => {
  const { net, runtime, red, other, says } = started();
  const wide = outputs(...Array.from({ length: 120 }, () => 2));
  const many = Array.from({ length: 1_000 }, (_, i) => add(i, { instructions: wide }));
  red.says(...many);
  net.run(2_000);
  told(red);
  other.reads = false;
  other.says(monitoring(8, [monitor(1)]));
  net.run(300);
  t.ok(other.unread < 2 * limits.unreadBytesMax, 'no more is made than is read');
  red.says(...many.map((one) => ({ ...one, cookie: 5n })));
  net.run(2_000);
  t.ok(other.isClosed, 'what changes before it is told has no room');
  t.strictSame(says(red, barrier), ['99 barrierReply']);
  t.equal(runtime.rulebook.size, 1_000);
});
