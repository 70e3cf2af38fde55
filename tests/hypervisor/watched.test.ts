/**
 * What a migration says of the seconds after its end: what still came by the ways that it has left
 * is counted, healed and told; until then `migrate` waits, and the vswitch's next migration does
 * not (docs/DESIGN.md, section 6).
 */
import t from 'tap';
import type { FlowStats } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { strayFlow } from '../../translation/datapath/stale-flows.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { isSettled, type Watched } from '../../translation/migration/migration.ts';
import { datapath } from '../slices/networks.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';

const text = `
datapaths: { s1: { dpid: 1, ack: barrier }, s2: { dpid: 2, ack: barrier } }
links: [s1:3 - s2:3]
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s1:2 } }
`;
const CABLE = 3;

function begin(net: FakeNetwork, from: string, to: string): void {
  const [runtime] = net.hypervisor.runtimes();
  if (runtime === undefined) throw new Error('no vswitch');
  net.hypervisor.executor.start(runtime.vswitch, datapath(from), datapath(to), 'lime');
}

/** A network whose vswitch has just moved, and is watched. */
function moved() {
  const store = memoryStore();
  const net = FakeNetwork.started(text, store);
  begin(net, 's1', 's2');
  for (let i = 0; i < 200 && last(net).state.type !== 'done'; i++) net.run(50);
  return { net, store };
}

function last(net: FakeNetwork) {
  const one = net.hypervisor.executor.all().at(-1);
  if (one === undefined) throw new Error('no migration');
  return one;
}

/** So many packets have come to s1 by a way that is gone. */
function come(net: FakeNetwork, packets: number): void {
  const { instructions, ...entry } = strayFlow(CABLE as never);
  const durations = { durationSec: 0, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 };
  const counts = { packetCount: BigInt(packets), byteCount: 0n, flags: 0 };
  const row: FlowStats = { ...entry, instructions: [...instructions], ...durations, ...counts };
  net.switch('s1').flows = { kind: 'flow', flows: [row] };
}

const heals = (net: FakeNetwork, name: string): number =>
  net
    .switch(name)
    .changes()
    .filter((one) => {
      return one.type === 'flowMod' && one.command === 0 && readCookie(one.cookie)?.kind === 'heal';
    }).length;

t.test('at its end it says until when it is watched, and then what was seen', async (t) => {
  const { net } = moved();
  const { watched, state } = last(net);
  t.equal(state.type, 'done');
  t.notOk(isSettled(last(net)));
  const now = net.world.wallClockMs();
  const until = watched?.untilMs ?? 0;
  t.ok(until > now && until <= now + limits.watchMs, 'so long at most');
  net.run(limits.watchMs + limits.watchPollMs);
  t.ok(isSettled(last(net)));
  t.strictSame(last(net).watched, { stale: 0, heals: 0 });
});

t.test('it is never done without a word of that', async (t) => {
  const net = FakeNetwork.started(text, memoryStore());
  const first: (Watched | undefined)[] = [];
  net.hypervisor.watchMigrations(({ state, watched }) => {
    if (state.type === 'done') first.push(watched);
  });
  begin(net, 's1', 's2');
  net.run(10_000);
  t.match(first[0], { stale: 0, untilMs: Number });
  t.strictSame(first.at(-1), { stale: 0, heals: 0 });
});

t.test('what still comes is healed as soon as it is seen, and told', async (t) => {
  const { net } = moved();
  for (const one of ['s1', 's2']) net.switch(one).changes();
  come(net, 5);
  net.run(limits.watchPollMs + 100);
  t.equal(heals(net, 's1') + heals(net, 's2'), 2, 'both ends of the way');
  t.match(last(net).watched, { stale: 5, heals: 1, untilMs: Number });
  come(net, 7);
  net.run(limits.watchPollMs);
  t.equal(heals(net, 's1'), 0, 'while the heal is under way nothing more is done');
  net.run(limits.watchMs + limits.watchPollMs);
  t.strictSame(last(net).watched, { stale: 7, heals: 1 });
});

t.test('what does not heal is said, and does not take for ever', async (t) => {
  const { net } = moved();
  const startedMs = net.world.nowMs();
  for (let packets = 1; !isSettled(last(net)) && packets < 1_000; packets += 1) {
    come(net, packets);
    net.run(100);
  }
  t.match(last(net).watched, { heals: limits.healsMax, goesOn: true });
  const tookMs = net.world.nowMs() - startedMs;
  t.ok(tookMs <= limits.healsMax * (limits.healMs + 2 * limits.watchPollMs) + 1_000, `${tookMs}`);
});

t.test('the next migration does not wait for it, and what is seen later is told', async (t) => {
  const { net } = moved();
  const told: (Watched | undefined)[] = [];
  net.hypervisor.watchMigrations(({ id, watched }) => {
    if (id === 1) told.push(watched);
  });
  begin(net, 's2', 's1');
  // When it is on disk.
  net.run(0);
  t.strictSame(told, [{ stale: 0, heals: 0, unseen: 'migration 2 began' }]);
  come(net, 3);
  net.run(limits.watchMs * 2);
  t.equal(net.hypervisor.executor.all().length, 2);
  t.match(told.at(-1), { stale: 3, heals: 1 });
  t.notOk('unseen' in (told.at(-1) ?? {}), 'it was seen');
});

t.test('a restart in the middle of it watches anew', async (t) => {
  const { store } = moved();
  const net = FakeNetwork.started(text, store);
  t.match(last(net).watched, { unseen: 'Limevisor was restarted' });
  net.run(limits.datapathLostMs);
  net.run(limits.watchMs * 2);
  t.strictSame(last(net).watched, { stale: 0, heals: 0 });
});
