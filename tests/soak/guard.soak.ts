/** tests/live/guard.test.ts with rules of a later table, too. */
process.env['GUARD_TABLES'] ??= '0,7';
await import('../live/guard.test.ts');
