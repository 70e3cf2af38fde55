/**
 * What makes one body process everything while a vswitch is cloned, and what does not.
 */
import t from 'tap';
import { groupType, group as ofpg, port as ofpp } from '../../openflow/constants.ts';
import type { Action, Instruction } from '../../openflow/values.ts';
import { Tally } from '../../slices/tally.ts';
import { Together } from '../../translation/together.ts';
import { applying, output, toController } from '../slices/rules.ts';

const goto = (table: number): Instruction => ({ type: 'gotoTable', table });
const write = (...actions: readonly Action[]): Instruction => ({ type: 'writeActions', actions });
const set: Action = { type: 'setQueue', queueId: 1 };
const toGroup: Action = { type: 'group', groupId: 1 };

type Table = readonly [tableId: number, ...instructions: readonly Instruction[]];

function whyOf(...tables: readonly Table[]): string | undefined {
  const together = new Together();
  for (const [tableId, ...instructions] of tables) together.noteRule({ tableId, instructions });
  return together.why;
}

t.test('rules that a packet meets alone', async (t) => {
  const both = /^a rule of table \d+ sends packets to the controller and on$/;
  t.match(whyOf([0, ...applying(toController, output(2))]), both);
  t.match(whyOf([0, ...applying(output(2), set, toController)]), both);
  t.match(whyOf([0, ...applying(toController), write(output(2))]), both);
  t.match(whyOf([0, ...applying(output(ofpp.flood)), write(toController)]), both);
  t.match(whyOf([0, ...applying(toController), goto(1)]), both);
  t.match(whyOf([3, ...applying(toController, toGroup)]), both);
  t.match(whyOf([0, ...applying(toController, { type: 'enqueue', port: 1, queueId: 1 })]), both);
  t.equal(whyOf([0, ...applying(toController)], [0, ...applying(output(2), output(3))]), undefined);
  t.equal(whyOf([0, ...applying(set, toController, toController)]), undefined);
  t.equal(whyOf([0, write(toController)], [0, ...applying()]), undefined);
});

t.test('rules that it meets one after the other', async (t) => {
  const tables = /: table 0 forwards, table 2 sends up$/;
  t.match(whyOf([0, ...applying(output(2)), goto(1)], [2, ...applying(toController)]), tables);
  t.match(whyOf([2, ...applying(toController)], [0, write(output(2)), goto(1)]), tables);
  t.equal(whyOf([0, goto(1)], [1, ...applying(toController)]), undefined, 'a later table-miss');
  t.equal(whyOf([0, ...applying(output(2))], [1, ...applying(toController)]), undefined);
  t.equal(whyOf([2, write(output(2)), goto(3)], [1, ...applying(toController)]), undefined);
});

t.test('a meter, and a group that sends up', async (t) => {
  t.match(whyOf([0, { type: 'meter', meterId: 1 }, ...applying(output(2))]), /meter/);
  const groupOf = (...actions: readonly Action[]) => {
    const bucket = { weight: 0, watchPort: ofpp.any, watchGroup: ofpg.any, actions };
    const rest = { addedMs: 0, below: 1, tally: new Tally(), tallies: [], bound: [] };
    return { groupId: 7, groupType: groupType.all, buckets: [bucket], ...rest };
  };
  const together = new Together();
  together.noteGroup(groupOf(output(2)));
  t.equal(together.why, undefined);
  together.note({ type: 'addGroup', group: groupOf(set, toController) });
  t.equal(together.why, 'group 7 sends packets to the controller');
  together.noteGroup(groupOf(output(2)));
  t.equal(together.why, 'group 7 sends packets to the controller', 'it stays so');
});
