/**
 * What crosses between the two sides of a migration: read at the beginning, when it is said to,
 * every second, and once more at the end, of which the last interval is part, too.
 */
import t from 'tap';
import { BoundaryMeter, type Crossing } from '../../hypervisor/migrate/boundary-meter.ts';
import type { MeteringContext } from '../../hypervisor/migrate/traffic-meter.ts';
import type { PortStats } from '../../openflow/values/values.ts';
import { noCounts } from '../../slices/port-counters.ts';
import type { Boundary } from '../../translation/migration/migration-costs.ts';
import { datapath, snapshotOf, vswitchName } from '../slices/networks.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeWorld } from './fake-world.ts';
import { started } from './host-moves.ts';

/** h2 is plugged in at the target: what it says to v1 crosses until that has come. */
const network = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:9 - s2:9]
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s2:1 } }
`;
const v1 = vswitchName('red/v1');
const move = { type: 'vswitch', vswitch: v1, strategy: 'lime' } as const;
const members = [{ move: { ...move, from: datapath('s1'), to: datapath('s2') } }];
const crossing: Crossing = { id: 7, members };

function metering() {
  const world = new FakeWorld();
  const counted = { h1: 0n, h2: 0n };
  let reads = 0;
  /** Answers that are on their way. */
  const waiting: (() => void)[] = [];
  const row = (portNo: number, rxBytes: bigint): PortStats => {
    return { ...noCounts, portNo, durationSec: 0, durationNsec: 0, rxBytes };
  };
  const read = (_: unknown, done: (rows: readonly PortStats[]) => void): void => {
    reads += 1;
    waiting.push(() => done([row(1, counted.h1), row(2, counted.h2)]));
  };
  const context = {
    ...{ world, snapshot: () => snapshotOf(network) },
    runtime: () => ({ portCounters: { read } }),
  } as unknown as MeteringContext;
  const ended: Boundary[] = [];
  const meter = new BoundaryMeter(context, {
    crossing: () => crossing,
    crossed: (_, boundary) => void ended.push(boundary),
  });
  /** So long later, with what was counted by then; and answers come. */
  const pass = (ms: number, h1: bigint, h2: bigint): void => {
    counted.h1 += h1;
    counted.h2 += h2;
    world.pass(ms);
    for (const answer of waiting.splice(0)) answer();
  };
  return { meter, pass, ended, reads: () => reads };
}

t.test('a short one: the interval that its end ends is counted', async (t) => {
  const { meter, pass, ended, reads } = metering();
  meter.begin(crossing);
  pass(1, 0n, 0n);
  pass(200, 10_000n, 3_000n);
  meter.read(crossing);
  pass(1, 0n, 0n);
  t.match(meter.crossedIn(crossing), { bytes: 3_000, peakRate: 0, forMs: 201 });
  pass(100, 10_000n, 500n);
  meter.end(7);
  t.strictSame(ended, [], 'the last reading is on its way');
  pass(1, 0n, 0n);
  t.match(ended, [{ bytes: 3_500, peakRate: 0, forMs: 302 }]);
  const before = reads();
  pass(5_000, 0n, 0n);
  t.equal(reads(), before, 'nobody looks any more');
});

t.test('a long one is read every second, and has a rate', async (t) => {
  const { meter, pass, ended } = metering();
  meter.begin(crossing);
  pass(0, 0n, 0n);
  for (const bytes of [1_000n, 9_000n, 2_000n]) pass(1_000, 0n, bytes);
  meter.end(7);
  pass(0, 0n, 0n);
  t.match(ended, [{ bytes: 12_000, peakRate: 9_000, forMs: 3_000 }]);
});

t.test('one that ends while it is read is read once more', async (t) => {
  const { meter, pass, ended } = metering();
  meter.begin(crossing);
  pass(0, 0n, 0n);
  pass(300, 0n, 400n);
  meter.read(crossing);
  meter.end(7);
  pass(0, 0n, 0n);
  t.strictSame(ended, []);
  pass(0, 0n, 0n);
  t.match(ended, [{ bytes: 400 }]);
});

t.test('a vswitch that migrates by itself has it, also after a restart', async (t) => {
  const store = memoryStore();
  const text = network.replace('red:\n', 'red:\n    controllers: [tcp:127.0.0.1:7001]\n');
  const { net } = started(store, text.replaceAll(/(dpid: \d)( })/g, '$1, ack: barrier$2'));
  const { executor } = net.hypervisor;
  const vswitch = net.hypervisor.snapshot().vswitches.get(v1);
  if (vswitch === undefined) throw new Error('it is there');
  executor.start(vswitch, datapath('s1'), datapath('s2'), 'lime');
  const last = () => executor.all().at(-1);
  let rxBytes = 0n;
  for (let ms = 0; ms < 30_000 && last()?.state.type !== 'done'; ms += 20) {
    rxBytes += 100n;
    const row = { ...noCounts, portNo: 1, durationSec: 0, durationNsec: 0, rxBytes };
    for (const one of net.switches.values()) one.counters = { kind: 'portStats', ports: [row] };
    net.run(20);
  }
  t.equal(last()?.state.type, 'done');
  net.run(20);
  const { bytes = 0, forMs = 0 } = last()?.boundary ?? {};
  t.ok(bytes > 0 && bytes <= rxBytes, `${bytes} of ${rxBytes}`);
  t.ok(forMs > 0);
  net.world.pass(0);
  t.match(started(store, text).net.hypervisor.executor.all(), [{ boundary: { bytes, forMs } }]);
});
