/** tests/live/foreign.test.ts with all its parts. */
process.env['ALL_PARTS'] = 'yes';
await import('../live/foreign.test.ts');
