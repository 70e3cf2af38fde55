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
