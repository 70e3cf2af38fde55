/**
 * A datapath's batches and questions: answers go to who asked, and nobody waits for ever.
 */

import t from 'tap';
import type { Outcome } from '../../hypervisor/datapath/acknowledgements.ts';
import type { Datapath } from '../../hypervisor/datapath/datapath.ts';
import type { Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { type PhysicalFlow, tablesOf } from '../../translation/entries/physical-tables.ts';
import { cookieOf } from '../../translation/entries/pipeline.ts';
import { Random, randomMessage } from '../openflow/random.ts';
import { flowMod } from '../slices/rules.ts';
import { connected } from './one-datapath.ts';

const barrierReply = (xid: number): Message => ({ type: 'barrierReply', xid });
const error = (xid: number, errorCode = 1): Message => {
  return { type: 'error', xid, errorType: 5, errorCode, data: new Uint8Array(0) };
};
const mods = (count: number) => Array.from({ length: count }, () => flowMod());

/** What became of a batch. */
function outcomeOf(datapath: Datapath, count: number, ack: 'barrier' | 'full' = 'barrier') {
  const outcomes: Outcome[] = [];
  datapath.writer.compared();
  datapath.writer.send('tables', mods(count), ack, (outcome) => outcomes.push(outcome));
  return outcomes;
}

t.test('a batch is its messages and a barrier, each with an xid of its own', async (t) => {
  const { world, peer, datapath } = connected();
  const first = outcomeOf(datapath, 3);
  const second = outcomeOf(datapath, 0);
  t.strictSame([first, second], [[], []], 'never inside the call');
  world.turn();
  const sent = peer.received();
  t.strictSame(
    sent.map((message) => message.type),
    ['flowMod', 'flowMod', 'flowMod', 'barrierRequest', 'barrierRequest'],
  );
  t.equal(new Set(sent.map((message) => message.xid)).size, 5);
  peer.says(barrierReply(sent[3]?.xid ?? 0));
  t.strictSame([first, second], [[{ type: 'acked', refusals: [] }], []]);
  peer.says(barrierReply(sent[4]?.xid ?? 0));
  t.equal(second.length, 1);
});

t.test('errors belong to the message of the batch that has their xid', async (t) => {
  const { world, peer, datapath } = connected();
  const first = outcomeOf(datapath, 2);
  const second = outcomeOf(datapath, 3);
  world.turn();
  const xids = peer.received().map((message) => message.xid);
  peer.says(error(xids[5] ?? 0, 3), error(xids[1] ?? 0, 1), error(xids[3] ?? 0, 2));
  peer.says(barrierReply(xids[2] ?? 0), barrierReply(xids[6] ?? 0));
  const refusal = (index: number, errorCode: number) => ({ index, errorType: 5, errorCode });
  t.match(first, [{ type: 'acked', refusals: [refusal(1, 1)] }]);
  t.match(second, [{ type: 'acked', refusals: [refusal(2, 3), refusal(0, 2)] }]);
  t.notOk(peer.isClosed);
  peer.says(error(0xfffffff0));
  t.ok(peer.isClosed, 'what it holds is not known: nobody has asked for that change');
});

t.test(
  'a change that is refused after it was acknowledged: its tables are read again',
  async (t) => {
    const { world, peer, datapath } = connected();
    outcomeOf(datapath, 1);
    world.turn();
    const [change, barrier] = peer.received().map((message) => message.xid);
    peer.says(barrierReply(barrier ?? 0));
    t.equal(peer.isClosed, false);
    peer.says(error(change ?? 0));
    world.turn();
    t.equal(peer.isClosed, true, 'what it holds is not known');
  },
);

t.test('what had nothing to send is acknowledged behind what was sent before it', async (t) => {
  for (const isLost of [false, true]) {
    const { world, peer, datapath, channel } = connected();
    datapath.writer.compared();
    const told: string[] = [];
    for (const [name, count] of [
      ['before', 1],
      ['nothing', 0],
      ['behind', 1],
    ] as const) {
      datapath.writer.send('tables', mods(count), 'later', ({ type }) =>
        told.push(`${name} ${type}`),
      );
    }
    world.turn();
    t.strictSame(told, [], 'a refusal of the first may come yet');
    world.pass(limits.pushedBarrierMs);
    const asked = peer.received().find((message) => message.type === 'barrierRequest');
    if (isLost) channel.close('lost');
    else peer.says(barrierReply(asked?.xid ?? 0));
    const how = isLost ? 'lost' : 'acked';
    t.strictSame(told, [`before ${how}`, `nothing ${how}`, `behind ${how}`]);
  }
});

t.test('what a datapath refuses of an owner is not its intent', async (t) => {
  const { world, peer, datapath } = connected();
  datapath.writer.compared();
  const flows = [1, 2].map((priority): PhysicalFlow => {
    const cookie = cookieOf('wiring', 7, 0);
    return { tableId: 0, priority, match: [], instructions: [], cookie };
  });
  const change = { owner: 'wiring 7', vswitch: undefined, tables: tablesOf(flows, []) };
  datapath.writer.lead([change], 'barrier', () => undefined);
  world.turn();
  const [first, , barrier] = peer.received().map((message) => message.xid);
  peer.says(error(first ?? 0), barrierReply(barrier ?? 0));
  const has = [...datapath.intent.of('wiring 7').flows.values()];
  t.strictSame(
    has.map(({ priority }) => priority),
    [2],
  );
});

t.test('a barrier that was not the next to be answered closes the connection', async (t) => {
  for (const which of [1, 2]) {
    const { world, peer, datapath } = connected();
    const all = [...outcomeOf(datapath, 0), ...outcomeOf(datapath, 0)];
    const lost = outcomeOf(datapath, 0);
    world.turn();
    const xids = peer.received().map((message) => message.xid);
    peer.says(barrierReply(which === 1 ? (xids[1] ?? 0) : 0xdead));
    t.ok(peer.isClosed);
    t.strictSame(lost, [{ type: 'lost' }]);
    t.strictSame(all, []);
    t.match(datapath.state, { type: 'away', why: /^it answered barrier \d+ out of order/ });
  }
});

t.test('a lost connection tells everyone who waits, once', async (t) => {
  const { world, channel, datapath } = connected();
  const batches = [outcomeOf(datapath, 1), outcomeOf(datapath, 2, 'full')];
  const answers: unknown[] = [];
  datapath.query({ kind: 'desc' }, (parts) => answers.push(parts));
  world.turn();
  channel.onClose('cable cut');
  channel.onClose('cable cut');
  t.strictSame(batches, [[{ type: 'lost' }], [{ type: 'lost' }]]);
  t.strictSame(answers, [undefined]);
  t.strictSame(datapath.state, { type: 'away', why: 'cable cut' });
  world.pass(60_000);
  t.equal(world.timers(), 0, 'no timer waits for what will not come');
  const later = outcomeOf(datapath, 1);
  datapath.query({ kind: 'desc' }, (parts) => answers.push(parts));
  t.strictSame(later, [], 'never inside the call');
  world.turn();
  t.strictSame([later, answers], [[{ type: 'lost' }], [undefined, undefined]]);
});

t.test('no answer in time closes the connection', async (t) => {
  for (const kind of ['barrier', 'statistics']) {
    const { world, peer, datapath } = connected();
    if (kind === 'barrier') outcomeOf(datapath, 1);
    else datapath.query({ kind: 'desc' }, () => undefined);
    for (let i = 0; i < 10 && !peer.isClosed; i++) {
      world.pass(limits.barrierTimeoutMs / 10);
      peer.says({ type: 'echoReply', xid: 1, data: new Uint8Array(0) });
    }
    t.match(datapath.state, { type: 'away', why: `no ${kind}` });
  }
});

t.test('while it is compared, changes are part of the comparison; then they follow', async (t) => {
  const { datapath, peer, world } = connected();
  const outcomes: Outcome[] = [];
  datapath.writer.send('tables', [flowMod()], 'barrier', (outcome) => outcomes.push(outcome));
  world.turn();
  t.same(outcomes, [{ type: 'lost' }]);
  t.same(peer.types(), []);
  datapath.writer.compared();
  datapath.writer.send('tables', [flowMod()], 'barrier', (outcome) => outcomes.push(outcome));
  world.turn();
  t.same(peer.types(), ['flowMod', 'barrierRequest']);
});

t.test('a second connection is not adopted while the first is there', async (t) => {
  const { channel, datapath } = connected();
  t.notOk(datapath.adopt(channel));
  channel.onClose('x');
  t.ok(datapath.adopt(channel));
});

t.test('full acknowledgement: settled for as long as the configuration says', async (t) => {
  const { world, peer, datapath } = connected({ type: 'settle', settleMs: 60 });
  const plain = outcomeOf(datapath, 1);
  const full = outcomeOf(datapath, 1, 'full');
  world.turn();
  const xids = peer.received().map((message) => message.xid);
  peer.says(barrierReply(xids[1] ?? 0), barrierReply(xids[3] ?? 0));
  t.strictSame([plain.length, full.length], [1, 0]);
  world.pass(59);
  t.equal(full.length, 0);
  world.pass(1);
  t.strictSame(full, [{ type: 'acked', refusals: [] }]);
});

t.test('full acknowledgement by proof; no proof is a lost connection', async (t) => {
  for (const proven of [true, false]) {
    const { world, peer, datapath } = connected({ type: 'proof', unixctl: '/run/x.ctl' });
    const full = outcomeOf(datapath, 0, 'full');
    world.turn();
    peer.says(barrierReply(peer.received()[0]?.xid ?? 0));
    t.strictSame(full, [], 'the barrier alone proves nothing');
    world.proofs[0]?.(true);
    t.strictSame(full, [], 'the round that is over may have begun before');
    world.proofs[1]?.(proven);
    world.turn();
    t.match(full, [{ type: proven ? 'acked' : 'lost' }]);
    t.equal(peer.isClosed, !proven);
  }
});

t.test('lost while it settles is lost', async (t) => {
  const { world, peer, channel, datapath } = connected({ type: 'settle', settleMs: 60 });
  const full = outcomeOf(datapath, 0, 'full');
  world.turn();
  peer.says(barrierReply(peer.received()[0]?.xid ?? 0));
  channel.onClose('x');
  world.pass(1_000);
  t.strictSame(full, [{ type: 'lost' }]);
});

t.test('statistics: all parts of its own reply, and no other’s', async (t) => {
  const { world, peer, datapath } = connected();
  const answers: unknown[] = [];
  datapath.query({ kind: 'groupDesc' }, (parts) => answers.push(parts?.length));
  world.turn();
  const xid = peer.received()[0]?.xid ?? 0;
  const part = (at: number, flags: number): Message => {
    return { type: 'multipartReply', xid: at, flags, reply: { kind: 'groupDesc', groups: [] } };
  };
  peer.says(part(xid + 9, 0), part(xid, 1), part(xid, 1));
  t.strictSame(answers, []);
  peer.says(part(xid, 0), part(xid, 0));
  t.strictSame(answers, [3]);
  datapath.query({ kind: 'desc' }, (parts) => answers.push(parts));
  world.turn();
  peer.says(error(peer.received()[0]?.xid ?? 0));
  t.strictSame(answers, [3, undefined], 'an error is an answer');
});

t.test('a reply that never ends closes the connection (DELTA, reply amplification)', async (t) => {
  const { world, peer, datapath } = connected();
  const answers: unknown[] = [];
  datapath.query({ kind: 'groupDesc' }, (parts) => answers.push(parts));
  world.turn();
  const xid = peer.received()[0]?.xid ?? 0;
  const reply = { kind: 'groupDesc', groups: [] } as const;
  for (let i = 0; i <= limits.multipartFramesMax && !peer.isClosed; i++) {
    peer.says({ type: 'multipartReply', xid, flags: 1, reply });
  }
  t.ok(peer.isClosed);
  t.strictSame(answers, [undefined]);
});

t.test('packet-ins and what a switch should not say go to the user', async (t) => {
  const { peer, frames, datapath } = connected();
  const random = new Random(3);
  for (const type of ['packetIn', 'flowRemoved', 'featuresRequest', 'roleReply'] as const) {
    peer.says(randomMessage(random, type));
  }
  t.strictSame(frames, [10, 11, 5, 25]);
  const desc = { portNo: 7, hwAddr: new Uint8Array(6), name: 'p', config: 0, state: 1 };
  const speeds = { curr: 0, advertised: 0, supported: 0, peer: 0, currSpeed: 0, maxSpeed: 0 };
  peer.says({ type: 'portStatus', xid: 0, reason: 0, desc: { ...desc, ...speeds } });
  t.strictSame([datapath.ports.size, datapath.isPortUp(7)], [1, false]);
  peer.says({ type: 'portStatus', xid: 0, reason: 1, desc: { ...desc, ...speeds } });
  t.equal(datapath.ports.size, 0);
});
