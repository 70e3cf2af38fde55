/**
 * From what a datapath has to what it should have: carried out on a list, the messages lead there.
 */

import t from 'tap';
import { matchKey, matchOf, oxm } from '../../openflow/match/match.ts';
import { printActions, printInstructions } from '../../openflow/print/print.ts';
import type { Action } from '../../openflow/values/values.ts';
import { difference } from '../../translation/entries/difference.ts';
import {
  indirect,
  noTables,
  type PhysicalFlow,
  type PhysicalGroup,
  type Tables,
  tablesOf,
} from '../../translation/entries/physical-tables.ts';
import { Random } from '../openflow/random.ts';
import { output } from '../slices/rules.ts';
import { DumbSwitch } from './dumb-switch.ts';

const some = <T>(random: Random, of: readonly T[]): T[] => of.filter(() => random.number(2) === 0);

/** Few tables, matches and groups, so that two random states have a lot in common. */
function randomTables(random: Random): Tables {
  const groupIds = some(random, [1, 2, 3]);
  const groups = groupIds.map(
    (groupId): PhysicalGroup => indirect(groupId, [output(random.number(3))]),
  );
  const toGroups = groupIds.map((groupId): Action => ({ type: 'group', groupId }));
  const flows: PhysicalFlow[] = [];
  for (const tableId of [0, 1]) {
    for (const priority of [0, 5]) {
      for (const match of some(random, [[], matchOf(oxm('in_port', 1)), matchOf(oxm('reg0', 2))])) {
        const actions = [...some(random, toGroups), output(random.number(3))];
        const instructions = [{ type: 'applyActions', actions }] as const;
        const cookie = BigInt(random.number(2));
        flows.push({ tableId, priority, match, instructions, cookie, flags: random.number(2) });
      }
    }
  }
  return tablesOf(flows, groups);
}

function shown({ flows, groups }: Tables): string {
  const rows = [...flows.values()].map(
    ({ tableId, priority, match, instructions, cookie, flags }) =>
      `${tableId} ${priority} ${JSON.stringify(matchKey(match))} ${cookie} ${(flags ?? 0) & 1} ` +
      printInstructions(instructions),
  );
  const actions = (g: PhysicalGroup) => g.buckets.map((one) => printActions(one.actions));
  const buckets = [...groups.values()].map((g) => `${g.groupId} ${actions(g)}`);
  return [...rows.sort(), ...buckets.sort()].join('\n');
}

t.test('make, change and break, carried out in order, give what is wanted', async (t) => {
  for (let seed = 0; seed < 1000; seed++) {
    const random = new Random(seed);
    const have = randomTables(random);
    const want = seed % 10 === 0 ? noTables : randomTables(random);
    const parts = difference(have, want);
    // The list throws at a rule whose group is not there, at a group that is made twice.
    const below = new DumbSwitch(have);
    for (const message of [...parts.make, ...parts.change, ...parts.break]) below.apply(message);
    if (shown(below.tables()) !== shown(want)) t.fail(`seed ${seed}`);
    const again = difference(below.tables(), want);
    const left = again.make.length + again.change.length + again.break.length;
    if (left > 0) t.fail(`seed ${seed}: ${left} messages change nothing`);
  }
  t.pass('1000 pairs');
});

t.test('what is right already is not touched', async (t) => {
  for (let seed = 0; seed < 200; seed++) {
    const tables = randomTables(new Random(seed));
    t.strictSame(difference(tables, tables), { make: [], change: [], break: [] });
  }
});

t.test('a changed entry keeps its counters: it is modified, not added anew', async (t) => {
  const flow = (port: number, cookie = 1n): Tables => {
    const instructions = [{ type: 'applyActions', actions: [output(port)] }] as const;
    return tablesOf([{ tableId: 2, priority: 1, match: [], instructions, cookie }], []);
  };
  t.match(difference(flow(1), flow(2)).change, [{ command: 2, flags: 0 }]);
  t.match(difference(flow(1), flow(1, 2n)).change, [{ command: 0, cookie: 2n }], 'another rule');
});

t.test('nothing is deleted before what used it, in each part', async (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const have = randomTables(new Random(seed));
    const gone = difference(have, noTables).break.map((message) => message.type);
    if (gone.lastIndexOf('flowMod') > gone.indexOf('groupMod') && gone.includes('groupMod')) {
      t.fail(`seed ${seed}: a group goes before a flow`);
    }
  }
  t.pass('300 tables');
});
