/**
 * Flow monitors of a hostile tenant: nothing of other tenants' rules, no more memory than limits
 * say, and nobody else waits for it.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { monitorCancelOf } from '../../openflow/messages/monitor-messages.ts';
import { errorName, type Version, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { Peer } from '../hypervisor/fake-world.ts';
import { monitor, monitoring, updatesIn } from '../openflow/monitored.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { Attack, both, startedIn, textOf } from './attack.ts';

const text = `
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001, tcp:127.0.0.1:7003]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s1:2 } }
  blue:
    controllers: [tcp:127.0.0.1:7002]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:3 }, h2: { port: v1:2, at: s1:4 } }
`;
const rule = (i: number, more = {}): Message =>
  flowMod({ xid: i, match: matchOf(oxm('eth_dst', i)), instructions: outputs(2), ...more });

function started(spoken: Version = version.of13) {
  const net = startedIn(spoken, text);
  const [red, blue, slow] = [7001, 7002, 7003].map((port) => net.controller(port));
  if (red === undefined || blue === undefined || slow === undefined) throw new Error('no peers');
  return { net, red, blue, slow };
}

t.test('no monitor shows another tenant’s rules, or ours', async (t) => {
  const { net, red, blue } = started();
  blue.says(rule(7, { cookie: 77n, priority: 1 }));
  red.says(monitoring(1, [monitor(1), monitor(2, undefined, { tableId: 3 })]));
  net.run();
  const blueSays = (): void => {
    blue.says(rule(8, { cookie: 77n }), rule(8, { cookie: 77n, tableId: 3 }));
    blue.says(flowMod({ command: 3, tableId: 0xff }));
    net.run();
  };
  blueSays();
  const rows = (): readonly unknown[] => red.received().flatMap((one) => updatesIn(one) ?? []);
  t.strictSame(rows(), []);
  red.says(rule(9));
  net.run();
  t.equal(rows().length, 1, 'its own');
});

t.test('ids and numbers of other connections and tenants mean nothing', async (t) => {
  const { net, red, slow } = started();
  slow.says(monitoring(1, [monitor(1)]));
  net.run();
  const cancel = { type: 'experimenter', experimenter: 0x4f4e_4600, expType: 1870 } as const;
  red.says({ ...cancel, xid: 5, data: Uint8Array.of(0, 0, 0, 1) });
  net.run();
  const errors = red.received().filter(({ type }) => type === 'error');
  t.match(errors, [{ xid: 5 }]);
  slow.received();
  red.says(rule(1));
  net.run();
  t.equal(slow.received().flatMap((one) => updatesIn(one) ?? []).length, 1, 'it goes on');
});

t.test('as many monitors as there may be, and no more', async (t) => {
  const { net, red } = started();
  const many = Array.from({ length: limits.monitorsMax + 1 }, (_, i) => monitor(i, ['add']));
  red.says(monitoring(1, many), monitoring(2, many.slice(1)), monitoring(3, [monitor(0)]));
  net.run();
  const told = red.received().flatMap((one) => {
    if (one.type === 'error') return [`${one.xid} ${errorName(one.errorType, one.errorCode)}`];
    return one.type === 'multipartReply' ? [`${one.xid}`] : [];
  });
  t.strictSame(told, ['1 badRequest/eperm', '2', '3 badRequest/eperm']);
});

t.test('who never reads costs a pause, and others nothing', async (t) => {
  const { net, red, blue, slow } = started();
  slow.says(monitoring(1, [monitor(1)]));
  net.run();
  slow.reads = false;
  for (let round = 0; round < 20; round++) {
    red.says(...Array.from({ length: 300 }, (_, i) => rule(i, { cookie: BigInt(round) })));
    blue.says({ type: 'barrierRequest', xid: round });
    net.run(100);
  }
  const bytes = limits.monitorWaitBytesMax + 64 * 1024;
  t.ok(slow.unread < bytes + 300 * 100, `${slow.unread} bytes wait`);
  t.equal(blue.received().filter(({ type }) => type === 'barrierReply').length, 20);
  slow.reads = true;
  net.run();
  const last = slow.received().at(-1);
  t.match(last, { type: 'experimenter', expType: 1872 }, 'and is told what it missed');
});

for (const spoken of both) {
  t.test(`monitors of the other version’s words, ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    const other = spoken === version.of10 ? version.of13 : version.of10;
    const { xid: _, ...said } = monitoring(1, [monitor(1)], other) as Message & { xid: number };
    attack.isRefused(said as never, 'badRequest/badExperimenter');
    attack.isHarmless();
  });
}

const cancelling = (spoken: Version, ...data: readonly number[]) => {
  const message = monitorCancelOf(spoken, 0, 0) as Extract<Message, { type: 'experimenter' }>;
  return { ...message, data: Uint8Array.from(data) };
};

for (const spoken of both) {
  t.test(`a cancelled monitor is one of the connection’s own, version ${spoken}`, async (t) => {
    const { net, red, blue, slow } = started(spoken);
    const watched = [slow, blue];
    for (const one of watched) one.says(monitoring(1, [monitor(1), monitor(7)], spoken));
    red.says(monitoring(1, [monitor(3)], spoken));
    net.run();
    for (const one of [red, ...watched]) one.received();
    const ids = [0, 1, 2, 7, 0xffff, 0x7fff_ffff, 0xffff_ffff];
    red.says(...ids.map((id, i) => monitorCancelOf(spoken, 100 + i, id)));
    net.run();
    t.strictSame(
      red.received().map((one) => [one.xid, textOf(one)]),
      ids.map((_, i) => [100 + i, 'niciraError/unknownMonitor']),
    );
    t.strictSame(
      watched.flatMap((one) => one.received()),
      [],
      'nobody else hears of it',
    );
    red.says(rule(1));
    blue.says(rule(2));
    net.run();
    const rows = (one: Peer) => one.received().flatMap((each) => updatesIn(each, spoken) ?? []);
    t.equal(rows(red).length, 1, 'its own goes on');
    t.strictSame([rows(slow).length, rows(blue).length], [1, 1], 'and those of others');
    red.says(monitorCancelOf(spoken, 8, 3), monitorCancelOf(spoken, 9, 3));
    net.run();
    const twice = red.received().map((one) => [one.xid, textOf(one)]);
    t.strictSame(twice, [[9, 'niciraError/unknownMonitor']], 'once');
  });

  t.test(`cancelled by what is no number, or very often, version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    for (const size of [0, 1, 2, 3, 5, 8, 64, 60_000]) {
      const data = new Array<number>(size).fill(0);
      attack.isRefused(cancelling(spoken, ...data), 'badRequest/badLen');
    }
    attack.isRefused(cancelling(spoken, 0, 0, 0, 0), 'niciraError/unknownMonitor');
    const heard = attack.blue.received.length;
    for (let id = 0; id < 2_000; id++) attack.red.say(monitorCancelOf(spoken, 0, id));
    t.ok(attack.scene.answers(attack.red, 9));
    t.equal(attack.blue.received.length, heard);
    attack.isHarmless();
  });
}
