/**
 * Rules that change while a vswitch has two bodies: on real switches, as hosts see it (guarded.ts).
 *
 * LIME 4.1: "if the first packet was handled by a newly-installed rule, the second should not be
 * handled by an older rule".
 *
 * In the first table; tests/soak/guard.soak.ts has another one, too.
 */
import t from 'tap';
import { type Found, observe, unguarded } from './guarded.ts';

const ATTEMPTS = 3;

for (const table of process.env['GUARD_TABLES']?.split(',') ?? ['0']) {
  t.test(`guarded, in table ${table}: nobody meets an older rule than his cause`, async (t) => {
    sound(t, await observe({ table }));
  });
}

function sound(t: Pick<Tap, 'equal' | 'ok' | 'comment'>, { moves, ...found }: Found): void {
  t.comment(JSON.stringify(found));
  t.equal(moves.length, 4, 'it moved there and back, twice');
  t.equal(found.broken, 0, 'no version went back along any chain of cause and effect');
  t.equal(found.lost, 0, 'nothing was lost');
  t.equal(found.duplicates, 0, 'nothing came twice');
  t.equal(found.controllerErrors, 0, 'the controller got no error');
  t.ok(found.versions > 50, `rules changed all the time (${found.versions} versions)`);
}

t.test('canary: without guards the same probes find rules that go back', async (t) => {
  const naive = { table: '0', command: unguarded };
  let found = await observe(naive);
  // A packet has to meet both bodies while a rule changes: on a busy machine few do.
  for (let i = 1; i < ATTEMPTS && found.broken === 0; i += 1) found = await observe(naive);
  t.comment(JSON.stringify({ ...found, moves: found.moves.length }));
  t.ok(found.broken > 0, 'the oracle sees what the guard prevents');
});

type Tap = typeof t;
