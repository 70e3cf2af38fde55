/**
 * Time-outs: an idle rule never goes early, and a hard one's clock starts again at a modify.
 */

import t from 'tap';
import { flowCommand } from '../../openflow/values/constants.ts';
import { limits } from '../../slices/limits.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import { Random } from '../openflow/random.ts';
import { datapath } from './networks.ts';
import { applied, change, flowMod, outputs, plain } from './rules.ts';

/** Why rules go at a time; they are in a book of their own, so nothing goes from this one. */
const over = (book: Rulebook, nowMs: number) => {
  const copy = new Rulebook();
  for (const rule of book.rules().map(plain)) copy.restore(rule);
  return gone(copy, nowMs);
};

const gone = (book: Rulebook, nowMs: number) =>
  book
    .expireSome(nowMs, book.timed())
    .map((one) => (one.type === 'remove' ? one.reason : one.type));

t.test('hard: at its time, counted from the add', async (t) => {
  const book = new Rulebook();
  applied(book, flowMod({ hardTimeoutSec: 10 }), 5_000);
  t.strictSame(over(book, 14_999), []);
  t.strictSame(over(book, 15_000), ['hardTimeout']);
});

t.test('hard: a modify starts it again, the duration goes on', async (t) => {
  const book = new Rulebook();
  applied(book, flowMod({ hardTimeoutSec: 10 }), 0);
  const modify = flowMod({ command: flowCommand.modify, instructions: outputs(1) });
  const { rule } = change(book, modify, 8_000);
  t.strictSame(over(book, 17_999), []);
  t.strictSame(over(book, 18_000), ['hardTimeout']);
  t.equal(rule.addedMs, 0);
});

t.test('idle: never before its time after a packet, whenever that is seen', async (t) => {
  const random = new Random(4);
  for (let round = 0; round < 500; round++) {
    const book = new Rulebook();
    const idleTimeoutSec = 1 + random.number(5);
    const { rule } = change(book, flowMod({ idleTimeoutSec }), 0);
    let lastPacketMs = 0;
    let packets = 0n;
    for (let now = 0; now < 20_000; now += random.number(1_500)) {
      if (random.number(3) === 0) {
        // A counter shows a packet up to the lag after it came.
        lastPacketMs = Math.max(lastPacketMs, now - random.number(limits.counterLagMs));
        packets += 1n;
        book.saw(rule.serial, datapath('s1'), { packets, bytes: 0n }, now);
      }
      const due = now >= lastPacketMs + idleTimeoutSec * 1000;
      if (over(book, now).length > 0 && !due) t.fail(`round ${round}: early at ${now}`);
    }
    const latest =
      (book.bySerial(rule.serial)?.usedMs ?? 0) + idleTimeoutSec * 1000 + limits.counterLagMs;
    if (over(book, latest)[0] !== 'idleTimeout') t.fail(`round ${round}: not even at ${latest}`);
  }
  t.pass('500 histories');
});

t.test('both: the one that comes first, and a rule without any never', async (t) => {
  const book = new Rulebook();
  applied(book, flowMod({ idleTimeoutSec: 2, hardTimeoutSec: 60, priority: 1 }), 0);
  applied(book, flowMod({ idleTimeoutSec: 60, hardTimeoutSec: 2, priority: 2 }), 0);
  applied(book, flowMod({ priority: 3 }), 0);
  t.strictSame(over(book, 30_000).sort(), ['hardTimeout', 'idleTimeout']);
  t.equal(gone(book, 1e12).length, 2);
  t.equal(book.size, 1, 'they are gone');
});

t.test('how often to look: the shortest idle time-out', async (t) => {
  const book = new Rulebook();
  t.strictSame([book.shortestIdleSec(), book.hasTimeouts()], [0, false]);
  applied(book, flowMod({ hardTimeoutSec: 1, priority: 1 }));
  t.strictSame([book.shortestIdleSec(), book.hasTimeouts()], [0, true]);
  applied(book, flowMod({ idleTimeoutSec: 30, priority: 2 }));
  applied(book, flowMod({ idleTimeoutSec: 5, priority: 3 }));
  t.strictSame([book.shortestIdleSec(), book.hasTimeouts()], [5, true]);
});

t.test('what a modify says of time-outs, cookie and flags changes nothing', async (t) => {
  const book = new Rulebook();
  applied(book, flowMod({ idleTimeoutSec: 5, hardTimeoutSec: 6, cookie: 7n, flags: 1 }));
  const other = { idleTimeoutSec: 50, hardTimeoutSec: 60, cookie: 70n, flags: 0 };
  const { rule } = change(book, flowMod({ command: flowCommand.modify, ...other }));
  const { idleTimeoutSec, hardTimeoutSec, cookie, flags } = rule;
  t.strictSame([idleTimeoutSec, hardTimeoutSec, cookie, flags], [5, 6, 7n, 1]);
});
