/**
 * Port statistics: the tenant's own, whatever else the switches count.
 */

import t from 'tap';
import type { FlowStats, Message, PortStats } from '../../openflow/values/values.ts';
import { LOCAL } from '../../slices/ids.ts';
import { noCounts } from '../../slices/port-counters.ts';
import { cookieOf } from '../../translation/entries/pipeline.ts';
import { vswitchName } from '../slices/networks.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';

const text = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:3 - s2:3]
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:7001] }
      v2: { dpid: 2, on: s2, controllers: [tcp:127.0.0.1:7002] }
    hosts: { h1: { port: v1:1, at: s1:1 } }
    links: [v1:2 - v2:2]
`;

/** A real port's counters. */
function shows(network: FakeNetwork, rx: bigint, tx: bigint): void {
  const times = { durationSec: 9, durationNsec: 9 };
  const row = { portNo: 1, ...noCounts, ...times, rxPackets: rx, txPackets: tx };
  network.switch('s1').counters = { kind: 'portStats', ports: [row] };
}

/** A virtual link's egress entry on a switch: tagged packets are 64 bytes and 4. */
function left(
  network: FakeNetwork,
  name: string,
  id: number,
  serial: number,
  packets: bigint,
  size: bigint,
): void {
  const times = { durationSec: 0, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 };
  const entry = { tableId: 250, priority: 10, flags: 1, match: [], instructions: [], ...times };
  const cookie = cookieOf('egress', id, serial);
  const row: FlowStats = { ...entry, cookie, packetCount: packets, byteCount: packets * size };
  const before = network.switch(name).flows;
  const flows = before.kind === 'flow' ? before.flows : [];
  const others = flows.filter((one) => one.cookie !== cookie);
  network.switch(name).flows = { kind: 'flow', flows: [...others, row] };
}

function ask(network: FakeNetwork, controller: number, portNo: number): readonly PortStats[] {
  const peer = network.controller(controller);
  peer.received();
  const request = { kind: 'portStats', portNo } as const;
  peer.says({ type: 'multipartRequest', xid: 7, flags: 0, request });
  network.run();
  const isReply = (one: Message) => one.type === 'multipartReply' && one.xid === 7;
  const reply = peer.received().find(isReply);
  if (reply?.type !== 'multipartReply' || reply.reply.kind !== 'portStats') return [];
  return reply.reply.ports;
}

const ALL = 0xffffffff;
const started = (store = memoryStore()) => FakeNetwork.started(text, store);

t.test('a host’s port: the real port’s, from when the tenant had it', async (t) => {
  const network = started();
  shows(network, 500n, 600n);
  t.match(ask(network, 7001, 1), [{ portNo: 1, rxPackets: 0n, txPackets: 0n }]);
  shows(network, 503n, 604n);
  t.match(ask(network, 7001, 1), [{ rxPackets: 3n, txPackets: 4n }]);
});

t.test('a virtual link: what left, without our tag; and the other end received it', async (t) => {
  const network = started();
  left(network, 's1', 1, 2, 5n, 64n);
  left(network, 's1', 1, 0x1_0002, 2n, 68n);
  left(network, 's1', 1, 0x2_0002, 1n, 64n);
  left(network, 's2', 2, 2, 9n, 64n);
  const one = { txPackets: 8n, txBytes: 512n, rxPackets: 9n, rxBytes: 576n };
  const other = { rxPackets: 8n, rxBytes: 512n, txPackets: 9n, txBytes: 576n };
  t.match(ask(network, 7001, 2), [{ portNo: 2, ...one }]);
  t.match(ask(network, 7002, 2), [{ portNo: 2, ...other }]);
});

t.test('what came before the first question counts, too', async (t) => {
  const network = new FakeNetwork(text);
  shows(network, 500n, 600n);
  for (const name of network.switches.keys()) network.connect(name);
  shows(network, 503n, 604n);
  const rows: PortStats[] = [];
  const { portCounters } = network.hypervisor.runtime(vswitchName('red/v1')) ?? {};
  portCounters?.read([1 as never], (read) => rows.push(...read));
  network.run();
  t.match(rows, [{ rxPackets: 3n, txPackets: 4n }]);
});

t.test('all ports, one, and one that is not there', async (t) => {
  const network = started();
  t.strictSame(
    ask(network, 7001, ALL).map((row) => row.portNo),
    [LOCAL, 1, 2],
  );
  t.strictSame(
    ask(network, 7001, LOCAL).map((row) => row.rxPackets),
    [0n],
  );
  t.strictSame(ask(network, 7001, 9), []);
});

t.test('an entry’s last counters count, and one that begins anew does too', async (t) => {
  const network = started();
  left(network, 's1', 1, 2, 5n, 64n);
  t.match(ask(network, 7001, 2), [{ txPackets: 5n }]);
  network.hypervisor.runtime(vswitchName('red/v1'))?.portCounters.onRemoval('s1' as never, 2, {
    packets: 6n,
    bytes: 6n * 64n,
  });
  left(network, 's1', 1, 2, 1n, 64n);
  t.match(ask(network, 7001, 2), [{ txPackets: 7n, txBytes: 448n }]);
});

t.test('a restart goes on from the switches’ own counters', async (t) => {
  const store = memoryStore();
  const before = started(store);
  shows(before, 100n, 100n);
  left(before, 's1', 1, 2, 5n, 64n);
  ask(before, 7001, ALL);
  before.hypervisor.stop('restart');
  const after = started(store);
  shows(after, 110n, 120n);
  left(after, 's1', 1, 2, 8n, 64n);
  t.match(ask(after, 7001, 1), [{ rxPackets: 10n, txPackets: 20n }]);
  t.match(ask(after, 7001, 2), [{ txPackets: 8n }]);
});

t.test('a port that is down receives nothing, though the real one does', async (t) => {
  const network = started();
  shows(network, 0n, 0n);
  ask(network, 7001, 1);
  const portMod = (config: number): Message => {
    const hwAddr = Uint8Array.from([2, 0, 0, 1, 0, 1]);
    return { type: 'portMod', xid: 8, portNo: 1, hwAddr, config, mask: 1, advertise: 0 };
  };
  shows(network, 3n, 3n);
  network.controller(7001).says(portMod(1));
  network.run();
  shows(network, 10n, 3n);
  network.controller(7001).says(portMod(0));
  network.run();
  shows(network, 12n, 4n);
  t.match(ask(network, 7001, 1), [{ rxPackets: 5n, txPackets: 4n }]);
});

t.test('who asks a thousand times makes us ask twice', async (t) => {
  const network = started();
  const { portCounters } = network.hypervisor.runtime(vswitchName('red/v1')) ?? {};
  const answers: unknown[] = [];
  for (let i = 0; i < 1_000; i++) portCounters?.read([1 as never], (rows) => answers.push(rows));
  network.world.turn();
  const asked = network.switch('s1').peer.received();
  t.equal(asked.length, 1, 'the rest share the next one');
  t.strictSame(answers, []);
});
