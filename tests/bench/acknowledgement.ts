/**
 * With so many cached flows: how many packets still meet an older rule when a change was taken for
 * being in force, by level, and how long that took. As root; `COUNTS=1,4000` chooses.
 */
import { startLab } from '../../examples/lab/lab.ts';
import { type Change, changesWith, pair } from '../live/cached/measure.ts';

const counts = (process.env['COUNTS'] ?? '1,4000,16000,64000,150000').split(',').map(Number);
const levels = ['barrier', 'settle 60ms', 'automatic'] as const;
const CHANGES = 5;

const row = (...cells: readonly (string | number)[]): void =>
  console.log(cells.map((cell, i) => String(cell).padStart(i === 1 ? 34 : 14)).join(''));

row('flows', 'level', 'changes', 'older rule', 'ms, median', 'ms, most');
for (const flows of counts) {
  for (const level of levels) {
    const lab = await startLab(pair);
    try {
      await lab.vsctl('set', 'Open_vSwitch', '.', 'other_config:flow-limit=400000');
      const changes = await changesWith(lab, level, flows, CHANGES);
      for (const [used, some] of Map.groupBy(changes, ({ used }) => used)) tell(flows, used, some);
    } finally {
      await lab.stop();
    }
  }
}

function tell(flows: number, used: string, changes: readonly Change[]): void {
  const took = changes.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const stale = changes.reduce((sum, { afterFull }) => sum + afterFull, 0);
  const middle = took[Math.floor(took.length / 2)] ?? 0;
  row(flows, used, changes.length, stale, middle.toFixed(0), (took.at(-1) ?? 0).toFixed(0));
}
