/** tests/live/trouble.test.ts with all its parts. */
process.env['ALL_PARTS'] = 'yes';
await import('../live/trouble.test.ts');
