/**
 * Bundles (ONF extension 230): all of what is in one, or nothing; on the books, in the store, and
 * on every body of a vswitch.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { readBundleControl } from '../../openflow/messages/bundles.ts';
import {
  bundleControl,
  errorName,
  flowCommand,
  flowFlag,
  groupCommand,
  isError,
  port as ofpp,
} from '../../openflow/values/constants.ts';
import type { FlowMod, Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { added, bundleOf, control } from '../openflow/bundled.ts';
import { datapath, twoDatapaths } from '../slices/networks.ts';
import { applying, flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';

const COMMIT = 900;
const FULL = { errorType: 5, errorCode: 1 };
const on = (i: number) => ({ match: matchOf(oxm('eth_dst', i)) });
const add = (i: number, more: Partial<FlowMod> = {}): FlowMod =>
  flowMod({ xid: 100 + i, ...on(i), instructions: outputs(2), ...more });
const group = (command: number, groupId: number, xid = 300): Message => {
  const actions = [{ type: 'output', port: 2, maxLen: 0 } as const];
  const bucket = { weight: 0, watchPort: ofpp.any, watchGroup: 0xffff_ffff, actions };
  const buckets = command === groupCommand.delete ? [] : [bucket];
  return { type: 'groupMod', xid, command, groupType: 0, groupId, buckets };
};
const users = (groupId: number) => ({ instructions: applying({ type: 'group', groupId }) });

function started(store = memoryStore()) {
  const net = FakeNetwork.started(twoDatapaths('settle 60ms'), store);
  const red = net.controller(7001);
  const [runtime] = net.hypervisor.runtimes();
  if (runtime === undefined) throw new Error('no vswitch');
  const says = (...messages: readonly Message[]): readonly string[] => {
    red.says(...messages);
    net.run(400);
    return red.received().map(short);
  };
  const book = (): readonly string[] =>
    runtime.rulebook.rules().map(({ serial, priority, match, instructions, cookie }) => {
      const fields = match.map(({ value }) => Buffer.from(value).toString('hex'));
      return `${serial} ${priority} ${fields} ${cookie} ${JSON.stringify(instructions)}`;
    });
  return { net, red, runtime, store, says, book };
}

/** What a controller is told, with its xid. */
function short(message: Message): string {
  if (message.type === 'error') {
    return `${message.xid} ${errorName(message.errorType, message.errorCode)}`;
  }
  if (message.type !== 'experimenter') return `${message.xid} ${message.type}`;
  const asked = readBundleControl(message);
  if (isError(asked)) return `${message.xid} ${asked.why}`;
  const name = Object.entries(bundleControl).find(([, number]) => number + 1 === asked.control);
  return `${message.xid} ${name?.[0]} ${asked.bundleId}`;
}

t.test('what is in a bundle is nowhere before the commit, and there after it', async (t) => {
  const { net, says, runtime } = started();
  net.switch('s1').changes();
  t.strictSame(says(control('open', { xid: 5 }), added(add(1)), added(add(2))), ['5 open 1']);
  t.equal(runtime.rulebook.size, 0);
  t.strictSame(net.switch('s1').changes(), []);
  t.strictSame(says(control('close', { xid: 6 }), control('commit', { xid: 7 })), [
    '6 close 1',
    '7 commit 1',
  ]);
  t.equal(runtime.rulebook.size, 2);
  t.equal(net.switch('s1').changes().length, 2);
  t.strictSame(says(control('commit', { xid: 8 })), ['8 onf/bundleBadId'], 'once');
});

t.test('a part that is wrong undoes all before it, and nobody hears of those', async (t) => {
  const { net, says, book, runtime } = started();
  says(add(1), add(2), add(3, { flags: flowFlag.sendFlowRem }), group(0, 7), add(4, users(7)));
  net.switch('s1').changes();
  const before = book();
  const parts = [
    add(9),
    add(1, { instructions: outputs(1), cookie: 5n }),
    flowMod({ xid: 200, command: flowCommand.modify, ...on(2), instructions: outputs(1) }),
    flowMod({ xid: 201, command: flowCommand.deleteStrict, ...on(3) }),
    group(groupCommand.delete, 7),
    group(groupCommand.add, 8, 301),
    add(10, users(8)),
    add(11, { xid: 666, ...users(99) }),
    add(12),
  ];
  t.strictSame(says(...bundleOf(parts)), [
    '899 open 1',
    '666 badAction/badOutGroup',
    `${COMMIT} onf/bundledFailed`,
  ]);
  t.strictSame(book(), before, 'rules, with their serials');
  t.strictSame(
    runtime.groups.table.groups().map(({ groupId }) => groupId),
    [7],
  );
  t.strictSame(net.switch('s1').changes(), [], 'no datapath heard of it');
  t.strictSame(says(add(20, { xid: 21, ...users(7) }), { type: 'barrierRequest', xid: 22 }), [
    '22 barrierReply',
  ]);
});

