/**
 * Rules that send to the controller and forward, while a vswitch has several bodies (LIME 4.1).
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match.ts';
import { printMessage } from '../../openflow/print.ts';
import type { Rule } from '../../slices/rulebook.ts';
import { type Mode, pipelineEncoding, serialize } from '../../translation/encoding.ts';
import { addFlow } from '../../translation/physical.ts';
import { exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { applying, output, ruleOf, toController } from '../slices/rules.ts';

const v3 = vswitchOf(snapshotOf(exampleText()), 'red/v3');

t.test('while cloned, what goes up and on goes up first; other rules are untouched', async (t) => {
  const both = ruleOf({ instructions: applying(toController, output(2)) });
  const up = ruleOf({ instructions: applying(toController) });
  const on = ruleOf({ instructions: applying(output(2)), match: matchOf(oxm('in_port', 1)) });
  t.strictSame(
    [both, up, on].map((rule) => serialize(rule, 'cloned') !== undefined),
    [true, false, false],
  );
  t.strictSame(
    [both, up, on].map((rule) => serialize(rule, 'single') !== undefined),
    [false, false, false],
  );
  const encode = pipelineEncoding.encode;
  for (const rule of [up, on]) {
    t.strictSame(encode(v3, rule, 'cloned'), encode(v3, rule, 'single'));
  }
});

t.test('the packet that goes up is changed as far as the rule had changed it', async (t) => {
  const set = { type: 'setField', oxm: oxm('eth_dst', 9) } as const;
  const rule = ruleOf({ instructions: applying(set, toController, output(2)) });
  const [entry] = pipelineEncoding.encode(v3, rule, 'cloned');
  const [apply] = entry?.instructions ?? [];
  t.match(apply, { actions: [set, { type: 'output', port: 0xfffffffd }] });
});

const goto = (table: number) => ({ type: 'gotoTable', table }) as const;
const below = (rule: Rule, mode: Mode = 'single') =>
  pipelineEncoding.encode(v3, rule, mode).map((flow) => printMessage(addFlow(flow)));

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

t.test('what goes up and on in the next table goes up first, and on there', async (t) => {
  const write = { type: 'writeMetadata', metadata: 0x5n, mask: 0xfn } as const;
  const rule = ruleOf({ instructions: [...applying(toController), write, goto(1)] });
  t.match(serialize(rule, 'cloned'), {
    up: [toController],
    onward: [{ type: 'resubmit', table: 3 }],
    metadata: { value: 5, mask: 15 },
  });
  t.match(below(rule, 'cloned'), [/actions=CONTROLLER:65535$/]);
});

t.test('with an action set on its way it cannot go on from outside: left as it is', async (t) => {
  const set = { type: 'writeActions', actions: [output(2)] } as const;
  for (const rule of [
    ruleOf({ instructions: [...applying(toController), set] }),
    ruleOf({ instructions: [...applying(toController), { type: 'clearActions' }, goto(1)] }),
    ruleOf({ tableId: 1, instructions: [...applying(toController), goto(2)] }),
  ]) {
    t.equal(serialize(rule, 'cloned'), undefined);
    t.strictSame(below(rule, 'cloned'), below(rule));
  }
});
