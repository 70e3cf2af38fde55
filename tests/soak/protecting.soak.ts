/** tests/live/protecting.test.ts with ten moves, and 100 questions a second. */
process.env['MOVES'] ??= '10';
process.env['EVERY_MS'] ??= '10';
await import('../live/protecting.test.ts');
await import('../live/protecting-flat.test.ts');
