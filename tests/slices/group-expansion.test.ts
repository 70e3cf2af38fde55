/**
 * How many buckets one frame visits by a tenant's groups: against a naive count, and what is
 * refused for it.
 */
import t from 'tap';
import {
  groupCommand,
  groupType,
  group as ofpg,
  port as ofpp,
} from '../../openflow/values/constants.ts';
import { errorName, isError } from '../../openflow/values/errors.ts';
import type { Action, Bucket, OfError } from '../../openflow/values/values.ts';
import { type Expanding, expansionsOf } from '../../slices/groups-meters/group-expansion.ts';
import { type GroupMod, GroupTable, groupIds } from '../../slices/groups-meters/groups.ts';
import { limits } from '../../slices/limits.ts';
import { Random } from '../openflow/random.ts';

const to = (groupId: number): Action => ({ type: 'group', groupId });
const out: Action = { type: 'output', port: 1, maxLen: 0 };

function bucket(actions: readonly Action[], watchGroup: number = ofpg.any): Bucket {
  return { weight: 0, watchPort: ofpp.any, watchGroup, actions };
}

const twice = (groupId: number): Bucket[] => [bucket([to(groupId)]), bucket([to(groupId)])];
const outputs = (count: number): Bucket[] => Array.from({ length: count }, () => bucket([out]));

function mod(
  command: 'add' | 'modify' | 'delete',
  groupId: number,
  buckets: readonly Bucket[] = [],
  type: keyof typeof groupType = 'all',
): GroupMod {
  const head = { command: groupCommand[command], groupType: groupType[type] };
  return { type: 'groupMod', xid: 0, ...head, groupId, buckets };
}

function answer(result: readonly unknown[] | OfError): string {
  return isError(result) ? errorName(result.errorType, result.errorCode) : 'fine';
}

const tell = (book: GroupTable, one: GroupMod): string => answer(book.apply(one, 0));
const rule = (book: GroupTable, ...ids: readonly number[]): string =>
  answer(book.bind([{ type: 'applyActions', actions: ids.map(to) }]));

/** As a datapath walks: bucket by bucket, and 64 deep. */
function naive(groups: ReadonlyMap<number, Expanding>, groupId: number, depth = 64): number {
  const group = groups.get(groupId);
  if (group === undefined || depth === 0) return 0;
  const each = group.buckets.map(({ actions }) => {
    const next = actions[0];
    return 1 + (next?.type === 'group' ? naive(groups, next.groupId, depth - 1) : 0);
  });
  if (group.groupType === groupType.all) return each.reduce((sum, one) => sum + one, 0);
  return Math.max(0, ...each);
}

t.test('random groups that name each other: as a naive walk counts', async (t) => {
  const random = new Random(7);
  for (let round = 0; round < 200; round += 1) {
    const groups = new Map<number, Expanding>();
    // A few lead back, by one branch, so that the walk ends.
    const isLoop = round % 5 === 0;
    for (let id = 0; id < 8; id += 1) {
      const count = isLoop ? 1 : random.number(4);
      const buckets = Array.from({ length: count }, () => {
        const next = isLoop ? random.number(9) : id + 1 + random.number(3);
        return bucket(random.number(10) < 7 ? [to(next)] : [out]);
      });
      const type = random.number(10) < 7 ? groupType.all : groupType.select;
      groups.set(id, { groupType: type, buckets });
    }
    const all = expansionsOf(groups);
    for (const id of groups.keys()) t.equal(all.get(id)?.met, naive(groups, id), `round ${round}`);
  }
});

t.test('a chain that doubles at every step is refused, whichever end comes last', async (t) => {
  const book = new GroupTable(groupIds());
  t.equal(tell(book, mod('add', 0)), 'fine');
  const answers = Array.from({ length: 30 }, (_, i) => tell(book, mod('add', i + 1, twice(i))));
  const fine = answers.indexOf('groupModFailed/outOfBuckets');
  t.equal(fine, 12, 'twelve double to 8,190 visits');
  t.ok(answers.slice(0, fine).every((one) => one === 'fine'));
  const outwardIn = new GroupTable(groupIds());
  const back = Array.from({ length: 30 }, (_, i) =>
    tell(outwardIn, mod('add', 99 - i, twice(98 - i))),
  );
  t.equal(back.indexOf('groupModFailed/outOfBuckets'), 12);
  t.equal(tell(book, mod('modify', 1, outputs(5))), 'groupModFailed/outOfBuckets', 'an inner one');
  t.equal(tell(book, mod('modify', 12, outputs(2))), 'fine');
  t.equal(tell(book, mod('modify', 1, outputs(3))), 'fine', 'nothing leads to it by many now');
});

t.test('loops: of one branch, taken; of two, refused as a loop', async (t) => {
  const book = new GroupTable(groupIds());
  t.equal(tell(book, mod('add', 1, [bucket([to(1)])])), 'fine');
  t.equal(tell(book, mod('modify', 1, twice(1))), 'groupModFailed/loop');
  t.equal(tell(book, mod('add', 2, twice(3))), 'fine');
  t.equal(tell(book, mod('add', 3, twice(2))), 'groupModFailed/loop');
  t.equal(tell(book, mod('add', 3, twice(2), 'select')), 'groupModFailed/loop');
});

t.test('groups that watch each other are asked as often', async (t) => {
  const book = new GroupTable(groupIds());
  const watching = (id: number) => [bucket([], id), bucket([], id)];
  const answers = Array.from({ length: 30 }, (_, i) =>
    tell(book, mod('add', i, watching(i - 1), 'ff')),
  );
  t.ok(answers.includes('groupModFailed/outOfBuckets'));
});

t.test('what is used is far from it', async (t) => {
  const book = new GroupTable(groupIds());
  t.equal(tell(book, mod('add', 1, outputs(4_000))), 'fine');
  t.equal(rule(book, 1, 1), 'fine');
  t.equal(rule(book, 1, 1, 1), 'badAction/tooMany');
  t.equal(answer(book.bindActions([to(1), to(1), to(1)])), 'badAction/tooMany', 'a packet-out');
  const chained = Array.from({ length: 1_600 }, (_, i) => bucket([to(10 + i)]));
  for (let i = 0; i < 1_600; i += 1) tell(book, mod('add', 10 + i, outputs(1), 'indirect'));
  t.equal(tell(book, mod('add', 2, chained)), 'fine', 'a bucket for each port');
});

t.test('a group does not grow beyond what the rules that name it may take', async (t) => {
  const book = new GroupTable(groupIds());
  t.equal(tell(book, mod('add', 1, outputs(1))), 'fine');
  t.equal(tell(book, mod('add', 2, [bucket([to(1)])])), 'fine');
  t.equal(rule(book, ...Array.from({ length: 100 }, () => 2)), 'fine');
  const most = Math.floor(limits.bucketsPerFrameMax / 100) - 1;
  t.equal(tell(book, mod('modify', 1, outputs(most))), 'fine');
  t.equal(tell(book, mod('modify', 1, outputs(most + 1))), 'groupModFailed/outOfBuckets');
  t.equal(tell(book, mod('delete', 2)), 'fine', 'its rules go with it');
  t.equal(tell(book, mod('modify', 1, outputs(most + 1))), 'fine');
});
