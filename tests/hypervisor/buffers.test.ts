/**
 * A tenant with buffers: long packets are cut for its controllers, each of which has a buffer id of
 * its own, and packet-outs and flow-mods that name it carry the whole packet (OF1.3.5 7.4.1).
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import {
  errorName,
  flowCommand,
  groupCommand,
  groupType,
  NO_BUFFER,
  port as ofpp,
  type Version,
  version,
} from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { cookieOf, metadataOf } from '../../translation/entries/pipeline.ts';
import { vswitchName } from '../slices/networks.ts';
import { applying, flowMod, output } from '../slices/rules.ts';
import { FakeNetwork } from './fake-switches.ts';
import type { Peer } from './fake-world.ts';

function text(buffers: string): string {
  return `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
tenants:
  red:
    ${buffers}
    vswitches:
      v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:7001, tcp:127.0.0.1:7002] }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s1:2 } }
`;
}

const whole = Uint8Array.from({ length: 300 }, (_, i) => i);

function started(buffers = 'buffers: 4') {
  const network = FakeNetwork.started(text(buffers));
  const runtime = network.hypervisor.runtime(vswitchName('red/v1'));
  if (runtime === undefined) throw new Error('red/v1 is there');
  const { id } = runtime.vswitch;
  const peers = [7001, 7002].map((port) => network.controller(port));
  const says = (peer: Peer | undefined, ...messages: readonly Message[]): void => {
    peer?.says(...messages);
    network.run();
  };
  /** The packet comes up at s1, by the rule of this serial, or by none. */
  const comesUp = (serial: number, data = whole): void => {
    const kind = serial === 0 ? 'miss' : 'rule';
    network.switch('s1').peer.says({
      type: 'packetIn',
      xid: 0,
      bufferId: NO_BUFFER,
      totalLen: data.length,
      reason: 1,
      tableId: 2,
      cookie: cookieOf(kind, id, serial),
      match: matchOf(oxm('in_port', 1), oxm('metadata', metadataOf(id, 1))),
      data,
    });
    network.run();
  };
  /** The packet-ins that each controller got: bytes and buffer. */
  const got = () =>
    peers.map(
      (peer) => peer.received().flatMap((one) => (one.type === 'packetIn' ? [one] : []))[0],
    );
  const below = () => network.switch('s1').changes();
  return { network, peers, says, comesUp, got, below };
}

function rule(maxLen: number, more = {}): Message {
  const up = { type: 'output', port: ofpp.controller, maxLen } as const;
  return flowMod({ instructions: applying(up), ...more });
}

function packetOut(bufferId: number, ...to: number[]): Message {
  const actions = to.map((port) => output(port));
  return { type: 'packetOut', xid: 7, bufferId, inPort: 1, actions, data: new Uint8Array() };
}

function errors(peer: Peer | undefined): readonly string[] {
  return (peer?.received() ?? []).flatMap((one) =>
    one.type === 'error' ? [`${one.xid} ${errorName(one.errorType, one.errorCode)}`] : [],
  );
}

t.test('cut to max_len; each connection has an id of its own, good once', async (t) => {
  const { peers, says, comesUp, got, below } = started();
  says(peers[0], rule(100));
  below();
  comesUp(1);
  const [one, other] = got();
  t.strictSame([one?.data, one?.totalLen], [whole.subarray(0, 100), 300]);
  t.not(one?.bufferId, NO_BUFFER);
  says(peers[1], packetOut(other?.bufferId ?? 0, 2));
  t.match(below(), [{ type: 'packetOut', bufferId: NO_BUFFER, data: whole }]);
  says(peers[1], packetOut(other?.bufferId ?? 0, 2));
  t.strictSame(errors(peers[1]), ['7 badRequest/bufferEmpty']);
  says(peers[0], packetOut(one?.bufferId ?? 0, 2), packetOut(9999, 2));
  t.match(below(), [{ type: 'packetOut', data: whole }], 'it is not used up by the other');
  t.strictSame(errors(peers[0]), ['7 badRequest/bufferUnknown']);
});

