/**
 * The store: a real file, appended to, killed, cut at every byte, made anew; and only one process
 * may have it.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openStore, ownGround, readStore } from '../../hypervisor/store/store.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import type { StoreSync } from '../../slices/config/values.ts';
import { Random } from '../openflow/random.ts';

const fileIn = (dir: string) => join(dir, 'limevisor.db');
const random = () => 0.7;
const open = (file: string) => openStore(file, random);
const bytes = (text: string) => new TextEncoder().encode(text);
const texts = (store: Store) =>
  Array.from(store.scan(), ({ bytes: payload }) => new TextDecoder().decode(payload));

function appended(store: Store, text: string): Promise<void> {
  return new Promise((done) => store.append(bytes(text), () => done()));
}

t.test('what was appended is there after reopening, in order', async (t) => {
  const file = fileIn(t.testdir());
  const store = open(file);
  t.strictSame(texts(store), []);
  await appended(store, 'one');
  await appended(store, 'two');
  await appended(store, '');
  store.append(bytes('three, '), () => t.fail('it was closed before'));
  store.append(bytes('four'), () => t.fail('it was closed before'));
  store.close();
  const again = open(file);
  t.strictSame(texts(again).join(''), 'onetwothree, four');
  again.close();
});

t.test('who waits is told in order, once what came before is durable', async (t) => {
  const store = open(fileIn(t.testdir()));
  const told: number[] = [];
  for (let i = 0; i < 50; i++) store.append(bytes(i % 3 === 0 ? '' : 'x'), () => told.push(i));
  t.ok(told.length <= 1, 'nothing that is on its way is told inside the call');
  await appended(store, 'last');
  t.strictSame(
    told,
    Array.from({ length: 50 }, (_, i) => i),
  );
  store.close();
});

const source = new URL('../../hypervisor/store/store.ts', import.meta.url).href;

/** Appends and is killed once it was told, without closing anything. */
const killed = (file: string, sync: StoreSync) => `
import { openStore, ownGround } from '${source}';
const store = openStore(${JSON.stringify(file)}, () => 0.7, ownGround('${sync}'));
const told = { always: (next) => [next], background: (next) => [() => undefined, next] };
const say = (i) => store.append(Buffer.from('k' + i), ...told['${sync}'](() => i < 49 ?
  say(i + 1) : process.kill(process.pid, 'SIGKILL')));
say(0);`;

for (const sync of ['always', 'background'] as const) {
  t.test(`what was said to be kept survives kill -9: ${sync}`, async (t) => {
    const file = fileIn(t.testdir());
    const own = ['--input-type=module', '-e', killed(file, sync)];
    const args = ['--disable-warning=ExperimentalWarning', ...own];
    t.equal(spawnSync(process.execPath, args).signal, 'SIGKILL');
    const store = open(file);
    t.equal(texts(store).join(''), Array.from({ length: 50 }, (_, i) => `k${i}`).join(''));
    const commits = texts(store).length;
    t.equal(commits < 10, sync === 'background', `${commits} commits, each of which was synced`);
    store.close();
  });
}

t.test('who reads it while its last commit grows finds it whole', async (t) => {
  const file = fileIn(t.testdir());
  const store = openStore(file, random, ownGround('background'));
  const hand = (text: string): Promise<void> =>
    new Promise((done) => store.append(bytes(text), () => undefined, done));
  await hand('one');
  const reader = readStore(file);
  await hand('two');
  t.equal(texts(reader).join(''), 'onetwo');
  reader.close();
  store.close();
});

t.test('cut at any byte, whole commits stay and nothing else', async (t) => {
  const file = fileIn(t.testdir());
  const store = open(file);
  const ends: number[] = [];
  const seed = new Random(4);
  for (let i = 0; i < 12; i++) {
    await appended(store, `${i}:`.padEnd(3 + seed.number(60), 'Lime'));
    ends.push(store.size());
  }
  const whole = texts(store);
  store.close();
  const kept = fs.readFileSync(file);
  const first = kept.length - ends.reduce((_, end) => end, 0);
  t.equal(first, 0, 'the size is the file’s');
  for (let cut = 32; cut <= kept.length; cut++) {
    fs.writeFileSync(file, kept.subarray(0, cut));
    const left = open(file);
    const count = ends.filter((end) => end <= cut).length;
    if (texts(left).join() !== whole.slice(0, count).join()) t.fail(`cut at ${cut}`);
    await appended(left, 'more');
    left.close();
    const later = open(file);
    if (texts(later).join() !== [...whole.slice(0, count), 'more'].join()) t.fail(`after ${cut}`);
    later.close();
  }
  t.pass(`${kept.length} cuts`);
});

