/**
 * Flow monitors: what a controller is told of rules, when, and in how many words.
 */

import t from 'tap';
import { monitorCancelOf } from '../../openflow/messages/monitor-messages.ts';
import { flowCommand, groupCommand, version } from '../../openflow/values/constants.ts';
import type { FlowMod, Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { bundleOf } from '../openflow/bundled.ts';
import { everything, monitor, monitoring } from '../openflow/monitored.ts';
import { applying, outputs } from '../slices/rules.ts';
import {
  add,
  barrier,
  FULL,
  group,
  notOwn,
  on,
  remove,
  row,
  started,
  told,
} from './monitored-rules.ts';

t.test('what is there, and every change of it', async (t) => {
  const { red, says } = started();
  says(red, add(1), add(2, { tableId: 3 }));
  t.strictSame(says(red, monitoring(7, [monitor(1)]), barrier), [
    `7 | ADDED 0/100 ${row(1)} c0 out 2 | ADDED 3/100 ${row(2)} c0 out 2`,
    '99 barrierReply',
  ]);
  const changes = [
    add(3, { cookie: 5n }),
    add(3, { cookie: 6n }),
    add(1, { xid: 5, command: flowCommand.modifyStrict, instructions: outputs(1) }),
    add(1, { xid: 6, command: flowCommand.modifyStrict, instructions: outputs(1) }),
    add(9, { xid: 7, command: flowCommand.modify, instructions: outputs(1) }),
    remove({ ...on(3) }),
    remove({ ...on(77) }),
  ];
  t.strictSame(says(red, ...changes, barrier), [
    `0 | ADDED 0/100 ${row(3)} c5 out 2`,
    `0 | ADDED 0/100 ${row(3)} c6 out 2`,
    `0 | MODIFIED 0/100 ${row(1)} c0 out 1`,
    `0 | DELETED 2 0/100 ${row(3)} c6 out 2`,
    '99 barrierReply',
  ]);
  t.strictSame(says(red, remove()), [
    `0 | DELETED 2 0/100 ${row(1)} c0 out 1 | DELETED 2 3/100 ${row(2)} c0 out 2`,
  ]);
});

t.test('a request’s connection is told its number, the other one all', async (t) => {
  const { net, red, other, says } = started();
  says(red, monitoring(7, [monitor(1, notOwn)]));
  says(other, monitoring(8, [monitor(1, notOwn)]));
  t.strictSame(says(red, add(1), add(2)), ['0 | ABBREV 101', '0 | ABBREV 102']);
  const both = [`0 | ADDED 0/100 ${row(1)} c0 out 2`, `0 | ADDED 0/100 ${row(2)} c0 out 2`];
  t.strictSame(told(other), both);
  t.strictSame(says(red, remove()), ['0 | ABBREV 200'], 'once for both rules');
  told(other);
  says(red, group(0, 7), add(3, { instructions: applying({ type: 'group', groupId: 7 }) }));
  t.strictSame(
    says(red, group(groupCommand.delete, 7)),
    [`0 | DELETED 3 0/100 ${row(3)} c0 group`],
    'what goes with its group is told in full',
  );
  says(red, add(4, { hardTimeoutSec: 1 }));
  net.run(2_000);
  t.strictSame(told(red), [`0 | DELETED 1 0/100 ${row(4)} c0 out 2`], 'a time-out, too');
});

t.test('only what is asked for: events, tables, matches, outputs, actions', async (t) => {
  const { red, says } = started();
  const monitors = [
    monitor(1, ['add', 'own'], on(1)),
    monitor(2, ['delete', 'own', 'actions'], { tableId: 3 }),
    monitor(3, ['modify', 'own', 'actions'], { outPort: 2 }),
  ];
  t.strictSame(says(red, monitoring(7, monitors)), ['7']);
  t.strictSame(says(red, add(1), add(2), add(3, { tableId: 3, instructions: outputs(1) })), [
    `0 | ADDED 0/100 ${row(1)} c0 `,
  ]);
  const modify = (i: number, port: number, tableId = 0): FlowMod =>
    add(i, { command: flowCommand.modifyStrict, tableId, instructions: outputs(port) });
  t.strictSame(says(red, modify(2, 1), modify(2, 3), modify(3, 2, 3)), [
    `0 | MODIFIED 0/100 ${row(2)} c0 out 1`,
    `0 | MODIFIED 3/100 ${row(3)} c0 out 2`,
  ]);
  t.strictSame(says(red, remove()), [`0 | DELETED 2 3/100 ${row(3)} c0 out 2`]);
});

t.test('monitors are cancelled, and what is wrong with them is said', async (t) => {
  const { runtime, red, says } = started();
  const cancel = (id: number): Message => monitorCancelOf(version.of13, 50, id);
  t.strictSame(says(red, cancel(1)), ['50 niciraError/unknownMonitor']);
  t.strictSame(says(red, monitoring(7, [monitor(1, ['initial'])])), [
    '7 niciraError/monitorBadFlags',
  ]);
  t.strictSame(says(red, monitoring(7, [monitor(1), monitor(1)])), ['7 niciraError/monitorExists']);
  t.strictSame(
    says(red, monitoring(7, [monitor(1), monitor(2, [])]), monitoring(8, [monitor(1)])),
    ['7 niciraError/monitorBadFlags', '8'],
    'none of a request that is wrong',
  );
  const badPort = monitor(2, everything, { outPort: 0xffff_fe00 });
  t.strictSame(says(red, monitoring(7, [badPort])), ['7 badAction/badOutPort']);
  const many = Array.from({ length: limits.monitorsMax }, (_, i) => monitor(i + 2));
  t.strictSame(says(red, monitoring(7, many)), ['7 badRequest/eperm']);
  t.ok(runtime.flowUpdates.areWanted);
  t.strictSame(says(red, add(1), cancel(1), add(2), cancel(1)), [
    `0 | ADDED 0/100 ${row(1)} c0 out 2`,
    '50 niciraError/unknownMonitor',
  ]);
  t.notOk(runtime.flowUpdates.areWanted, 'flow-mods may stay bytes again');
});

t.test('they go with their connection', async (t) => {
  const { net, runtime, red, says } = started();
  says(red, monitoring(7, [monitor(1)]));
  red.user?.onClose('the test ends it');
  net.run(3_000);
  says(net.controller(7001), add(1));
  t.strictSame(told(net.controller(7001)), []);
  t.notOk(runtime.flowUpdates.areWanted);
});

t.test('a bundle is told of when it is decided, as one', async (t) => {
  const { red, other, says } = started();
  says(red, monitoring(7, [monitor(1, notOwn)]));
  says(other, monitoring(8, [monitor(1)]));
  const parts = [add(1), add(2), remove({ ...on(1), xid: 9 })];
  t.match(says(red, ...bundleOf(parts)).join(), /^899 \d+,0 \| ABBREV 101,900 \d+$/);
  const all = ['ADDED 0/100', 'ADDED 0/100', 'DELETED 2 0/100'];
  t.strictSame(
    told(other).map((one) => one.replaceAll(/ 0000\w+ c0 out 2/g, '')),
    [`0 | ${all.join(' | ')}`],
  );
  const wrong = add(4, { instructions: applying({ type: 'group', groupId: 99 }) });
  says(red, ...bundleOf([add(3), wrong]));
  t.strictSame(told(other), [], 'nothing of one that is refused');
});

t.test('what a datapath refuses was there, and is gone', async (t) => {
  const { net, red, other, says } = started();
  says(red, add(1));
  says(other, monitoring(8, [monitor(1)]));
  net.switch('s1').refuse = (message) => (message.type === 'flowMod' ? FULL : undefined);
  t.strictSame(says(red, add(2), add(1, { cookie: 9n })), [
    '102 flowModFailed/tableFull',
    '101 flowModFailed/tableFull',
  ]);
  t.strictSame(told(other), [
    `0 | ADDED 0/100 ${row(2)} c0 out 2`,
    `0 | ADDED 0/100 ${row(1)} c9 out 2`,
    `0 | DELETED 2 0/100 ${row(2)} c0 out 2`,
    `0 | ADDED 0/100 ${row(1)} c0 out 2`,
  ]);
});
