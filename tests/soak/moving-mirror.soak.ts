/**
 * All conversations while the virtual switch migrates there and back; tests/live/mirror/
 * moving.test.ts has every fourth one.
 */
process.env['ALL_MIRRORED'] = 'yes';
await import('../live/mirror/moving.test.ts');