t.test('a torn last commit goes; a byte that changed before the end is damage', async (t) => {
  const file = fileIn(t.testdir());
  const store = open(file);
  const ends: number[] = [];
  for (const text of ['first', 'second', 'third']) {
    await appended(store, text);
    ends.push(store.size());
  }
  store.close();
  const kept = fs.readFileSync(file);
  for (let at = 16; at < kept.length; at++) {
    const changed = Uint8Array.from(kept);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    fs.writeFileSync(file, changed);
    if (at < (ends[1] ?? 0)) t.throws(() => open(file), { message: /is damaged at/ });
    else {
      const left = open(file);
      if (texts(left).join() !== 'first,second') t.fail(`byte ${at}`);
      left.close();
    }
  }
});

t.test('bytes that look like a commit are not one: the salt is the file’s own', async (t) => {
  const file = fileIn(t.testdir());
  const other = join(t.testdir(), 'other.db');
  const attacker = openStore(other, () => 0.1);
  await appended(attacker, 'forged');
  attacker.close();
  const commit = fs.readFileSync(other).subarray(32);
  const store = open(file);
  await appended(store, 'true');
  // Only when it is durable does nobody write it any more: a close does not wait for the disk.
  await new Promise<void>((done) => {
    store.append(Buffer.concat([commit, Buffer.alloc(100)]), done);
  });
  store.close();
  fs.truncateSync(file, fs.statSync(file).size - 10);
  const left = open(file);
  t.strictSame(texts(left), ['true']);
  left.close();
});

t.test('made anew: what is added and what comes meanwhile, whenever it is cut off', async (t) => {
  for (const stopAt of ['before', 'adding', 'finished', 'replaced'] as const) {
    const file = fileIn(t.testdir());
    const store = open(file);
    for (let i = 0; i < 100; i++) store.append(bytes('old '.repeat(50)), () => undefined);
    await appended(store, 'x=1 ');
    const large = store.size();
    if (stopAt !== 'before') {
      const rewriting = store.rewrite();
      rewriting.add(bytes('x=1 '));
      await appended(store, 'x=2 ');
      rewriting.add(bytes('y=1 '));
      if (stopAt !== 'adding') {
        const finished = new Promise<boolean>((done) => rewriting.finish(done));
        store.append(bytes('x=3 '), () => undefined);
        if (stopAt === 'replaced') {
          await finished;
          t.ok(store.size() < large / 10, `${store.size()} bytes of ${large}`);
          await appended(store, 'x=4 ');
        }
      }
    }
    store.close();
    t.notOk(fs.existsSync(`${file}.new`) && stopAt === 'replaced', 'the new log has the name');
    const again = open(file);
    const all = texts(again).join('');
    const last = { before: 'x=1 ', adding: 'x=2 ', finished: 'x=3 ', replaced: 'x=4 ' }[stopAt];
    t.ok(all.endsWith(last), `${stopAt}: ends with ${all.slice(-20)}`);
    t.equal(all.includes('old'), stopAt !== 'replaced', stopAt);
    again.close();
    t.notOk(fs.existsSync(`${file}.new`), 'what was not finished is cleared away');
  }
});

t.test('a second opener is refused and told why; when the first closes, it may', async (t) => {
  const file = fileIn(t.testdir());
  const store = open(file);
  const message = `cannot open the store ${file}: another limevisor uses it; stop that one first`;
  t.throws(() => open(file), { message });
  const url = new URL('../../hypervisor/store/store.ts', import.meta.url).href;
  const code = `import { openStore } from '${url}';
    const file = ${JSON.stringify(file)};
    try { openStore(file, () => 0); } catch (error) { console.log(error.message); }`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code];
  const said = execFileSync(process.execPath, args, { encoding: 'utf8' });
  t.equal(said.trim(), message, 'another process too');
  await appended(store, 'still ours');
  store.close();
  t.doesNotThrow(() => open(file).close());
});

t.test('what is no store says so, and what to do', async (t) => {
  const dir = t.testdir({ 'text.db': 'hello, I am a text that is long enough\n'.repeat(99) });
  const other = 'name another under "store"';
  t.throws(() => open(dir), { message: `cannot open the store ${dir}: a folder; ${other}` });
  const deep = join(dir, 'none', 'x.db');
  const make = `there is no folder ${join(dir, 'none')}; make it, or ${other}`;
  t.throws(() => open(deep), { message: `cannot open the store ${deep}: ${make}` });
  const text = join(dir, 'text.db');
  const message = `cannot open the store ${text}: it is not a store; ${other}`;
  t.throws(() => open(text), { message });
  t.match(fs.readFileSync(text, 'utf8'), /^hello.*enough\n$/s, 'it stays as it was');
});
