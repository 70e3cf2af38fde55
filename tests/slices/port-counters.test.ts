/**
 * A port's counters against a list of what really happened: whatever counts for it, and however
 * often that begins anew, the total is what was counted, and never goes back.
 */

import t from 'tap';
import { noCounts, PortCounter, type PortCounts } from '../../slices/port-counters.ts';
import { Random } from '../openflow/random.ts';

const counts = (rxPackets: bigint, txPackets: bigint): PortCounts => ({
  ...noCounts,
  rxPackets,
  txPackets,
});
const shown = (counter: PortCounter) => {
  const { rxPackets, txPackets } = counter.total();
  return [rxPackets, txPackets];
};

t.test('a source counts from nothing, or from what it showed first', async (t) => {
  const entry = new PortCounter(0);
  t.ok(entry.saw('a', counts(3n, 4n), 'zero'));
  t.strictSame(shown(entry), [3n, 4n]);
  t.notOk(entry.saw('a', counts(3n, 4n), 'zero'), 'no news');
  const port = new PortCounter(0);
  port.saw('s1:1', counts(1_000n, 2_000n), 'now');
  t.strictSame(shown(port), [0n, 0n], 'what was before is not the tenant’s');
  port.saw('s1:1', counts(1_001n, 2_005n), 'now');
  t.strictSame(shown(port), [1n, 5n]);
});

t.test('a source that shows less began anew', async (t) => {
  const counter = new PortCounter(0);
  counter.saw('a', counts(10n, 10n), 'zero');
  counter.saw('a', counts(2n, 0n), 'zero');
  t.strictSame(shown(counter), [12n, 10n]);
});

t.test('what is not the port’s is passed over, for good', async (t) => {
  const counter = new PortCounter(0);
  counter.saw('a', counts(0n, 0n), 'zero');
  counter.saw('a', counts(7n, 7n), 'zero', (name) => !name.startsWith('rx'));
  counter.saw('a', counts(8n, 8n), 'zero');
  t.strictSame(shown(counter), [1n, 8n]);
});

t.test('sources that come, go and begin anew, through the store each time', async (t) => {
  const random = new Random(7);
  let counter = new PortCounter(123);
  let happened = 0n;
  const sources = new Map<string, bigint>();
  for (let run = 0; run < 2_000; run++) {
    const source = random.pick(['s1/1', 's1/2', 's3/1']);
    const what = random.number(20);
    if (what === 0) {
      counter.forget(source);
      sources.delete(source);
    } else if (what === 1) counter = PortCounter.fromJSON(JSON.parse(JSON.stringify(counter)));
    else {
      const more = BigInt(random.number(5));
      const now = (sources.get(source) ?? 0n) + more;
      sources.set(source, now);
      happened += more;
      counter.saw(source, counts(0n, now), 'zero');
    }
    t.equal(counter.total().txPackets, happened);
  }
  t.equal(counter.sinceMs, 123);
});

t.test(
  'a host that moves: a frame counts once, whichever of its two places shows it',
  async (t) => {
    const counter = new PortCounter(0);
    const all = () => true;
    const shows = (rx: number, tx: number): PortCounts => {
      return { ...noCounts, rxPackets: BigInt(rx), txPackets: BigInt(tx) };
    };
    const total = () => [Number(counter.total().rxPackets), Number(counter.total().txPackets)];
    counter.saw('old', shows(10, 100), 'now');
    counter.saw('old', shows(11, 105), 'now');
    t.strictSame(total(), [1, 5]);
    // Both are looked at as both begin; the second counted something of somebody else's before.
    counter.sawSecond('new', shows(70, 700), all);
    counter.sawFirst('old', shows(11, 105), 'now', all);
    counter.sawSecond('new', shows(70, 708), all);
    counter.sawFirst('old', shows(12, 113), 'now', all);
    t.strictSame(total(), [2, 13], 'eight copies are eight frames');
    // Two more that only the second shows yet; the host answers from there.
    counter.oneIsLeft('second');
    counter.saw('new', shows(73, 710), 'now');
    t.strictSame(total(), [5, 15]);
    const kept = PortCounter.fromJSON(JSON.parse(JSON.stringify(counter)));
    kept.saw('new', shows(73, 711), 'now');
    t.equal(kept.total().txPackets, 16n, 'and so after a restart');
  },
);

t.test(
  'a place that is not there until the host is: what it shows is all the host’s',
  async (t) => {
    const counter = new PortCounter(0);
    const all = () => true;
    const shows = (tx: number): PortCounts => ({ ...noCounts, txPackets: BigInt(tx) });
    counter.saw('old', shows(0), 'now');
    counter.sawSecond('new', undefined, all);
    counter.sawFirst('old', shows(4), 'now', all);
    counter.sawSecond('new', shows(3), all);
    counter.oneIsLeft('second');
    counter.saw('new', shows(6), 'now');
    t.equal(counter.total().txPackets, 10n);
  },
);

t.test('an interface that moves with its counters counts on, also over a restart', async (t) => {
  const all = () => true;
  const shows = (packets: number): PortCounts => {
    return { ...noCounts, rxPackets: BigInt(packets), txPackets: BigInt(packets) };
  };
  const totals = ({ rxPackets, txPackets }: PortCounts) => [Number(rxPackets), Number(txPackets)];
  const begun = (): PortCounter => {
    const counter = new PortCounter(0);
    counter.saw('old', noCounts, 'now');
    counter.sawSecond('new', undefined, all);
    counter.sawFirst('old', shows(100), 'now', all);
    counter.comesAlong('old', 'new');
    counter.sawFirst('old', shows(104), 'now', all);
    return counter;
  };
  const kept = PortCounter.fromJSON(JSON.parse(JSON.stringify(begun())));
  for (const counter of [begun(), kept]) {
    counter.sawSecond('new', shows(106), all);
    counter.oneIsLeft('second');
    counter.forget('old');
    counter.saw('new', shows(109), 'now');
    t.strictSame(totals(counter.total()), [109, 109]);
  }
  const unseen = begun();
  unseen.oneIsLeft('second');
  unseen.forget('old');
  unseen.saw('new', shows(109), 'now');
  t.strictSame(totals(unseen.total()), [109, 109], 'seen only when it was the only one');
  const back = begun();
  back.oneIsLeft('first');
  back.forget('new');
  back.saw('old', shows(110), 'now');
  t.strictSame(totals(back.total()), [110, 110], 'it stayed after all');
});

t.test('a host that stays after all: the copies of its frames are forgotten', async (t) => {
  const counter = new PortCounter(0);
  const all = () => true;
  const shows = (tx: number): PortCounts => ({ ...noCounts, txPackets: BigInt(tx) });
  counter.saw('old', shows(0), 'now');
  counter.sawSecond('new', shows(0), all);
  counter.sawFirst('old', shows(4), 'now', all);
  counter.oneIsLeft('first');
  counter.forget('new');
  counter.saw('old', shows(9), 'now');
  t.equal(counter.total().txPackets, 9n);
});
