/**
 * A torn commit that is full of what looks like commits, as a tenant may choose: it is looked
 * through once, in the format of now and in the first one, and is neither taken for whole commits
 * nor for damage.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import t from 'tap';
import { CrcRanges } from '../../hypervisor/store/crc-ranges.ts';
import type { Disk } from '../../hypervisor/store/disk.ts';
import { nodeDisk } from '../../hypervisor/store/node-disk.ts';
import { openStore } from '../../hypervisor/store/store.ts';
import { Random } from '../openflow/random.ts';

const MARK = 0x4c696d65;
const TORN_BYTES = 10;

/** Marks everywhere, each with a size that ends just before the file does. */
function marks(size: number, stride: number): Buffer {
  const payload = Buffer.alloc(size);
  for (let at = 0; at + 16 < size; at += stride) {
    payload.writeUInt32BE(MARK, at);
    payload.writeUInt32BE(Math.max(1, size - at - 100), at + 4);
  }
  return payload;
}

/** A file of the first format with these commits. */
function version1(commits: readonly Uint8Array[]): Buffer {
  const salt = 77;
  const head = Buffer.alloc(20);
  head.write('limevisor log 1\n', 'latin1');
  head.writeUInt32BE(salt, 16);
  const parts = commits.map((payload) => {
    const own = Buffer.alloc(12);
    own.writeUInt32BE(MARK, 0);
    own.writeUInt32BE(payload.length, 4);
    own.writeUInt32BE(crc32(payload, (salt ^ payload.length) >>> 0), 8);
    return Buffer.concat([own, payload]);
  });
  return Buffer.concat([head, ...parts]);
}

/** The disk of this machine, and how many bytes were read from it. */
function counting(): { disk: Disk; bytes: () => number } {
  let bytes = 0;
  const open: Disk['open'] = (path, how) => {
    const file = nodeDisk.open(path, how);
    const read: typeof file.read = (into, at) => {
      const count = file.read(into, at);
      bytes += count;
      return count;
    };
    return { ...file, read };
  };
  return { disk: { ...nodeDisk, open }, bytes: () => bytes };
}

function contentOf(file: string, disk: Disk): string[] {
  const ground = { disk, lock: () => () => undefined, after: () => () => undefined };
  const store = openStore(file, () => 0.5, ground);
  const found = Array.from(store.scan(), ({ bytes }) => `${bytes.length} ${crc32(bytes)}`);
  store.close();
  return found;
}

const shown = (payload: Uint8Array) => `${payload.length} ${crc32(payload)}`;

t.test('in the format of now', async (t) => {
  const file = join(t.testdir(), 'limevisor.db');
  const store = openStore(file, () => 0.3);
  const first = Buffer.from('the first commit');
  const payload = marks(3_000_000, 64);
  await new Promise<void>((done) => store.append(first, done));
  await new Promise<void>((done) => store.append(payload, done));
  store.close();
  fs.truncateSync(file, fs.statSync(file).size - TORN_BYTES);
  const { disk, bytes } = counting();
  t.strictSame(contentOf(file, disk), [shown(first)]);
  t.ok(bytes() < 5 * payload.length, `${bytes()} bytes were read for ${payload.length}`);
});

t.test('in the first format, which becomes the one of now', async (t) => {
  const file = join(t.testdir(), 'limevisor.db');
  const first = Buffer.from('the first commit');
  const torn = version1([first, marks(1_000_000, 64)]);
  fs.writeFileSync(file, torn.subarray(0, torn.length - TORN_BYTES));
  const { disk, bytes } = counting();
  t.strictSame(contentOf(file, disk), [shown(first)]);
  t.ok(bytes() < 5 * torn.length, `${bytes()} bytes were read for ${torn.length}`);
  t.equal(fs.readFileSync(file, 'latin1').slice(0, 16), 'limevisor log 2\n');
});

t.test('in the first format damage is told from a torn end', async (t) => {
  const file = join(t.testdir(), 'limevisor.db');
  const whole = version1([Buffer.from('one'), marks(5_000, 64), Buffer.from('three')]);
  const ends = [20 + 15, 20 + 15 + 5_012];
  for (const at of [17, 24, 33, ends[0] ?? 0, 3_000]) {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    fs.writeFileSync(file, bytes);
    t.throws(() => contentOf(file, nodeDisk), { message: /it is damaged at byte/ }, `byte ${at}`);
    t.strictSame(fs.readFileSync(file), bytes, 'and is left as it is');
  }
  const bytes = Buffer.from(whole);
  bytes[whole.length - 1] = 0;
  fs.writeFileSync(file, bytes);
  t.equal(contentOf(file, nodeDisk).length, 2);
});

t.test('checksums of parts are those of zlib', async (t) => {
  const random = new Random(8);
  const bytes = Uint8Array.from({ length: 3_000 }, () => random.number(256));
  const ranges = new CrcRanges(bytes);
  for (let i = 0; i < 500; i++) {
    const from = random.number(bytes.length);
    const to = from + random.number(bytes.length - from + 1);
    const seed = random.number(0x1_0000_0000);
    const have = ranges.crc(from, to, seed);
    if (have !== crc32(bytes.subarray(from, to), seed)) t.fail(`${from} to ${to}`);
  }
  t.pass('500 parts');
});
