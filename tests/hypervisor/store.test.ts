/**
 * The store: a real SQLite file, committed, closed, opened again; and only one may have it.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openStore } from '../../hypervisor/store.ts';

const fileIn = (dir: string) => join(dir, 'limevisor.db');
const writes = (...rows: [string, string | undefined][]) => new Map(rows);

t.test('what was committed is there after reopening, in the order of keys', async (t) => {
  const file = fileIn(t.testdir());
  const store = openStore(file);
  t.strictSame([...store.load()], []);
  store.commit(writes(['b', '2'], ['a', '1'], ['rule/red/v1/1', '{"x":"ü"}'], ['empty', '']));
  store.commit(writes(['a', 'one'], ['b', undefined], ['never', undefined]));
  store.close();
  const again = openStore(file);
  t.strictSame(
    [...again.load()],
    [
      ['a', 'one'],
      ['empty', ''],
      ['rule/red/v1/1', '{"x":"ü"}'],
    ],
  );
  again.close();
});

/** Commits and is killed at once, without closing anything. */
const killed = (file: string) => `
import { openStore } from '${new URL('../../hypervisor/store.ts', import.meta.url).href}';
const store = openStore(${JSON.stringify(file)});
for (let i = 0; i < 50; i++) store.commit(new Map([['k' + i, 'v'], ['last', String(i)]]));
process.kill(process.pid, 'SIGKILL');`;

t.test('what commit returned for survives kill -9', async (t) => {
  const file = fileIn(t.testdir());
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', killed(file)];
  t.equal(spawnSync(process.execPath, args).signal, 'SIGKILL');
  const store = openStore(file);
  t.equal([...store.load()].length, 51);
  t.strictSame(new Map(store.load()).get('last'), '49');
  store.close();
});

t.test('a second opener is refused and told why; when the first closes, it may', async (t) => {
  const file = fileIn(t.testdir());
  const store = openStore(file);
  const message = `cannot open the store ${file}: another limevisor uses it; stop that one first`;
  t.throws(() => openStore(file), { message });
  const url = new URL('../../hypervisor/store.ts', import.meta.url).href;
  const code = `import { openStore } from '${url}';
    try { openStore(${JSON.stringify(file)}); } catch (error) { console.log(error.message); }`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code];
  const said = execFileSync(process.execPath, args, { encoding: 'utf8' });
  t.equal(said.trim(), message, 'another process too');
  store.commit(writes(['still', 'ours']));
  store.close();
  t.doesNotThrow(() => openStore(file).close());
});

t.test('what is no store says so and stays as it was', async (t) => {
  const dir = t.testdir();
  const file = join(dir, 'network.yaml');
  writeFileSync(file, 'datapaths: {}\n'.repeat(100));
  t.throws(() => openStore(file), { message: /^cannot open the store .*not a database/ });
  mkdirSync(join(dir, 'folder'));
  t.throws(() => openStore(join(dir, 'folder')), { message: /^cannot open the store / });
  t.throws(() => openStore(join(dir, 'no', 'where.db')), { message: /^cannot open the store / });
});

t.test('what is no store says so, and what to do', async (t) => {
  const dir = t.testdir({ 'text.db': 'hello, I am a text that is long enough\n'.repeat(99) });
  const other = 'name another under "store"';
  t.throws(() => openStore(dir), { message: `cannot open the store ${dir}: a folder; ${other}` });
  const deep = join(dir, 'none', 'x.db');
  const make = `there is no folder ${join(dir, 'none')}; make it, or ${other}`;
  t.throws(() => openStore(deep), { message: `cannot open the store ${deep}: ${make}` });
  const text = join(dir, 'text.db');
  const message = `cannot open the store ${text}: file is not a database; ${other}`;
  t.throws(() => openStore(text), { message });
});
