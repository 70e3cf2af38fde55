/**
 * What the store asks of the machine's disk it gets (node-disk.ts): whatever is reported durable
 * was synced before, a file's bytes and its name. No crash can be had here, so what the kernel is
 * asked for is looked at; what follows from it is store-crashes.test.ts's.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { nodeDisk } from '../../hypervisor/store/node-disk.ts';
import { openStore } from '../../hypervisor/store/store.ts';
import { limits } from '../../slices/limits.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'limevisor-disk-'));
t.teardown(() => fs.rmSync(folder, { recursive: true }));

/** What the kernel was asked for since the last look, in order. */
const calls: string[] = [];
/** How a sync ends; well, if not said. */
let failure: NodeJS.ErrnoException | null = null;

const { write, fdatasync, fsyncSync, renameSync } = fs;
const real = { write, fdatasync, fsyncSync, renameSync };
const nameOf = (fd: number): string => path.basename(fs.readlinkSync(`/proc/self/fd/${fd}`));
Object.assign(fs, {
  write: (fd: number, ...rest: [Uint8Array, number, number, number, () => void]) => {
    // Zeros behind it, which hold nothing.
    const isTail = (rest[0] as Uint8Array).every((one) => one === 0);
    if (!isTail) calls.push(`write ${nameOf(fd)}`);
    real.write(fd, ...rest);
  },
  fdatasync: (fd: number, done: (error: NodeJS.ErrnoException | null) => void) => {
    calls.push(`sync ${nameOf(fd)}`);
    if (failure === null) real.fdatasync(fd, done);
    else setImmediate(done, failure);
  },
  fsyncSync: (fd: number) => {
    calls.push(`sync ${nameOf(fd)}`);
    real.fsyncSync(fd);
  },
  renameSync: (from: string, to: string) => {
    calls.push(`rename ${path.basename(from)} ${path.basename(to)}`);
    real.renameSync(from, to);
  },
});
syncBuiltinESMExports();
t.teardown(() => {
  Object.assign(fs, real);
  syncBuiltinESMExports();
});

const ground = { disk: nodeDisk, lock: () => () => undefined, after: () => () => undefined };

t.test('a new store: its head and its name are durable before anything is told', async (t) => {
  calls.length = 0;
  const store = openStore(path.join(folder, 'one.db'), Math.random, ground);
  const name = path.basename(folder);
  t.strictSame(
    calls.filter((one, i) => !one.startsWith('write') && one !== calls[i - 1]),
    ['sync one.db.new', 'rename one.db.new one.db', `sync ${name}`],
  );
  calls.length = 0;
  await new Promise<void>((done) => store.append(Uint8Array.of(1, 2, 3), done));
  t.strictSame(calls, ['write one.db', 'sync one.db'], 'and a commit, before it is told');
  store.close();
});

t.test('commits take the place of zeros, and a store that was closed has none', async (t) => {
  const file = path.join(folder, 'zeros.db');
  const store = openStore(file, Math.random, ground);
  const append = (): Promise<void> =>
    new Promise((done) => store.append(Uint8Array.of(1, 2, 3), done));
  const { least } = limits.storeZerosBytes;
  await append();
  while (fs.statSync(file).size < least) await append();
  const { size } = fs.statSync(file);
  t.ok(size > store.size(), `${size} bytes for ${store.size()}`);
  for (let i = 0; i < 20; i++) await append();
  t.equal(fs.statSync(file).size, size, 'it becomes no longer with every commit');
  const commits = [...store.scan()].length;
  store.close();
  const again = openStore(file, Math.random, ground);
  t.equal([...again.scan()].length, commits);
  t.equal(fs.statSync(file).size, again.size());
  again.close();
});

t.test('a sync that fails is no sync', async (t) => {
  const store = openStore(path.join(folder, 'two.db'), Math.random, ground);
  const told: string[] = [];
  const nothing = (): void => undefined;
  const failed = new Promise<string>((done) =>
    store.watch({ onFailure: done, onFull: nothing, onRoom: nothing, onGivenUp: nothing }),
  );
  failure = Object.assign(new Error('EIO: the disk'), { code: 'EIO' });
  store.append(Uint8Array.of(1), () => told.push('durable'));
  t.match(await failed, /two\.db cannot be made durable: i\/o error/);
  failure = null;
  store.append(Uint8Array.of(2), () => told.push('durable'));
  await new Promise((done) => setTimeout(done, 20));
  t.strictSame(told, [], 'what is behind it is not told either');
});
