/** tests/live/hundred.test.ts with a hundred tenants. */
process.env['TENANTS'] ??= '100';
await import('../live/hundred.test.ts');
