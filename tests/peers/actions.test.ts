/**
 * FlowVisor's black-box suite, what concerns actions and queues. FlowVisor refused header values
 * outside a slice's flowspace; here every value is every tenant's, and what is tried is that it
 * stays in its network.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { port as ofpp, version } from '../../openflow/values/constants.ts';
import type { Action } from '../../openflow/values/values.ts';
import { Attack, flowMod, patched, removeAll, textOf } from '../attacks/attack.ts';

const octets = Uint8Array.of(10, 0, 0, 9);
const mac = (name: 'eth_src' | 'eth_dst'): Action => ({
  type: 'setField',
  oxm: oxm(name, Uint8Array.of(2, 0, 0, 0, 0, 9)),
});

/** OpenFlow 1.0's actions, and what they become when a byte of theirs is out of bounds. */
const actions: Readonly<Record<string, { action: Action; at?: number; byte?: number }>> = {
  DataLayerSource: { action: mac('eth_src') },
  DataLayerDestination: { action: mac('eth_dst') },
  NetLayerSource: { action: { type: 'setNwSrc', address: octets } },
  NetLayerDestination: { action: { type: 'setNwDst', address: octets } },
  NetLayerTOS: { action: { type: 'setNwTos', tos: 4 }, at: 4, byte: 3 },
  TransportLayerSource: { action: { type: 'setTpSrc', port: 80 } },
  TransportLayerDestination: { action: { type: 'setTpDst', port: 80 } },
  VlanId: { action: { type: 'setVlanVid', vid: 5 }, at: 4, byte: 0x20 },
  VlanPrio: { action: { type: 'setVlanPcp', pcp: 5 }, at: 4, byte: 8 },
  StripVlan: { action: { type: 'stripVlan' } },
};

const onTcp = matchOf(oxm('eth_type', 0x0800), oxm('ip_proto', 6));
const FLOW_MOD10_BYTES = 72;

function rewriting(action: Action, port = 1) {
  const list = [action, { type: 'output', port, maxLen: 0 } as const];
  return flowMod({ match: onTcp, instructions: [{ type: 'applyActions', actions: list }] });
}

for (const [name, { action, at, byte }] of Object.entries(actions)) {
  t.test(`tests-action ${name}Action`, async (t) => {
    const attack = new Attack(t, version.of10);
    const before = attack.scene.holdings();
    t.strictSame(attack.says(rewriting(action)).map(textOf), [], 'it is taken');
    t.not(attack.scene.holdings(), before, 'and done');
    attack.says(removeAll);
    t.equal(attack.scene.holdings(), before, 'and taken away again');
  });

  t.test(`tests-action ${name}Error`, async (t) => {
    const attack = new Attack(t, version.of10);
    if (at !== undefined && byte !== undefined) {
      const frame = encode(version.of10, { ...rewriting(action), xid: 0 });
      attack.isRefused(patched(frame, FLOW_MOD10_BYTES + at, byte), 'badAction/badArgument');
    }
    // Whatever the header says, it leaves by red's ports, under red's tag.
    const before = attack.scene.switch('s3').holds();
    attack.says(rewriting(action, ofpp.flood));
    const added = attack.scene
      .switch('s3')
      .holds()
      .filter((one) => !before.includes(one));
    t.ok(added.length > 0);
    t.notMatch(added.join('\n'), /"type":"output"/, 'no rule names a port of the switch');
    attack.isHarmless();
  });
}

t.test('tests-queue EnqueueQueue', async (t) => {
  const attack = new Attack(t, version.of10);
  const enqueue = { type: 'enqueue', port: 1, queueId: 0 } as const;
  t.strictSame(attack.says(rewriting(enqueue)).map(textOf), []);
});

t.test('tests-queue EnqueueNoQueue', async (t) => {
  const attack = new Attack(t, version.of10);
  // As Open vSwitch: any queue may be named, and one that is not there changes nothing. A port
  // that is no port is refused.
  const frame = encode(version.of10, {
    ...rewriting({ type: 'enqueue', port: 1, queueId: 99 }),
    xid: 0,
  });
  attack.isRefused(patched(frame, FLOW_MOD10_BYTES + 4, 0xff, 0x42), 'badAction/badOutPort');
});
