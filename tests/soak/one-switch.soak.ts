/**
 * One switch for what can be counted, at 5,000 frames/s (tests/live/one-switch.test.ts).
 */
process.env['STREAM_MS'] = '0.8';
await import('../live/one-switch.test.ts');
