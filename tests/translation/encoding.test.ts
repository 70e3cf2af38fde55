/**
 * Rules that send to the controller and forward, while a vswitch has several bodies (LIME 4.1).
 */

import t from 'tap';
import { matchOf, oxm } from '../../openflow/match.ts';
import { pipelineEncoding, serialize } from '../../translation/encoding.ts';
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
