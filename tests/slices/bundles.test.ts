/**
 * Bundles of one connection: bounded in number, messages, bytes and time; and whoever uses one
 * wrongly loses it, as on an Open vSwitch bridge.
 */

import t from 'tap';
import { errorName, isError } from '../../openflow/values/constants.ts';
import type { OfError } from '../../openflow/values/values.ts';
import { type BundleLimits, Bundles } from '../../slices/bundles.ts';
import { Random } from '../openflow/random.ts';

const small: BundleLimits = {
  ...{ bundlesMax: 3, bundledMessagesMax: 5, bundledBytesMax: 100, bundleIdleMs: 1_000 },
};
const frame = (size: number) => new Uint8Array(size).fill(size);
const said = (result: unknown): string => {
  if (!isError(result)) return 'fine';
  return errorName(result.errorType, result.errorCode).replace('onf/', '');
};

t.test('what is put in is there at the commit, in its order, once', async (t) => {
  const all = new Bundles(small);
  const one = { bundleId: 7, flags: 3 };
  t.equal(said(all.open(one, frame(2), 0)), 'fine');
  for (const size of [5, 6]) t.equal(said(all.add(one, frame(size), 0)), 'fine');
  t.strictSame(all.size, { bundles: 1, messages: 2, bytes: 13 });
  const taken = all.take(one);
  t.match(taken, { bundleId: 7, flags: 3, opening: frame(2), frames: [frame(5), frame(6)] });
  t.equal(said(all.take(one)), 'bundleBadId');
  t.strictSame(all.size, { bundles: 0, messages: 0, bytes: 0 });
});

t.test('one that is full is committed by nobody, whatever is put in afterwards', async (t) => {
  for (const sizes of [
    [1, 1, 1, 1, 1, 1],
    [60, 60],
  ]) {
    const all = new Bundles(small);
    const one = { bundleId: 1, flags: 3 };
    const told = sizes.map((size) => said(all.add(one, frame(size), 0)));
    t.equal(told.at(-1), 'bundledTooMany');
    t.equal(said(all.add(one, frame(1), 0)), 'bundledTooMany');
    t.equal(all.size.messages, 0, 'its memory is free');
    t.equal(said(all.take(one)), 'bundledTooMany');
    t.equal(said(all.add(one, frame(1), 0)), 'fine', 'another begins');
  }
});

t.test('no more than so many', async (t) => {
  const all = new Bundles(small);
  const told = [1, 2, 3, 4].map((bundleId) => said(all.open({ bundleId, flags: 0 }, frame(1), 0)));
  t.strictSame(told, ['fine', 'fine', 'fine', 'outOfBundles']);
  t.equal(said(all.add({ bundleId: 9, flags: 0 }, frame(1), 0)), 'outOfBundles');
});

t.test('from one message to the next it has so much time', async (t) => {
  const all = new Bundles(small);
  all.open({ bundleId: 1, flags: 0 }, frame(1), 0);
  all.open({ bundleId: 2, flags: 0 }, frame(2), 100);
  t.equal(all.nextDueMs(), 1_000);
  all.add({ bundleId: 1, flags: 0 }, frame(3), 500);
  t.equal(all.nextDueMs(), 1_100);
  t.strictSame(all.expired(1_099), []);
  t.match(all.expired(1_100), [{ bundleId: 2, opening: frame(2) }]);
  t.match(all.expired(9_999), [{ bundleId: 1 }]);
  t.equal(all.nextDueMs(), undefined);
});

/** The same in one list, looked through from its beginning. */
class Dumb {
  all: { id: number; flags: number; frames: number; bytes: number; closed: boolean; at: number }[] =
    [];
  full = new Set<number>();

  of = (id: number) => this.all.find((one) => one.id === id);

  gone(id: number): void {
    this.all = this.all.filter((one) => one.id !== id);
    this.full.delete(id);
  }

  misuse(id: number, flags: number): string | undefined {
    const one = this.of(id);
    if (one === undefined || (!one.closed && one.flags === flags)) return undefined;
    this.gone(id);
    return one.closed ? 'bundleClosed' : 'bundleBadFlags';
  }

