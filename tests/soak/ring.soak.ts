/**
 * A vswitch goes round a ring of five for RING_SEC seconds (600 if not said), at thousands of
 * packets a second on a machine that is kept busy, while its tenant changes 500 rules a second
 * (tests/live/ring.ts; the short form is in tests/live/stale-flows.test.ts).
 */
import t from 'tap';
import { startRing } from '../live/ring.ts';

const forMs = 1_000 * Number(process.env['RING_SEC'] ?? 600);
/** None where others keep it busy. */
const burners = Number(process.env['RING_BURNERS'] ?? 2);
const ring = await startRing({ switches: 5, intervalMs: 3, changesPerSec: 500, burners });
t.teardown(() => ring.stop());
t.setTimeout(forMs + 180_000);

const startedMs = Date.now();
for (let i = 1; Date.now() - startedMs < forMs; i += 1) {
  await t.test(`round ${i}`, async (t) => {
    const round = await ring.goRound(['s4', 's5', 's1', 's3', 's2'], (text) => t.comment(text));
    const sum = (part: 'sent' | 'lost' | 'late'): number =>
      round.streams.reduce((before, one) => before + one[part], 0);
    const [sent, lost, late] = [sum('sent'), sum('lost'), sum('late')];
    t.comment(`${sent} frames, ${lost} lost, ${late} overtaken, ${round.changes} changes`);
    t.strictSame(round.troubles, []);
    t.ok(sent > 1_000 && round.changes > 100, 'there was something to see');
  });
}