t.test('the same without the wrong part is carried out, in its order', async (t) => {
  const { says, runtime } = started();
  says(add(1), add(2), add(3, { flags: flowFlag.sendFlowRem }), group(0, 7), add(4, users(7)));
  const parts = [
    add(9),
    flowMod({ xid: 200, command: flowCommand.deleteStrict, ...on(3) }),
    group(groupCommand.delete, 7),
    group(groupCommand.add, 8, 301),
    add(10, users(8)),
    flowMod({ xid: 201, command: flowCommand.deleteStrict, ...on(9) }),
  ];
  t.strictSame(
    says(...bundleOf(parts)).filter((one) => !one.includes('flowRemoved')),
    ['899 open 1', `${COMMIT} commit 1`],
  );
  const priorities = runtime.rulebook.rules().map(({ match }) => match[0]?.value.at(-1));
  t.strictSame(priorities, [1, 2, 10]);
});

t.test('what a datapath refuses undoes all of it, everywhere', async (t) => {
  const { net, says, book, runtime } = started();
  says(add(1), add(2), group(0, 7), add(4, users(7)));
  const before = book().map((one) => one.slice(one.indexOf(' ')));
  net.switch('s1').refuse = (message) =>
    message.type === 'flowMod' && message.cookie !== 0n && hasDst(message, 11) ? FULL : undefined;
  const parts = [
    add(9),
    add(1, { instructions: outputs(1), cookie: 5n }),
    group(groupCommand.delete, 7),
    add(11, { xid: 666 }),
    flowMod({ xid: 200, command: flowCommand.deleteStrict, ...on(2) }),
    add(12),
  ];
  t.strictSame(says(...bundleOf(parts)), [
    '899 open 1',
    '666 flowModFailed/tableFull',
    `${COMMIT} onf/bundledFailed`,
  ]);
  t.strictSame(
    book().map((one) => one.slice(one.indexOf(' '))),
    before,
  );
  t.strictSame(
    runtime.groups.table.groups().map(({ groupId }) => groupId),
    [7],
  );
  t.ok(runtime.unanswered.isEmpty);
});

function hasDst({ match }: FlowMod, value: number): boolean {
  return match.some((one) => one.value.length === 6 && one.value.at(-1) === value);
}

t.test('requests behind a commit wait for it, and a barrier is answered behind it', async (t) => {
  const { says, red, net, runtime } = started();
  red.says(...bundleOf([add(1), add(2)]), flowMod({ xid: 5, command: flowCommand.delete }), {
    type: 'barrierRequest',
    xid: 6,
  });
  net.run(400);
  t.strictSame(red.received().map(short), ['899 open 1', `${COMMIT} commit 1`, '6 barrierReply']);
  t.equal(runtime.rulebook.size, 0);
  t.strictSame(says({ type: 'barrierRequest', xid: 7 }), ['7 barrierReply'], 'nothing is held');
});

t.test('it is one commit of the store: a start finds all of it or nothing', async (t) => {
  const store = memoryStore();
  const { says } = started(store);
  const sizes: number[] = [];
  const { append } = store;
  store.append = (entries, done) => {
    append(entries, done);
    const net = new FakeNetwork(twoDatapaths('settle 60ms'), copyOf(store)).loaded();
    sizes.push(net.hypervisor.runtimes()[0]?.rulebook.size ?? -1);
  };
  says(...bundleOf(Array.from({ length: 600 }, (_, i) => add(i))));
  t.ok(sizes.includes(600));
  t.strictSame(
    sizes.filter((one) => one !== 0 && one !== 600),
    [],
  );
});

