/** How `make test` runs one file: one that has failed and hangs keeps nobody waiting. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { runFile } from './support/test-file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'limevisor-'));
t.teardown(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const at = path.join(folder, name);
  writeFileSync(at, text);
  return at;
}

const how = { cwd: path.resolve(import.meta.dirname, '..'), niceness: 0, isLimited: true };
const fails = "console.log('TAP version 14\\nnot ok 1 - broken\\nok 2 - whole');";
const forEver = 'setInterval(() => undefined, 1_000);';

t.test('one that has failed, and waits for ever, is ended', async (t) => {
  const failing = `${fails}\n${forEver}\n`;
  const { passed, failed, sec } = await runFile(file('a.mjs', failing), { ...how, silentSec: 1 });
  t.strictSame([passed, failed], [1, 1]);
  t.ok(sec < 60, `after ${sec} s`);
});

t.test('one that does not even end when it is told to is killed', async (t) => {
  const deaf = "process.on('SIGTERM', () => undefined);";
  const failing = `${deaf}\n${fails}\n${forEver}\n`;
  const { failed } = await runFile(file('b.mjs', failing), { ...how, silentSec: 1 });
  t.equal(failed, 1);
});

t.test('one that has not failed may be silent', async (t) => {
  const slow = "setTimeout(() => console.log('TAP version 14\\nok 1 - whole\\n1..1'), 3_000);\n";
  const { passed, failed } = await runFile(file('c.mjs', slow), { ...how, silentSec: 1 });
  t.strictSame([passed, failed], [1, 0]);
});
