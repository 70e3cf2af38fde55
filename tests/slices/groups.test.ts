/**
 * The group table: what group-mods mean, which ids groups have below, and what is taken back.
 */
import t from 'tap';
import {
  groupCommand,
  groupType,
  group as ofpg,
  port as ofpp,
} from '../../openflow/values/constants.ts';
import { errorName, isError } from '../../openflow/values/errors.ts';
import type { Action, Bucket } from '../../openflow/values/values.ts';
import {
  GROUP_IDS_FROM,
  type GroupChange,
  type GroupMod,
  GroupTable,
  groupIds,
} from '../../slices/groups-meters/groups.ts';
import { limits } from '../../slices/limits.ts';

const to = (groupId: number): Action => ({ type: 'group', groupId });

function bucket(...actions: readonly Action[]): Bucket {
  return { weight: 0, watchPort: ofpp.any, watchGroup: ofpg.any, actions };
}

function mod(command: keyof typeof groupCommand, groupId: number, ...buckets: Bucket[]): GroupMod {
  const head = { command: groupCommand[command], groupType: groupType.all };
  return { type: 'groupMod', xid: 0, ...head, groupId, buckets };
}

function applied(book: GroupTable, one: GroupMod, nowMs = 0): readonly GroupChange[] {
  const changes = book.apply(one, nowMs);
  if (isError(changes)) throw new Error(changes.why);
  return changes;
}

function refusal(book: GroupTable, one: GroupMod): string {
  const changes = book.apply(one, 0);
  return isError(changes) ? errorName(changes.errorType, changes.errorCode) : 'fine';
}

t.test('a bucket may name a group before it is there, and it is that group', async (t) => {
  const book = new GroupTable(groupIds());
  applied(book, mod('add', 1, bucket(to(9))));
  applied(book, mod('add', 9, bucket()));
  const [one, nine] = book.groups();
  t.match(one?.bound[0]?.actions[0], { type: 'group', groupId: 9, below: nine?.below });
  t.not(one?.below, nine?.below);
});

t.test('ids below are of one tenant only, and begin above those of vports', async (t) => {
  const ids = groupIds();
  const books = [new GroupTable(ids), new GroupTable(ids)];
  const below = books.flatMap((book) => {
    applied(book, mod('add', 1, bucket(to(2))));
    applied(book, mod('add', 2));
    return book.groups().map((one) => one.below);
  });
  t.equal(new Set(below).size, 4);
  t.ok(below.every((one) => one >= GROUP_IDS_FROM && one <= ofpg.max));
});

t.test('an id is free when neither a group has it nor a bucket names it', async (t) => {
  const ids = groupIds();
  const book = new GroupTable(ids);
  applied(book, mod('add', 1, bucket(to(2))));
  applied(book, mod('add', 2));
  const below = book.byId(2)?.below;
  applied(book, mod('delete', 2));
  applied(book, mod('add', 2));
  t.equal(book.byId(2)?.below, below, 'group 1 names it');
  applied(book, mod('delete', ofpg.all));
  applied(book, mod('add', 2));
  t.equal(book.byId(2)?.below, below, 'datapaths may have it yet');
  applied(book, mod('delete', 2));
  book.settle();
  applied(book, mod('add', 2));
  t.not(book.byId(2)?.below, below, 'nobody did: one that was free for longer');
});

t.test('what the store remembers keeps its id, and no other group gets it', async (t) => {
  const before = new GroupTable(groupIds());
  applied(before, mod('add', 1, bucket(to(5))));
  applied(before, mod('add', 3), 7);
  const stored = before.groups();
  const after = new GroupTable(groupIds(stored.map((one) => one.below)));
  after.restore(stored);
  t.strictSame(
    after.groups().map(({ groupId, below, addedMs }) => [groupId, below, addedMs]),
    stored.map(({ groupId, below, addedMs }) => [groupId, below, addedMs]),
  );
  const five = after.byId(1)?.bound[0]?.actions[0];
  t.notOk(stored.some(({ below }) => five?.type === 'group' && five.below === below));
});

t.test('a modify keeps the age and the id; the counters begin again', async (t) => {
  const book = new GroupTable(groupIds());
  applied(book, mod('add', 1, bucket()), 5);
  const before = book.byId(1);
  before?.counter.saw('s1' as never, { packets: 3n, bytes: 30n });
  applied(book, mod('modify', 1, bucket(), bucket()), 50);
  const after = book.byId(1);
  t.equal(after?.below, before?.below);
  t.equal(after?.addedMs, 5);
  t.equal(after?.counter.total().packets, 0n);
  t.equal(after?.counters.length, 2);
});

t.test('refused by a datapath: each change is taken back, in any order', async (t) => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const book = new GroupTable(groupIds());
    applied(book, mod('add', 1, bucket()));
    const stood = book.byId(1);
    const changes = [
      ...applied(book, mod('modify', 1, bucket(), bucket())),
      ...applied(book, mod('modify', 1)),
    ];
    for (const i of order) {
      const change = changes[i];
      if (change !== undefined) book.revert(change);
    }
    t.equal(book.byId(1), stood, `order ${order}`);
  }
  const book = new GroupTable(groupIds());
  for (const change of applied(book, mod('add', 1))) book.revert(change);
  t.equal(book.byId(1), undefined);
});

t.test('quotas: groups, and the ids that they name', async (t) => {
  const book = new GroupTable(groupIds());
  for (let id = 1; id <= limits.groupsPerVswitchMax; id += 1) applied(book, mod('add', id));
  t.equal(refusal(book, mod('add', 0)), 'groupModFailed/outOfGroups');
  t.equal(refusal(book, mod('add', 1)), 'groupModFailed/groupExists', 'this comes first');
  const names = Array.from({ length: limits.groupNamesPerVswitchMax }, (_, i) => to(10_000 + i));
  t.equal(refusal(book, mod('modify', 1, bucket(...names))), 'groupModFailed/outOfGroups');
});

t.test('actions name groups that are there, or are refused', async (t) => {
  const book = new GroupTable(groupIds());
  applied(book, mod('add', 1));
  const bound = book.bindActions([to(1)]);
  t.match(bound, [{ type: 'group', groupId: 1, below: book.byId(1)?.below }]);
  t.match(book.bindActions([to(2)]), { type: 'ofError', errorType: 2, errorCode: 9 });
});
