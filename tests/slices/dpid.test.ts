/**
 * Datapath ids: every form that people write is read, one form is printed.
 */

import t from 'tap';
import { type Dpid, dpidText, type NoDpid, readDpidText } from '../../slices/ids.ts';
import { Random } from '../openflow/random.ts';

const forms: readonly (readonly [text: string, dpid: bigint | NoDpid])[] = [
  ['0000000000000001', 1n],
  ['0000000000000010', 16n],
  ['00000000DEADbeef', 0xdeadbeefn],
  ['ffffffffffffffff', 0xffff_ffff_ffff_ffffn],
  ['00:00:00:00:00:00:00:2a', 42n],
  ['of:000000000000002a', 42n],
  ['of:00:00:00:00:00:00:00:2a', 42n],
  ['0x2A', 42n],
  ['0xffffffffffffffff', 0xffff_ffff_ffff_ffffn],
  ['0', 0n],
  ['42', 42n],
  ['999999999999999', 999_999_999_999_999n],
  ['18446744073709551615', 0xffff_ffff_ffff_ffffn],
  ['10000000000000001', 10_000_000_000_000_001n],
  ['52:54:00:12:34:5b', 0x5254_0012_345bn],
  ['01', 1n],
  ['00000001', 1n],
  ['18446744073709551616', 'none'],
  ['99999999999999999999', 'none'],
  ['52540012345b', 'none'],
  ['52:54:00:12:34', 'none'],
  ['525400123456', 'unclear'],
  ['000000000010', 'unclear'],
  ['010', 'unclear'],
  ['', 'none'],
  ['of:', 'none'],
  ['0x', 'none'],
  ['0x10000000000000000', 'none'],
  ['00000000000000001', 'none'],
  ['2a', 'none'],
  ['-1', 'none'],
  ['1e3', 'none'],
  ['1.0', 'none'],
  [' 1', 'none'],
  ['0000000000000001\n', 'none'],
  ['000000000000000g', 'none'],
  ['of:1', 'none'],
];

for (const [text, dpid] of forms) {
  t.test(JSON.stringify(text), async (t) => {
    t.equal(readDpidText(text), dpid);
  });
}

t.test('what is printed is read as the same dpid, with and without its decorations', async (t) => {
  const random = new Random(1);
  for (let round = 0; round < 500; round++) {
    const bits = new DataView(random.bytes(8).buffer).getBigUint64(0);
    const dpid = (bits >> BigInt(random.number(64))) as Dpid;
    const text = dpidText(dpid);
    const colons = text.replace(/(..)(?!$)/g, '$1:');
    for (const form of [text, colons, text.toUpperCase(), `of:${text}`, `0x${text}`]) {
      if (!/^[0-9a-f]{16}$/.test(text) || readDpidText(form) !== dpid)
        t.fail(`${form} in ${round}`);
    }
  }
  t.equal(dpidText(1n as Dpid), '0000000000000001');
});
