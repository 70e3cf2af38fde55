/**
 * Layouts: offsets, accessors and whole structures agree, and sizes are the specification's.
 */

import t from 'tap';
import { bytes, layout, pad, u8, u16, u32, u64 } from '../../openflow/layout/layout.ts';
import { match10 } from '../../openflow/match/match-layouts.ts';
import * as wire from '../../openflow/messages/messages.ts';
import * as statistics from '../../openflow/messages/statistics.ts';
import * as structs from '../../openflow/messages/structs.ts';

const sample = layout('Sample', { a: u8, pad: pad(1), b: u16, c: u32, d: u64, e: bytes(3) });

t.test('offsets follow from the order', (t) => {
  t.same(sample.offset, { a: 0, pad: 1, b: 2, c: 4, d: 8, e: 16 });
  t.equal(sample.size, 19);
  t.same(
    sample.fields.map((field) => field.kind),
    ['u8', 'pad', 'u16', 'u32', 'u64', 'bytes'],
  );
  t.end();
});

t.test('what is written is read, anywhere in a view; padding is cleared', (t) => {
  const room = new Uint8Array(40).fill(0xff);
  const dv = new DataView(room.buffer, 5);
  const values = { a: 1, b: 2, c: 0xfffffffe, d: 0xfffffffffffffffdn, e: Uint8Array.of(7, 8, 9) };
  sample.write(dv, 3, values);
  t.same(sample.read(dv, 3), values);
  t.equal(room[5 + 3 + 1], 0);
  t.equal(sample.get.c(dv, 3), 0xfffffffe);
  sample.set.d(dv, 3, 5n);
  t.equal(sample.get.d(dv, 3), 5n);
  t.equal(room[7], 0xff, 'nothing before it is touched');
  t.equal(room[5 + 3 + 19], 0xff, 'nor after');
  t.end();
});

t.test('read copies bytes: the frame may go', (t) => {
  const room = new Uint8Array(19);
  const { e } = sample.read(new DataView(room.buffer), 0);
  room.fill(1);
  t.same(e, Uint8Array.of(0, 0, 0));
  t.end();
});

t.test('sizes that the specification asserts (OF1.3.5 appendix A)', (t) => {
  const sizes = [
    [wire.header, 8],
    [wire.error, 12],
    [wire.features, 32],
    [wire.switchConfig, 12],
    [wire.packetIn, 24],
    [wire.flowRemoved, 48],
    [wire.packetOut, 24],
    [wire.flowMod, 48],
    [wire.groupMod, 16],
    [wire.portMod, 40],
    [wire.tableMod, 16],
    [wire.queuesOf, 16],
    [wire.multipart, 16],
    [wire.role, 24],
    [wire.asyncConfig, 32],
    [wire.meterMod, 16],
    [structs.port.layout, 64],
    [structs.bucket.layout, 16],
    [statistics.desc.layout, 1056],
    [statistics.flowFilter.layout, 32],
    [statistics.flowRow.layout, 48],
    [statistics.aggregate.layout, 24],
    [statistics.tableRow.layout, 24],
    [statistics.portRow.layout, 112],
    [structs.queue.layout, 16],
    [statistics.queueRow.layout, 40],
    [statistics.groupRow.layout, 40],
    [statistics.groupDescRow.layout, 8],
  ] as const;
  for (const [of, size] of sizes) t.equal(of.size, size, of.name);
  t.end();
});

t.test('those of 1.0 (OF1.0.1 section 5)', (t) => {
  const sizes = [
    [wire.vendor10, 12],
    [wire.packetIn10, 18],
    [wire.flowRemoved10, 88],
    [wire.packetOut10, 16],
    [wire.flowMod10, 72],
    [wire.portMod10, 32],
    [wire.multipart10, 12],
    [wire.queuesOf10, 12],
    [wire.queuesAt10, 16],
    [match10, 40],
    [structs.port10.layout, 48],
    [structs.queue10.layout, 8],
    [statistics.flowFilter10.layout, 44],
    [statistics.flowRow10.layout, 88],
    [statistics.tableRow10.layout, 64],
    [statistics.portRow10.layout, 104],
    [statistics.queueRow10.layout, 32],
  ] as const;
  for (const [of, size] of sizes) t.equal(of.size, size, of.name);
  t.end();
});

/** By version: how many types of messages there are; some lengths that follow from the parts. */
const versions = [
  [wire.messages10, wire.messageNames10, 22, { featuresReply: 32, packetIn: 18, portStatus: 64 }],
  [wire.messages, wire.messageNames, 30, { featuresReply: 32, packetIn: 34, portStatus: 80 }],
] as const;

for (const [rows, names, count, shortest] of versions) {
  t.test(`every message type from 0 to ${count - 1} has its line`, (t) => {
    t.equal(names.length, count);
    const byName: Readonly<Record<string, wire.MessageRow>> = rows;
    for (const [number, name] of names.entries()) t.equal(byName[name]?.number, number);
    for (const [name, bytes] of Object.entries(shortest)) t.equal(byName[name]?.minimum, bytes);
    t.end();
  });
}
