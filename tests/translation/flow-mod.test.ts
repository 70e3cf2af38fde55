/**
 * What a flow-mod may not ask for, each with the error that the specification has for it.
 */

import t from 'tap';
import { oxm } from '../../openflow/match/match.ts';
import { errorName } from '../../openflow/values/constants.ts';
import type { Action, FlowMod, Instruction, OfError, Oxm } from '../../openflow/values/values.ts';
import { refuseActions, refuseFlowMod } from '../../translation/requests/flow-mod.ts';
import { applying, flowMod, output, outputs } from '../slices/rules.ts';

const named = (error: OfError | undefined) =>
  error === undefined ? 'fine' : errorName(error.errorType, error.errorCode);
const verdict = (parts: Partial<FlowMod>) => named(refuseFlowMod(flowMod(parts)));

const { inPort, table, normal, flood, all, controller, local, any } = {
  inPort: 0xfffffff8,
  table: 0xfffffff9,
  normal: 0xfffffffa,
  flood: 0xfffffffb,
  all: 0xfffffffc,
  controller: 0xfffffffd,
  local: 0xfffffffe,
  any: 0xffffffff,
};

t.test('output ports (DELTA 1.1.010)', async (t) => {
  for (const port of [1, inPort, normal, flood, all, controller, local]) {
    t.equal(verdict({ instructions: outputs(port) }), 'fine', port.toString(16));
  }
  for (const port of [0xff00, 0xffffff00, table, any]) {
    t.equal(verdict({ instructions: outputs(1, port) }), 'badAction/badOutPort', port.toString(16));
  }
  t.equal(named(refuseActions([output(table)], 'packetOut')), 'fine', 'TABLE from a packet-out');
});

const actions: readonly (readonly [Action, string])[] = [
  [
    { type: 'experimenter', experimenter: 0x2320, data: new Uint8Array(4) },
    'badAction/badExperimenter',
  ],
  [{ type: 'setField', oxm: oxm('metadata', 1) }, 'badAction/badSetType'],
  [{ type: 'setField', oxm: oxm('reg0', 1) }, 'badAction/badSetType'],
  [{ type: 'setField', oxm: oxm('nxm_in_port', 0) }, 'badAction/badSetType'],
  [{ type: 'setField', oxm: oxm('in_port', 1) }, 'badAction/badSetType'],
  [{ type: 'setField', oxm: oxm('in_phy_port', 1) }, 'badAction/badSetLen'],
  [{ type: 'setField', oxm: oxm('tunnel_id', 1) }, 'badAction/badSetType'],
  [{ type: 'setField', oxm: oxm('eth_dst', 1) }, 'fine'],
  [{ type: 'setField', oxm: oxm('vlan_vid', 0x1005) }, 'fine'],
  [{ type: 'pushVlan', ethertype: 0x8100 }, 'fine'],
  [{ type: 'popVlan' }, 'fine'],
  [{ type: 'pushMpls', ethertype: 0x8847 }, 'fine'],
  [{ type: 'popMpls', ethertype: 0x800 }, 'fine'],
  [{ type: 'decNwTtl' }, 'fine'],
  [{ type: 'pushVlan', ethertype: 0x88a8 }, 'fine'],
  [{ type: 'pushVlan', ethertype: 0x0800 }, 'badAction/badArgument'],
  [{ type: 'pushMpls', ethertype: 0x8100 }, 'badAction/badArgument'],
  [{ type: 'pushPbb', ethertype: 0x88e7 }, 'badAction/badType'],
  [{ type: 'popPbb' }, 'badAction/badType'],
  [{ type: 'copyTtlIn' }, 'badAction/badType'],
  [{ type: 'copyTtlOut' }, 'badAction/badType'],
];

t.test('actions, also behind others, in rules and in packet-outs', async (t) => {
  const ethertypes: Partial<Record<Action['type'], number>> = { popMpls: 0x8847 };
  for (const [action, want] of actions) {
    // A match that promises whatever the action needs: consistency.test.ts is about that.
    const type = oxm('eth_type', ethertypes[action.type] ?? 0x0800);
    const match = [type, oxm('vlan_vid', 0x1005)];
    t.equal(verdict({ match, instructions: applying(output(1), action) }), want, action.type);
    t.equal(named(refuseActions([output(1), action], 'packetOut')), want, action.type);
  }
});

