/**
 * Ten tenants that move by themselves in a world in memory, COUNT times: no move is taken back,
 * memory stays what it was, and labels, tags and what the switches should hold are back where they
 * were when all are home again. Switches that are linked leave a flat datapath at once, whose last
 * steps come in any order. On real switches: tests/soak/scheduled.soak.ts.
 */
import v8 from 'node:v8';
import vm from 'node:vm';
import t from 'tap';
import { unionOn } from '../../hypervisor/datapath/union.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import { Random } from '../openflow/random.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import { FakeWorld } from './fake-world.ts';

const count = Number(process.env['COUNT'] ?? 60);
const TENANTS = 10;
const CHUNK_MSEC = 10_000;
/** How often it says how far it is. */
const PROGRESS_PARTS = 50;
/** Of what it was when the first tenth had moved. */
const GROWTH_MAX = 1.5;

const names = Array.from({ length: TENANTS }, (_, i) => `t${i}`);
const home = (i: number): string => `s${1 + (i % 4)}`;

function file(isScheduled: boolean): string {
  const schedules = names.map((name) => {
    return `  ${name}: { move: ${name}, every: 10s, jitter: 10s, not-last: 1 }`;
  });
  const tenants = names.map((name, i) => {
    const [v, w, far] = [home(i), home(i + 1), home(i + 2)];
    return `  ${name}:
    vswitches: { v: { dpid: 1, on: ${v} }, w: { dpid: 2, on: ${w} } }
    hosts: { h1: { port: v:1, at: ${v}:${10 + i} }, h2: { port: w:1, at: ${far}:${10 + i} } }
    links: [v:2 - w:2]`;
  });
  return `
migrations: { keep: 100 }
datapaths:
  s1: { dpid: 1, ack: barrier }
  s2: { dpid: 2, ack: barrier }
  s3: { dpid: 3, ack: barrier, encoding: flat }
  s4: { dpid: 4, ack: barrier }
links: [s1:1 - s2:1, s2:2 - s3:2, s3:1 - s4:1, s4:2 - s1:2]
${isScheduled ? `schedules:\n${schedules.join('\n')}` : ''}
tenants:
${tenants.join('\n')}
`;
}

/** What it keeps grows, and is no memory of the hypervisor's. */
function forgetfulStore(): Store {
  return { ...memoryStore(), append: (_, done) => done() };
}

/** What the fakes have seen grows, too. */
function forget({ switches, log }: FakeNetwork): void {
  log.lines.length = 0;
  for (const one of switches.values()) {
    one.changes();
    one.asked.length = 0;
  }
}

/** What a switch should hold, and how many numbers are given out. */
function state({ hypervisor }: FakeNetwork) {
  const { placements, labels, taggedWays } = hypervisor.snapshot();
  const entries = hypervisor.datapaths().map((one) => unionOn(hypervisor, one).flows.size);
  const places = [...placements].map(([name, { bodies }]) => `${name} ${bodies}`);
  const numbers = [labels.byKey.size, taggedWays.byKey.size];
  return { entries, numbers, places: places.toSorted() };
}

function memoryBytes(): number {
  v8.setFlagsFromString('--expose-gc');
  vm.runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

t.test(`${count} scheduled moves`, async (t) => {
  const random = new Random(Number(process.env['SEED'] ?? 1));
  const world = new FakeWorld();
  world.random = () => random.number(1_000_000) / 1_000_000;
  const network = new FakeNetwork(file(false), forgetfulStore(), undefined, { world }).up();
  let done = 0;
  let undone = 0;
  network.hypervisor.watchMigrations(({ state: { type } }) => {
    if (type === 'done') done += 1;
    if (type === 'undone') undone += 1;
  });
  // What is there for a moment only is gone.
  network.run(CHUNK_MSEC);
  const before = state(network);
  network.apply(file(true));
  let early = 0;
  let said = 0;
  while (done < count) {
    network.run(CHUNK_MSEC);
    forget(network);
    if (done >= said + count / PROGRESS_PARTS) {
      said = done;
      t.comment(`${done} of ${count} moves`);
    }
    if (early === 0 && done > count / 10) early = memoryBytes();
  }
  const late = memoryBytes();
  t.equal(undone, 0, 'none is taken back');
  t.ok(late < early * GROWTH_MAX, `${early} bytes became ${late}`);
  network.apply(file(false));
  network.run(CHUNK_MSEC);
  t.comment(`${done} moves, ${late} bytes`);
  for (const { vswitch } of network.hypervisor.runtimes()) {
    const { snapshot, executor } = network.hypervisor;
    const from = snapshot().placements.get(vswitch.name)?.primary;
    const to = snapshot().config.vswitches.find(({ name }) => name === vswitch.name)?.on;
    if (from === undefined || to === undefined || from === to) continue;
    executor.start(vswitch, from, to, 'lime');
    network.run(CHUNK_MSEC);
  }
  t.strictSame(state(network), before);
});
