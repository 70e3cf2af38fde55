/**
 * What changes of rules cost packets while a vswitch moves, by what guards do (LIME 4.1), on Open
 * vSwitch: a controller changes one rule all the time, probes of 1,000 a second go through it, and
 * the vswitch moves there and back, twice. Part of `make bench`; `node tests/bench/losses.ts`.
 *
 *   naive      both bodies process packets, and changes go to both; only tests can have that
 *   drop       what enters the body that is not the primary is dropped: the paper's guard
 *   redirect   it is led to the primary: the default
 *
 * Broken are packets that were handled by an older version of the rule than the packet that caused
 * them. Both bodies' caches are off, and one is 20 ms further away (tests/live/guarded.ts).
 */
import { observe, unguarded } from '../live/guarded.ts';
import { fixed, table } from './report.ts';

const cases = [
  ['naive', { command: unguarded }],
  ['drop', { guard: 'drop' }],
  ['redirect', { guard: 'redirect' }],
] as const;
const wanted = (process.env['GUARDS'] ?? 'naive,drop,redirect').split(',');

const head = ['guards', 'probes', 'changes', 'lost', 'a change', 'it says', 'doubled', 'broken'];
const rows: (readonly string[])[] = [[...head, 'moves, ms']];
for (const [name, options] of cases) {
  if (!wanted.includes(name)) continue;
  const found = await observe({ table: '0', ...options });
  const { sent, versions, lost, duplicates, broken, moves } = found;
  const dropped = moves.reduce((sum, { handOver }) => sum + (handOver?.dropped ?? 0), 0);
  const tookMs = moves.map(({ startedMs, stateSinceMs }) => fixed(stateSinceMs - startedMs, 0));
  const counts = [sent, versions, lost].map(String);
  const each = fixed(lost / Math.max(1, versions), 3);
  rows.push([name, ...counts, each, `${dropped}`, `${duplicates}`, `${broken}`, tookMs.join(' ')]);
}
console.log(table(rows));
