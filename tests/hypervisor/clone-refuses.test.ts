/**
 * A clone that refuses what it is filled with, or what leads its packets to the primary: the
 * migration is taken back and says why, nothing of the clone stays, the tenant hears of nothing.
 * What it refuses of later changes: refused-changes.test.ts.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand, groupCommand } from '../../openflow/values/constants.ts';
import type { Instruction, Message } from '../../openflow/values/values.ts';
import { type CookieKind, readCookie } from '../../translation/entries/pipeline.ts';
import { datapath, twoDatapaths } from '../slices/networks.ts';
import { applying, flowMod, output, outputs } from '../slices/rules.ts';
import { FakeNetwork } from './fake-switches.ts';

const RULES = 20;
const FULL = { errorType: 5, errorCode: 1 };

const isMod = (message: Message, kind: CookieKind) =>
  message.type === 'flowMod' && readCookie(message.cookie)?.kind === kind;
const isDeletion = (message: Message) =>
  message.type === 'flowMod' && message.command >= flowCommand.delete;

/** A migration to s2, which adds nothing of this kind; all that it was sent. */
function refusing(kind: CookieKind) {
  const net = FakeNetwork.started(twoDatapaths());
  const red = net.controller(7001);
  for (let i = 0; i < RULES; i++) {
    red.says(flowMod({ match: matchOf(oxm('eth_dst', i)), instructions: outputs(2) }));
  }
  net.run(300);
  red.received();
  net.switch('s2').changes();
  net.switch('s2').refuse = (one) => (isMod(one, kind) && !isDeletion(one) ? FULL : undefined);
  const [runtime] = net.hypervisor.runtimes();
  if (runtime === undefined) throw new Error('there is one vswitch');
  net.hypervisor.executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime');
  net.run(20_000);
  const migration = net.hypervisor.executor.all()[0];
  return { net, red, runtime, migration, sent: net.switch('s2').changes() };
}

/** What a switch says of a group that it does not have (OF1.3.5 sections 6.4 and 6.5). */
function honest() {
  const groups = new Set<number>();
  return (message: Message) => {
    if (message.type === 'groupMod') {
      const { command, groupId } = message;
      if (command === groupCommand.delete) groups.delete(groupId);
      else if (command === groupCommand.add) groups.add(groupId);
      else if (!groups.has(groupId)) return { errorType: 6, errorCode: 8 };
    }
    const uses = message.type === 'flowMod' && message.command < flowCommand.delete;
    const used = uses ? message.instructions.flatMap(actionsOf) : [];
    const lacks = used.some((one) => one.type === 'group' && !groups.has(one.groupId));
    return lacks ? { errorType: 2, errorCode: 9 } : undefined;
  };
}

const actionsOf = (one: Instruction) => (one.type === 'applyActions' ? one.actions : []);

t.test('what uses groups changes before it is filled: that is no refusal', async (t) => {
  const net = FakeNetwork.started(twoDatapaths().replaceAll('ack: barrier', 'ack: settle 60ms'));
  const red = net.controller(7001);
  const bucket = { weight: 0, watchPort: 0xffff_ffff, watchGroup: 0xffff_ffff };
  const group = (command: number, port: number): Message => ({
    ...{ type: 'groupMod', xid: 7, command, groupType: 0, groupId: 1 },
    buckets: [{ ...bucket, actions: [output(port)] }],
  });
  const instructions = applying({ type: 'group', groupId: 1 });
  const rule = (i: number) => flowMod({ match: matchOf(oxm('eth_dst', i)), instructions });
  red.says(group(groupCommand.add, 2));
  for (let i = 0; i < RULES; i++) red.says(rule(i));
  net.run(300);
  const s2 = net.switch('s2');
  s2.refuse = honest();
  const [runtime] = net.hypervisor.runtimes();
  if (runtime === undefined) throw new Error('there is one vswitch');
  net.hypervisor.executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime');
  while (!runtime.placement.bodies.includes(datapath('s2'))) net.run(1);
  red.says(group(groupCommand.modify, 1), rule(RULES));
  net.run(20_000);
  t.equal(net.hypervisor.executor.all()[0]?.state.type, 'done');
  t.notOk(red.types().includes('error'));
  const rules = s2.changes().filter((one) => isMod(one, 'rule') && !isDeletion(one));
  t.ok(rules.length > RULES, 'it has each rule');
});

t.test('one that goes away before it carries anything: the controller stays', async (t) => {
  const net = FakeNetwork.started(twoDatapaths().replaceAll('ack: barrier', 'ack: settle 60ms'));
  const red = net.controller(7001);
  const [runtime] = net.hypervisor.runtimes();
  if (runtime === undefined) throw new Error('there is one vswitch');
  net.hypervisor.executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime');
  while (!runtime.placement.bodies.includes(datapath('s2'))) net.run(1);
  t.equal(net.hypervisor.executor.all()[0]?.state.type, 'tunnels');
  net.switch('s2').peer.user?.onClose('gone');
  net.run(3_000);
  t.equal(net.hypervisor.executor.all()[0]?.state.type, 'undone');
  t.notOk(red.isClosed, 'its switch was never gone');
  t.equal(net.world.dialled.length, 1);
  net.switch('s1').peer.user?.onClose('gone');
  net.run(100);
  t.ok(red.isClosed, 'and with the primary it is');
});

for (const [kind, why] of [
  ['rule', /datapath s2 refused 20 of 20 rules: flowModFailed\/tableFull/],
  [
    'guard',
    /datapath s2 refused the entries that lead packets to one body: flowModFailed\/tableFull/,
  ],
] as const) {
  t.test(`it refuses each ${kind}`, async (t) => {
    const { net, red, runtime, migration, sent } = refusing(kind);
    t.match(migration?.state, { type: 'undone', why });
    t.strictSame(runtime.placement.bodies, ['s1'], 'where it was');
    t.strictSame(
      red.types().filter((type) => type !== 'echoRequest'),
      [],
      'the tenant hears of nothing',
    );
    t.equal(runtime.rulebook.size, RULES);
    t.ok(runtime.excluded.takesAll);
    for (const one of ['rule', 'guard'] as const) {
      const mods = sent.filter((message) => isMod(message, one));
      const added = mods.findLastIndex((message) => !isDeletion(message));
      const gone = mods.findLastIndex(isDeletion);
      // Where each was refused, nothing is there that would have to go.
      const isNone = one === 'guard' && mods.every((message) => !isDeletion(message));
      t.ok(isNone || added < gone, `each ${one} was deleted behind what was added`);
    }
    const { type } = net.hypervisor.datapath(datapath('s2')).state;
    t.equal(type, 'ready', 'it serves whoever else is there');
  });
}
