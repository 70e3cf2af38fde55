/**
 * `make fuzz`: every target in turn, seed by seed, for SECONDS seconds (60) from SEED on (the
 * clock's). What is found is printed with the line that repeats it; put that line into found.txt
 * when it is mended.
 */
import { findingOf, type TargetName, targetNames } from './targets.ts';

const seconds = Number(process.env['SECONDS'] || 60);
const first = Number(process.env['SEED'] || Date.now() % 1_000_000_000);
const only = process.env['TARGET'] ?? '';
const wanted = targetNames.filter((name) => only === '' || name === only);
if (wanted.length === 0 || !Number.isFinite(seconds) || !Number.isInteger(first)) {
  console.error(`fuzz: TARGET is one of ${targetNames.join(', ')}; SECONDS and SEED are numbers`);
  process.exit(2);
}
console.log(`fuzz: ${wanted.join(', ')} for ${seconds} s from SEED=${first}`);

const tried = new Map<TargetName, number>(wanted.map((name) => [name, 0]));
let found = 0;
const endMs = Date.now() + seconds * 1000;
/** Each has its share of the time, not of the seeds: some take a thousand times longer. */
const SLICE_MS = 500;
for (let round = 0; Date.now() < endMs; round++) {
  const name = wanted[round % wanted.length] ?? 'framer';
  for (const sliceMs = Date.now() + SLICE_MS; Date.now() < Math.min(sliceMs, endMs); ) {
    const count = tried.get(name) ?? 0;
    tried.set(name, count + 1);
    const finding = findingOf(name, first + count);
    if (finding === undefined) continue;
    found += 1;
    console.log(`found: make fuzz TARGET=${name} SEED=${first + count} SECONDS=1\n${finding}\n`);
  }
}
console.log([...tried].map(([name, count]) => `${name} ${count}`).join(', '));
console.log(found === 0 ? 'nothing found' : `${found} found`);
process.exitCode = found === 0 ? 0 : 1;
