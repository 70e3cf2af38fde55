/**
 * Which packets may go to the controller and on, and which certainly do not.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { groupType, group as ofpg, port as ofpp } from '../../openflow/values/constants.ts';
import type { Action, Instruction, Match } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { RuleCounter } from '../../slices/rules/rule-counters.ts';
import { type Found, PuntAndForward } from '../../translation/migration/punt-and-forward.ts';
import { applying, output, toController } from '../slices/rules.ts';

const goto = (table: number): Instruction => ({ type: 'gotoTable', table });
const write = (...actions: readonly Action[]): Instruction => ({ type: 'writeActions', actions });
const set: Action = { type: 'setQueue', queueId: 1 };
const toGroup: Action = { type: 'group', groupId: 7 };
const [arp, ip, one] = [
  matchOf(oxm('eth_type', 0x806)),
  matchOf(oxm('eth_type', 0x800)),
  matchOf(oxm('in_port', 1)),
];

type Row = readonly [tableId: number, match: Match, ...instructions: readonly Instruction[]];

const bucketed = (...actions: readonly Action[]) => {
  const bucket = { weight: 0, watchPort: ofpp.any, watchGroup: ofpg.any, actions };
  const rest = {
    addedMs: 0,
    below: 1,
    bytesBelow: 0,
    counter: new RuleCounter(),
    counters: [],
    bound: [],
  };
  return { groupId: 7, groupType: groupType.all, buckets: [bucket], ...rest };
};

function found(rows: readonly Row[], group?: ReturnType<typeof bucketed>): Found | undefined {
  const all = new PuntAndForward();
  if (group !== undefined) all.note({ type: 'addGroup', group });
  for (const [tableId, match, ...instructions] of rows) {
    all.noteRule({ tableId, match, instructions });
  }
  return all.found;
}

const regions = (...args: Parameters<typeof found>) => found(...args)?.regions;

t.test('rules of the first table that do both: their own matches, and no other', async (t) => {
  t.strictSame(regions([[0, arp, ...applying(toController, output(2))]]), [arp]);
  t.strictSame(
    regions([
      [0, ip, ...applying(output(2), output(3))],
      [0, arp, ...applying(output(2), set, toController)],
      [0, [], ...applying(toController)],
      [0, one, ...applying(output(ofpp.flood)), write(toController)],
    ]),
    [arp, one],
  );
  const queue: Action = { type: 'enqueue', port: 1, queueId: 1 };
  t.strictSame(regions([[0, arp, ...applying(toController, queue)]]), [arp]);
  t.strictSame(regions([[0, [], ...applying(toController), write(output(2))]]), [[]]);
});

t.test('only up, or only on: nothing is held', async (t) => {
  t.equal(found([[0, arp, ...applying(set, toController, toController)]]), undefined);
  t.equal(
    found([
      [0, arp, ...applying()],
      [0, ip, write(toController)],
    ]),
    undefined,
  );
  t.equal(
    found([
      [0, arp, goto(1)],
      [1, [], ...applying(toController)],
    ]),
    undefined,
    'a miss later',
  );
  t.equal(
    found([
      [0, arp, goto(1)],
      [1, [], ...applying(output(1))],
    ]),
    undefined,
  );
  t.equal(
    found([[3, arp, ...applying(toController, output(1))]]),
    undefined,
    'nothing leads there',
  );
});

t.test('what leads on may do the rest in later tables', async (t) => {
  const leads: Row = [0, arp, goto(1)];
  const [up, on] = [applying(toController), applying(output(2))];
  t.strictSame(
    regions([
      [0, arp, ...up, goto(1)],
      [1, [], ...on],
    ]),
    [arp],
  );
  t.strictSame(
    regions([
      [0, arp, ...on, goto(1)],
      [1, [], ...up],
      [0, ip, ...on],
    ]),
    [arp],
  );
  t.strictSame(regions([[2, [], ...up, ...on], leads]), [arp]);
  t.strictSame(
    regions([
      [0, arp, write(output(2)), goto(1)],
      [9, [], ...up],
    ]),
    [arp],
  );
  t.match(
    found([
      [0, arp, ...up, goto(1)],
      [1, [], ...on],
    ])?.why,
    /several tables/,
  );
});

t.test('a group that sends up: whatever leads to a group', async (t) => {
  const rows: readonly Row[] = [
    [0, arp, ...applying(toGroup)],
    [0, ip, ...applying(output(2))],
  ];
  t.equal(found(rows, bucketed(output(2))), undefined);
  t.strictSame(regions(rows, bucketed(set, toController)), [arp]);
  t.equal(found(rows, bucketed(toController))?.why, 'group 7 sends packets to the controller');
  const later: readonly Row[] = [
    [0, ip, goto(4)],
    [4, [], ...applying(toGroup)],
  ];
  t.strictSame(regions(later, bucketed(toController)), [ip]);
});

t.test('each match once; and more than the limit are everything', async (t) => {
  const both = applying(toController, output(2));
  const many = (count: number) =>
    Array.from({ length: count }, (_, i): Row => [0, matchOf(oxm('eth_dst', i)), ...both]);
  t.equal(regions([...many(5), ...many(5)])?.length, 5);
  t.equal(regions(many(limits.guardMatchesMax))?.length, limits.guardMatchesMax);
  t.strictSame(regions(many(limits.guardMatchesMax + 1)), [[]]);
  t.strictSame(regions([...many(3), [0, [], ...both], ...many(2)]), [[]], 'everything is all');
  const written = matchOf(oxm('metadata', 0), oxm('eth_type', 0x806));
  t.strictSame(regions([[0, written, ...both]]), [arp], 'metadata is 0 on entering');
});