const instructions: readonly (readonly [Instruction, string])[] = [
  [{ type: 'gotoTable', table: 0 }, 'badInstruction/badTableId'],
  [{ type: 'gotoTable', table: 1 }, 'fine'],
  [{ type: 'gotoTable', table: 239 }, 'fine'],
  [{ type: 'gotoTable', table: 240 }, 'badInstruction/badTableId'],
  [{ type: 'writeMetadata', metadata: 1n, mask: 1n }, 'fine'],
  [{ type: 'writeMetadata', metadata: 1n, mask: 0xffff_ffff_ffff_ffffn }, 'fine'],
  [{ type: 'writeMetadata', metadata: 1n << 32n, mask: 1n << 32n }, 'badInstruction/unsupMetadata'],
  [{ type: 'writeActions', actions: [output(1)] }, 'fine'],
  [{ type: 'writeActions', actions: [output(table)] }, 'badAction/badOutPort'],
  [{ type: 'clearActions' }, 'fine'],
  [
    { type: 'experimenter', experimenter: 1, data: new Uint8Array(4) },
    'badInstruction/badExperimenter',
  ],
];

t.test('instructions, also behind a good one', async (t) => {
  for (const [one, want] of instructions) {
    t.equal(verdict({ instructions: [one] }), want, one.type);
    t.equal(verdict({ instructions: [...outputs(1), one] }), want, one.type);
  }
  t.equal(verdict({ instructions: [] }), 'fine', 'no instruction drops');
});

const matches: readonly (readonly [Oxm, string])[] = [
  [oxm('in_port', 1), 'fine'],
  [oxm('in_port', 0xfeff), 'fine'],
  [oxm('in_port', 0xff00), 'badMatch/badValue'],
  [oxm('in_port', controller), 'fine'],
  [oxm('in_phy_port', 1), 'badMatch/badField'],
  [oxm('metadata', 1), 'fine'],
  [oxm('metadata', 1n << 32n), 'badMatch/badValue'],
  [oxm('tunnel_id', 1), 'fine'],
  [oxm('reg3', 1), 'fine'],
  [oxm('reg4', 1), 'badMatch/badField'],
  [oxm('nxm_in_port', 1), 'badMatch/badField'],
  [oxm('eth_dst', 1), 'fine'],
];

t.test('match fields: none of ours, in adds and deletes alike', async (t) => {
  for (const [field, want] of matches) {
    t.equal(verdict({ match: [field] }), want, `${field.oxmClass}:${field.field}`);
    t.equal(verdict({ match: [field], command: 3 }), want, 'delete');
  }
});

t.test('a table loop (DELTA 1.1.050): goto leads to a later table only', async (t) => {
  for (const [tableId, to, want] of [
    [5, 6, 'fine'],
    [5, 5, 'badInstruction/badTableId'],
    [5, 4, 'badInstruction/badTableId'],
    [239, 240, 'badInstruction/badTableId'],
  ] as const) {
    const goto = { type: 'gotoTable', table: to } as const;
    t.equal(verdict({ tableId, instructions: [goto] }), want, `${tableId} -> ${to}`);
  }
});

t.test('tables (DELTA 1.1.020): 240; all of them can be deleted from', async (t) => {
  for (const command of [0, 1, 2]) {
    t.equal(verdict({ tableId: 0, command }), 'fine');
    t.equal(verdict({ tableId: 239, command }), 'fine');
    for (const tableId of [240, 250, 0xfe, 0xff]) {
      t.equal(verdict({ tableId, command }), 'flowModFailed/badTableId', `${command} ${tableId}`);
    }
  }
  for (const command of [3, 4]) {
    t.equal(verdict({ tableId: 0xff, command }), 'fine', 'OFPTT_ALL');
    t.equal(verdict({ tableId: 240, command }), 'flowModFailed/badTableId');
  }
});

t.test(
  'a delete does nothing with its instructions, but they are read, as a bridge does',
  async (t) => {
    t.equal(verdict({ command: 3, instructions: outputs(2) }), 'fine');
    t.equal(verdict({ command: 3, instructions: outputs(any) }), 'badAction/badOutPort');
  },
);

t.test('flags that nobody knows', async (t) => {
  for (const flags of [0, 1, 2, 4, 8, 16, 31]) t.equal(verdict({ flags }), 'fine');
  for (const flags of [32, 0x8000]) t.equal(verdict({ flags }), 'flowModFailed/badFlags');
});
