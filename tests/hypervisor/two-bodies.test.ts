/**
 * What a migration owes to the two bodies that a vswitch has meanwhile: each step is kept before it
 * is done; the old one is left when nothing comes to it any more, and no earlier; what both have
 * counted is one number, told once.
 */
import t from 'tap';
import type { Store } from '../../hypervisor/world/world.ts';
import { flowCommand, flowFlag } from '../../openflow/values/constants.ts';
import type { FlowStats, Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { cookieOf, readCookie } from '../../translation/entries/pipeline.ts';
import { datapath, twoDatapaths } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';

const PRIORITY = 700;

/** A vswitch with one rule, which reports its end. */
function started(store: Store = memoryStore(), file = twoDatapaths()) {
  const net = FakeNetwork.started(file, store);
  const red = net.controller(7001);
  const flags = flowFlag.sendFlowRem;
  red.says(flowMod({ priority: PRIORITY, flags, instructions: outputs(2) }));
  net.run(200);
  const made = net
    .switch('s1')
    .changes()
    .filter((one) => one.type === 'flowMod');
  red.received();
  const [runtime] = net.hypervisor.runtimes();
  const [rule] = runtime?.rulebook.rules() ?? [];
  if (runtime === undefined || rule === undefined) throw new Error('there is one');
  const cookie = cookieOf('rule', runtime.vswitch.id, rule.serial);
  const { executor } = net.hypervisor;
  const start = (from = 's1', to = 's2') =>
    executor.start(runtime.vswitch, datapath(from), datapath(to), 'lime');
  const state = () => executor.all().at(-1)?.state.type;
  const until = (wanted: string): number => {
    for (let ms = 0; ms < 30_000; ms += 10) {
      if (state() === wanted) return ms;
      net.run(10);
    }
    throw new Error(`${state()} for ever, and never ${wanted}`);
  };
  const filter = { outPort: 0xffffffff, outGroup: 0xffffffff, cookie: 0n, cookieMask: 0n };
  const request = { kind: 'flow', filter: { ...filter, tableId: 0xff, match: [] } } as const;
  /** What the controller is told that the rule has counted. */
  const total = (): bigint | undefined => {
    red.received();
    red.says({ type: 'multipartRequest', xid: 9, flags: 0, request });
    net.run(500);
    const [reply] = red.received().flatMap((one) => (one.type === 'multipartReply' ? [one] : []));
    return reply?.reply.kind === 'flow' ? reply.reply.flows[0]?.packetCount : undefined;
  };
  return { net, red, cookie, made, start, state, until, total };
}

const never = { durationSec: 0, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 };

/** The row of the rule on a switch that has counted so many packets. */
function counted(cookie: bigint, packets: number): FlowStats {
  const counts = { packetCount: BigInt(packets), byteCount: 0n, flags: 1 };
  const rest = { tableId: 2, priority: PRIORITY + 1, match: [], instructions: [] };
  return { ...rest, ...never, ...counts, cookie };
}

/** A switch says that the entry has gone, with its last counters. */
function removed(net: FakeNetwork, name: string, cookie: bigint, packetCount: bigint): void {
  const { flags: _none, packetCount: _count, instructions: _, ...head } = counted(cookie, 0);
  net.switch(name).peer.says({ type: 'flowRemoved', xid: 0, reason: 2, ...head, packetCount });
  net.run(20);
}

t.test('no step is done before it is kept', async (t) => {
  const store = memoryStore();
  const held: (() => void)[] = [];
  let isSlow = false;
  const append: Store['append'] = (entries, done) =>
    store.append(entries, isSlow ? () => void held.push(done) : done);
  const { net, start, state } = started({ ...store, append });
  isSlow = true;
  start();
  let steps = 0;
  for (let before = state(); before !== 'done'; before = state(), steps += 1) {
    net.run(2_500);
    t.equal(state(), before, `${before}: it stays there`);
    const sent = [...net.switches.values()].flatMap((one) => one.changes());
    t.strictSame(sent.filter(isOurs), [], `${before}: nothing is sent`);
    for (let i = 0; state() === before && i < 500; i++) {
      for (const done of held.splice(0)) done();
      net.run(10);
    }
    for (const one of net.switches.values()) one.changes();
  }
  t.ok(steps >= 6, `${steps} steps`);
});

/** Not what is sent besides: where the journal stands, markers, heals. */
function isOurs(message: Message): boolean {
  if (message.type === 'groupMod') return true;
  const kind = message.type === 'flowMod' ? readCookie(message.cookie)?.kind : undefined;
  return kind === 'wiring' || kind === 'guard' || kind === 'rule';
}

t.test('the old body is left when its counters have stood still, and no earlier', async (t) => {
  const { net, cookie, start, until } = started();
  let packets = 0;
  let isBusy = true;
  Object.defineProperty(net.switch('s1'), 'flows', {
    get() {
      if (isBusy) packets += 1;
      return { kind: 'flow', flows: [counted(cookie, packets)] };
    },
  });
  start();
  until('drain');
  const replyTimeouts = 2 * limits.drainStillMs;
  net.run(replyTimeouts);
  t.equal(net.hypervisor.executor.all()[0]?.state.type, 'drain', `${replyTimeouts} ms later`);
  isBusy = false;
  const tookMs = until('done');
  t.ok(tookMs >= limits.drainStillMs - limits.drainPollMs, `${tookMs} ms after the last packet`);
});

t.test('where one look takes seconds packets may come for several looks', async (t) => {
  for (const busyLooks of [limits.drainLooksMin - 2, Number.POSITIVE_INFINITY]) {
    const { net, cookie, start, until, state } = started();
    let looks = 0;
    Object.defineProperty(net.switch('s1'), 'flows', {
      get() {
        if (state() === 'drain') {
          looks += 1;
          net.world.now += limits.drainTimeoutMs;
        }
        return { kind: 'flow', flows: [counted(cookie, Math.min(looks, busyLooks))] };
      },
    });
    start();
    until(busyLooks === Number.POSITIVE_INFINITY ? 'undone' : 'done');
    t.ok(looks >= limits.drainLooksMin, `${looks} looks`);
    const [migration] = net.hypervisor.executor.all();
    if (busyLooks === Number.POSITIVE_INFINITY) {
      t.match(migration?.state, { why: /^packets still reach .* on s1 after \d+ ms$/ });
    }
  }
});

t.test('what a body has counted stays in the total, and once, if it is one again', async (t) => {
  const { net, cookie, start, until, total } = started();
  const counts = (s1: number, s2: number): void => {
    net.switch('s1').flows = { kind: 'flow', flows: [counted(cookie, s1)] };
    net.switch('s2').flows = { kind: 'flow', flows: [counted(cookie, s2)] };
  };
  counts(7, 0);
  start();
  until('done');
  removed(net, 's1', cookie, 9n);
  counts(0, 4);
  t.equal(total(), 13n, 'of the one that was left, with its last word, and of the new one');
  start('s2', 's1');
  until('done');
  // Its entry is a new one, which begins at zero.
  counts(2, 0);
  t.equal(total(), 15n, 'back where it was');
});

t.test('entries that report after their body was left are counted once', async (t) => {
  const file = twoDatapaths().replace('dpid: 1, ack', 'dpid: 1, encoding: flat, ack');
  const { net, cookie, made, start, until, total } = started(memoryStore(), file);
  const entries = made.filter((one) => one.cookie === cookie);
  t.equal(entries.length, 2, 'one for each port');
  const rows = (...counts: readonly number[]): FlowStats[] =>
    entries.map(({ tableId, priority, match }, i) => {
      const packets = counts[i] ?? 0;
      return { ...counted(cookie, packets), tableId, priority, match };
    });
  net.switch('s1').flows = { kind: 'flow', flows: rows(5, 2) };
  t.equal(total(), 7n);
  start();
  until('done');
  net.switch('s1').flows = { kind: 'flow', flows: [] };
  for (const { flags: _none, instructions: _, ...row } of rows(6, 2)) {
    net.switch('s1').peer.says({ type: 'flowRemoved', xid: 0, reason: 2, ...row });
    net.run(20);
  }
  t.equal(total(), 8n, 'with what came at the last moment');
});

t.test('a rule that goes is reported once, with what both have counted', async (t) => {
  const { net, red, cookie, start, until } = started();
  start();
  until('drain');
  red.says(flowMod({ priority: PRIORITY, command: flowCommand.deleteStrict }));
  net.run(50);
  const told = () => red.received().filter((one) => one.type === 'flowRemoved');
  removed(net, 's1', cookie, 3n);
  t.strictSame(told(), [], 'the other one has not said it');
  removed(net, 's2', cookie, 4n);
  t.match(told(), [{ cookie: 0n, priority: PRIORITY, packetCount: 7n }]);
  net.run(2 * limits.removalWaitMs);
  t.strictSame(told(), [], 'once');
});
