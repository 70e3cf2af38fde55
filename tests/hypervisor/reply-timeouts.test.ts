/**
 * How long answers are waited for: since the last of anything, and not for ever.
 */
import t from 'tap';
import type { Outcome } from '../../hypervisor/datapath/acknowledgements.ts';
import { limits } from '../../slices/limits.ts';
import { flowMod } from '../slices/rules.ts';
import { connected } from './one-datapath.ts';

/** A part of an answer every 9 s, for so long; what became of the query, and of the connection. */
function slowly(forMs: number) {
  const { world, peer, datapath } = connected();
  const answers: (number | undefined)[] = [];
  const kept = (parts: readonly unknown[] | undefined) => void answers.push(parts?.length);
  datapath.query({ kind: 'groupDesc' }, kept);
  datapath.query({ kind: 'desc' }, kept);
  world.turn();
  const [long, short] = peer.received().map(({ xid }) => xid);
  const reply = { kind: 'groupDesc', groups: [] } as const;
  const part = (flags: number) =>
    peer.says({ type: 'multipartReply', xid: long ?? 0, flags, reply });
  for (let ms = 0; ms < forMs && !peer.isClosed; ms += 9_000) {
    world.pass(9_000);
    // It answers echoes, so that is not what ends the connection.
    for (const { type, xid } of peer.received())
      if (type === 'echoRequest') peer.says({ type: 'echoReply', xid, data: new Uint8Array(0) });
    if (!peer.isClosed) part(1);
  }
  return { world, peer, answers, part, short: short ?? 0 };
}

t.test('parts that come slowly but steadily are waited for, and what is behind them', async (t) => {
  const { world, peer, answers, part, short } = slowly(90_000);
  t.notOk(peer.isClosed);
  part(0);
  t.strictSame(answers, [11]);
  world.pass(limits.multipartTimeoutMs - 1);
  t.notOk(peer.isClosed, 'the second is waited for since the last part of the first');
  const texts = { manufacturer: '', hardware: '', software: '', serial: '', datapath: '' };
  const desc = { kind: 'desc', ...texts } as const;
  peer.says({ type: 'multipartReply', xid: short, flags: 0, reply: desc });
  t.strictSame(answers, [11, 1]);
});

t.test('a barrier behind parts that come slowly is waited for, too', async (t) => {
  const { world, peer, datapath } = connected();
  datapath.query({ kind: 'groupDesc' }, () => undefined);
  const outcomes: Outcome[] = [];
  datapath.writer.compared();
  datapath.writer.send('tables', [flowMod()], 'barrier', (outcome) => outcomes.push(outcome));
  world.turn();
  const sent = peer.received();
  const reply = { kind: 'groupDesc', groups: [] } as const;
  for (let i = 0; i < 3; i++) {
    world.pass(limits.barrierTimeoutMs - 1_000);
    for (const { type, xid } of peer.received())
      if (type === 'echoRequest') peer.says({ type: 'echoReply', xid, data: new Uint8Array(0) });
    const flags = i < 2 ? 1 : 0;
    peer.says({ type: 'multipartReply', xid: sent[0]?.xid ?? 0, flags, reply });
  }
  peer.says({ type: 'barrierReply', xid: sent.at(-1)?.xid ?? 0 });
  t.match(outcomes, [{ type: 'acked' }]);
});

t.test('parts that stop, or never end, close the connection', async (t) => {
  const { world, peer, answers } = slowly(36_000);
  world.pass(limits.multipartTimeoutMs);
  t.ok(peer.isClosed, 'they stopped');
  t.strictSame(answers, [undefined, undefined]);
  t.ok(slowly(2 * limits.answerTimeoutMs).peer.isClosed, 'they never end');
});
