/**
 * Mixed frames in every order with switches that cache flows, on a flat datapath
 * (tests/live/mirror/cached-flat.test.ts has half of them).
 */
process.env['ALL_MIXED'] = 'yes';
await import('../live/mirror/cached-flat.test.ts');
