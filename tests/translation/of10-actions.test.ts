/**
 * The table that does what actions of OpenFlow 1.0 say, and what such actions become.
 *
 * That it does what Open vSwitch does with the same actions is tried on real packets:
 * tests/live/mirror/conversations/legacy.ts.
 */

import t from 'tap';
import { printActions } from '../../openflow/print/print.ts';
import type { Action } from '../../openflow/values/values.ts';
import { encodeAction } from '../../translation/pipeline/encoding.ts';
import { of10ActionFlows } from '../../translation/wiring/of10-actions.ts';
import { wantNoQueue } from '../../translation/wiring/queues.ts';
import { goldenOf, printEntry } from './golden.ts';

t.test('the table', async (t) => {
  const { want, have } = goldenOf('legacy', of10ActionFlows().map(printEntry).join('\n'));
  t.equal(have, want);
});

t.test('each action is a value, a wish, and a way through the table', async (t) => {
  const address = Uint8Array.of(10, 0, 0, 1);
  const cases: readonly (readonly [Action, value: string, wish: number])[] = [
    [{ type: 'setVlanVid', vid: 5 }, '0x5', 1],
    [{ type: 'setVlanPcp', pcp: 3 }, '0x3', 2],
    [{ type: 'stripVlan' }, '0x0', 3],
    [{ type: 'setNwSrc', address }, '0xa000001', 4],
    [{ type: 'setNwDst', address }, '0xa000001', 5],
    [{ type: 'setNwTos', tos: 0xb8 }, '0x2e', 6],
    [{ type: 'setTpSrc', port: 80 }, '0x50', 7],
    [{ type: 'setTpDst', port: 443 }, '0x1bb', 8],
  ];
  for (const [action, value, wish] of cases) {
    const shown = `set_field:${value}->reg14,set_field:0x${wish}->reg15,resubmit(,249)`;
    t.equal(printActions(encodeAction(action)), shown, action.type);
  }
});

t.test('enqueue wants a queue for its own output only', async (t) => {
  const enqueue = encodeAction({ type: 'enqueue', port: 2, queueId: 7 });
  const output = encodeAction({ type: 'output', port: 2, maxLen: 0 });
  t.strictSame(enqueue, [
    ...encodeAction({ type: 'setQueue', queueId: 7 }),
    ...output,
    wantNoQueue,
  ]);
});
