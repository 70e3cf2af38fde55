/**
 * Counters over several bodies: the total never goes back, whatever switches say and lose.
 */

import t from 'tap';
import { RuleCounter } from '../../slices/rules/rule-counters.ts';
import { Random } from '../openflow/random.ts';
import { datapath } from './networks.ts';

const [s1, s2] = [datapath('s1'), datapath('s2')];
const count = (packets: number, bytes = packets * 100) => ({
  packets: BigInt(packets),
  bytes: BigInt(bytes),
});

t.test('the total is the sum of what the bodies count', async (t) => {
  const counter = new RuleCounter();
  counter.saw(s1, count(5));
  counter.saw(s2, count(7));
  t.strictSame(counter.total(), count(12));
  counter.saw(s1, count(6));
  t.strictSame(counter.total(), count(13));
});

t.test('what a retired body counted stays, and what it says last is added once', async (t) => {
  const counter = new RuleCounter(count(100));
  counter.saw(s1, count(5));
  counter.leave(s1);
  t.strictSame(counter.total(), count(105));
  counter.lastWord(s1, count(8));
  t.strictSame(counter.total(), count(108), 'three packets came between reading and removal');
  counter.lastWord(s1, count(8));
  t.strictSame(counter.total(), count(108), 'only once');
  counter.lastWord(s2, count(9));
  t.strictSame(counter.total(), count(108), 'a body that was never left has no last word');
});

t.test('where several entries report, each adds what is new', async (t) => {
  const counter = new RuleCounter();
  counter.saw(s1, count(5));
  t.notOk(counter.lateWord(s1, count(6)), 'it was not left');
  counter.leave(s1);
  t.ok(counter.lateWord(s1, count(7)));
  counter.lastWord(s1, count(8));
  t.strictSame(counter.total(), count(8));
  t.notOk(counter.lateWord(s1, count(9)), 'that was its last word');
});

t.test('where it is installed anew it begins at zero, and what was before is over', async (t) => {
  const counter = new RuleCounter();
  counter.saw(s1, count(5));
  counter.leave(s1);
  counter.begin(s1);
  counter.lastWord(s1, count(6));
  t.strictSame(counter.total(), count(5));
  counter.saw(s1, count(2));
  counter.begin(s1);
  t.strictSame(counter.total(), count(7));
});

t.test('a switch that lost its table begins again at zero; nothing is lost here', async (t) => {
  const counter = new RuleCounter();
  counter.saw(s1, count(50));
  t.ok(counter.saw(s1, count(2)));
  t.strictSame(counter.total(), count(52));
});

t.test('news are packets that were not seen before', async (t) => {
  const counter = new RuleCounter();
  t.notOk(counter.saw(s1, count(0)));
  t.ok(counter.saw(s1, count(1)));
  t.notOk(counter.saw(s1, count(1)));
});

t.test('base: what a restart must know, when the bodies go on counting', async (t) => {
  const counter = new RuleCounter(count(3));
  counter.saw(s1, count(4));
  const after = new RuleCounter(counter.base());
  after.saw(s1, count(4));
  t.strictSame(after.total(), counter.total());
});

t.test('over any history of two bodies: never back, and never more than happened', async (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const random = new Random(seed);
    const counter = new RuleCounter();
    const real = new Map([s1, s2].map((body) => [body, 0]));
    let happened = 0;
    let shown = 0n;
    for (let round = 0; round < 60; round++) {
      const body = random.pick([s1, s2]);
      const packets = random.number(4);
      happened += packets;
      real.set(body, (real.get(body) ?? 0) + packets);
      switch (random.number(4)) {
        case 0: // Its entry is read for the last time, removed, and installed anew.
          counter.saw(body, count(real.get(body) ?? 0));
          counter.leave(body);
          real.set(body, 0);
          break;
        case 1: // The switch restarts; what it counted since the last reading nobody knows.
          real.set(body, 0);
          break;
        default:
          counter.saw(body, count(real.get(body) ?? 0));
      }
      const { packets: total, bytes } = counter.total();
      if (total < shown || total > BigInt(happened)) t.fail(`seed ${seed}: ${shown} to ${total}`);
      if (bytes !== total * 100n) t.fail(`seed ${seed}: bytes`);
      shown = total;
    }
  }
  t.pass('300 histories');
});
