/**
 * The meter table: what meter-mods mean, which ids meters have below, and what is taken back.
 */
import t from 'tap';
import { meterCommand, meterFlag, meter as ofpm } from '../../openflow/values/constants.ts';
import { errorName, isError } from '../../openflow/values/errors.ts';
import type { Instruction } from '../../openflow/values/values.ts';
import { BelowIds } from '../../slices/groups-meters/id-table.ts';
import {
  type MeterChange,
  type MeterMod,
  MeterTable,
  meterIds,
  meterUsed,
} from '../../slices/groups-meters/meters.ts';
import { limits } from '../../slices/limits.ts';

function mod(command: keyof typeof meterCommand, meterId: number, ...rates: number[]): MeterMod {
  const bands = rates.map((rate) => ({ type: 'drop', rate, burstSize: 0 }) as const);
  const head = { command: meterCommand[command], flags: meterFlag.kbps };
  return { type: 'meterMod', xid: 0, ...head, meterId, bands };
}

function applied(book: MeterTable, one: MeterMod, nowMs = 0): readonly MeterChange[] {
  const changes = book.apply(one, nowMs);
  if (isError(changes)) throw new Error(changes.why);
  return changes;
}

function refusal(result: unknown): string {
  return isError(result) ? errorName(result.errorType, result.errorCode) : 'fine';
}

const use = (meterId: number): readonly Instruction[] => [{ type: 'meter', meterId }];

t.test(
  'each meter has an id of its own below, also another tenant’s of the same number',
  async (t) => {
    const ids = meterIds();
    const books = [new MeterTable(ids), new MeterTable(ids)];
    const below = books.flatMap((book) => {
      applied(book, mod('add', ofpm.max, 5));
      applied(book, mod('add', 1, 5));
      return book.meters().map((one) => one.below);
    });
    t.equal(new Set(below).size, 4);
    t.ok(below.every((one) => one >= 1 && one <= 0xffff));
  },
);

t.test('what is refused', async (t) => {
  const book = new MeterTable(meterIds());
  applied(book, mod('add', 1, 5));
  t.equal(refusal(book.apply(mod('add', 1, 6), 0)), 'meterModFailed/meterExists');
  t.equal(refusal(book.apply(mod('modify', 2, 6), 0)), 'meterModFailed/unknownMeter');
  t.strictSame(book.apply(mod('delete', 2), 0), [], 'it is deleted already');
});

t.test('rules name meters that are there, or are refused', async (t) => {
  const book = new MeterTable(meterIds());
  applied(book, mod('add', 7, 5));
  const drop: Instruction = { type: 'clearActions' };
  t.strictSame(book.bind([...use(7), drop]), [
    { type: 'meter', meterId: 7, below: book.byId(7)?.below },
    drop,
  ]);
  t.equal(refusal(book.bind(use(8))), 'meterModFailed/invalidMeter');
  t.strictSame([meterUsed(use(8)), meterUsed([drop])], [8, undefined]);
});

t.test('a modify keeps the age and the id; the counters begin again', async (t) => {
  const book = new MeterTable(meterIds());
  applied(book, mod('add', 1, 5), 5);
  const before = book.byId(1);
  before?.counter.saw('s1' as never, { packets: 3n, bytes: 30n });
  applied(book, mod('modify', 1, 6, 7), 50);
  const after = book.byId(1);
  t.strictSame([after?.below, after?.addedMs], [before?.below, 5]);
  t.strictSame([after?.counter.total().packets, after?.counters.length], [0n, 2]);
});

t.test('refused by a datapath: each change is taken back, in any order', async (t) => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const book = new MeterTable(meterIds());
    applied(book, mod('add', 1, 5));
    const stood = book.byId(1);
    const changes = [...applied(book, mod('modify', 1, 6)), ...applied(book, mod('modify', 1, 7))];
    for (const i of order) {
      const change = changes[i];
      if (change !== undefined) book.revert(change);
    }
    t.equal(book.byId(1), stood, `order ${order}`);
  }
});

t.test('an id is free when its meter is gone, or never came to be', async (t) => {
  const ids = new BelowIds(1, 2);
  const book = new MeterTable(ids);
  for (const change of applied(book, mod('add', 1, 5))) book.revert(change);
  t.equal(book.byId(1), undefined);
  t.equal(ids.left, 1, 'datapaths may have it yet');
  book.settle();
  applied(book, mod('add', 1, 5));
  applied(book, mod('add', 2, 5));
  t.equal(ids.left, 0);
  t.equal(refusal(book.apply(mod('add', 3, 5), 0)), 'meterModFailed/outOfMeters');
  t.equal(applied(book, mod('delete', ofpm.all)).length, 2);
  book.settle();
  t.equal(ids.left, 2);
});

t.test('what the store remembers keeps its id, and no other meter gets it', async (t) => {
  const before = new MeterTable(meterIds());
  for (const id of [4, 9]) applied(before, mod('add', id, 5));
  const stored = before.meters();
  const after = new MeterTable(meterIds(stored.map((one) => one.below)));
  after.restore(stored);
  t.strictSame(after.meters(), stored);
  applied(after, mod('add', 1, 5));
  t.notOk(stored.some(({ below }) => below === after.byId(1)?.below));
});

t.test('the quota', async (t) => {
  const book = new MeterTable(meterIds());
  for (let id = 1; id <= limits.metersPerVswitchMax; id += 1) applied(book, mod('add', id, 5));
  t.equal(refusal(book.apply(mod('add', 0xffff, 5), 0)), 'meterModFailed/outOfMeters');
  t.equal(refusal(book.apply(mod('add', 1, 5), 0)), 'meterModFailed/meterExists', 'comes first');
});

t.test('the reserved meters are on no datapath, and no rule’s', async (t) => {
  const book = new MeterTable(meterIds());
  for (const id of [ofpm.controller, ofpm.slowpath, 5]) applied(book, mod('add', id, 5));
  t.strictSame(
    book.below().map(({ meterId }) => meterId),
    [5],
  );
  t.equal(refusal(book.bind(use(ofpm.controller))), 'meterModFailed/invalidMeter');
  const after = new MeterTable(meterIds(book.meters().map(({ below }) => below)));
  after.restore(book.meters());
  applied(after, mod('add', 6, 5));
  t.equal(after.below().length, 2);
  t.equal(applied(book, mod('delete', ofpm.all)).length, 3);
});
