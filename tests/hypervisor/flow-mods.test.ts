/**
 * Flow-mods that stay bytes: what a datapath refuses of them never was, and their sender is told
 * with its own xid and bytes; what was acknowledged is in the store.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { flowCommand, groupCommand, version } from '../../openflow/values/constants.ts';
import type { FlowMod, Message } from '../../openflow/values/values.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import { exampleText } from '../slices/networks.ts';
import { applying, flowMod, output, outputs, plainRules } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';

const named = (xid: number, priority: number, port: number): FlowMod =>
  flowMod({ xid, priority, instructions: outputs(port), match: matchOf(oxm('eth_dst', 7)) });

/** The example's network, and the first controller that was dialled. */
function started(store = memoryStore()) {
  const network = FakeNetwork.started(exampleText(), store);
  const [dialled] = network.world.dialled;
  const runtime = [...network.hypervisor.runtimes()].find((one) =>
    one.controllers.some((controller) => controller.target === dialled?.target),
  );
  if (dialled === undefined || runtime === undefined) throw new Error('nobody is dialled');
  const { primary } = runtime.placement;
  const says = (...messages: readonly Message[]): readonly Message[] => {
    dialled.peer.says(...messages);
    network.run();
    return dialled.peer.received();
  };
  return { network, runtime, says, datapath: network.switch(primary) };
}

const full = { errorType: 5, errorCode: 1 };
const refusing = (priority: number) => (change: Message) =>
  change.type === 'flowMod' && change.priority === priority + 1 && change.command === 0
    ? full
    : undefined;

t.test('of many, the one that a datapath refuses is told and never was', async (t) => {
  const { says, runtime, datapath } = started();
  datapath.refuse = refusing(20);
  const mods = [10, 20, 30].map((priority, i) => named(100 + i, priority, 2));
  const told = says(...mods, { type: 'barrierRequest', xid: 9 });
  const data = encode(version.of13, mods[1] as FlowMod);
  t.match(told, [
    { type: 'error', xid: 101, ...full },
    { type: 'barrierReply', xid: 9 },
  ]);
  t.strictSame(told[0]?.type === 'error' && told[0].data, data, 'its own bytes');
  t.strictSame(
    runtime.rulebook.rules().map(({ priority }) => priority),
    [30, 10],
  );
});

t.test('a replacement that is refused leaves what it would have replaced', async (t) => {
  const { says, runtime, datapath } = started();
  says(named(1, 20, 2));
  const before = plainRules(runtime.rulebook);
  datapath.refuse = refusing(20);
  t.match(says(named(2, 20, 1), named(3, 20, 3)), [
    { type: 'error', xid: 2 },
    { type: 'error', xid: 3 },
  ]);
  t.strictSame(plainRules(runtime.rulebook), before);
});

t.test('one that something later has overtaken is told all the same', async (t) => {
  const { says, runtime, datapath } = started();
  datapath.refuse = refusing(20);
  const gone = { ...named(6, 20, 2), command: flowCommand.deleteStrict };
  t.match(says(named(5, 20, 2), gone), [{ type: 'error', xid: 5 }]);
  t.equal(runtime.rulebook.size, 0);
});

/** A learning switch's rules for so many hosts; those of the same hosts take each other's place. */
const learnt = (first: number, count: number, port: number): FlowMod[] =>
  Array.from({ length: count }, (_, i) =>
    flowMod({
      xid: first + i,
      cookie: BigInt(first + i),
      idleTimeoutSec: i % 3,
      flags: i % 2,
      match: matchOf(oxm('in_port', 1), oxm('eth_dst', first + i)),
      instructions: outputs(port),
    }),
  );

t.test(
  'hundreds that come together, and take each other’s places, outlive a restart',
  async (t) => {
    const store = memoryStore();
    const { says, runtime } = started(store);
    const barrier: Message = { type: 'barrierRequest', xid: 9 };
    const same = { match: matchOf(oxm('eth_dst', 350)), outPort: 0xffffffff };
    const told = says(
      ...learnt(1, 400, 2),
      ...learnt(200, 300, 1),
      { ...flowMod({ ...same, xid: 7 }), command: flowCommand.delete },
      ...learnt(340, 20, 2),
      { ...flowMod({ xid: 8, instructions: outputs(2) }), command: flowCommand.modify },
      ...learnt(1_000, 5, 1),
      barrier,
    );
    t.match(told, [{ type: 'barrierReply', xid: 9 }]);
    t.equal(runtime.rulebook.size, 499 + 5);
    const again = FakeNetwork.started(exampleText(), store);
    const books = [...again.hypervisor.runtimes()].filter(({ vswitch }) => {
      return vswitch.name === runtime.vswitch.name;
    });
    const shown = (book: Rulebook) =>
      plainRules(book).map(
        ({ addedMs: _added, hardFromMs: _hard, usedMs: _used, ...rest }) => rest,
      );
    t.strictSame(
      books.map((one) => shown(one.rulebook)),
      [shown(runtime.rulebook)],
    );
  },
);