t.test('short packets, and those for which no buffer is wanted, are whole', async (t) => {
  const { peers, says, comesUp, got } = started();
  says(peers[0], rule(100), rule(0xffff, { priority: 7 }));
  comesUp(1, whole.subarray(0, 100));
  t.match(got()[0], { bufferId: NO_BUFFER, data: whole.subarray(0, 100) });
  comesUp(2);
  t.match(got()[0], { bufferId: NO_BUFFER, data: whole });
});

t.test('a flow-mod’s packet goes through the table after it; a refused one keeps it', async (t) => {
  const { peers, says, comesUp, got, below } = started();
  says(peers[0], rule(20));
  comesUp(1);
  const bufferId = got()[0]?.bufferId ?? 0;
  below();
  const toNowhere = applying({ type: 'group', groupId: 5 });
  says(peers[0], flowMod({ xid: 8, bufferId, instructions: toNowhere }));
  t.strictSame(errors(peers[0]), ['8 badAction/badOutGroup']);
  says(peers[0], flowMod({ priority: 9, bufferId, instructions: applying(output(2)) }));
  const [change, sent] = below();
  t.equal(change?.type, 'flowMod');
  t.match(sent, { type: 'packetOut', data: whole });
  t.match(sent?.type === 'packetOut' && sent.actions.at(-1), { type: 'resubmit' });
  says(peers[0], flowMod({ xid: 9, priority: 10, bufferId, instructions: [] }));
  t.strictSame(errors(peers[0]), ['9 badRequest/bufferEmpty']);
});

/** What names the same buffer, by the transaction id of the request. */
const uses: Record<string, (bufferId: number, xid: number) => Message> = {
  'flow-mod': (bufferId, xid) =>
    flowMod({ xid, priority: xid, bufferId, instructions: applying(output(2)) }),
  'packet-out': (bufferId, xid) => ({ ...packetOut(bufferId, 2), xid }),
  'modify of many rules': (bufferId, xid) =>
    flowMod({ xid, command: flowCommand.modify, bufferId, instructions: applying(output(2)) }),
  // Decided when the switch has said what it makes of the group that goes.
  'flow-mod that waits': (bufferId, xid) =>
    flowMod({ xid, priority: xid, bufferId, instructions: toGroup }),
  'modify that waits': (bufferId, xid) =>
    flowMod({ xid, command: flowCommand.modify, bufferId, instructions: toGroup }),
};

const toGroup = applying({ type: 'group', groupId: 5 });

t.test('of two in one write that name one buffer, the first has it', async (t) => {
  for (const [name, first] of Object.entries(uses)) {
    for (const [other, second] of Object.entries(uses)) {
      const { network, peers, says, comesUp, got, below } = started();
      const group = { type: 'groupMod', xid: 5, groupType: groupType.all, groupId: 5 } as const;
      says(peers[0], { ...group, command: groupCommand.add, buckets: [] }, rule(20));
      // More than are changed in a turn.
      const many = Array.from({ length: name.startsWith('modify') ? 2100 : 0 }, (_, i) => {
        return flowMod({ match: matchOf(oxm('eth_src', i + 1)), priority: 3 });
      });
      peers[0]?.saysAtOnce(...many);
      comesUp(1);
      const bufferId = got()[0]?.bufferId ?? 0;
      below();
      network.switch('s1').refuse = (change) =>
        change.type === 'groupMod' ? { errorType: 6, errorCode: 6 } : undefined;
      const goes = { ...group, command: groupCommand.delete, buckets: [] };
      peers[0]?.saysAtOnce(goes, first(bufferId, 11), second(bufferId, 12));
      network.run();
      const sent = below().filter((one) => one.type === 'packetOut');
      t.match(sent, [{ data: whole }], `${name}, ${other}: it is sent once`);
      t.strictSame(
        errors(peers[0]).filter((one) => !one.startsWith('5 ')),
        ['12 badRequest/bufferEmpty'],
        `${name}, ${other}: and the second is told`,
      );
    }
  }
});

