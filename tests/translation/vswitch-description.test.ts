/**
 * What a vswitch says of itself: synthetic, and the same wherever it lives (I7, I9, DESIGN
 * "Ports").
 */

import t from 'tap';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { version } from '../../openflow/values/constants.ts';
import { LOCAL } from '../../slices/ids.ts';
import { portView } from '../../translation/controllers/ports.ts';
import {
  descOf,
  featuresReply,
  portDescs,
} from '../../translation/controllers/vswitch-description.ts';
import { viewOf } from '../openflow/hex.ts';
import { clonedOn, exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';

const before = snapshotOf(exampleText());
const up = portView(0, true);
const v3 = vswitchOf(before, 'red/v3');

t.test('features: the tenant’s dpid and what we really offer', async (t) => {
  const reply = featuresReply(v3, 42);
  t.match(reply, { xid: 42, dpid: 3n, bufferCount: 0, tableCount: 240, auxiliaryId: 0 });
  t.match(reply, { capabilities: 1 | 2 | 4 | 8 | 64 }, 'statistics of all');
});

t.test('nothing changes with its placement', async (t) => {
  const after = vswitchOf(clonedOn(before, 'red/v3', ['s4']), 'red/v3');
  const all = (vswitch: typeof v3) => [
    featuresReply(vswitch, 1),
    descOf(vswitch),
    portDescs(vswitch, () => up, version.of13),
  ];
  t.strictSame(all(after), all(v3));
});

t.test('two tenants’ equal vswitches cannot tell whose they are', async (t) => {
  const blue = vswitchOf(before, 'blue/v3');
  t.strictSame(featuresReply(blue, 1), featuresReply(v3, 1));
  t.strictSame(descOf(blue), descOf(v3));
  t.strictSame(
    portDescs(blue, () => up, version.of13),
    portDescs(v3, () => up, version.of13),
  );
});

t.test('ports: LOCAL, then the tenant’s numbers; up is live, down is LINK_DOWN', async (t) => {
  const ports = portDescs(v3, (vport) => portView(0, vport === 1), version.of13);
  t.strictSame(
    ports.map(({ portNo, name, state, config }) => [portNo, name, state, config]),
    [
      [LOCAL, 'v3', 1, 0],
      [1, 'v3-eth1', 4, 0],
      [2, 'v3-eth2', 1, 0],
    ],
  );
  const macs = new Set(portDescs(v3, () => up, version.of13).map((port) => port.hwAddr.join()));
  t.equal(macs.size, 3, 'each has an address of its own');
  t.ok(ports.every(({ hwAddr }) => hwAddr.length === 6 && ((hwAddr[0] ?? 1) & 3) === 2));
});

t.test('a long name keeps what tells its ports apart', async (t) => {
  const long = exampleText().replaceAll(/\bv3\b/g, 'a-very-long-vswitch-name-indeed');
  const named = vswitchOf(snapshotOf(long), 'red/a-very-long-vswitch-name-indeed');
  const frame = encode(version.of13, {
    type: 'multipartReply',
    xid: 1,
    flags: 0,
    reply: { kind: 'portDesc', ports: portDescs(named, () => up, version.of13) },
  });
  const message = decode(version.of13, viewOf(frame), 0, frame.length);
  const reply = message.type === 'multipartReply' ? message.reply : undefined;
  const names = reply?.kind === 'portDesc' ? reply.ports.map((port) => port.name) : [];
  t.match(names, [/^.{1,15}$/, /^.{1,15}$/, /^.{1,15}$/]);
  t.equal(new Set(names).size, 3);
});
