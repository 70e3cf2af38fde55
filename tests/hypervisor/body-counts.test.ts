/** Whether packets still meet the entries of a body, while a tenant changes its rules. */
import t from 'tap';
import { BodyCounts } from '../../hypervisor/tenant/body-counts.ts';

type Look = Readonly<Record<number, number>>;

/** What is said at each of these looks. */
function looked(...looks: readonly Look[]): readonly boolean[] {
  const counts = new BodyCounts();
  return looks.map((look) => {
    for (const [cookie, packets] of Object.entries(look)) {
      counts.add(BigInt(cookie), BigInt(packets));
    }
    return counts.grew();
  });
}

t.test('nobody knows at the first look; then each entry is compared with itself', async (t) => {
  t.strictSame(looked({}, {}), [true, false]);
  t.strictSame(looked({ 1: 5 }, { 1: 5 }, { 1: 6 }, { 1: 6 }), [true, false, true, false]);
});

t.test('rules that go take their packets with them, and hide none of others', async (t) => {
  t.strictSame(looked({ 1: 198, 2: 5 }, { 2: 5 }), [true, false]);
  t.strictSame(looked({ 1: 198, 2: 5 }, { 2: 6 }), [true, true]);
});

t.test('one that replaces another may begin with its packets, and no more', async (t) => {
  t.strictSame(looked({ 1: 198 }, { 2: 198 }, { 3: 0 }), [true, false, false]);
  t.strictSame(looked({ 1: 198 }, { 2: 199 }), [true, true]);
  t.strictSame(looked({ 1: 198 }, { 1: 198, 2: 1 }), [true, true]);
});

t.test('several entries with one cookie are one; what was not whole is forgotten', async (t) => {
  const counts = new BodyCounts();
  const add = (...packets: readonly bigint[]): void => {
    for (const one of packets) counts.add(1n, one);
  };
  add(2n, 3n);
  counts.grew();
  add(7n);
  counts.drop();
  add(4n, 1n);
  t.notOk(counts.grew());
});
