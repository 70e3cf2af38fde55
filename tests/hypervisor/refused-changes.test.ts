/**
 * What a body of a migrating vswitch refuses, in the phases in which it may: nothing of it stays
 * anywhere, and the tenant hears of it when its switch would say it, and else not.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { datapath, twoDatapaths } from '../slices/networks.ts';
import { applying, flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';

/** The tenant's priority; below it is one higher (pipeline.ts, `slotOf`). */
const PRIORITY = 7_777;
const FULL = { errorType: 5, errorCode: 1 };
const XID = 4_711;

const asked = flowMod({
  xid: XID,
  priority: PRIORITY,
  match: matchOf(oxm('eth_dst', 0xabcdef)),
  instructions: outputs(2),
});
const isIt = (message: Message): boolean =>
  message.type === 'flowMod' && message.priority === PRIORITY + 1;

/** Asks for a rule in a phase of a migration, which `refusing` refuses. */
function moved(phase: string, refusing: 's1' | 's2') {
  const store = memoryStore();
  const net = FakeNetwork.started(twoDatapaths('settle 60ms'), store);
  const red = net.controller(7001);
  for (let i = 0; i < 300; i++) {
    red.says(flowMod({ match: matchOf(oxm('eth_dst', i)), instructions: outputs(2) }));
  }
  net.run(300);
  for (const one of ['s1', 's2']) net.switch(one).changes();
  red.received();
  net.switch(refusing).refuse = (message) =>
    isIt(message) && message.type === 'flowMod' && message.command === 0 ? FULL : undefined;
  const [runtime] = net.hypervisor.runtimes();
  if (runtime === undefined) throw new Error('no vswitch');
  const { executor } = net.hypervisor;
  let isAsked = false;
  const { append } = store;
  // While the state is being kept: before what is done in it.
  store.append = (entries, done) => {
    const copy = entries.slice();
    if (!isAsked && executor.all()[0]?.state.type === phase) {
      isAsked = true;
      red.says(asked);
    }
    append(copy, done);
  };
  executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime');
  net.run(40_000);
  const told = red.received().filter((message) => message.type === 'error');
  const holds = (name: string): boolean => {
    const mine = net
      .switch(name)
      .changes()
      .filter((one) => isIt(one) || isWipe(one));
    const last = mine.at(-1);
    const isThere = last?.type === 'flowMod' && last.command < 3 && isIt(last);
    return isThere && name !== refusing;
  };
  const migration = executor.all()[0];
  return { migration, state: migration?.state.type, told, holds, runtime };
}

/** Every rule of the vswitch goes. */
function isWipe(message: Message): boolean {
  if (message.type !== 'flowMod' || message.command !== 3) return false;
  return readCookie(message.cookie)?.kind === 'rule';
}

const isInBook = ({ runtime }: ReturnType<typeof moved>): boolean =>
  runtime.rulebook.rules().some((rule) => rule.priority === PRIORITY);

t.test('the primary refuses it while the clone is filled: it is nowhere', async (t) => {
  const run = moved('clone', 's1');
  t.equal(run.state, 'done', 'the migration goes on');
  t.match(run.told, [{ xid: XID, ...FULL }], 'the tenant is told, once');
  t.equal(run.told.length, 1);
  t.notOk(isInBook(run));
  t.notOk(run.holds('s2'), 'no ghost where the vswitch lives now');
});

t.test(
  'only the clone refuses it: the migration ends, and the tenant hears of nothing',
  async (t) => {
    const run = moved('clone', 's2');
    t.equal(run.state, 'undone');
    t.strictSame(run.told, []);
    t.ok(isInBook(run));
    t.ok(run.holds('s1'), 'where the vswitch lives');
  },
);

t.test('a clone that is filled refuses it: the migration ends as well, and says why', async (t) => {
  const run = moved('handOver', 's2');
  t.match(run.migration?.state, {
    type: 'undone',
    why: /datapath s2 refused a change of its rules/,
  });
  t.strictSame(run.told, []);
  t.ok(isInBook(run));
  t.ok(run.holds('s1'), 'where the vswitch lives');
  t.strictSame(run.runtime.placement.bodies, ['s1']);
});

t.test('the old body refuses it in drain: the migration goes on without it', async (t) => {
  const run = moved('drain', 's1');
  t.equal(run.state, 'done', 'what does not hold all rules is not gone back to');
  t.strictSame(run.told, []);
  t.ok(isInBook(run));
  t.ok(run.holds('s2'), 'where the vswitch lives');
  t.ok(run.runtime.excluded.takesAll, 'and it is forgotten when it is left');
});

t.test('the new body refuses it when it does the work: the tenant is told', async (t) => {
  const run = moved('drain', 's2');
  t.equal(run.state, 'done');
  t.match(run.told, [{ xid: XID, ...FULL }]);
  t.notOk(isInBook(run));
});

