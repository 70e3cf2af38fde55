/** tests/live/ensembles.test.ts with all its parts. */
process.env['ALL_PARTS'] = 'yes';
await import('../live/ensembles.test.ts');
