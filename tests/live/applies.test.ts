/**
 * Some random files on real switches (random-applies.ts): red loses nothing and what runs is what
 * they say, also when its vswitch migrates meanwhile, or the process is killed. `make soak` takes a
 * thousand.
 */
import t from 'tap';
import { applyRandomFiles } from './random-applies.ts';

const counts = await applyRandomFiles(t, { seed: 3, applies: 6, minutes: 3, killEvery: 4 });

t.ok(counts.applied > 4, JSON.stringify(counts));
t.ok(counts.killed > 0 && counts.migrated > 0, JSON.stringify(counts));
