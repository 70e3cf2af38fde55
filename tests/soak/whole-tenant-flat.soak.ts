/**
 * A tenant with six hosts moves whole, on datapaths of OpenFlow 1.0, at the rates and with the
 * cached flows of whole-tenant.soak.ts (tests/live/whole-tenant-flat.test.ts is the short form).
 */
process.env['OPENFLOW'] = '1.0';
await import('./whole-tenant.soak.ts');