  make(id: number, flags: number, size: number, at: number): string {
    if (this.all.length === small.bundlesMax) return 'outOfBundles';
    this.all.push({ id, flags, frames: 0, bytes: size, closed: false, at });
    return 'fine';
  }

  do(what: string, id: number, flags: number, size: number, at: number): string {
    const one = this.of(id);
    if (what === 'expire') {
      for (const late of this.all.filter((some) => some.at + 1_000 <= at)) this.gone(late.id);
      return 'fine';
    }
    if (what === 'open') {
      if (one === undefined) return this.make(id, flags, size, at);
      this.gone(id);
      return 'bundleBadId';
    }
    if (what === 'add') return this.add(id, flags, size, at);
    if (one === undefined) return 'bundleBadId';
    if (what === 'close') {
      const why = this.misuse(id, flags);
      if (why === undefined) Object.assign(one, { closed: true, at });
      return why ?? 'fine';
    }
    const isFull = this.full.has(id);
    this.gone(id);
    if (what === 'discard') return 'fine';
    if (one.flags !== flags) return 'bundleBadFlags';
    return isFull ? 'bundledTooMany' : `${one.frames}`;
  }

  add(id: number, flags: number, size: number, at: number): string {
    const why = this.of(id) ? this.misuse(id, flags) : this.make(id, flags, size, at);
    const one = this.of(id);
    if ((why ?? 'fine') !== 'fine' || one === undefined) return why ?? 'fine';
    one.at = at;
    const frames = this.all.reduce((sum, { frames: n }) => sum + n, 0);
    const bytes = this.all.reduce((sum, { bytes: n }) => sum + n, 0);
    const isFull = frames >= small.bundledMessagesMax || bytes + size > small.bundledBytesMax;
    if (isFull && !this.full.has(id)) {
      this.full.add(id);
      Object.assign(one, { bytes: one.frames === 0 ? one.bytes : (this.openings.get(one) ?? 0) });
    }
    if (this.full.has(id)) {
      Object.assign(one, { frames: 0 });
      return 'bundledTooMany';
    }
    if (!this.openings.has(one)) this.openings.set(one, one.bytes);
    one.frames += 1;
    one.bytes += size;
    return 'fine';
  }

  readonly openings = new Map<object, number>();
}

t.test('at random, beside a list', async (t) => {
  for (let seed = 0; seed < 200; seed++) {
    const random = new Random(seed);
    const all = new Bundles(small);
    const dumb = new Dumb();
    for (let i = 0, now = 0; i < 60; i++) {
      now += random.number(3) === 0 ? random.number(700) : 0;
      const what = random.pick([
        'open',
        'add',
        'add',
        'add',
        'close',
        'commit',
        'discard',
        'expire',
      ]);
      const named = { bundleId: random.number(4), flags: random.number(5) === 0 ? 1 : 3 };
      const size = random.pick([1, 1, 7, 40]);
      const want = dumb.do(what, named.bundleId, named.flags, size, now);
      const is = done(all, what, named, size, now);
      if (is !== want) t.fail(`seed ${seed}, step ${i}, ${what}: ${is} and not ${want}`);
      t.equal(all.size.bundles, dumb.all.length);
      t.equal(
        all.size.messages,
        dumb.all.reduce((sum, one) => sum + one.frames, 0),
      );
    }
    all.clear();
    t.strictSame(all.size, { bundles: 0, messages: 0, bytes: 0 });
  }
});

function done(
  all: Bundles,
  what: string,
  named: { bundleId: number; flags: number },
  size: number,
  now: number,
): string {
  if (what === 'expire') all.expired(now);
  if (what === 'commit') {
    const taken = all.take(named);
    return isError(taken) ? said(taken) : `${taken.frames.length}`;
  }
  const does: Readonly<Record<string, () => OfError | undefined>> = {
    open: () => all.open(named, frame(size), now),
    add: () => all.add(named, frame(size), now),
    close: () => all.close(named, now),
    discard: () => all.discard(named),
  };
  return said(does[what]?.());
}