t.test(
  'of hundreds together, the few that a datapath refuses are told, each with its own',
  async (t) => {
    const { says, runtime, datapath } = started();
    says(...learnt(50, 1, 1));
    const refused = new Set([1, 57, 300].map((mac) => BigInt(mac)));
    datapath.refuse = (change) => {
      if (change.type !== 'flowMod') return undefined;
      const dst = change.match.find(({ field }) => field === 3)?.value ?? new Uint8Array(6);
      return refused.has(BigInt(`0x${Buffer.from(dst).toString('hex')}`)) ? full : undefined;
    };
    const mods = learnt(1, 400, 2);
    const errors = says(...mods, { type: 'barrierRequest', xid: 9 }).filter(
      (one) => one.type === 'error',
    );
    t.strictSame(
      errors.map(({ xid, data }) => [xid, data]),
      [1, 57, 300].map((xid) => [xid, encode(version.of13, mods[xid - 1] as FlowMod)]),
    );
    t.equal(runtime.rulebook.size, 397);
    for (const { cookie } of runtime.rulebook.rules()) t.notOk(refused.has(cookie));
  },
);

t.test('what was refused after it had gone is not kept: a restart does not find it', async (t) => {
  const store = memoryStore();
  const { says, datapath } = started(store);
  const strictly = { command: flowCommand.modifyStrict, cookie: 5n };
  const gone = { ...named(3, 20, 2), command: flowCommand.deleteStrict };
  says(named(1, 20, 2), named(1, 30, 2), { type: 'barrierRequest', xid: 9 });
  datapath.refuse = (change) =>
    change.type === 'flowMod' && change.command === flowCommand.modifyStrict ? full : undefined;
  says({ ...named(2, 20, 1), ...strictly }, gone, { type: 'barrierRequest', xid: 9 });
  // A rule, and another in its place: both are refused.
  datapath.refuse = refusing(40);
  says(named(4, 40, 1), named(5, 40, 2), { type: 'barrierRequest', xid: 9 });
  const again = started(store);
  t.strictSame(
    again.runtime.rulebook.rules().map(({ priority }) => priority),
    [30],
  );
});

t.test('what is refused is gone from the store when the barrier is answered', async (t) => {
  const store = memoryStore();
  const { network, runtime, datapath } = started(store);
  const { peer } = network.world.dialled[0] ?? {};
  datapath.refuse = refusing(20);
  peer?.says(named(1, 20, 2), { type: 'barrierRequest', xid: 9 });
  for (let i = 0; i < 100 && !peer?.types().includes('barrierReply'); i++) {
    network.world.turn();
    datapath.answer();
  }
  const rules = started(store).runtime.rulebook.rules();
  t.strictSame([rules.length, runtime.rulebook.size], [0, 0]);
});

t.test('a request that changes nothing parts none of those around it', async (t) => {
  const { says, datapath } = started();
  const none = { command: groupCommand.delete, groupType: 0, groupId: 77, buckets: [] };
  const nothing: Message = { type: 'groupMod', xid: 1, ...none };
  for (let i = 0; i < 5; i++) {
    // Memory that two of them took for their own would come out as frames of neither.
    says(named(2, 2 * i, 2), nothing, named(3, 2 * i + 1, 2));
    const sent = datapath.changes().map((one) => one.type === 'flowMod' && one.priority);
    t.strictSame(sent, [2 * i + 1, 2 * i + 2], 'both go down, each in the slot above its own');
  }
});

t.test('what a barrier answered for is there after a restart', async (t) => {
  const store = memoryStore();
  const { says, runtime } = started(store);
  const told = says(named(1, 20, 2), named(2, 30, 2), named(3, 20, 1), {
    type: 'barrierRequest',
    xid: 9,
  });
  t.match(told, [{ type: 'barrierReply', xid: 9 }]);
  const again = FakeNetwork.started(exampleText(), store);
  const same = [...again.hypervisor.runtimes()].find(
    (one) => one.vswitch.name === runtime.vswitch.name,
  );
  const shown = (rules: ReturnType<typeof plainRules>) =>
    rules.map(({ serial, priority, instructions }) => ({ serial, priority, instructions }));
  t.strictSame(
    shown(plainRules(same?.rulebook ?? runtime.rulebook)),
    shown(plainRules(runtime.rulebook)),
  );
  t.ok(same?.rulebook.size, 'there are two');
});

