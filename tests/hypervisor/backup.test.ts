/**
 * A copy of a store is whole however much it grows meanwhile, and takes the place of a store that
 * nobody serves.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { openStore, readStore } from '../../hypervisor/store/store.ts';
import { copyTo, lookThrough, openToCopy, putBack } from '../../hypervisor/store/store-copy.ts';

const text = new TextEncoder();

function payloads(file: string): readonly string[] {
  const store = readStore(file);
  const all = [...store.scan()].map(({ bytes }) => new TextDecoder().decode(bytes));
  store.close();
  return all;
}

function appended(store: ReturnType<typeof openStore>, what: string): Promise<void> {
  return new Promise((resolve) => store.append(text.encode(what), resolve));
}

t.test('a store is copied while it grows, and put back', async (t) => {
  const dir = t.testdir();
  const [file, copy] = [path.join(dir, 'a.store'), path.join(dir, 'copy')];
  const store = openStore(file, Math.random);
  await appended(store, 'one');
  await appended(store, 'two');
  const { fd } = openToCopy(file);
  const bytes = store.size();
  await appended(store, 'three');
  copyTo(fd, bytes, copy);
  fs.closeSync(fd);
  t.same(payloads(copy), ['one', 'two'], 'what was kept by then');
  t.equal(lookThrough(copy), 2);
  t.throws(() => putBack(copy, file, 'now'), /another limevisor uses it; stop that one first/);
  store.close();
  t.same(payloads(file), ['one', 'two', 'three']);
  const before = putBack(copy, file, 'now');
  t.equal(before, `${file}.before-now`);
  t.same(payloads(file), ['one', 'two']);
  t.same(payloads(before ?? ''), ['one', 'two', 'three'], 'the one that was there is kept');
  const again = openStore(file, Math.random);
  await appended(again, 'four');
  again.close();
  t.same(payloads(file), ['one', 'two', 'four'], 'it goes on');
});

t.test('a copy that is torn in the middle of its last commit has those before it', async (t) => {
  const dir = t.testdir();
  const [file, copy] = [path.join(dir, 'a.store'), path.join(dir, 'copy')];
  const store = openStore(file, Math.random);
  await appended(store, 'one');
  const whole = store.size();
  await appended(store, 'two');
  const { fd } = openToCopy(file);
  copyTo(fd, whole + 5, copy);
  fs.closeSync(fd);
  store.close();
  t.same(payloads(copy), ['one']);
});

t.test('what is no store takes no place', async (t) => {
  const dir = t.testdir({ other: 'no store at all, whatever it is called' });
  const file = path.join(dir, 'a.store');
  t.throws(() => putBack(path.join(dir, 'other'), file, 'now'), /it is not a store/);
  t.notOk(fs.existsSync(file));
  t.throws(() => putBack(path.join(dir, 'absent'), file, 'now'), /no such file|ENOENT/);
});
