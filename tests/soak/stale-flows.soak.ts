/** live/stale-flows.test.ts with all of its scenes. */
process.env['ALL_PARTS'] = 'yes';
await import('../live/stale-flows.test.ts');
