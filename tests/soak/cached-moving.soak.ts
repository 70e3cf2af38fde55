/**
 * Mixed frames in every order with switches that cache flows, while the virtual switch moves
 * (tests/live/mirror/cached-moving.test.ts has a quarter of them).
 */
process.env['ALL_MIXED'] = 'yes';
await import('../live/mirror/cached-moving.test.ts');