t.test('what is refused late leaves the buffer to what comes behind it', async (t) => {
  for (const [name, second] of Object.entries(uses).slice(0, 3)) {
    const { network, peers, says, comesUp, got, below } = started();
    const group = { type: 'groupMod', xid: 5, groupType: groupType.all, groupId: 5 } as const;
    says(peers[0], { ...group, command: groupCommand.add, buckets: [] }, rule(20));
    comesUp(1);
    const bufferId = got()[0]?.bufferId ?? 0;
    below();
    const goes = { ...group, command: groupCommand.delete, buckets: [] };
    const waits = flowMod({ xid: 11, bufferId, instructions: toGroup });
    peers[0]?.saysAtOnce(goes, waits, second(bufferId, 12));
    network.run();
    t.strictSame(errors(peers[0]), ['11 badAction/badOutGroup'], name);
    const sent = below().filter((one) => one.type === 'packetOut');
    t.match(sent, [{ data: whole }], `${name}: it is sent`);
    t.equal(sent.length, 1);
  }
});

t.test(
  'an id of the last connection means nothing on the next; nor one that is too old',
  async (t) => {
    const { network, peers, says, comesUp, got } = started();
    says(peers[0], rule(20));
    comesUp(1);
    const [one, other] = got().map((packet) => packet?.bufferId ?? 0);
    network.run(5_000);
    says(peers[1], packetOut(other ?? 0, 2));
    t.strictSame(errors(peers[1]), ['7 badRequest/bufferUnknown']);
    peers[0]?.user?.onClose('x');
    network.run(300);
    const again = network.controller(7001);
    again.user?.onOpen();
    again.hello();
    says(again, packetOut(one ?? 0, 2));
    t.strictSame(errors(again), ['7 badRequest/bufferUnknown']);
  },
);

t.test('buffers: none was ever given (DELTA 1.1.170)', async (t) => {
  for (const buffers of ['', 'buffers: 4']) {
    const { peers, says, below } = started(buffers);
    below();
    for (const id of [0, 1, 0xffff_fffe]) {
      says(peers[0], packetOut(id, 2));
      t.strictSame(errors(peers[0]), ['7 badRequest/bufferUnknown']);
    }
    t.strictSame(below(), [], 'nothing is sent');
  }
});

t.test('none unless the file says so, and the features say how many', async (t) => {
  for (const [buffers, count] of [
    ['', 0],
    ['buffers: 4', 4],
  ] as const) {
    const { peers, says, comesUp, got } = started(buffers);
    says(peers[0], { type: 'featuresRequest', xid: 5 });
    t.match(peers[0]?.received(), [{ type: 'featuresReply', bufferCount: count }]);
    says(peers[0], rule(20));
    comesUp(1);
    t.equal(got()[0]?.bufferId === NO_BUFFER, count === 0);
  }
});

t.test('OpenFlow 1.0: what missed every rule is cut to miss_send_len', async (t) => {
  const { network, peers, says } = started();
  const of10: Version = version.of10;
  for (const peer of peers) peer.user?.onClose('x');
  network.run(300);
  const again = network.controller(7001);
  again.version = of10;
  again.user?.onOpen();
  again.says({ type: 'hello', xid: 1, versions: [1] });
  network.run();
  again.received();
  const { id } = network.hypervisor.runtime(vswitchName('red/v1'))?.vswitch ?? {};
  network.switch('s1').changes();
  network.switch('s1').peer.says({
    type: 'packetIn',
    xid: 0,
    bufferId: NO_BUFFER,
    totalLen: 300,
    reason: 1,
    tableId: 2,
    cookie: cookieOf('miss', id ?? 0, 0),
    match: matchOf(oxm('in_port', 1), oxm('metadata', metadataOf(id ?? (0 as never), 1))),
    data: whole,
  });
  network.run();
  const up = again.received().find((one) => one.type === 'packetIn');
  t.match(up, { totalLen: 300, reason: 0, data: whole.subarray(0, 128) });
  const bufferId = up?.type === 'packetIn' ? up.bufferId : 0;
  says(again, packetOut(bufferId, 2));
  t.match(network.switch('s1').changes(), [{ type: 'packetOut', data: whole }]);
  says(again, packetOut(bufferId, 2));
  t.match(again.received(), [{ type: 'error', errorType: 1, errorCode: 7 }]);
});
