/**
 * What a store does when its disk fails or is full: it says so, it reports nothing durable that is
 * not, and what it had reported is there afterwards.
 */
import t from 'tap';
import { openStore } from '../../hypervisor/store/store.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import type { StoreSync } from '../../slices/config/values.ts';
import { limits } from '../../slices/limits.ts';
import { Random } from '../openflow/random.ts';
import { diskError, FakeDisk, type Operation } from '../support/fake-disk.ts';
import { FakeWorld } from './fake-world.ts';

const FILE = '/limevisor.db';

function opened(disk = new FakeDisk(new Random(1)), sync?: StoreSync) {
  const world = new FakeWorld();
  const ground = {
    ...{ disk, lock: () => () => undefined, ...(sync && { sync }) },
    after: (ms: number, run: () => void) => world.after(ms, run),
  };
  const store = openStore(FILE, () => 0.5, ground);
  const said: string[] = [];
  store.watch({
    onFull: (why) => void said.push(`full: ${why}`),
    onRoom: () => void said.push('room'),
    onFailure: (why) => void said.push(`failure: ${why}`),
    onGivenUp: (why) => void said.push(`given up: ${why}`),
  });
  let kept = 0;
  const settle = (): void => {
    while (disk.step());
  };
  const append = (size = 100): void => {
    store.append(new Uint8Array(size).fill(7), () => {
      kept += 1;
    });
    settle();
  };
  let written = 0;
  /** Nobody waits for the disk. */
  const hand = (): void => {
    store.append(
      new Uint8Array(100).fill(7),
      () => undefined,
      () => {
        written += 1;
      },
    );
    settle();
  };
  return {
    disk,
    world,
    store,
    said,
    append,
    hand,
    settle,
    kept: () => kept,
    written: () => written,
  };
}

const bytesIn = (store: Store) => [...store.scan()].reduce((sum, one) => sum + one.bytes.length, 0);
const failing = (operation: Operation, code: string) => (what: Operation) =>
  what === operation ? code : undefined;

t.test(
  'a full disk: what is appended waits, is said once, and is kept when there is room',
  async (t) => {
    const { disk, world, store, said, append, settle, kept } = opened();
    append();
    disk.capacity = 200;
    append();
    append();
    t.strictSame([kept(), said.length], [1, 1]);
    t.match(said[0], /^full: there is no room for the store \/limevisor.db: no space left/);
    for (let i = 0; i < 3; i++) {
      world.pass(limits.storeRetryMs);
      settle();
    }
    t.strictSame([kept(), said.length], [1, 1], 'nothing is reported meanwhile');
    t.ok(store.pendingBytes() > 200, 'and it is known how much waits');
    disk.capacity = 1e6;
    world.pass(limits.storeRetryMs);
    settle();
    t.strictSame([kept(), said.slice(1)], [3, ['room']]);
    t.equal(bytesIn(opened(disk.crash(new Random(5))).store), 300);
  },
);

for (const [operation, code, why] of [
  ['write', 'EIO', 'the store /limevisor.db cannot be written: i/o error'],
  ['sync', 'EIO', 'the store /limevisor.db cannot be made durable: i/o error'],
  ['sync', 'ENOSPC', 'the store /limevisor.db cannot be made durable: no space left on device'],
] as const) {
  t.test(`${operation} fails with ${code}: nothing is reported any more, also later`, async (t) => {
    const { disk, world, store, said, append, settle, kept } = opened();
    append();
    disk.fails = failing(operation, code);
    append();
    t.equal(said.length, 1);
    t.ok(said[0]?.startsWith(`failure: ${why}`), String(said[0]));
    disk.fails = () => undefined;
    append();
    world.pass(60_000);
    settle();
    t.strictSame([kept(), said.length], [1, 1], 'a later sync says nothing of what was lost');
    store.close();
    for (const seed of [1, 2, 3, 4]) {
      const left = bytesIn(opened(disk.crash(new Random(seed))).store);
      t.ok(left === 100 || left === 200, `what was reported is there: ${left}`);
    }
  });
}

t.test('a smaller log that cannot be made is given up, and the old one goes on', async (t) => {
  for (const [operation, code] of [
    ['open', 'ENOSPC'],
    ['write', 'ENOSPC'],
    ['write', 'EIO'],
    ['sync', 'EIO'],
  ] as const) {
    const { disk, store, said, append, settle, kept } = opened();
    append();
    const isFresh = (path: string): boolean => path.endsWith('.new');
    disk.fails = (what, path) => (isFresh(path) && what === operation ? code : undefined);
    const rewriting = store.rewrite();
    rewriting.add(new Uint8Array(50));
    const ends: boolean[] = [];
    rewriting.finish((isMade) => void ends.push(isMade));
    append();
    settle();
    append();
    t.strictSame([kept(), ends, said.length], [3, [false], 1], `${operation} ${code}`);
    t.match(
      said[0],
      /^given up: \/limevisor.db.new cannot be made: (no space left on device|i\/o error)/,
    );
    t.notOk(disk.exists(`${FILE}.new`), 'it takes no room');
    disk.fails = () => undefined;
    const again = store.rewrite();
    again.add(new Uint8Array(50));
    again.finish((isMade) => void ends.push(isMade));
    settle();
    t.strictSame(ends, [false, true], 'another is made later');
    t.equal(bytesIn(opened(disk.crash(new Random(9))).store), 50);
  }
});

