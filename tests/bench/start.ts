/**
 * A start with a million rules: how long until everything is there, how long the longest turn holds
 * everybody up, and what memory is left. Ten vswitches have a hundred thousand rules each, and one
 * has a single rule, which must not wait for theirs.
 *
 * Budget (issue 10, B4): no turn over 100 ms once sockets are served, 300 bytes a rule left. Run
 * with `node --expose-gc tests/bench/start.ts`; takes about a minute.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { Journal } from '../../hypervisor/store/journal.ts';
import { openStore } from '../../hypervisor/store/store.ts';
import { nodeWorld } from '../../hypervisor/world/node-world.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import { configOf, vswitchName } from '../slices/networks.ts';
import { applied, flowMod, outputs } from '../slices/rules.ts';

const RULES = Number(process.env['RULES'] ?? 1_000_000);
const LARGE = 10;
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'limevisor-start-'));
const file = path.join(dir, 'limevisor.db');
const tenants = Array.from({ length: LARGE + 1 }, (_, i) => {
  return `  t${i}:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:${i + 1} } }`;
});
const text = `
listen: [ptcp:16699:127.0.0.1]
datapaths: { s1: { dpid: 1 } }
tenants:
${tenants.join('\n')}
`;

const rssMb = (): number => {
  global.gc?.();
  return process.memoryUsage().rss / 1e6;
};

async function fill(): Promise<void> {
  const store = openStore(file, Math.random);
  const journal = new Journal(nodeWorld(), store);
  for (let tenant = 0; tenant <= LARGE; tenant++) {
    const book = new Rulebook();
    // The store is made anew while it is filled: from the books.
    journal.keep(vswitchName(`t${tenant}/v1`), book);
    const count = tenant === LARGE ? 1 : RULES / LARGE;
    for (let i = 0; i < count; i++) {
      const match = matchOf(oxm('eth_dst', i));
      const [made] = applied(book, flowMod({ match, instructions: outputs(1), cookie: BigInt(i) }));
      if (made !== undefined)
        journal.put({ type: 'rule', vswitch: vswitchName(`t${tenant}/v1`), rule: made.rule });
      if (i % 1_000 === 0) await new Promise<void>((done) => journal.sync(done));
    }
  }
  await new Promise<void>((done) => journal.sync(done));
  store.close();
}

const mode = process.argv[2] ?? 'all';
if (mode !== 'start') {
  await fill();
  console.log(`${RULES} rules in ${(fs.statSync(file).size / 1e6).toFixed(0)} MB`);
  const { spawnSync } = await import('node:child_process');
  const flags = ['--expose-gc', '--disable-warning=ExperimentalWarning', import.meta.filename];
  spawnSync(process.execPath, [...flags, 'start', file], { stdio: 'inherit' });
  fs.rmSync(dir, { recursive: true });
  process.exit(0);
}

const before = rssMb();
const world = nodeWorld();
const nothing = { info: () => undefined, warn: () => undefined, error: console.error };
const began = performance.now();
const cpu = process.cpuUsage();
const store = openStore(process.argv[3] ?? '', Math.random);
const openedMs = performance.now() - began;
const hypervisor = new Hypervisor({ world, store, config: configOf(text), log: nothing });
const constructedMs = performance.now() - began;
let longest = 0;
let last = performance.now();
let smallMs = 0;
const look = (): void => {
  const now = performance.now();
  longest = Math.max(longest, now - last);
  last = now;
  const waiting = hypervisor.runtimes().filter((one) => /loaded/.test(one.whyDown() ?? ''));
  const small = vswitchName(`t${LARGE}/v1`);
  if (smallMs === 0 && !waiting.some((one) => one.vswitch.name === small)) smallMs = now - began;
  if (waiting.length > 0) setImmediate(look);
  else report();
};
hypervisor.start();
look();

function report(): void {
  const { user, system } = process.cpuUsage(cpu);
  const rules = hypervisor.runtimes().reduce((sum, one) => sum + one.rulebook.size, 0);
  const bytes = ((rssMb() - before) * 1e6) / rules;
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  console.log(`opened after ${ms(openedMs)}, sockets served after ${ms(constructedMs)}`);
  console.log(`the vswitch with one rule was there after ${ms(smallMs)}`);
  console.log(`all ${rules} rules after ${ms(performance.now() - began)}`);
  console.log(`${ms((user + system) / 1e3)} of CPU; the longest turn ${ms(longest)}`);
  console.log(`${bytes.toFixed(0)} bytes a rule`);
  process.exit(0);
}
