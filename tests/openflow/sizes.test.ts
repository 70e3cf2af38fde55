/**
 * No frame says another length than it has: one writer counts, and nobody else writes a size.
 */
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import t from 'tap';
import { Writer } from '../../openflow/layout/writer.ts';
import { oxmHeader } from '../../openflow/match/match-layouts.ts';
import { encode, frameBytesMax, sizeOf } from '../../openflow/messages/codec.ts';
import * as wire from '../../openflow/messages/messages.ts';
import * as structs from '../../openflow/messages/structs.ts';
import { version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';

const root = new URL('../..', import.meta.url).pathname;

t.test('a frame ends with its length, the longest one, too', async (t) => {
  for (const size of [8, 4_096, frameBytesMax]) {
    const to = new Writer();
    to.put(new Uint8Array(5));
    const start = to.beginFrame(8);
    to.claim(size - 8);
    t.ok(to.endFrame(start), `${size}`);
    t.equal(to.dv.getUint16(start + 2), size);
    t.equal(to.at, start + size);
  }
});

t.test('one that is longer was never there', async (t) => {
  const to = new Writer();
  const first = to.beginFrame(16);
  t.ok(to.endFrame(first));
  const start = to.beginFrame(8);
  to.claim(frameBytesMax - 7);
  t.notOk(to.endFrame(start));
  t.equal(to.at, 16, 'what was before it stands');
  t.ok(to.endFrame(to.beginFrame(8)), 'and more may follow');
  t.equal(to.at, 24);
});

t.test('nor is one with a part that is too long for its own size', async (t) => {
  const to = new Writer();
  const start = to.beginFrame(8);
  const at = to.room(oxmHeader.size);
  to.claim(256);
  to.putSize8(at + 3, at + oxmHeader.size);
  t.ok(to.isTooLong);
  t.notOk(to.endFrame(start));
  t.equal(to.at, 0);
  const part = to.room(16);
  to.claim(frameBytesMax);
  to.end(structs.bucket.layout, part);
  t.throws(() => to.finish(), /longer than its size can say/, 'outside a frame, our mistake');
  to.reset();
  t.notOk(to.isTooLong);
});

t.test('after an exception what was begun is taken back', async (t) => {
  const to = new Writer();
  to.endFrame(to.beginFrame(24));
  to.beginFrame(8);
  to.claim(100);
  t.ok(to.takeBack());
  t.equal(to.at, 24);
  t.notOk(to.takeBack(), 'once');
});

t.test('sizes have no setter, and `write` leaves them alone', async (t) => {
  const layouts = [wire.header, wire.packetOut, wire.flowMod, wire.flowMod10] as const;
  for (const { name, set } of layouts) {
    t.notOk(Object.hasOwn(set, 'length'), name);
    t.notOk(Object.hasOwn(set, 'actionsLen'), name);
  }
  const dv = new DataView(new ArrayBuffer(8));
  dv.setUint16(2, 0x1234);
  wire.header.write(dv, 0, { xid: 1 });
  t.equal(wire.header.get.length(dv, 0), 0x1234);
});

/** Lines of the product that write one or two bytes by themselves, and what they write. */
const byHand: Readonly<Record<string, RegExp>> = {
  'openflow/layout/layout.ts': /setter: /,
  'openflow/layout/repeated-frames.ts': /to\.setUint16\(/, // addresses, cookies and the like
  'openflow/layout/writer.ts': /this\.dv\.setUint|to\.setUint8\(toAt/,
  'openflow/packet/frames.ts': /typeAt, parts\.type/,
  // Version 2.4.
  'openflow/packet/pcap.ts': /dv\.setUint16\((4, 2|6, 4|head\.ethernet\.size, 0x0800)\)/,
  'openflow/packet/seen-fields.ts': /of value\) this/,
  'translation/datapath/canary.ts': /ETHERTYPE/,
  'translation/datapath/link-probe.ts': /ETHERTYPE|\(7, Math\.floor\(source/,
  'translation/entries/probe.ts': /ethertype/,
  'translation/controllers/roles.ts': /OFPCRR_MASTER_REQUEST/,
  'translation/pipeline/packet-in.ts': /dv\.setUint16\(pad, 0\)/,
  'translation/pipeline/packet-in10.ts': /offset\.pad, 0/,
  'translation/requests/packet-out-bytes.ts': /offset\.pad, 0/,
  'translation/pipeline/flow-mod-bytes.ts':
    /getUint16\(at\)|offset\.pad, 0|\(start, 1\)|\(pad, 0\)|APPLY/,
  'translation/wiring/loss-probe.ts': /FROM|ETHERTYPE|\(7, Math\.floor\(source/,
  'translation/stored/store-entries.ts': /<< 8\)/,
};

t.test('nobody writes 8 or 16 bits by hand that could be a size', async (t) => {
  const files: string[] = [];
  for await (const file of glob('{openflow,slices,translation,hypervisor}/**/*.ts', {
    cwd: root,
  })) {
    files.push(file);
  }
  t.ok(files.length > 200, `${files.length} files`);
  for (const file of files) {
    const lines = readFileSync(`${root}/${file}`, 'utf8').split('\n');
    const found = lines.filter((line) => /\.set(Ui|I)nt(8|16)\(/.test(line));
    for (const line of found) t.match(line, byHand[file] ?? /^never$/, `${file}: ${line.trim()}`);
  }
});

t.test('what fits no frame is measured, and encoding it is our mistake', async (t) => {
  const out = (bytes: number): Message => ({
    type: 'packetOut',
    xid: 0,
    bufferId: 0xffff_ffff,
    inPort: 1,
    actions: [],
    data: new Uint8Array(bytes),
  });
  for (const spoken of [version.of10, version.of13]) {
    const head = sizeOf(spoken, out(0));
    const longest = encode(spoken, out(frameBytesMax - head));
    t.equal(new DataView(longest.buffer).getUint16(2), frameBytesMax);
    t.equal(sizeOf(spoken, out(frameBytesMax - head + 1)), frameBytesMax + 1);
    t.throws(() => encode(spoken, out(frameBytesMax - head + 1)), /fits no frame/);
  }
});
