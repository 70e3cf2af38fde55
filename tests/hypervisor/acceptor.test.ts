/**
 * Connections from switches: who is let in, and who is told to go away (DELTA 2.1.*).
 */

import t from 'tap';
import { Acceptor } from '../../hypervisor/datapath/acceptor.ts';
import type { InForceAck } from '../../hypervisor/datapath/acknowledgements.ts';
import { Datapath } from '../../hypervisor/datapath/datapath.ts';
import type { DatapathUser } from '../../hypervisor/datapath/datapath-user.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { DatapathConfig } from '../../slices/config/config.ts';
import type { ShownCertificate, WantedCertificate } from '../../slices/config/tls.ts';
import { limits } from '../../slices/limits.ts';
import { FakeWorld, fakeLog, Peer } from './fake-world.ts';

function acceptor(certificate?: WantedCertificate) {
  const world = new FakeWorld();
  const log = fakeLog();
  const events: string[] = [];
  const known = { name: 's1', dpid: 1n, ack: { type: 'barrier' } };
  const config = { ...known, ...(certificate && { certificate }) } as unknown as DatapathConfig;
  const user = {
    onFrame: (...[, , , , length]: Parameters<DatapathUser['onFrame']>) => length,
    onPort: () => undefined,
    whenInForce: (_: Datapath, __: InForceAck, done: () => void) => done(),
    isNamed: () => true,
  };
  const s1 = new Datapath(world, config, user);
  const one = new Acceptor(world, log, {
    datapathOf: (dpid) => (dpid === 1n ? s1 : undefined),
    onConnected: (datapath) => void events.push(`connected ${datapath.name}`),
    onLost: (datapath, why) => void events.push(`lost ${datapath.name}: ${why}`),
    onUnknown: (dpid) => void events.push(`unknown: ${dpid}`),
    onStranger: (why) => void events.push(`stranger: ${why}`),
  });
  const connect = (name: string, shows?: ShownCertificate): Peer => {
    const peer = Object.assign(new Peer(name), { certificate: () => shows });
    peer.user = one.accept(peer);
    peer.user.onOpen();
    world.turn();
    return peer;
  };
  return { world, log, events, s1, connect };
}

const features = (dpid: bigint): Message => {
  const sizes = { bufferCount: 0, tableCount: 254, auxiliaryId: 0, capabilities: 0 };
  return { type: 'featuresReply', xid: 1, dpid, ...sizes };
};

/** Hello, features with this dpid, and the port descriptions. */
function introduce(world: FakeWorld, peer: Peer, dpid: bigint): void {
  peer.hello();
  peer.says(features(dpid));
  world.turn();
  const request = peer.received().find((message) => message.type === 'multipartRequest');
  const reply = { kind: 'portDesc', ports: [] } as const;
  if (request) peer.says({ type: 'multipartReply', xid: request.xid, flags: 0, reply });
  world.turn();
}

t.test('hello, features, configuration, ports: then it is connected', async (t) => {
  const { world, events, connect, s1 } = acceptor();
  const peer = connect('a');
  t.strictSame(peer.types(), ['hello']);
  peer.hello();
  world.turn();
  t.strictSame(peer.types(), ['featuresRequest']);
  peer.says(features(1n));
  world.turn();
  const sent = peer.received();
  t.match(sent, [
    { type: 'setConfig', flags: 0, missSendLen: 0xffff },
    { type: 'multipartRequest', request: { kind: 'portDesc' } },
  ]);
  t.strictSame(events, []);
  const reply = { kind: 'portDesc', ports: [] } as const;
  peer.says({ type: 'multipartReply', xid: sent[1]?.xid ?? 0, flags: 0, reply });
  t.strictSame(events, ['connected s1']);
  t.equal(s1.state.type, 'reconciling');
  world.pass(limits.handshakeTimeoutMs * 3);
  t.notOk(events.some((event) => event.includes('dpid in time')));
});

t.test('an unknown dpid is refused, and the log says which', async (t) => {
  const { world, log, events, connect } = acceptor();
  const peer = connect('a');
  introduce(world, peer, 0xbadn);
  t.ok(peer.isClosed);
  t.match(log.lines, [/no datapath has dpid 0000000000000bad; add it to/]);
  t.strictSame(events, ['unknown: 2989']);
});

