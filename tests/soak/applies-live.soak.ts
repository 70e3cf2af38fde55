/**
 * tests/live/applies.test.ts at length: a thousand files in one piece, or as many as an hour
 * allows: SEED=1 APPLIES=1000 MINUTES=60.
 */
import t from 'tap';
import { applyRandomFiles } from '../live/random-applies.ts';

const seed = Number(process.env['SEED'] ?? 1);
const applies = Number(process.env['APPLIES'] ?? 1_000);
const minutes = Number(process.env['MINUTES'] ?? 60);
const counts = await applyRandomFiles(t, { seed, applies, minutes, killEvery: 12 });

t.comment(JSON.stringify(counts));
t.ok(counts.applied > 10 && counts.applied > counts.refused, JSON.stringify(counts));