/** Rules that write an address and send by a group. */
const byGroup = (first: number, count: number): FlowMod[] =>
  Array.from({ length: count }, (_, i) =>
    flowMod({
      xid: first + i,
      match: matchOf(oxm('eth_dst', first + i)),
      instructions: applying(
        { type: 'setField', oxm: oxm('eth_src', first + i) },
        { type: 'group', groupId: 5 },
      ),
    }),
  );

t.test('rules that name a group stay bytes, and follow it when it was made anew', async (t) => {
  const store = memoryStore();
  const { says, runtime, datapath } = started(store);
  const barrier: Message = { type: 'barrierRequest', xid: 9 };
  const group = (command: number): Message => {
    const bucket = { weight: 0, watchPort: 0xffffffff, watchGroup: 0xffffffff };
    const buckets = command === groupCommand.add ? [{ ...bucket, actions: [output(2)] }] : [];
    return { type: 'groupMod', xid: 1, command, groupType: 0, groupId: 5, buckets };
  };
  const named = (): readonly (readonly [string, number])[] =>
    datapath.changes().flatMap((one) => {
      if (one.type !== 'flowMod' || one.command !== flowCommand.add) return [];
      const actions = one.instructions.flatMap((each) => ('actions' in each ? each.actions : []));
      const address = actions.find((each) => each.type === 'setField' && each.oxm.field === 4);
      const to = actions.find((each) => each.type === 'group');
      const value = address?.type === 'setField' ? address.oxm.value : new Uint8Array(0);
      return [[Buffer.from(value).toString('hex'), to?.type === 'group' ? to.groupId : -1]];
    });
  const below = () => runtime.groups.table.byId(5)?.below ?? -2;
  const addresses = (first: number, count: number) =>
    Array.from({ length: count }, (_, i) => (first + i).toString(16).padStart(12, '0'));
  const asked = (first: number, count: number) =>
    addresses(first, count).map((one) => [one, below()] as const);

  says(group(groupCommand.add), barrier);
  datapath.changes();
  t.match(says(...byGroup(1, 20), barrier), [{ type: 'barrierReply' }]);
  t.strictSame(named(), asked(1, 20));
  t.match(says(group(groupCommand.delete), ...byGroup(40, 3)), [
    { type: 'error', xid: 40 },
    { type: 'error', xid: 41 },
    { type: 'error', xid: 42 },
  ]);
  t.equal(runtime.rulebook.size, 0, 'they went with it');
  const before = below();
  says(group(groupCommand.add), barrier);
  datapath.changes();
  t.not(below(), before);
  t.match(says(...byGroup(1, 20), barrier), [{ type: 'barrierReply' }]);
  t.strictSame(named(), asked(1, 20));
  const shown = (book: Rulebook) =>
    plainRules(book).map(({ serial, match, instructions }) => ({ serial, match, instructions }));
  t.strictSame(shown(started(store).runtime.rulebook), shown(runtime.rulebook));
});

t.test('plain ones and others together: each is refused with its own bytes', async (t) => {
  const { says, datapath } = started();
  const setting = (first: number, count: number): FlowMod[] =>
    Array.from({ length: count }, (_, i) =>
      flowMod({
        xid: first + i,
        match: matchOf(oxm('eth_dst', first + i)),
        instructions: applying({ type: 'setField', oxm: oxm('eth_src', first) }, output(2)),
      }),
    );
  says(...setting(1, 3), { type: 'barrierRequest', xid: 9 });
  datapath.refuse = (change) => (change.type === 'flowMod' ? full : undefined);
  const mods = [...learnt(10, 3, 1), ...setting(20, 4), ...learnt(30, 2, 1), ...setting(40, 2)];
  const errors = says(...mods, { type: 'barrierRequest', xid: 9 }).filter(
    (one) => one.type === 'error',
  );
  t.strictSame(
    errors.map(({ xid, data }) => [xid, data]).sort(([a], [b]) => Number(a) - Number(b)),
    mods.map((mod) => [mod.xid, encode(version.of13, mod)]),
  );
});
