/**
 * Limevisor without guards, for the canary of guard.test.ts: what it must catch.
 *
 *     node unguarded.ts FILE
 */
import { readFile } from '../../hypervisor/operator/file.ts';
import { run } from '../../hypervisor/run.ts';

const file = process.argv[2] ?? '';
const read = readFile(file);
if ('problems' in read) throw new Error(JSON.stringify(read.problems));
await run(file, read.config, { level: 'info', guard: 'off' });
