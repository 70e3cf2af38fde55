/**
 * 20,000 virtual links over 100 flat datapaths (tests/slices/hop-tags.test.ts has a quarter).
 */
process.env['VIRTUAL_LINKS'] = '20000';
await import('../slices/hop-tags.test.ts');
