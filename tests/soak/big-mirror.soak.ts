/**
 * All conversations with big switches of both kinds, of which tests/live/mirror/big.test.ts has an
 * sixteenth with each, and with controllers of OpenFlow 1.0 on datapaths of either version
 * (mirror10.test.ts and mirror10-flat.test.ts have a third of them each).
 */
process.env['ALL_MIRRORED'] = 'yes';
await import('../live/mirror/big.test.ts');
await import('../live/mirror/mirror10.test.ts');
await import('../live/mirror/mirror10-flat.test.ts');
