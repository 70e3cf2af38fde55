/**
 * How long a migration takes by its number of ports, on Open vSwitch: each has a host at a datapath
 * that stays where it is, so each is led to the new body, and all together. Part of `make bench`;
 * run with `node tests/bench/ports.ts`; PORTS=8,32 REPEATS=1 for less. Medians, there and back.
 */
import { median } from './load.ts';
import { moved, withVswitch } from './moving.ts';
import { fixed, table } from './report.ts';

const COUNTS = (process.env['PORTS'] ?? '2,8,32,128').split(',').map(Number);
const REPEATS = Number(process.env['REPEATS'] ?? 3);
const phases = ['tunnels', 'clone', 'handOver', 'move', 'drain', 'retire', 'all'] as const;

const rows: (readonly string[])[] = [['ports; ms', ...phases]];
for (const count of COUNTS) {
  await withVswitch(count, async (moving) => {
    const all: ReadonlyMap<string, number>[] = [];
    for (let i = 0; i < REPEATS; i += 1) all.push(await moved(moving, i % 2 === 0 ? 's2' : 's1'));
    const took = phases.map((name) => median(all.map((one) => one.get(name) ?? 0)));
    rows.push([String(count), ...took.map((ms) => fixed(ms, 0))]);
  });
}
console.log(table(rows));
