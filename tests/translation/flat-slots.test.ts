/**
 * Changes that are on their way while one before them is taken back are made for a rule that is not
 * there any more: a flat body does them to what has the slot, as a switch does.
 */

import t from 'tap';
import { flowCommand } from '../../openflow/values/constants.ts';
import { Rulebook, type RuleChange } from '../../slices/rules/rulebook.ts';
import { FlatDatapath } from '../../translation/flat/datapath.ts';
import { datapath } from '../slices/networks.ts';
import { change, flowMod, outputs } from '../slices/rules.ts';
import { flowsOf } from '../support/flat-flows.ts';
import { flatSnapshot } from './flat-networks.ts';

t.test('what follows on a change that was taken back meets what stands there', async (t) => {
  const snapshot = flatSnapshot('flat of 1.0');
  const on = new FlatDatapath(snapshot, datapath('s3'));
  const [vswitch] = [...snapshot.vswitches.values()].filter((one) => on.entrances(one).length > 0);
  if (vswitch === undefined) throw new Error('nobody enters there');
  const book = new Rulebook();
  const body = on.bodyOf(vswitch);
  const serials = () => [
    ...new Set(flowsOf(on).map(({ cookie }) => Number(cookie & 0xffff_ffffn))),
  ];
  const sent = (one: RuleChange) => body.change(one).length;

  const first = change(book, flowMod({ instructions: outputs(1) }));
  const second = change(book, flowMod({ instructions: outputs(2) }));
  sent(first);
  sent(second);
  t.strictSame(serials(), [second.rule.serial], 'it has taken the first one’s place');
  const modify = change(
    book,
    flowMod({ command: flowCommand.modify, instructions: outputs(1, 2) }),
  );
  const remove = change(book, flowMod({ command: flowCommand.delete }));
  const state = { isRefused: false, isSent: false };
  const later = [modify, remove].map((one) => ({ change: one, ...state }));
  const back = book.revert(second, later);
  t.ok(body.repair(second, back).length > 0);
  t.strictSame(serials(), [first.rule.serial], 'the first stands again');

  t.ok(sent(modify) > 0, 'it does something else now');
  t.strictSame(serials(), [first.rule.serial], 'and is still the only one');
  t.ok(sent(remove) > 0);
  t.strictSame(flowsOf(on), [], 'nothing is left');
});
