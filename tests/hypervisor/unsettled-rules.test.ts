/**
 * Rules of datapaths with one table stay bytes, however many there are, and become values before
 * something is done to all of them: some in each turn. What datapaths hold afterwards is what they
 * hold of whoever has each as a value at once.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand, flowFlag } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { isSameValue } from '../../slices/equality.ts';
import { datapath } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { alike, barrier, RULES, rule, Side } from './flat-rules.ts';

const portMod = (dpid: number): Message => {
  const hwAddr = Uint8Array.from([2, 0, 0, dpid, 0, 2]);
  return { type: 'portMod', xid: 9, portNo: 2, hwAddr, config: 0x20, mask: 0x20, advertise: 0 };
};

t.test('a port is configured, and what is behind it comes after it', async (t) => {
  const side = alike(t, (one) => one.says(portMod(1), rule(RULES + 1), barrier));
  t.ok(side.held.all > RULES - 10, 'all became values');
  t.equal(side.size, 0);
});

t.test("another tenant's port is", async (t) => {
  alike(t, ({ blue, held }) => {
    held.begin();
    blue.saysAtOnce(portMod(1), barrier);
  });
});

t.test('a vswitch moves, while rules come', async (t) => {
  let next = 0;
  const side = alike(t, (one) => {
    const { net, runtime } = one;
    const { executor } = net.hypervisor;
    one.held.begin();
    executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime');
    next = RULES;
    for (let ms = 0; ms < 200; ms += 10) {
      one.says(...Array.from({ length: 10 }, () => rule(next++)));
      net.run(10);
    }
    const isOver = (): boolean => /done|undone/.test(executor.all().at(-1)?.state.type ?? '');
    for (let ms = 0; !isOver() && ms < 30_000; ms += 100) net.run(100);
    t.equal(executor.all().at(-1)?.state.type, 'done');
  });
  t.ok(side.held.all > 0);
});

t.test('a rule comes that leads all others to another level', async (t) => {
  alike(t, (one) => {
    one.says(rule(RULES, { priority: 0 }), rule(RULES + 1), barrier);
    one.net.run(500);
    one.says(rule(RULES, { priority: 0, command: flowCommand.deleteStrict }), barrier);
  });
});

t.test('a cable fails, and is there again', async (t) => {
  alike(t, ({ net, held }) => {
    held.begin();
    net.switch('s1').setPort(3, false);
    net.switch('s2').setPort(3, false);
    net.run(2_000);
    net.switch('s1').setPort(3, true);
    net.switch('s2').setPort(3, true);
  });
});

t.test('rules are changed and deleted as values: only those become some', async (t) => {
  const side = alike(t, (one) => {
    const some = matchOf(oxm('eth_dst', 10));
    one.says(
      flowMod({ command: flowCommand.modify, match: some, instructions: outputs(2) }),
      rule(11, { command: flowCommand.modifyStrict, instructions: outputs(2) }),
      rule(12, { command: flowCommand.deleteStrict }),
      rule(13, { flags: flowFlag.sendFlowRem }),
      rule(14, { priority: 700 }),
      barrier,
    );
  });
  t.ok(side.held.all < 10, `${side.held.all} became values`);
});

t.test('a datapath refuses some, and what was to be deleted meanwhile', async (t) => {
  const side = alike(t, (one) => {
    one.refuses = ({ match, command }) =>
      command === flowCommand.add && match.some(({ value }) => value.at(-1) === 0x77);
    one.says(
      ...Array.from({ length: 300 }, (_, i) => rule(RULES + i)),
      ...Array.from({ length: 300 }, (_, i) =>
        rule(RULES + i, { command: flowCommand.deleteStrict }),
      ),
      ...Array.from({ length: 300 }, (_, i) => rule(RULES + 300 + i)),
      barrier,
    );
  });
  t.ok(side.held.all > 0);
});

t.test('nobody is kept waiting by who goes on adding', async (t) => {
  const all = Array.from({ length: RULES }, (_, i) => rule(i));
  const side = new Side(true, all);
  side.net.world.roundsPerTurnMax = 1;
  side.says(portMod(1));
  let turns = 0;
  for (; side.size > 0 && turns < 1_000; turns++) {
    const first = RULES + 100 * turns;
    side.says(...Array.from({ length: 100 }, (_, i) => rule(first + i)));
    side.net.world.pass(1);
    for (const one of side.net.switches.values()) one.answer();
  }
  t.ok(turns < 100, `it took ${turns} turns`);
});

t.test('rules replace each other, many times', async (t) => {
  const [bytes, values] = [true, false].map((one) => new Side(one, []));
  if (bytes === undefined || values === undefined) throw new Error('two');
  for (const one of [bytes, values]) {
    for (let round = 0; round < 40; round++) {
      const some = Array.from({ length: 100 }, (_, i) =>
        rule((i * 7 + round * 13) % 150, { flags: flowFlag.resetCounts, cookie: BigInt(round) }),
      );
      one.says(...some, rule(round, { command: flowCommand.deleteStrict }), barrier);
      one.net.run(10);
    }
    one.says(portMod(1), barrier);
    one.net.run(100);
  }
  t.ok(isSameValue([...bytes.table('s1')], [...values.table('s1')]), 'entries');
  t.ok(isSameValue(bytes.rules, values.rules), 'rules');
});