t.test('a modify is refused, and then the rule is deleted: its end is told, once', async (t) => {
  const net = FakeNetwork.started(twoDatapaths('settle 60ms'), memoryStore());
  const red = net.controller(7001);
  const what = { match: matchOf(oxm('eth_dst', 5)), flags: 1 };
  red.says(flowMod({ ...what, cookie: 9n, instructions: outputs(2) }));
  net.run(300);
  red.received();
  net.switch('s1').refuse = (one) =>
    one.type === 'flowMod' && one.command === flowCommand.modifyStrict ? FULL : undefined;
  const { modifyStrict, deleteStrict } = flowCommand;
  red.says(
    flowMod({ ...what, xid: XID, command: modifyStrict, instructions: outputs(1) }),
    flowMod({ ...what, command: deleteStrict }),
  );
  net.run(5_000);
  const told = red.received();
  t.match(told, [
    { type: 'error', xid: XID, ...FULL },
    { type: 'flowRemoved', cookie: 9n },
  ]);
  t.equal(told.length, 2);
});

t.test('what lacks a group is refused at once, whatever is said of other rules', async (t) => {
  const net = FakeNetwork.started(twoDatapaths('settle 60ms'), memoryStore());
  const red = net.controller(7001);
  const lost = applying({ type: 'group', groupId: 9 });
  for (let i = 0; i < 200; i++) {
    const match = matchOf(oxm('eth_dst', i));
    red.says(flowMod({ match, instructions: outputs(2) }), flowMod({ match, instructions: lost }));
  }
  red.says({ type: 'barrierRequest', xid: XID });
  // As long as a datapath's answer takes, and the store: not that for each of them.
  net.run(100);
  const types = red.types();
  t.equal(types.filter((type) => type === 'error').length, 200);
  t.equal(types.at(-1), 'barrierReply');
});

t.test('a round that was taken as a whole asks nothing more of the disk', async (t) => {
  const net = FakeNetwork.started(twoDatapaths('settle 60ms'), memoryStore());
  const red = net.controller(7001);
  const { journal } = net.hypervisor;
  let asked = 0;
  for (const how of ['sync', 'handed'] as const) {
    const ask = journal[how].bind(journal);
    journal[how] = (done) => {
      asked += 1;
      ask(done);
    };
  }
  const BARRIERS = 5;
  for (let i = 0; i < BARRIERS; i++) {
    red.says(flowMod({ priority: PRIORITY, instructions: outputs(2) }));
    red.says(
      flowMod({ command: flowCommand.modify, instructions: outputs(1) }),
      flowMod({ command: flowCommand.delete }),
      { type: 'barrierRequest', xid: XID + i },
    );
    net.run(200);
  }
  t.equal(red.types().filter((type) => type === 'barrierReply').length, BARRIERS);
  t.equal(asked, BARRIERS, 'one for each barrier');
});

t.test('a second deletion of what a datapath did not let go is one more', async (t) => {
  const net = FakeNetwork.started(twoDatapaths('settle 60ms'), memoryStore());
  const red = net.controller(7001);
  const match = matchOf(oxm('eth_dst', 7));
  red.says(flowMod({ match, instructions: outputs(2) }));
  net.run(100);
  let refused = 0;
  net.switch('s1').refuse = (message) => {
    const isGone = message.type === 'flowMod' && message.command === flowCommand.deleteStrict;
    if (!isGone || refused > 0) return undefined;
    refused += 1;
    return FULL;
  };
  const gone = flowMod({ command: flowCommand.deleteStrict, match });
  red.says({ ...gone, xid: XID }, { ...gone, xid: XID + 1 });
  net.run(200);
  const told = red.received().filter((message) => message.type === 'error');
  t.match(told, [{ xid: XID, ...FULL }]);
  t.equal(net.hypervisor.runtimes()[0]?.rulebook.size, 0, 'the second was not refused');
});

t.test('a body that is to be the primary again is not done without', async (t) => {
  const net = FakeNetwork.started(twoDatapaths('settle 60ms'), memoryStore());
  const red = net.controller(7001);
  red.says(flowMod({ priority: PRIORITY, instructions: outputs(2) }));
  net.run(300);
  const [runtime] = net.hypervisor.runtimes();
  if (runtime === undefined) throw new Error('no vswitch');
  const { executor } = net.hypervisor;
  const isChange = (message: Message): boolean => isIt(message) && isBusy;
  let isBusy = false;
  // The primary refuses a change, and the other one to take it back.
  net.switch('s2').refuse = (message) => (isChange(message) ? FULL : undefined);
  let changes = 0;
  net.switch('s1').refuse = (message) => {
    if (!isChange(message)) return undefined;
    changes += 1;
    return changes === 2 ? FULL : undefined;
  };
  net.hypervisor.watchMigrations(({ id, state }) => {
    if (state.type === 'drain') executor.undo(id, 'the test asks for it');
    if (state.type !== 'undoMove') return;
    isBusy = true;
    const mod = { command: flowCommand.modifyStrict, priority: PRIORITY };
    red.says(flowMod({ ...mod, instructions: outputs(1) }));
  });
  executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime');
  net.run(1_000);
  t.ok(changes >= 3, `the old body was led back, and once more (${changes})`);
  t.ok(runtime.excluded.takesAll, 'it is not set aside');
  t.ok(net.hypervisor.datapath(datapath('s1')).channel, 'what else is there is not touched');
  net.run(5_000);
  t.equal(executor.all()[0]?.state.type, 'undone');
});