t.test('a second switch of the same dpid is refused; the first stays (2.1.050)', async (t) => {
  const { world, log, events, connect, s1 } = acceptor();
  const first = connect('first:1');
  introduce(world, first, 1n);
  const second = connect('second:2');
  introduce(world, second, 1n);
  t.match(first.types(), [/.*/], 'it is asked whether it is there');
  first.says({ type: 'echoReply', xid: 1, data: new Uint8Array(0) });
  world.pass(limits.claimEchoMs);
  t.strictSame([first.isClosed, second.isClosed], [false, true]);
  t.match(log.lines, [/dpid 0000000000000001 \(s1\) is connected already from first:1/]);
  t.strictSame(events, ['connected s1', 'stranger: s1 is connected already']);
  t.equal(s1.peer, 'first:1');
});

t.test('when the first goes, another may come', async (t) => {
  const { world, events, connect } = acceptor();
  const first = connect('a');
  introduce(world, first, 1n);
  first.user?.onClose('reset');
  introduce(world, connect('b'), 1n);
  t.strictSame(events, ['connected s1', 'lost s1: reset', 'connected s1']);
});

t.test('silent from the start, and after its hello (2.1.030)', async (t) => {
  const { world, log, connect } = acceptor();
  const silent = connect('silent');
  const greeter = connect('greeter');
  greeter.hello();
  for (let i = 0; i < 10; i++) {
    world.pass(limits.handshakeTimeoutMs / 10);
    greeter.says({ type: 'barrierReply', xid: i });
  }
  t.ok(silent.isClosed);
  t.ok(greeter.isClosed, 'talking of something else does not help');
  t.match(log.lines.sort(), [/it did not send its dpid in time|no hello/, /dpid in time|no hello/]);
  t.equal(world.timers(), 0);
});

t.test('features that cannot be read are no introduction', async (t) => {
  const { world, events, connect } = acceptor();
  const peer = connect('a');
  peer.hello();
  peer.user?.onBytes(Uint8Array.of(4, 6, 0, 9, 0, 0, 0, 1, 1));
  world.pass(limits.handshakeTimeoutMs);
  t.ok(peer.isClosed);
  t.strictSame(events, []);
});

t.test('a switch that does not describe its ports is lost', async (t) => {
  const { world, events, connect, s1 } = acceptor();
  const peer = connect('a');
  peer.hello();
  peer.says(features(1n));
  world.turn();
  const request = peer.received().find((message) => message.type === 'multipartRequest');
  const data = new Uint8Array(0);
  peer.says({ type: 'error', xid: request?.xid ?? 0, errorType: 1, errorCode: 2, data });
  t.ok(peer.isClosed);
  t.strictSame(events, ['lost s1: it did not answer the request for its ports']);
  t.equal(s1.state.type, 'away');
});

t.test('more silent switches than the limit: the oldest goes, the known stay', async (t) => {
  const { world, connect, s1 } = acceptor();
  const known = connect('known');
  introduce(world, known, 1n);
  const many = Array.from({ length: limits.handshakesMax }, (_, i) => connect(`${i}`));
  t.notOk(many.some((peer) => peer.isClosed));
  t.notOk(connect('one more').isClosed);
  t.ok(many[0]?.isClosed, 'it had most time to say who it is');
  t.equal(many.filter((peer) => peer.isClosed).length, 1);
  t.notOk(known.isClosed);
  t.equal(s1.state.type, 'reconciling');
  world.pass(limits.handshakeTimeoutMs);
  t.ok(many.every((peer) => peer.isClosed));
  t.notOk(connect('later').isClosed, 'there is room again');
});

const right = { name: 's1.example', fingerprint: 'ab'.repeat(32) };
const wanted: readonly WantedCertificate[] = [
  { type: 'name', name: right.name },
  { type: 'fingerprint', hex: right.fingerprint },
];

t.test('3.1.060 Switch identification spoofing: a dpid bound to a certificate', async (t) => {
  for (const one of wanted) {
    const { world, log, events, connect, s1 } = acceptor(one);
    const strangers = [connect('none'), connect('other', { name: 's2', fingerprint: '00' })];
    for (const peer of strangers) introduce(world, peer, 1n);
    t.ok(strangers.every((peer) => peer.isClosed));
    t.match(events, [
      /^stranger: s1: it connected without TLS; it must present the certificate /,
      /^stranger: s1: it presented the certificate "s2" \(sha256:00\); it must present /,
    ]);
    t.match(log.lines.join(), /dpid 0000000000000001 \(s1\): it presented the certificate/);
    t.match(s1.state, { type: 'away', why: /must present/ }, 'the operator sees it');
    const peer = connect('right', right);
    introduce(world, peer, 1n);
    t.equal(events.at(-1), 'connected s1');
    introduce(world, connect('late', { name: 's2', fingerprint: '00' }), 1n);
    t.match(s1.state, { type: 'reconciling' }, 'and a late stranger disturbs nobody');
    t.notOk(peer.isClosed);
  }
});
