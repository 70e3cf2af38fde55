/**
 * Flow-mods stay bytes while a vswitch has several bodies: all get them, and a barrier waits for
 * each. What a body refuses whose word counts never was, on any, and its sender is told with its
 * own xid; a clone that refuses is set aside, and the tenant hears of nothing.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowFlag } from '../../openflow/values/constants.ts';
import type { FlowMod, Message } from '../../openflow/values/values.ts';
import { datapath, twoDatapaths } from '../slices/networks.ts';
import { flowMod, output, outputs, toController } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import { textOf } from './moved-members.ts';

const full = { errorType: 5, errorCode: 1 };
const barrier: Message = { type: 'barrierRequest', xid: 99 };

const of = (priority: number, more: Partial<FlowMod> = {}): FlowMod =>
  flowMod({
    ...{ xid: priority, priority, match: matchOf(oxm('eth_dst', 7)), instructions: outputs(2) },
    ...more,
  });

/** Its controller's, none of which becomes a value unless it is refused. */
function used(net: FakeNetwork) {
  const [runtime] = net.hypervisor.runtimes();
  if (runtime === undefined) throw new Error('there is one');
  let values = 0;
  const decide = runtime.changes.flowMod.bind(runtime.changes);
  runtime.changes.flowMod = (...all): void => {
    values += 1;
    decide(...all);
  };
  const red = net.controller(7001);
  const says = (...messages: readonly Message[]): readonly Message[] => {
    red.received();
    red.says(...messages);
    net.run();
    return red.received().filter(({ type }) => type === 'error' || type === 'barrierReply');
  };
  /** Of a switch, the priorities of rules that were added, and of those that went. */
  const sent = (name: string): string => {
    const mods = net.switch(name).changes();
    return mods
      .flatMap((one) => {
        if (one.type !== 'flowMod' || one.tableId !== 2) return [];
        return [`${one.command >= 3 ? '-' : ''}${one.priority - 1}`];
      })
      .join(' ');
  };
  const rules = (): string =>
    runtime.rulebook
      .rules()
      .map((one) => one.priority)
      .join(' ');
  for (const one of net.switches.values()) one.changes();
  return { runtime, says, sent, rules, values: () => values };
}

/** A big switch: each member's word counts. */
const big = () => used(bigNetwork());
const bigNetwork = () => FakeNetwork.started(textOf('[s1, s2]'), memoryStore());

/** While it migrates, both have its rules, and s1 is the primary. */
function cloned() {
  const net = FakeNetwork.started(twoDatapaths(), memoryStore());
  const [runtime] = net.hypervisor.runtimes();
  const { executor } = net.hypervisor;
  if (runtime === undefined) throw new Error('there is one');
  // It waits for others, which are not there, when it is cloned.
  const how = { guard: 'redirect', ensemble: 77 } as const;
  executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime', how);
  const state = () => executor.all().at(-1)?.state.type;
  for (let ms = 0; state() !== 'ready' && ms < 30_000; ms += 10) net.run(10);
  return { net, state, ...used(net) };
}

t.test('all bodies get them, and one barrier speaks for all', async (t) => {
  for (const { says, sent, rules, values } of [big(), cloned()]) {
    t.match(says(of(10), of(20), barrier), [{ type: 'barrierReply', xid: 99 }]);
    t.strictSame([sent('s1'), sent('s2')], ['10 20', '10 20']);
    t.match(says(of(20, { instructions: outputs(1) }), barrier), [{ type: 'barrierReply' }]);
    t.equal(rules(), '20 10');
    t.equal(values(), 0, 'none became a value');
  }
});

t.test('what one member refuses none has, and its sender is told once', async (t) => {
  for (const refusing of [['s1'], ['s2'], ['s1', 's2']]) {
    const net = bigNetwork();
    const { says, sent, rules } = used(net);
    says(of(20, { instructions: outputs(1) }), barrier);
    for (const name of ['s1', 's2']) sent(name);
    for (const name of refusing) {
      net.switch(name).refuse = (one) =>
        one.type === 'flowMod' && one.command === 0 && one.priority === 31 ? full : undefined;
    }
    const told = says(of(10), of(30), of(40), barrier);
    t.match(told, [
      { type: 'error', xid: 30, ...full },
      { type: 'barrierReply', xid: 99 },
    ]);
    t.equal(told.length, 2);
    t.equal(rules(), '40 20 10');
    for (const name of ['s1', 's2']) {
      const isTold = refusing.includes(name);
      t.match(sent(name), isTold ? /^10 30 40/ : /^10 30 40 -30$/, `${name}, of ${refusing}`);
    }
  }
});

t.test('a clone that refuses is set aside, and nobody is told', async (t) => {
  const { net, says, rules, runtime, state } = cloned();
  net.switch('s2').refuse = (one) =>
    one.type === 'flowMod' && one.command === 0 && one.priority === 31 ? full : undefined;
  t.match(says(of(10), of(30), barrier), [{ type: 'barrierReply' }]);
  net.run(2_000);
  t.equal(rules(), '30 10');
  t.equal(state(), 'undone');
  t.strictSame(runtime.placement.bodies, ['s1']);
});

t.test('what the primary refuses, the clone loses', async (t) => {
  const { net, says, sent, rules, state } = cloned();
  net.switch('s1').refuse = (one) =>
    one.type === 'flowMod' && one.command === 0 && one.priority === 31 ? full : undefined;
  t.match(says(of(10), of(30), barrier), [{ type: 'error', xid: 30 }, { type: 'barrierReply' }]);
  t.equal(rules(), '10');
  t.equal(sent('s2'), '10 30 -30');
  t.equal(state(), 'ready');
});

t.test('a body that goes away is not waited for, and has all when it is back', async (t) => {
  const { net, says, rules, sent } = cloned();
  says(of(10), barrier);
  net.switch('s2').peer.user?.onClose('it was reset');
  t.match(says(of(20), barrier), [{ type: 'barrierReply' }]);
  t.equal(rules(), '20 10');
  t.equal(sent('s1'), '10 20');
});

t.test('bodies of two kinds have no bytes in common', async (t) => {
  for (const flat of ['s1', 's2']) {
    const text = textOf('[s1, s2]').replace(`${flat}: { dpid:`, `${flat}: { encoding: flat, dpid:`);
    const net = FakeNetwork.started(text, memoryStore());
    const { says, rules, values } = used(net);
    t.match(says(of(10), of(20), barrier), [{ type: 'barrierReply', xid: 99 }]);
    t.equal(rules(), '20 10');
    t.equal(values(), 2, `${flat} is flat`);
  }
});

t.test('rules that send up and on are found for the hand-over', async (t) => {
  const { says, runtime, values } = cloned();
  t.equal(runtime.singleBody.found, undefined);
  const [instruction] = outputs(2);
  t.ok(instruction);
  const both = {
    instructions: [{ type: 'applyActions' as const, actions: [toController, output(2)] }],
  };
  says(of(10), of(20, { ...both, flags: flowFlag.sendFlowRem }), barrier);
  t.match(runtime.singleBody.found, { why: /to the controller and on/ });
  t.equal(runtime.singleBody.found?.regions.length, 1);
  t.equal(values(), 0);
});