function copyOf(store: ReturnType<typeof memoryStore>) {
  const copy = memoryStore();
  for (const group of store.load()) copy.append(group, () => undefined);
  return copy;
}

t.test('a bundle goes with its connection', async (t) => {
  const { net, red, runtime } = started();
  red.says(control('open'), added(add(1)));
  net.run();
  const { bundles } = runtime.controllers[0]?.connectionState ?? {};
  t.match(bundles?.size, { bundles: 1, messages: 1 });
  red.user?.onClose('the test ends it');
  net.run(3_000);
  t.match(bundles?.size, { bundles: 0, messages: 0, bytes: 0 });
});

t.test('one that is left alone is gone, and its first message refused', async (t) => {
  const { net, red, says } = started();
  says(control('open', { xid: 77 }), added(add(1)));
  net.run(limits.bundleIdleMs + 100);
  t.strictSame(
    red
      .received()
      .filter(({ type }) => type === 'error')
      .map(short),
    ['77 onf/bundleTimeout'],
  );
  t.strictSame(says(control('commit', { xid: 78 })), ['78 onf/bundleBadId']);
});

t.test('port-mods: not in an atomic bundle; in another one they are done', async (t) => {
  const { says, runtime } = started();
  const [vport, identity] = [...runtime.vswitch.portIdentities][1] ?? [];
  const { hwAddr = new Uint8Array(6) } = identity ?? {};
  const mod: Message = {
    ...{ type: 'portMod', xid: 55, portNo: vport ?? 0, hwAddr },
    ...{ config: 1, mask: 1, advertise: 0 },
  };
  t.strictSame(says(...bundleOf([add(1), mod])), [
    '899 open 1',
    '55 onf/bundledFailed',
    `${COMMIT} onf/bundledFailed`,
  ]);
  t.equal(runtime.rulebook.size, 0);
  const told = says(...bundleOf([add(1), mod], { flags: 2 }));
  t.equal(told.at(-1), `${COMMIT} commit 1`);
  t.equal(runtime.rulebook.size, 1);
  t.equal(
    runtime.ports.view(mod.type === 'portMod' ? (mod.portNo as never) : (0 as never)).config & 1,
    1,
  );
});

t.test('while cloned: on both bodies, or on none', async (t) => {
  for (const refuses of [false, true]) {
    const { net, red, runtime, says } = started();
    says(add(1));
    const { executor } = net.hypervisor;
    let isAsked = false;
    net.switch('s2').refuse = (message) =>
      refuses && message.type === 'flowMod' && hasDst(message, 51) ? FULL : undefined;
    net.hypervisor.watchMigrations(({ state }) => {
      if (state.type !== 'drain' || isAsked) return;
      isAsked = true;
      red.says(...bundleOf(Array.from({ length: 60 }, (_, i) => add(10 + i))));
    });
    executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime');
    net.run(60_000);
    t.ok(isAsked);
    t.equal(executor.all()[0]?.state.type, 'done');
    const told = red.received().filter(({ type }) => type !== 'echoRequest');
    t.equal(told.map(short).at(-1), `${COMMIT} ${refuses ? 'onf/bundledFailed' : 'commit 1'}`);
    t.equal(runtime.rulebook.size, refuses ? 1 : 61);
  }
});

t.test('a slave may not', async (t) => {
  const { says } = started();
  says({ type: 'roleRequest', xid: 1, role: 3, generationId: 1n });
  t.strictSame(says(control('open', { xid: 2 }), { ...added(add(1)), xid: 3 }), [
    '2 badRequest/isSlave',
    '3 badRequest/isSlave',
  ]);
});

t.test('what may not be in one is refused as it comes', async (t) => {
  const { says } = started();
  const nested = added({ ...control('open', { bundleId: 9 }), xid: 4 } as Message);
  t.strictSame(
    says(
      control('open', { xid: 1 }),
      added({ type: 'barrierRequest', xid: 2 }),
      added({ type: 'meterMod', xid: 3, command: 0, flags: 1, meterId: 1, bands: [] }),
      nested,
      { ...added(add(1)), xid: 5 },
      control('commit', { xid: 6 }),
    ),
    [
      '1 open 1',
      '2 onf/bundledUnsupported',
      '3 onf/bundledUnsupported',
      '4 onf/bundledUnsupported',
      '5 onf/bundledBadXid',
      '6 commit 1',
    ],
  );
});
