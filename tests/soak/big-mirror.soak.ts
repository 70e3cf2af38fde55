/**
 * All conversations with big switches of both kinds; tests/live/mirror/big.test.ts has an eighth of
 * them with each.
 */
process.env['ALL_MIRRORED'] = 'yes';
await import('../live/mirror/big.test.ts');