t.test('a rename that fails, or is not durable, ends it: which file is the store?', async (t) => {
  for (const operation of ['rename', 'syncFolder'] as const) {
    const { disk, store, said, append, settle, kept } = opened();
    append();
    const rewriting = store.rewrite();
    rewriting.add(new Uint8Array(100));
    disk.fails = failing(operation, 'EIO');
    rewriting.finish(() => undefined);
    settle();
    t.match(said, [/^failure: the store \/limevisor.db cannot be replaced: i\/o error/]);
    append();
    t.equal(kept(), 1, 'nothing is reported any more');
    t.equal(bytesIn(opened(disk.crash(new Random(3))).store), 100, operation);
  }
});

t.test('a store that cannot be opened or made says why, and what to do', async (t) => {
  const full = new FakeDisk(new Random(1));
  full.capacity = 10;
  const message = 'cannot open the store /limevisor.db: no space left on device; ';
  t.throws(() => opened(full), { message: new RegExp(`^${message}make room in /, or name`) });
  const locked = new FakeDisk(new Random(1));
  opened(locked).store.close();
  locked.fails = failing('open', 'EACCES');
  t.throws(() => opened(locked), {
    message: /^cannot open the store .*permission denied; name another/,
  });
  t.match(diskError('EIO').message, /EIO/);
});

t.test('closing with a full disk says that something is lost', async (t) => {
  const { disk, store, append } = opened();
  disk.capacity = 40;
  append();
  const message =
    /could not be closed cleanly; what was not acknowledged yet is lost: no space left/;
  t.throws(() => store.close(), { message });
});

t.test('in the background: a full disk is waited for, and nothing is acknowledged', async (t) => {
  const { disk, world, said, hand, settle, written } = opened(undefined, 'background');
  hand();
  t.equal(written(), 1);
  disk.capacity = 200;
  hand();
  hand();
  t.strictSame([written(), said.length], [1, 1]);
  t.match(said[0], /^full: there is no room/);
  disk.capacity = 1e6;
  for (let i = 0; i < 3; i++) {
    world.pass(limits.storeRetryMs);
    settle();
  }
  t.strictSame([written(), said.slice(1)], [3, ['room']]);
  disk.kill();
  t.equal(bytesIn(opened(disk).store), 300, 'a kill loses nothing of it');
});

t.test('in the background: a sync that fails ends it, and what may be lost is said', async (t) => {
  const { disk, world, store, said, hand, settle, written } = opened(undefined, 'background');
  hand();
  disk.fails = failing('sync', 'EIO');
  world.pass(limits.syncDelayMs);
  settle();
  t.match(said, [/^failure: the store .* cannot be made durable: i\/o error; of what was ack/]);
  hand();
  t.equal(written(), 1, 'nothing is acknowledged any more');
  disk.fails = () => undefined;
  world.pass(60_000);
  settle();
  t.equal(said.length, 1);
  store.close();
});

t.test('in the background: a sync for many, at most so long after the first of them', async (t) => {
  const { disk, world, store, append, hand, written, kept } = opened(undefined, 'background');
  let syncs = 0;
  disk.fails = (operation) => {
    if (operation === 'sync') syncs += 1;
    return undefined;
  };
  for (let i = 0; i < 50; i++) hand();
  t.strictSame([written(), syncs], [50, 0]);
  world.pass(limits.syncDelayMs);
  t.equal(syncs, 1);
  while (disk.step());
  t.equal(bytesIn(opened(disk.crash(new Random(2))).store), 5_000, 'and no power cut takes it');
  append();
  t.strictSame([kept(), syncs], [1, 2], 'who waits for the disk has it synced at once');
  store.follow('always');
  hand();
  t.strictSame([written(), syncs], [50, 3], 'so has everybody who wants it so');
});

t.test('what a killed process has written is durable before the next writes', async (t) => {
  const { disk, hand } = opened(undefined, 'background');
  hand();
  disk.kill();
  t.equal(bytesIn(opened(disk).store), 100);
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    t.equal(bytesIn(opened(disk.crash(new Random(seed))).store), 100, `crash ${seed}`);
  }
});
