/** tests/live/flat.test.ts with all its parts in each of its networks. */
process.env['ALL_PARTS'] = 'yes';
await import('../live/flat.test.ts');
