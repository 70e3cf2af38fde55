/**
 * PORT_MOD: a tenant's ports are its own; no datapath's port hears of it.
 *
 * The messages are those of an Open vSwitch 3.1 bridge with two controllers.
 */

import t from 'tap';
import { printMessage } from '../../openflow/print/print.ts';
import { errorName, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { LOCAL } from '../../slices/ids.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import type { Peer } from './fake-world.ts';

const text = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: [s1:3 - s3:1, s2:3 - s3:2, s1:4 - s4:1, s2:4 - s4:2]
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:7001, tcp:127.0.0.1:7002] }
      v2: { dpid: 2, on: s2, controllers: [tcp:127.0.0.1:7003] }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s2:1 } }
    links: [v1:2 - v2:2]
`;

const mac = (dpid: number, low: number) => Uint8Array.from([2, 0, 0, dpid, low >> 8, low & 0xff]);

function portMod(portNo: number, config: number, mask: number, hwAddr = mac(1, portNo)): Message {
  return { type: 'portMod', xid: 9, portNo, hwAddr, config, mask, advertise: 0 };
}

/** `number config:state` of each port-status; an error by its name. */
function told(peer: Peer): string {
  return peer
    .received()
    .flatMap((one) => {
      if (one.type === 'error') return [errorName(one.errorType, one.errorCode)];
      if (one.type !== 'portStatus') return [];
      return [`${one.desc.portNo} ${one.desc.config}:${one.desc.state}`];
    })
    .join(', ');
}

function started(store = memoryStore()) {
  const network = FakeNetwork.started(text, store);
  const [one, other, peer] = [7001, 7002, 7003].map((port) => network.controller(port));
  if (!one || !other || !peer) throw new Error('three controllers');
  /** What the three are told when the first says this. */
  const says = (...messages: readonly Message[]): readonly string[] => {
    one.says(...messages);
    network.run();
    return [one, other, peer].map(told);
  };
  return { network, one, says };
}

t.test('the sender hears what follows, the others hear all, a peer loses its link', async (t) => {
  const { says } = started();
  t.strictSame(says(portMod(1, 1, 1)), ['1 1:1', '1 1:0, 1 1:1', '']);
  t.strictSame(says(portMod(1, 1, 1)), ['', '', ''], 'again: nothing changed');
  t.strictSame(says(portMod(1, 0, 1)), ['1 0:4', '1 0:1, 1 0:4', '']);
  t.strictSame(says(portMod(2, 1, 1)), ['2 1:1', '2 1:0, 2 1:1', '2 0:0, 2 0:1']);
  t.strictSame(says(portMod(2, 0, 1)), ['2 0:4', '2 0:1, 2 0:4', '2 0:4']);
  t.strictSame(says(portMod(1, 0x64, 0x64)), ['', '1 100:4', ''], 'no link is concerned');
  const local = says(portMod(LOCAL, 0, 1, mac(1, 0xfffe)));
  t.strictSame(local, [`${LOCAL} 0:4`, `${LOCAL} 0:1, ${LOCAL} 0:4`, '']);
});

t.test('errors as Open vSwitch has them; other bits of 1.3 are no bits', async (t) => {
  const { says } = started();
  const quiet = ['', '', ''];
  t.strictSame(says(portMod(9, 1, 1)), ['portModFailed/badPort', '', '']);
  t.strictSame(says(portMod(0xfffffffd, 1, 1)), ['portModFailed/badPort', '', '']);
  t.strictSame(says(portMod(1, 1, 1, mac(1, 2))), ['portModFailed/badHwAddr', '', '']);
  t.strictSame(says(portMod(1, 1, 1, new Uint8Array(6))), ['portModFailed/badHwAddr', '', '']);
  for (const bit of [2, 8, 0x10, 0x80, 0x8000_0000])
    t.strictSame(says(portMod(1, bit, bit)), quiet);
  t.strictSame(says(portMod(1, 1, 0)), quiet, 'a bit outside the mask');
  t.strictSame(says({ ...portMod(1, 0, 0), advertise: 0x40 } as Message), quiet);
});

/** What changed on the switches. */
function changes(network: FakeNetwork): readonly string[] {
  return [...network.switches].flatMap(([name, one]) =>
    one.changes().map((message) => `${name}: ${printMessage(message)}`),
  );
}

t.test('below it is a few entries of ours, and they go again', async (t) => {
  const { network, says } = started();
  changes(network);
  says(portMod(1, 0x20, 0x20));
  const closed = changes(network);
  t.equal(closed.length, 2, closed.join('\\n'));
  for (const one of closed) t.match(one, /^s1: flowMod .* ADD table:250 priority=30,/);
  says(portMod(1, 0, 0x20));
  const opened = changes(network);
  t.equal(opened.length, 2);
  for (const one of opened) t.match(one, /^s1: flowMod .* DEL_STRICT table:250 priority=30,/);
  says(portMod(1, 4, 4));
  t.notMatch(changes(network).join(), /portMod/);
});

t.test('it survives a restart', async (t) => {
  const store = memoryStore();
  const { network, says } = started(store);
  says(portMod(1, 0x21, 0x21));
  network.hypervisor.stop('restart');
  const again = started(store);
  t.strictSame(again.says(portMod(1, 0, 0x20)), ['', '1 1:1', ''], 'PORT_DOWN is still there');
});

/** As `started`, but the second controller speaks OpenFlow 1.0. */
function startedMixed() {
  const network = new FakeNetwork(text);
  for (const name of network.switches.keys()) network.connect(name);
  const [one, old] = [7001, 7002].map((port) => network.controller(port));
  if (!one || !old) throw new Error('two controllers');
  old.version = version.of10;
  for (const peer of [one, old]) {
    peer.user?.onOpen();
    peer.says({ type: 'hello', xid: 1, versions: [peer.version] });
  }
  network.run();
  for (const peer of [one, old]) peer.received();
  changes(network);
  return { network, one, old };
}

t.test('OpenFlow 1.0 has bits of its own, and each version sees only its own', async (t) => {
  const { network, one, old } = startedMixed();
  const both = (from: Peer, message: Message): readonly string[] => {
    from.says(message);
    network.run();
    return [told(one), told(old)];
  };
  t.strictSame(both(old, portMod(1, 0x10, 0x10)), ['', ''], 'NO_FLOOD: not a bit of 1.3');
  t.match(changes(network).join(), /^s1: flowMod .* MOD_STRICT table:250 .*reg0=0x10002/);
  t.strictSame(both(one, portMod(1, 0x20, 0x20)), ['', '1 48:0'], 'NO_FWD beside NO_FLOOD');
  t.strictSame(both(old, portMod(1, 0, 0x30)), ['1 0:4', ''], 'both are cleared');
  network.switch('s1').setPort(1, false);
  network.run();
  t.strictSame([told(one), told(old)], ['1 0:0, 1 0:1', '1 0:1'], '1.0 knows nothing of LIVE');
  t.strictSame(both(old, portMod(1, 1, 1, mac(1, 2))), ['', 'portModFailed/badHwAddr']);
});
