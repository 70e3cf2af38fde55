/**
 * Bundles of a hostile tenant: no way around its limits, and no more memory than they say.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { errorName, groupCommand, port as ofpp, version } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { added, bundleOf, control } from '../openflow/bundled.ts';
import { vswitchName } from '../slices/networks.ts';
import { applying, flowMod, outputs } from '../slices/rules.ts';

const text = (given: string): string => `
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    limits: ${given}
    vswitches: { v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:7001] } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s1:2 } }
  blue:
    vswitches: { v1: { dpid: 1, on: s1, controllers: [tcp:127.0.0.1:7002] } }
    hosts: { h1: { port: v1:1, at: s1:3 } }
`;

function started(given = '{}') {
  const net = FakeNetwork.started(text(given));
  const runtime = net.hypervisor.runtime(vswitchName('red/v1'));
  const controller = runtime?.controllers[0];
  if (runtime === undefined || controller === undefined) throw new Error('red/v1 has one');
  const peer = net.controller(7001);
  const says = (...messages: readonly Message[]): readonly string[] => {
    peer.says(...messages);
    net.run(300);
    return peer.received().map((one) => {
      if (one.type !== 'error') return `${one.xid} ${one.type}`;
      return `${one.xid} ${errorName(one.errorType, one.errorCode)}`;
    });
  };
  return { net, runtime, controller, says };
}

const rule = (i: number, more = {}): Message =>
  flowMod({ xid: i, match: matchOf(oxm('eth_dst', i)), instructions: outputs(2), ...more });

t.test('as many as there may be, and no more', async (t) => {
  const { says, controller } = started();
  const open = Array.from({ length: limits.bundlesMax + 4 }, (_, i) =>
    control('open', { xid: i + 1, bundleId: i }),
  );
  const told = says(...open).filter((one) => one.includes('outOfBundles'));
  t.equal(told.length, 4);
  t.equal(controller.connectionState.bundles.size.bundles, limits.bundlesMax);
});

t.test('what is put in and never committed is bounded in bytes and messages', async (t) => {
  const { says, controller } = started();
  const frames = Math.ceil(limits.bundledBytesMax / encode(version.of13, rule(1, wide)).length);
  for (let i = 0; i < frames + 8; i++) says(added(rule(i + 1, wide), { bundleId: i % 4 }));
  t.ok(controller.connectionState.bundles.size.bytes <= limits.bundledBytesMax);
  const many = started();
  const told = many.says(...Array.from({ length: 4_100 }, (_, i) => added(rule(i + 1))));
  t.equal(told.filter((one) => one.endsWith('bundledTooMany')).length, 4);
  t.strictSame(many.says(control('commit', { xid: 9 })), ['9 onf/bundledTooMany']);
  t.equal(many.runtime.rulebook.size, 0, 'no half of it');
});

/** Of some 30,000 bytes. */
const wide = { instructions: outputs(...Array.from({ length: 1_900 }, (_, i) => 1 + (i % 2))) };

t.test('it counts against the rate of changes, message by message', async (t) => {
  const { says, runtime } = started('{ changes: 5/s }');
  const before = runtime.traffic.down.changes;
  says(...bundleOf(Array.from({ length: 5 }, (_, i) => rule(i + 1))));
  t.equal(runtime.traffic.down.changes - before, 5);
});

t.test('it counts against the rules that a tenant may have: none of it, not some', async (t) => {
  const { says, runtime } = started('{ rules: 5 }');
  const told = says(...bundleOf(Array.from({ length: 7 }, (_, i) => rule(i + 1))));
  t.strictSame(told.slice(1), ['6 flowModFailed/tableFull', '900 onf/bundledFailed']);
  t.equal(runtime.rulebook.size, 0);
});

t.test('what is refused outside is refused inside', async (t) => {
  const { says, net, runtime } = started();
  for (const one of net.switches.values()) one.changes();
  const bucket = { weight: 0, watchPort: ofpp.any, watchGroup: 0xffff_ffff, actions: [] };
  const experimenter = {
    type: 'experimenter',
    experimenter: 0x2320,
    data: new Uint8Array(8),
  } as const;
  const wrong: readonly (readonly [Message, string])[] = [
    [rule(1, { tableId: 240 }), 'flowModFailed/badTableId'],
    [rule(2, { instructions: applying(experimenter) }), 'badAction/badExperimenter'],
    [rule(3, { instructions: outputs(0x1_0000) }), 'badAction/badOutPort'],
    [rule(4, { match: matchOf(oxm('metadata', 1n << 40n)) }), 'badMatch/badValue'],
    [
      {
        ...{ type: 'groupMod', xid: 5, command: groupCommand.add, groupType: 0 },
        ...{ groupId: 0xffff_ff01, buckets: [bucket] },
      },
      'groupModFailed/invalidGroup',
    ],
  ];
  const told = says(control('open', { xid: 90 }), ...wrong.map(([one]) => added(one)));
  t.strictSame(
    told.slice(1),
    wrong.map(([{ xid }, error]) => `${xid} ${error}`),
  );
  says(control('commit', { xid: 91 }));
  t.equal(runtime.rulebook.size, 0);
  for (const [name, one] of net.switches) t.strictSame(one.changes(), [], name);
});

t.test('one that would end Open vSwitch is refused here, and no switch hears of it', async (t) => {
  const { says, net, runtime } = started();
  const [add, gone] = [groupCommand.add, groupCommand.delete].map(
    (command): Message => ({
      ...{ type: 'groupMod', xid: 1, command, groupType: 0, groupId: 1, buckets: [] },
    }),
  );
  if (add === undefined || gone === undefined) throw new Error('there are two');
  const toGroup = (xid: number, groupId: number): Message =>
    rule(xid, { instructions: applying({ type: 'group', groupId }) });
  t.strictSame(says(add, toGroup(2, 1)), []);
  for (const one of net.switches.values()) one.changes();
  // 3.1 has lost the group when it puts back the rule that went with it (ofproto_rule_insert__).
  const told = says(...bundleOf([gone, toGroup(3, 77)]));
  t.strictSame(told.slice(1), ['3 badAction/badOutGroup', '900 onf/bundledFailed']);
  t.equal(runtime.rulebook.size, 1, 'the rule is there as before');
  for (const [name, one] of net.switches) t.strictSame(one.changes(), [], name);
  // Nor does any switch get a bundle of ours: parts that are accepted go one by one.
  t.equal(says(...bundleOf([gone, add, toGroup(4, 1)])).length, 2);
  const sent = [...net.switches.values()].flatMap((one) => one.changes());
  t.ok(sent.length > 0);
  t.strictSame(
    sent.filter(({ type }) => !['flowMod', 'groupMod'].includes(type)),
    [],
  );
});

t.test('other vswitches go on while one’s bundle is committed', async (t) => {
  const { net, runtime, says } = started();
  says(control('open'), ...Array.from({ length: 3_000 }, (_, i) => added(rule(i + 1))));
  const blue = net.controller(7002);
  blue.received();
  const { admission } = runtime;
  says(control('commit', { xid: 9 }), { type: 'barrierRequest', xid: 10 });
  blue.says({ type: 'barrierRequest', xid: 11 });
  net.run(2_000);
  t.ok(blue.types().includes('barrierReply'));
  t.equal(runtime.rulebook.size, 3_000);
  t.ok(admission.isOpen);
});
