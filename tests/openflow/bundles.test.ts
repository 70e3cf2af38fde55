/**
 * Messages about bundles: bytes as Open vSwitch's own tool reads them, and values back from bytes.
 */

import t from 'tap';
import {
  bundleAddOf,
  bundleControlOf,
  bundledFrame,
  bundledIn,
  bundledName,
  readBundleAdd,
  readBundleControl,
} from '../../openflow/messages/bundles.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { errorName, isError, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { viewOf } from './hex.ts';
import { ovsPrint } from './ovs.ts';
import { messageTypes, Random, randomMessage } from './random.ts';

type Experimenter = Extract<Message, { type: 'experimenter' }>;

function received(message: Message): Experimenter {
  const frame = encode(version.of13, message);
  const found = decode(version.of13, viewOf(frame), 0, frame.length);
  if (found.type !== 'experimenter') throw new Error(found.type);
  return found;
}

t.test('what is asked of a bundle, and answered', async (t) => {
  const random = new Random(4);
  for (let i = 0; i < 100; i++) {
    const asked = {
      ...{ bundleId: random.number(0x1_0000_0000), control: random.number(0x1_0000) },
      flags: random.number(0x1_0000),
    };
    t.strictSame(readBundleControl(received(bundleControlOf(7, asked))), asked);
  }
  const frames = [0, 1, 2, 3, 4, 5, 6, 7].map((control) =>
    encode(version.of13, bundleControlOf(7, { bundleId: 5, control, flags: 3 })),
  );
  const names = ['OPEN', 'CLOSE', 'COMMIT', 'DISCARD'].flatMap((name) => [
    `${name}_REQUEST`,
    `${name}_REPLY`,
  ]);
  t.strictSame(
    ovsPrint(frames).map((text) => text.trim().replaceAll(/\s+/g, ' ')),
    names.map(
      (name) =>
        `ONFT_BUNDLE_CONTROL (OF1.3) (xid=0x7): bundle_id=0x5 type=${name} flags=atomic ordered`,
    ),
  );
});

t.test('any message, put into a bundle, comes out of it', async (t) => {
  const random = new Random(9);
  for (const type of messageTypes) {
    const inner = randomMessage(random, type);
    const contents = encode(version.of13, inner);
    contents[0] = version.of13; // A hello's version is its own.
    const message = bundleAddOf(inner.xid, { bundleId: 6, flags: 1, contents });
    const added = readBundleAdd(received(message));
    if (isError(added)) throw new Error(added.why);
    t.match(added, { bundleId: 6, flags: 1 });
    t.strictSame(bundledFrame(inner.xid, added), contents);
    const frame = encode(version.of13, message);
    t.strictSame(bundledIn(frame), contents);
    t.equal(bundledName(viewOf(frame), 0, frame.length), type);
    t.equal(bundledName(viewOf(contents), 0, contents.length), undefined);
  }
});

t.test('as Open vSwitch reads it', async (t) => {
  const inner = encode(version.of13, flowMod({ xid: 9, instructions: outputs(2) }));
  const message = bundleAddOf(9, { bundleId: 6, flags: 1, contents: inner });
  const text = ovsPrint([encode(version.of13, message)]).join('');
  t.match(text, /ONFT_BUNDLE_ADD_MESSAGE \(OF1.3\) \(xid=0x9\):\n? bundle_id=0x6 flags=atomic/);
  t.match(text, /OFPT_FLOW_MOD \(OF1.3\) \(xid=0x9\): ADD priority=100 actions=output:2/);
});

t.test('what is no message of this version is refused, and its id must be right', async (t) => {
  const good = encode(version.of13, flowMod({ xid: 9 }));
  const of = (contents: Uint8Array, xid = 9): string => {
    const found = bundledFrame(xid, { bundleId: 1, flags: 0, contents });
    return isError(found) ? errorName(found.errorType, found.errorCode) : `${found.length}`;
  };
  const other = good.slice();
  other[0] = 5;
  const long = good.slice();
  long[2] = 0xff;
  t.equal(of(good), `${good.length}`);
  t.equal(of(good, 8), 'onf/bundledBadXid');
  t.equal(of(good.subarray(0, 7)), 'onf/bundledBadLen');
  t.equal(of(long), 'onf/bundledBadLen');
  t.equal(of(other), 'niciraError/unencodable');
  t.equal(of(Uint8Array.of(...good, 1, 2, 3)), `${good.length}`, 'what follows is passed over');
});
