/**
 * Sharing a number out: nothing is lost, and everybody gets what is theirs, rounded.
 */
import t from 'tap';
import { Shares } from '../../slices/proportional-shares.ts';
import { randomFrom } from '../sim/world.ts';

function shared(all: bigint, counts: readonly bigint[], later = counts): readonly bigint[] {
  const shares = new Shares(all);
  for (const count of counts) shares.add(count);
  return later.map((count) => shares.take(0, count));
}

const sum = (some: readonly bigint[]) => some.reduce((a, b) => a + b, 0n);

t.test('in proportion, and the sum is the whole', async (t) => {
  t.strictSame(shared(10n, [100n]), [10n], 'one rule gets it all: exact');
  t.strictSame(shared(10n, [50n, 0n, 50n]), [5n, 0n, 5n]);
  t.strictSame(shared(3n, [100n, 100n, 100n, 100n]).length, 4);
  t.strictSame(shared(7n, [0n, 0n]), [0n, 0n], 'nobody was met: nobody gets any');
  const random = randomFrom(7);
  for (let i = 0; i < 500; i += 1) {
    const counts = Array.from({ length: 1 + Math.floor(random() * 30) }, () =>
      BigInt(Math.floor(random() * 1_000)),
    );
    if (sum(counts) === 0n) continue;
    const all = BigInt(Math.floor(random() * 50));
    const given = shared(all, counts);
    t.equal(sum(given), all);
    const isFair = given.every((share, at) => {
      const exact = Number(all * (counts[at] ?? 0n)) / Number(sum(counts));
      return Math.abs(Number(share) - exact) <= 1;
    });
    t.ok(isFair, `${all} of ${counts}: ${given}`);
  }
});

t.test('counts that grew meanwhile do not make it more', async (t) => {
  const grown = [150n, 10n, 140n, 300n];
  t.equal(sum(shared(20n, [100n, 10n, 90n, 200n], grown)), 20n);
});

t.test('a rule of a later table gets the share of the packets that came to it', async (t) => {
  const shares = new Shares(10n);
  shares.add(60n);
  shares.add(40n);
  t.strictSame([shares.take(0, 60n), shares.take(0, 40n)], [6n, 4n]);
  t.equal(shares.take(5, 50n), 5n, 'half of all packets went on to that table');
});
