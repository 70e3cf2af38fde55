/**
 * `make controllers`: tries every cell and writes docs/CONTROLLERS.md.
 *
 *     CELLS='hub.*1.0'     tries those whose names match, and only prints
 *     RESULTS=FILE         keeps there what was seen, and does not try again what is there
 */
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../../examples/lab/programs.ts';
import { cells, nameOf } from './cells.ts';
import { type Both, isSame, type Tried, tryCell } from './matrix.ts';
import { documentOf, unexplained } from './report.ts';
import { type StepName, stepOf } from './steps.ts';

const only = process.env['CELLS'] ?? '';
const results = process.env['RESULTS'] ?? '';
const chosen = cells.filter((cell) => new RegExp(only).test(nameOf(cell)));
if (chosen.length === 0) {
  console.error(`no cell is called /${only}/; these are:\n${cells.map(nameOf).join('\n')}`);
  process.exit(2);
}

/** What was seen of a cell, and how long that took. */
interface Kept {
  readonly seconds: number;
  readonly seen: readonly (readonly [StepName, Both])[];
}

/** By cell. */
const kept = new Map<string, Kept>(
  results !== '' && fs.existsSync(results) ? JSON.parse(fs.readFileSync(results, 'utf8')) : [],
);

function print({ seen }: Tried): void {
  for (const [step, both] of seen) {
    const { bridges, virtual } = both;
    console.log(
      `${isSame(both) ? ' ' : '!'} ${stepOf(step).heading}: ${bridges.shown} | ${virtual.shown}`,
    );
    if (!isSame(both)) console.log(`${bridges.compared}\n  and\n${virtual.compared}`);
  }
}

for (const [i, cell] of chosen.entries()) {
  const name = nameOf(cell);
  if (kept.has(name)) continue;
  console.log(`\n${i + 1} of ${chosen.length}: ${name}`);
  const startedMs = performance.now();
  const one = await tryCell(cell).catch((error: unknown) => {
    console.log(`once more: ${error instanceof Error ? error.message : String(error)}`);
    return tryCell(cell);
  });
  print(one);
  kept.set(name, {
    seconds: Math.round((performance.now() - startedMs) / 1000),
    seen: [...one.seen],
  });
  if (results !== '') fs.writeFileSync(results, JSON.stringify([...kept]));
}

const tried = chosen.map((cell) => ({ cell, seen: new Map(kept.get(nameOf(cell))?.seen) }));
const seconds = chosen.reduce((sum, cell) => sum + (kept.get(nameOf(cell))?.seconds ?? 0), 0);
if (only === '') {
  const file = path.join(root, 'docs/CONTROLLERS.md');
  const minutes = Math.ceil(seconds / 60);
  fs.writeFileSync(file, documentOf(tried, minutes));
  console.log(`\n${file} is written: ${tried.length} cells, ${minutes} minutes`);
}
const open = unexplained(tried);
if (open.length > 0) {
  console.error(`\nnobody has said why these differ:\n${open.join('\n')}`);
  process.exitCode = 1;
}
