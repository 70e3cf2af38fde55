/**
 * A datapath that does not answer some statistics at all, or drops barriers, is told apart from one
 * that is slow, gone, or answers what it was not asked; and what is made of it.
 */
import t from 'tap';
import { printMessage } from '../../openflow/print/print.ts';
import type { Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { FakeNetwork } from './fake-switches.ts';
import { connected } from './one-datapath.ts';

const silentMs = limits.statisticsSilentMs;
const everyGroup = { kind: 'groupDesc' } as const;
const barrierReply = (xid: number): Message => ({ type: 'barrierReply', xid });

/** Asked for groups, of which it says nothing; it answers the barrier behind that, or not. */
function asked(answersBarriers: boolean) {
  const one = connected();
  const { world, peer, datapath } = one;
  const answers: (number | undefined)[] = [];
  const ask = () => datapath.query(everyGroup, (parts) => void answers.push(parts?.length));
  ask();
  world.turn();
  const xid = peer.received().find(({ type }) => type === 'multipartRequest')?.xid ?? 0;
  world.pass(silentMs);
  world.turn();
  const barrier = peer.received().find(({ type }) => type === 'barrierRequest');
  if (answersBarriers) peer.says(barrierReply(barrier?.xid ?? 0));
  world.pass(silentMs);
  world.turn();
  return { ...one, answers, ask, xid };
}

t.test('what it says nothing to, and has done what came behind it, it does not have', async (t) => {
  const { world, peer, datapath, answers, ask, xid } = asked(true);
  t.strictSame(answers, [0]);
  t.ok(datapath.isSilent('groupDesc') && !datapath.isSilent('flow'));
  t.match(
    datapath.warnings.get('statistics'),
    /answers no statistics \(groupDesc\): treated as em/,
  );
  ask();
  world.turn();
  t.strictSame(answers, [0, 0], 'it is not asked again');
  t.strictSame(peer.received(), []);
  peer.says({ type: 'multipartReply', xid, flags: 0, reply: { ...everyGroup, groups: [] } });
  t.notOk(datapath.isSilent('groupDesc'), 'it was slow');
  t.equal(datapath.warnings.get('statistics'), undefined);
  ask();
  world.turn();
  t.equal(peer.received().length, 1, 'and is asked again');
});

t.test('one that answers nothing is slow or gone', async (t) => {
  const { world, peer, answers } = asked(false);
  t.strictSame(answers, []);
  world.pass(limits.multipartTimeoutMs);
  t.ok(peer.isClosed);
  t.strictSame(answers, [undefined]);
});

t.test('one that has answered such a question before is slow', async (t) => {
  const { world, peer, datapath } = connected();
  const ask = () => {
    datapath.query(everyGroup, () => undefined);
    world.turn();
    return peer.received()[0]?.xid ?? 0;
  };
  const reply = { ...everyGroup, groups: [] };
  peer.says({ type: 'multipartReply', xid: ask(), flags: 0, reply });
  ask();
  world.pass(3 * silentMs);
  world.turn();
  t.notOk(peer.received().some(({ type }) => type === 'barrierRequest'));
  t.notOk(datapath.isSilent('groupDesc'));
});

t.test('a barrier that is dropped is sent again, and its answer speaks for both', async (t) => {
  const { world, peer, datapath } = connected();
  datapath.writer.compared();
  const outcomes: string[] = [];
  datapath.writer.send('tables', [], 'barrier', ({ type }) => outcomes.push(type));
  world.turn();
  const [first] = peer.received();
  world.pass(limits.barrierAgainMs);
  world.turn();
  const [second] = peer.received();
  t.equal(second?.type, 'barrierRequest');
  peer.says(barrierReply(second?.xid ?? 0));
  t.strictSame(outcomes, ['acked']);
  t.match(
    datapath.warnings.get('barriers'),
    /^it did not answer 1 barrier, and answered later one/,
  );
  t.notOk(peer.isClosed);
  peer.says(barrierReply(first?.xid ?? 0));
  t.ok(peer.isClosed, 'that it answers now, behind the later one, is a lie');
  t.match(datapath.state, { type: 'away', why: /^it answered barrier \d+ out of order/ });
});

t.test('a datapath that never says what it holds is emptied, and serves', async (t) => {
  const net = new FakeNetwork();
  const one = net.switch('s1');
  one.ignores = new Set(['flow', 'groupDesc']);
  for (const name of net.switches.keys()) net.connect(name);
  net.run(4 * silentMs);
  const datapath = [...net.hypervisor.datapaths()].find(({ name }) => name === 's1');
  t.match(datapath?.state, { type: 'ready' });
  t.match(datapath?.warnings.get('statistics'), /\(flow, groupDesc\): treated as empty/);
  const changes = one.changes().filter(isChange);
  t.match(changes.slice(0, 2).map(printMessage), [
    /^flowMod xid=\S+ DEL table:255 priority=0 cookie:0x0 actions=drop$/,
    /^groupMod xid=\S+ DELETE group_id=4294967292,/,
  ]);
  t.ok(changes.length > 20, 'and then it gets all that it should hold');
});

/** Whose store's it is, is said before. */
function isChange(one: Message): boolean {
  return one.type === 'groupMod' || (one.type === 'flowMod' && one.tableId !== 248);
}
