/** tests/sim/cuts.test.ts with many seeds: FROM=1 RUNS=150. */
process.env['RUNS'] ??= '150';
await import('../sim/cuts.test.ts');
