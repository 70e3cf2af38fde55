/**
 * Files edited between runs, from many seeds (tests/hypervisor/file-and-store.test.ts has few).
 */
import t from 'tap';
import { edited } from '../hypervisor/edited.ts';

const runs = Number(process.env['RUNS'] ?? 400);

for (let seed = 1; seed <= runs; seed++) t.test(`seed ${seed}`, async (t) => edited(t, seed));
