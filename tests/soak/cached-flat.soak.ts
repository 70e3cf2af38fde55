/**
 * Mixed frames in every order with switches that cache flows, on a flat datapath
 * (tests/live/mirror/cached-flat.test.ts has a quarter of them).
 */
process.env['ALL_MIXED'] = 'yes';
await import('../live/mirror/cached-flat.test.ts');
