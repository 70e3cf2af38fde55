/**
 * What becomes of tables, metadata and action sets: of the rest see tests/golden/translation/.
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { printMessage } from '../../openflow/print/print.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';
import { addFlow } from '../../translation/entries/physical-tables.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import { exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { output, ruleOf } from '../slices/rules.ts';

const v3 = vswitchOf(snapshotOf(exampleText()), 'red/v3');

const goto = (table: number) => ({ type: 'gotoTable', table }) as const;
const below = (rule: Rule) =>
  pipelineEncoding.encode(v3, rule).map((flow) => printMessage(addFlow(flow)));

t.test('a tenant’s table is one of ours, its metadata stands below the vport', async (t) => {
  const write = { type: 'writeMetadata', metadata: 0xabn, mask: 0xffff_ffff_ffff_ffffn } as const;
  const match = matchOf(oxm('in_port', 2), oxm('metadata', 0x12, 0xff));
  const rule = ruleOf({ tableId: 3, match, instructions: [goto(4), write] });
  t.match(below(rule), [
    'table:5 priority=100,metadata=0x3000200000012/0xffffffff000000ff ' +
      'cookie:0x4c02000300000001 reset_counts actions=write_metadata:0xab/0xffffffff,goto_table:6',
  ]);
});

t.test('an action set’s outputs take each other’s place, the controller’s too', async (t) => {
  const write = (port: number) =>
    ruleOf({ instructions: [{ type: 'writeActions', actions: [output(port)] }] });
  t.match(below(write(2)), ['actions=write_actions(set_field:0x2->reg0,resubmit(,250))']);
  t.match(below(write(0xfffffffd)), [
    'write_actions(set_field:0x1->reg1,set_field:0x10003->reg0,resubmit(,250))',
  ]);
});
