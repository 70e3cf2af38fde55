/**
 * A million rules in rulebooks: bytes a rule, and how long adding them stops everything else.
 *
 * Budget: under 300 bytes a rule, no pause over 20 ms (issue 3). Run with
 * `node --expose-gc tests/bench/million.ts`; takes about 5 s. Ten rulebooks, as one has a limit.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import type { Instruction } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { contentOf } from '../../slices/rules/rule-record.ts';
import { runOf } from '../../slices/rules/rule-run.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';

const RULES = 1_000_000;
const IN_A_TURN = 1_000;
const instructions: readonly Instruction[] = [
  { type: 'applyActions', actions: [{ type: 'output', port: 2, maxLen: 0xffff }] },
];
const said = {
  tableId: 0,
  priority: 10,
  cookie: 5n,
  flags: 0,
  idleTimeoutSec: 0,
  hardTimeoutSec: 0,
};

function usedBytes(): number {
  if (global.gc === undefined) throw new Error('run it with node --expose-gc');
  global.gc();
  // Not `arrayBuffers`: what rules are in is not counted there (slices/rules/shared-memory.ts).
  return process.memoryUsage().rss;
}

const keyed = { low: 1, high: 2 };
const count = Math.ceil(RULES / limits.rulesPerVswitchMax);
const books = Array.from({ length: count }, () => new Rulebook(1, keyed));

/** What a number makes of a field is kept (openflow/match), and would be counted here. */
function addressOf(i: number): Uint8Array {
  const bytes = new Uint8Array(6);
  new DataView(bytes.buffer).setUint32(2, i);
  return bytes;
}

function add(i: number): void {
  const match = matchOf(oxm('in_port', 1), oxm('eth_dst', addressOf(i)));
  const body = contentOf(match, instructions);
  if (books[i % books.length]?.place(runOf(said, body), 0) !== 1) {
    throw new Error(`rule ${i} does not fit`);
  }
}

const before = usedBytes();
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
for (let i = 0; i < RULES; i++) {
  add(i);
  if (i % IN_A_TURN === 0) await new Promise((run) => setImmediate(run));
}
delay.disable();
const bytes = Math.round((usedBytes() - before) / RULES);
const ms = (ns: number): string => (ns / 1e6).toFixed(1);
console.log(`${RULES} rules in ${count} rulebooks: ${bytes} bytes a rule`);
console.log(
  `the event loop was late by ${ms(delay.max)} ms at most (p99 ${ms(delay.percentile(99))})`,
);
