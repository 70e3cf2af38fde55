/**
 * NORMAL in simulation (translation/wiring/normal.ts): nobody loses a frame, gets one twice or one
 * of another tenant, while addresses move and a vswitch migrates; what was learnt goes to one port;
 * and what one tenant has learnt is bounded, and nobody else's affair.
 */
import t from 'tap';
import { version } from '../../openflow/values/constants.ts';
import { limits } from '../../slices/limits.ts';
import { type NormalOptions, runNormal } from './normal.ts';

const { of10, of13 } = version;
const runs: readonly (NormalOptions & { readonly name: string })[] = [
  ...[1, 2].map((seed) => ({ name: 'rules of now', seed })),
  { name: 'with cached flows', seed: 4, kind: { cache: { hasBug: true, seesMoves: true } } },
  { name: 'one of them has one table', seed: 6, speaks: [of13, of10, of13] },
  { name: 'none has more', seed: 7, speaks: [of10, of10, of10] },
];

for (const { name, ...options } of runs) {
  t.test(`${name}, seed ${options.seed}`, async (t) => {
    const { ends, sent, lost, doubled, foreign, spread } = runNormal(options);
    t.same(ends, ['done', 'done', 'done'], 'it has moved');
    t.ok(sent > 4_000, `${sent} frames`);
    t.same(foreign.slice(0, 3), [], 'isolation');
    t.same(doubled.slice(0, 3), [], 'none came twice');
    t.same(lost.slice(0, 3), [], 'none was lost');
    t.comment(`spread: ${JSON.stringify(spread)}`);
    const hasOneTable = options.speaks?.includes(of10) === true;
    if (!hasOneTable) t.same(spread, { red: 0, blue: 0 }, 'what was learnt goes to one port');
  });
}

t.test('a storm of addresses', async (t) => {
  const storm = limits.learntPerVswitchMax + 500;
  const { ends, lost, foreign, spread, learntMax } = runNormal({ seed: 8, storm });
  t.same(ends, ['done', 'done', 'done'], 'it has moved');
  t.same(foreign.slice(0, 3), [], 'isolation');
  t.same(lost.slice(0, 3), [], 'none was lost');
  t.equal(spread.blue, 0, 'its neighbour has what it has learnt');
  t.ok(learntMax > 500, `${learntMax} learnt`);
  t.ok(learntMax <= 2 * limits.learntPerVswitchMax, 'no more than both may');
});
