/** N1 to N10 with many seeds: `FROM=1 RUNS=40` (tests/sim/named-cases.test.ts). */
process.env['RUNS'] ??= '40';
await import('../sim/named-cases.test.ts');
