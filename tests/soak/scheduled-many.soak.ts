/** 100,000 moves by schedule in memory, which take about an hour; COUNT and SEED say otherwise. */
process.env['COUNT'] ??= '100000';

await import('../hypervisor/scheduled-many.test.ts');
