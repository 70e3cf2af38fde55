/**
 * How many buckets, and how many bytes of them, a vswitch's groups may have.
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
import { withRoom } from '../../slices/groups-meters/group-limits.ts';
import { GroupTable, groupIds } from '../../slices/groups-meters/groups.ts';
import { limits } from '../../slices/limits.ts';

const output: Action = { type: 'output', port: 1, maxLen: 0 };

function buckets(count: number, actions: readonly Action[] = []): readonly Bucket[] {
  const one = { weight: 0, watchPort: ofpp.any, watchGroup: ofpg.any, actions };
  return Array.from({ length: count }, () => one);
}

/** What a group-mod says: the error's name, or nothing. */
function tried(
  book: GroupTable,
  command: keyof typeof groupCommand,
  groupId: number,
  ...of: Parameters<typeof buckets>
): string {
  const head = { type: 'groupMod', xid: 0, groupType: groupType.all } as const;
  const mod = { ...head, command: groupCommand[command], groupId, buckets: buckets(...of) };
  const changes = book.apply(mod, 0);
  return isError(changes) ? errorName(changes.errorType, changes.errorCode) : '';
}

const perGroup = 4_000;

t.test('a bucket more than the limit is refused, and taken when others have gone', async (t) => {
  const book = new GroupTable(groupIds());
  const whole = Math.floor(limits.bucketsPerVswitchMax / perGroup);
  for (let id = 1; id <= whole; id++) t.equal(tried(book, 'add', id, perGroup), '');
  const left = limits.bucketsPerVswitchMax - whole * perGroup;
  t.match(tried(book, 'add', 99, left + 1), /outOfBuckets/);
  t.equal(tried(book, 'add', 99, left), '');
  t.match(tried(book, 'modify', 99, left + 1), /outOfBuckets/);
  t.equal(book.byId(99)?.buckets.length, left, 'it is as it was');
  t.equal(tried(book, 'modify', 99, left), '', 'what it has itself is not counted twice');
  t.equal(tried(book, 'delete', 1, 0), '');
  t.equal(tried(book, 'modify', 99, left + perGroup), '');
});

t.test('so are bytes more than the limit, as they are on a datapath', async (t) => {
  const book = new GroupTable(groupIds());
  const actions = Array.from({ length: 1_000 }, () => output);
  const most = Math.floor(limits.bucketBytesPerVswitchMax / (16 + 32 * actions.length));
  for (let id = 1; id <= most; id++) t.equal(tried(book, 'add', id, 1, actions), '');
  t.match(tried(book, 'add', 999, 1, actions), /outOfBuckets/);
  t.equal(tried(book, 'delete', 7, 0), '');
  t.equal(tried(book, 'add', 999, 1, actions), '');
});

t.test('of a store that has more, as many are kept as there is room for', async (t) => {
  const all = [30_000, 5_000, 2_000].map((count, id) => ({ id, buckets: buckets(count) }));
  const { kept, beyond } = withRoom(all);
  t.strictSame(
    kept.map(({ id }) => id),
    [0, 2],
  );
  t.match(beyond, [{ group: { id: 1 }, why: /35000 buckets/ }]);
  const many = Array.from({ length: limits.groupsPerVswitchMax + 2 }, () => ({ buckets: [] }));
  t.equal(withRoom(many).beyond.length, 2);
});
