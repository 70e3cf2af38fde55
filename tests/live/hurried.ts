/**
 * Limevisor that looks at quiet datapaths every second, and not every ten: for foreign.test.ts,
 * which would wait for that most of its time.
 *
 *     node hurried.ts run FILE
 */
import { readFile } from '../../hypervisor/operator/file.ts';
import { run } from '../../hypervisor/run.ts';
import { limits } from '../../slices/limits.ts';

Object.assign(limits, { auditMs: 1_000 } satisfies Partial<Record<keyof typeof limits, number>>);
const file = process.argv.at(-1) ?? '';
const read = readFile(file);
if ('problems' in read) throw new Error(JSON.stringify(read.problems));
await run(file, read.config, { level: 'info' });
