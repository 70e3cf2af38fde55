/** tests/live/many.test.ts, further, and with a ping of each host every 10 ms. */
process.env['MOVES'] ??= '7';
process.env['EVERY_MS'] ??= '10';
await import('../live/many.test.ts');
