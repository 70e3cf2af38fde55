/** A test run that is killed leaves nothing behind: no test, no program, no lab. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { until } from '../../examples/lab/wait.ts';

const root = path.resolve(import.meta.dirname, '../..');

interface Said {
  readonly dir: string;
  readonly pids: readonly number[];
}

function readWhole(file: string): Said | undefined {
  const text = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  return text.endsWith('}') ? (JSON.parse(text) as Said) : undefined;
}

/** Not those that their parent (a container's first process, say) has not buried yet. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

t.test('SIGKILL to the runner', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'limevisor-killed-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'said');
  const args = ['tests/support/reporter.ts', 'tests/lab/endless.ts'];
  const runner = spawn(process.execPath, args, {
    cwd: root,
    stdio: 'ignore',
    env: { ...process.env, ENDLESS_SAYS: file },
  });
  t.teardown(() => void runner.kill('SIGKILL'));
  const { dir, pids } = await until('the test to run', 60_000, async () => readWhole(file));
  t.equal(pids.filter(isAlive).length, pids.length, 'all run');
  runner.kill('SIGKILL');
  await until('all to end', 20_000, async () =>
    fs.existsSync(dir) || pids.some(isAlive) ? undefined : true,
  );
  t.notOk(fs.existsSync(dir), 'the lab has gone');
  t.strictSame(pids.filter(isAlive), [], 'and what ran');
});
