/** tests/live/drain.test.ts with all its parts. */
process.env['ALL_PARTS'] = 'yes';
await import('../live/drain.test.ts');
