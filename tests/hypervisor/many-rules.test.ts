/**
 * One request about very many rules keeps nobody else waiting: it is done a part in every turn
 * (hypervisor/world/scheduler.ts), and still as if it were done at once for whoever asked.
 *
 * In a world whose clock stands within a turn, so parts are counted, not timed.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand, flowFlag } from '../../openflow/values/constants.ts';
import type { FlowMod, FlowStatsFilter, Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { FakeNetwork } from './fake-switches.ts';
import type { Peer } from './fake-world.ts';

/** Three turns' worth. */
const RULES = 6_000;
/** An answer is more than may wait for who does not read. */
const UNREAD_RULES = 20_000;
const DUMPS = 8;
/** What one turn may look at, and a little for what is always said. */
const PER_TURN_MAX = limits.stepsPerTurnMax * limits.slotsPerStep + limits.rowsAtOnce;

const text = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:3 - s2:3]
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001, tcp:127.0.0.1:7002]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s1:2 } }
  blue:
    controllers: [tcp:127.0.0.1:7003]
    vswitches: { v1: { dpid: 1, on: s2 } }
    hosts: { h1: { port: v1:1, at: s2:1 } }
`;

const everything: FlowStatsFilter = {
  tableId: 0xff,
  outPort: 0xffffffff,
  outGroup: 0xffffffff,
  cookie: 0n,
  cookieMask: 0n,
  match: [],
};
const barrier: Message = { type: 'barrierRequest', xid: 900 };
const dump: Message = {
  type: 'multipartRequest',
  xid: 901,
  flags: 0,
  request: { kind: 'flow', filter: everything },
};
const deleteAll = flowMod({ xid: 902, command: flowCommand.delete, tableId: 0xff });

/** A network where red has very many rules; what happens is watched from here on. */
class Crowd {
  readonly network = FakeNetwork.started(text);
  readonly red = this.network.controller(7001);
  readonly other = this.network.controller(7002);
  readonly blue = this.network.controller(7003);
  /** Of blue's echo requests, one in every turn, those that were answered. */
  echoes = 0;
  /** The largest number of messages that one turn said to somebody. */
  mostAtOnce = 0;

  constructor(parts: Partial<FlowMod> = {}, rules = RULES) {
    for (let i = 0; i < rules; i++) {
      const match = matchOf(oxm('eth_dst', i));
      this.red.says(flowMod({ match, instructions: outputs(2), ...parts }));
      if (i % 1_000 === 0) this.network.run(0);
    }
    this.network.run(200);
    this.network.switch('s1').changes();
    for (const one of [this.red, this.other, this.blue]) one.received();
    this.#watch(this.red);
    this.#watch(this.network.switch('s1').peer);
    this.#watch(this.network.switch('s2').peer);
    this.#echo();
  }

  get book() {
    const [red] = this.network.hypervisor.runtimes();
    if (red === undefined) throw new Error('red is there');
    return red.rulebook;
  }

  #watch(peer: Peer): void {
    const write = peer.write.bind(peer);
    peer.write = (bytes) => {
      let count = 0;
      const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let at = 0; at < bytes.length; at += dv.getUint16(at + 2)) count += rowsAt(dv, at);
      this.mostAtOnce = Math.max(this.mostAtOnce, count);
      return write(bytes);
    };
  }

  /** Before each turn blue asks, and looks whether it was answered. */
  #echo(): void {
    const { world } = this.network;
    const turn = world.soon.bind(world);
    world.soon = (run) =>
      turn(() => {
        this.echoes += this.blue.types().filter((type) => type === 'echoReply').length;
        world.soon = turn;
        this.blue.says({ type: 'echoRequest', xid: 1, data: new Uint8Array(0) });
        run();
        this.#echo();
      });
  }
}

/** A frame of flow statistics counts by its rows. */
function rowsAt(dv: DataView, at: number): number {
  if (dv.getUint8(at + 1) !== 19 || dv.getUint16(at + 8) !== 1) return 1;
  let rows = 0;
  const end = at + dv.getUint16(at + 2);
  for (let row = at + 16; row < end; row += dv.getUint16(row)) rows += 1;
  return rows;
}

const rowsOf = (messages: readonly Message[]) =>
  messages.flatMap((one) =>
    one.type === 'multipartReply' && one.reply.kind === 'flow' ? one.reply.flows : [],
  );

const typesOf = (messages: readonly Message[]) => [...new Set(messages.map((one) => one.type))];

t.test('a delete: in turns, reported, and over before what follows it', async (t) => {
  const crowd = new Crowd();
  const { network, red, other, book } = crowd;
  red.says(deleteAll, flowMod({ xid: 3, priority: 7 }), barrier);
  t.ok(book.size > RULES / 2, 'it has only begun');
  other.says(flowMod({ xid: 4, priority: 8 }));
  t.ok(book.size > RULES / 2, 'the other controller waits');
  network.run(100);
  t.strictSame(
    book.rules().map(({ priority }) => priority),
    [8, 7],
    'what came after it stands',
  );
  const mods = network.switch('s1').changes();
  t.equal(mods.filter((one) => one.type === 'flowMod' && one.command === 4).length, RULES);
  const adds = mods.map((one) => one.type === 'flowMod' && one.command === flowCommand.add);
  t.ok(adds.indexOf(true) >= RULES, 'and below it came after it');
  t.strictSame(typesOf(red.received()), ['barrierReply']);
  t.ok(crowd.mostAtOnce <= PER_TURN_MAX, `${crowd.mostAtOnce} in a turn`);
  t.ok(crowd.echoes >= RULES / PER_TURN_MAX - 1, `blue was answered ${crowd.echoes} times`);
});

t.test('its connection goes in the middle: it is done all the same', async (t) => {
  const crowd = new Crowd();
  crowd.red.says(deleteAll);
  crowd.red.user?.onClose('gone');
  crowd.network.run(100);
  t.equal(crowd.book.size, 0);
  t.equal(crowd.network.switch('s1').changes().length, RULES);
});

t.test('its datapath goes in the middle: it is done, and reconciled when it is back', async (t) => {
  const crowd = new Crowd();
  crowd.red.says(deleteAll);
  crowd.network.switch('s1').peer.user?.onClose('gone');
  crowd.network.run(100);
  t.equal(crowd.book.size, 0);
});

t.test('a modify that the datapath refuses: one error, and the rules are as before', async (t) => {
  const crowd = new Crowd();
  const { network, red, book } = crowd;
  network.switch('s1').refuse = () => ({ errorType: 2, errorCode: 4 });
  const command = flowCommand.modify;
  red.says(flowMod({ xid: 5, command, instructions: outputs(1) }), barrier);
  network.run(200);
  const answers = red.received();
  t.match(answers[0], { type: 'error', xid: 5, errorType: 2, errorCode: 4 });
  t.strictSame(
    answers.map(({ type }) => type),
    ['error', 'barrierReply'],
  );
  t.equal(book.size, RULES);
  t.match(book.bySerial(1)?.instructions, outputs(2));
  t.ok(crowd.mostAtOnce <= PER_TURN_MAX, `${crowd.mostAtOnce} in a turn`);
});

t.test('a question: every rule once, its answers in order, the others served', async (t) => {
  const crowd = new Crowd();
  const { network, red, other } = crowd;
  red.says(dump, { ...dump, request: { kind: 'aggregate', filter: everything } }, barrier);
  network.run(0);
  other.says(flowMod({ xid: 4, priority: 8 }));
  network.run(100);
  const answers = red.received();
  const cookies = rowsOf(answers).map(({ match }) => JSON.stringify(match[0]?.value));
  t.equal(new Set(cookies).size, RULES);
  const last = answers.slice(-2);
  t.match(last, [{ reply: { kind: 'aggregate' } }, { type: 'barrierReply' }]);
  const flags = answers.slice(0, -2).map((one) => (one.type === 'multipartReply' ? one.flags : 9));
  t.equal(flags.indexOf(0), flags.length - 1, 'all but the last say that more follow');
  t.ok(crowd.mostAtOnce <= PER_TURN_MAX, `${crowd.mostAtOnce} in a turn`);
  t.ok(crowd.echoes >= RULES / PER_TURN_MAX - 1, `blue was answered ${crowd.echoes} times`);
});

t.test('a question of who does not read: no more than so much is made for it', async (t) => {
  const crowd = new Crowd({}, UNREAD_RULES);
  const { network, red, other } = crowd;
  red.reads = false;
  red.unread = 0;
  for (let i = 0; i < DUMPS; i++) red.says({ ...dump, xid: i });
  network.run(100);
  const part = limits.rowsAtOnce * 200;
  t.ok(red.unread <= limits.unreadBytesMax + part, `${red.unread} bytes`);
  other.says(flowMod({ xid: 4, priority: 8 }), barrier);
  network.run(50);
  t.strictSame(typesOf(other.received()), ['barrierReply'], 'another one does not wait for it');
  red.reads = true;
  network.run(1_000);
  t.equal(rowsOf(red.received()).length, DUMPS * (UNREAD_RULES + 1), 'with what came meanwhile');
});

t.test('time-outs: in turns, and one report for each', async (t) => {
  const crowd = new Crowd({ hardTimeoutSec: 5, flags: flowFlag.sendFlowRem });
  const { network, red, book } = crowd;
  network.run(8_000);
  t.equal(book.size, 0);
  const told = red.received().filter((one) => one.type === 'flowRemoved');
  t.equal(told.length, RULES);
  t.ok(crowd.mostAtOnce <= PER_TURN_MAX, `${crowd.mostAtOnce} in a turn`);
});

t.test('while it is cloned: every body is told, in turns', async (t) => {
  const crowd = new Crowd();
  const { network, red, book } = crowd;
  const [runtime] = network.hypervisor.runtimes();
  const [s1, s2] = ['s1', 's2'].map((name) => network.switch(name));
  if (runtime === undefined || s1 === undefined || s2 === undefined) throw new Error('they are');
  const target = network.hypervisor.datapaths()[1]?.name;
  if (target === undefined) throw new Error('s2 is there');
  const { executor } = network.hypervisor;
  executor.start(runtime.vswitch, runtime.placement.primary, target, 'lime');
  network.run(60);
  t.equal(runtime.placement.bodies.length, 2);
  red.says(deleteAll, barrier);
  network.run(8_000);
  t.equal(book.size, 0);
  t.strictSame(typesOf(red.received()), ['barrierReply']);
  t.equal(executor.all()[0]?.state.type, 'done');
  const [last] = s2.changes().filter((one) => one.type === 'flowMod' && one.command === 4);
  t.ok(last, 'the clone was told of deletions');
  t.ok(crowd.mostAtOnce <= PER_TURN_MAX, `${crowd.mostAtOnce} in a turn`);
});
