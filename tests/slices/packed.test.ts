/**
 * Values that were packed are the same when they are unpacked, whatever they are made of; equal
 * ones have equal texts.
 */
import t from 'tap';
import { Unpacker } from '../../slices/packed-reader.ts';
import { Packer } from '../../slices/packed-writer.ts';
import { messageTypes, Random, randomMessage } from '../openflow/random.ts';

const constant = [{ type: 'gotoTable', table: 255 }];
const packer = new Packer([constant]);
const unpacker = new Unpacker([constant]);

function packed(value: unknown): string {
  packer.put(value);
  return packer.finish();
}

function unpacked(text: string): unknown {
  unpacker.begin(text);
  const value = unpacker.take();
  t.equal(unpacker.at, text.length, 'nothing is left');
  return value;
}

t.test('an entry takes a tenth of what its objects take', async (t) => {
  const bytes = new Uint8Array(8);
  const oxms = [0, 2, 6].map((field) => ({ oxmClass: 0x8000, field, value: bytes }));
  const actions = [{ type: 'output', port: 1_000, maxLen: 0xffff }];
  const instructions = [
    { type: 'applyActions', actions },
    { type: 'gotoTable', table: 2 },
  ];
  const flow = { tableId: 0, priority: 100, match: oxms, instructions, cookie: 1n };
  t.ok(packed(flow).length < 100, `${packed(flow).length} bytes`);
});

t.test('whatever is at an edge of what takes a byte more', async (t) => {
  const numbers = [0, 63, 64, 255, 256, 0x1eff, 0x1f00, 0xffff, 0xffff_ffff, 2 ** 32, 2 ** 53 - 1];
  const sizes = [0, 15, 16, 31, 32, 255, 256, 70_000];
  const values = [
    ...numbers,
    ...[-0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY],
    ...[0n, 255n, 0xffff_ffff_ffff_ffffn, 2n ** 64n, -1n],
    ...['', 'output', 'ü', '水', 'x'.repeat(25), 'x'.repeat(70_000)],
    ...[undefined, null, true, false],
    ...sizes.map((size) => new Uint8Array(size).fill(7)),
    ...sizes.map((length) => Array.from({ length }, (_, i) => i)),
    ...[{}, { a: undefined }, { a: 1, b: { a: [{}] } }, { b: 1, a: 1 }],
    ...numbers.map((i) => ({ [`name ${i}`]: i, text: `text ${i}` })),
  ];
  for (const value of values) t.strictSame(unpacked(packed(value)), value);
  t.strictSame(unpacked(packed(values)), values);
});

t.test('thousands of kinds of records, and of texts', async (t) => {
  const values = Array.from({ length: 3_000 }, (_, i) => ({ [`field ${i}`]: `text ${i}` }));
  t.strictSame(unpacked(packed(values)), values);
});

t.test('a constant is that very value again, and what is equal is not', async (t) => {
  t.equal(unpacked(packed(constant)), constant);
  t.not(unpacked(packed([...constant])), constant);
  t.throws(() => packed(new Map()), /a Map cannot be packed/);
  t.throws(() => packed(() => undefined), /a function cannot be packed/);
  packer.finish();
});

t.test('messages of every type', async (t) => {
  const random = new Random(1);
  for (const type of messageTypes) {
    for (let i = 0; i < 20; i++) {
      const message = randomMessage(random, type);
      const text = packed(message);
      const again = unpacked(text);
      t.strictSame(again, message);
      t.equal(packed(again), text, 'equal values have equal texts');
    }
  }
});
