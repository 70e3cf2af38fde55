/**
 * How long a request about very many rules keeps everybody else waiting (`make bench`).
 *
 * The hypervisor runs in this process, with its store; its switches and controllers are another
 * process (pauses-peer.ts). For each operation: how late the event loop was at most, by a timer
 * of 1 ms, and how long the operation took until its barrier was answered.
 *
 * Budget: no pause over 20 ms (issue 3). `node tests/bench/pauses.ts [RULES]` takes about 30 s.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import { serveControl } from '../../hypervisor/api/serving.ts';
import { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { openStore } from '../../hypervisor/store/store.ts';
import { openLog } from '../../hypervisor/world/log.ts';
import { nodeWorld } from '../../hypervisor/world/node-world.ts';
import { isOver } from '../../translation/migration/migration.ts';
import { configOf } from '../slices/networks.ts';
import { ownFolder } from './middle.ts';
import type { Order, Report } from './pauses-peer.ts';
import { fixed, table } from './report.ts';

const BUDGET_MS = 20;
/** How often it is looked whether a turn has ended. */
const LOOK_MS = 1;

const rules = Number(process.argv[2] ?? 100_000);

/** The other process does what it is told, one order at a time. */
class Peers {
  readonly process: ChildProcess;
  readonly #reports: Report[] = [];
  #wake: () => void = () => undefined;

  constructor() {
    this.process = fork(join(import.meta.dirname, 'pauses-peer.ts'));
    this.process.on('message', (report) => {
      this.#reports.push(report as Report);
      this.#wake();
    });
    this.process.on('exit', () => process.exit(1));
  }

  async next(): Promise<Report> {
    for (;;) {
      const report = this.#reports.shift();
      if (report !== undefined) return report;
      await new Promise<void>((run) => {
        this.#wake = run;
      });
    }
  }

  async does(order: Order): Promise<string> {
    this.process.send(order);
    const report = await this.next();
    if (report.type !== 'done') throw new Error(`${order.what}: ${JSON.stringify(report)}`);
    return report.text;
  }
}

function configuration(folder: string, port: number, controllers: number): string {
  return `
listen: ['ptcp:${port}:127.0.0.1']
control: ${join(folder, 'pauses.sock')}
store: ${join(folder, 'pauses.db')}
datapaths: { s1: { dpid: 1, ack: barrier }, s2: { dpid: 2, ack: barrier } }
links: [s1:3 - s2:3]
tenants:
  red:
    controllers: ['tcp:127.0.0.1:${controllers}']
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s1:2 } }
`;
}

const rows: string[][] = [];
let missed = 0;

/** How late a timer of a millisecond came, each time, until it is told to stop. */
function watchTurns(): () => readonly number[] {
  const lateMs: number[] = [];
  let dueMs = performance.now() + LOOK_MS;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    lateMs.push(Math.max(0, nowMs - dueMs));
    dueMs = nowMs + LOOK_MS;
  }, LOOK_MS);
  return () => {
    clearInterval(timer);
    return lateMs.sort((a, b) => a - b);
  };
}

async function measure(what: string, run: () => Promise<string>): Promise<void> {
  const stop = watchTurns();
  const startedMs = performance.now();
  const did = await run();
  const tookMs = performance.now() - startedMs;
  await new Promise((done) => setTimeout(done, 50));
  const lateMs = stop();
  const most = lateMs.at(-1) ?? 0;
  const isMissed = most > BUDGET_MS;
  if (isMissed) missed += 1;
  const p99 = lateMs[Math.floor(lateMs.length * 0.99)] ?? 0;
  const times = [fixed(most, 1), fixed(p99, 1), fixed(tookMs / 1000, 2)];
  rows.push([what, did, ...times, isMissed ? 'MISSED' : 'ok']);
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** On the operator's socket, as the command line does. */
async function ask(socketPath: string, path: string): Promise<string> {
  const [response] = await once(http.get({ socketPath, path, agent: false }), 'response');
  let size = 0;
  for await (const chunk of response) size += (chunk as Buffer).length;
  return `${fixed(size / 1e6, 1)} MB`;
}

function migrate(hypervisor: Hypervisor, to: string): Promise<string> {
  return new Promise((done, fail) => {
    const [runtime] = hypervisor.runtimes();
    if (runtime === undefined) throw new Error('no vswitch');
    const target = hypervisor.datapaths().find((one) => one.name === to);
    if (target === undefined) throw new Error(`no datapath ${to}`);
    const unwatch = hypervisor.watchMigrations((migration) => {
      if (!isOver(migration)) return;
      unwatch();
      if (migration.state.type === 'done') done(`${runtime.rulebook.size} rules`);
      else fail(new Error(JSON.stringify(migration.state)));
    });
    hypervisor.executor.start(runtime.vswitch, runtime.placement.primary, target.name, 'lime');
  });
}

const flowsAt = '/api/v1/flows?vswitch=red/v1';

async function main(): Promise<number> {
  const peers = new Peers();
  const folder = ownFolder();
  const port = await freePort();
  const controllers = Number(await peers.does({ what: 'listen', count: 0, port }));
  const config = configOf(configuration(folder, port, controllers));
  const world = nodeWorld();
  const store = openStore(config.store, () => world.random());
  // Its switches carry no frames: links would be down as soon as somebody looked.
  const own = { world, store, config, log: openLog('error'), isAudited: false };
  const hypervisor = new Hypervisor(own);
  const control = await serveControl(hypervisor, config.control);
  hypervisor.start();
  const does = (what: Order['what'], count = rules) => peers.does({ what, count, port });
  await does('connect');
  await measure('add', () => does('add'));
  await measure('dump flows', () => does('dump'));
  await measure('four dumps at once', () => does('dumps'));
  await measure('dump, read slowly', () => does('slowDump'));
  await measure('aggregate statistics', () => does('aggregate'));
  await measure('table statistics', () => does('tables'));
  await measure('modify all', () => does('modify'));
  await measure('limevisor flows', () => ask(config.control, flowsAt));
  await measure('limevisor flows --physical', () =>
    ask(config.control, `${flowsAt}&physical=true`),
  );
  await measure('migrate', () => migrate(hypervisor, 's2'));
  await measure('datapath comes back', () => does('reconnect'));
  await measure('it comes back empty', () => does('reconnectEmpty'));
  await measure('delete half, by cookie', () => does('deleteHalf', rules / 2));
  await measure('delete all, reported', () => does('delete', rules / 2));
  await measure('add with a time-out', () => does('addTimed'));
  await measure('all time out', () => does('timeOut'));
  await measure('add users of a group', () => does('addUsers'));
  await measure('group statistics', () => does('groups'));
  await measure('delete their group', () => does('deleteGroup'));
  const header = ['operation', 'about', 'late by ms', 'p99', 'total s', `<= ${BUDGET_MS} ms`];
  console.log(`${rules} rules in one vswitch: how late the event loop was while it was asked`);
  console.log(table([header, ...rows]));
  console.log(`${missed} budgets missed; see docs/BENCHMARKS.md`);
  peers.process.removeAllListeners('exit');
  peers.process.kill();
  control.close();
  hypervisor.stop('the benchmark is over');
  store.close();
  return 0;
}

process.exit(await main());
