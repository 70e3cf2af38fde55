/**
 * A datapath refuses some of a file that is applied: all of it is taken back, nobody is told
 * anything, and what datapaths hold is what they held. One that is away refuses nothing.
 */

import t from 'tap';
import { errorTable } from '../../openflow/values/errors.ts';
import type { Message } from '../../openflow/values/values.ts';
import { vswitchName } from '../slices/networks.ts';
import { blue, textOf } from './apply-texts.ts';
import { RecordedNetwork } from './switch-contents.ts';

const red = `
  red:
    vswitches: { v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:7001] } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s2:1 } }`;
const green = `
  green:
    vswitches:
      v1: { dpid: 1, on: s2, controllers: [tcp:127.0.0.1:7004] }
      v2: { dpid: 2, on: s3, controllers: [tcp:127.0.0.1:7005] }
    hosts: { h1: { port: v1:1, at: s1:2 }, h2: { port: v2:1, at: s3:3 } }
    links: [v1:2 - v2:2]`;

const WITHIN_MS = 3_000;
const full = { errorType: errorTable.flowModFailed.number, errorCode: 1 };
const noGroups = { errorType: errorTable.groupModFailed.number, errorCode: 3 };

/** Refuses changes of this kind that add something, from now on. */
function refuses({ network }: RecordedNetwork, name: string, type: Message['type']): void {
  const isAdd = (one: Message): boolean =>
    (one.type === 'flowMod' || one.type === 'groupMod') && one.type === type && one.command === 0;
  network.switch(name).refuse = (one) => {
    if (!isAdd(one)) return undefined;
    return type === 'flowMod' ? full : noGroups;
  };
}

for (const type of ['flowMod', 'groupMod'] as const) {
  t.test(`what is refused of a ${type} is taken back, with all the rest`, async (t) => {
    const running = new RecordedNetwork(textOf(red, blue));
    const { network } = running;
    const [reds, blues] = [network.controller(7001), network.controller(7003)];
    const before = running.texts();
    const snapshot = network.hypervisor.snapshot();
    for (const one of [reds, blues]) one.received();
    refuses(running, 's2', type);
    // Green takes blue's port, red gets another one.
    const more = red.replace('hosts: {', 'hosts: { h3: { port: v1:3, at: s1:4 },');
    const applied = network.apply(textOf(more, green), WITHIN_MS);
    const what = type === 'flowMod' ? 'a flow entry' : 'a group';
    t.match(applied, {
      whyNot: [new RegExp(`^datapath s2 refused ${what} of `)],
      isTakenBack: true,
    });
    t.strictSame(running.texts(), before);
    t.strictSame(running.outdated(), []);
    t.equal(network.hypervisor.snapshot().config, snapshot.config);
    for (const one of [reds, blues]) {
      t.notOk(one.isClosed);
      t.strictSame(
        one.received().filter(({ type }) => !type.startsWith('echo')),
        [],
      );
    }
    t.equal(network.hypervisor.runtime(vswitchName('green/v1')), undefined);
    t.strictSame(network.hypervisor.departures.all(), []);
    t.strictSame([...network.hypervisor.alarms.keys()], []);
    network.switch('s2').refuse = () => undefined;
    t.strictSame(network.apply(textOf(more, green), WITHIN_MS), { done: [], waits: [] });
    t.ok(blues.isClosed);
    t.strictSame(running.outdated(), []);
    t.equal(network.hypervisor.runtime(vswitchName('green/v1'))?.whyDown(), undefined);
  });
}

const added: Message = {
  ...{ type: 'flowMod', xid: 5, command: 0, tableId: 0, priority: 7, cookie: 1n, cookieMask: 0n },
  ...{ idleTimeoutSec: 0, hardTimeoutSec: 0, bufferId: 0xffffffff, outPort: 0xffffffff },
  ...{ outGroup: 0xffffffff, flags: 0, match: [], instructions: [] },
};

t.test('kept rules for which there is no room are kept on', async (t) => {
  const running = new RecordedNetwork(textOf(red, blue));
  const { network } = running;
  network.controller(7003).says(added);
  network.run();
  t.strictSame(network.apply(textOf(red), WITHIN_MS), { done: [], waits: [] });
  const before = running.texts();
  // Its rule stands a level above ours.
  network.switch('s1').refuse = (one) =>
    one.type === 'flowMod' && one.command === 0 && one.priority === 8 ? full : undefined;
  const applied = network.apply(textOf(red, blue), WITHIN_MS);
  t.match(applied, { whyNot: [/s1 refused 1 of 1 rules: .*tableFull/], isTakenBack: true });
  t.strictSame(running.texts(), before);
  t.match(network.hypervisor.departures.all(), [{ vswitch: 'blue/v1', contents: { rules: 1 } }]);
  network.switch('s1').refuse = () => undefined;
  t.strictSame(network.apply(textOf(red, blue), WITHIN_MS), { done: [], waits: [] });
  t.equal(network.hypervisor.runtime(vswitchName('blue/v1'))?.rulebook.size, 1);
  t.strictSame(network.hypervisor.departures.all(), []);
});

t.test('a datapath that is away refuses nothing, and what it lacks waits for it', async (t) => {
  const running = new RecordedNetwork(textOf(red));
  const { network } = running;
  network.switch('s3').peer.user?.onClose('it was reset');
  network.run(100);
  const applied = network.apply(textOf(red, green), WITHIN_MS);
  t.match(applied, { waits: [/^s3 is away/] });
  t.strictSame(applied && 'done' in applied ? applied.done : applied, []);
  t.ok(network.hypervisor.runtime(vswitchName('green/v2')));
});
