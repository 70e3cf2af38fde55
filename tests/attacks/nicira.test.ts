/**
 * Nicira's messages of a hostile tenant: no way to tables, registers or metadata of ours, nor
 * around its limits, whatever their bytes.
 */
import t from 'tap';
import { oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { niciraFlowModOf } from '../../openflow/messages/nicira-messages.ts';
import { niciraRequestOf } from '../../openflow/messages/nicira-statistics.ts';
import { errorName, multipartType, role, version } from '../../openflow/values/constants.ts';
import type { FlowMod, FlowStatsFilter, Message, Oxm } from '../../openflow/values/values.ts';
import { Attack, flowMod, outputs } from './attack.ts';

/** Nicira's vendor error: 1.0 has no number for a table that is not there, as on a bridge. */
const UNENCODABLE = '45250/0';
const tableIds = said(15, 1, 0, 0, 0, 0, 0, 0, 0);

function said(expType: number, ...data: readonly number[]): Message {
  const message = { type: 'experimenter', xid: 0, experimenter: 0x2320, expType } as const;
  return { ...message, data: Uint8Array.from(data) };
}

/** Table 0's number is not said. */
function mod(parts: Partial<FlowMod> & { readonly match?: readonly Oxm[] }): Message {
  const one = flowMod({ instructions: outputs(2), ...parts });
  return niciraFlowModOf({ ...one, command: one.command | (one.tableId << 8) });
}

function asked(kind: 'flow' | 'aggregate', parts: Partial<FlowStatsFilter> = {}): Message {
  const all = { tableId: 0xff, outPort: 0xffff_ffff, outGroup: 0xffff_ffff };
  const filter = { ...all, cookie: 0n, cookieMask: 0n, match: [], ...parts };
  const body = niciraRequestOf({ kind, filter });
  const request = { kind: 'other', mpType: multipartType.experimenter, body } as const;
  return { type: 'multipartRequest', xid: 0, flags: 0, request };
}

t.test('tables that are ours are not there', async (t) => {
  const attack = new Attack(t, version.of10);
  attack.says(tableIds);
  for (const tableId of [240, 242, 248, 250, 252, 254]) {
    attack.isRefused(mod({ tableId }), UNENCODABLE);
  }
  attack.isRefused(mod({ tableId: 249, command: 3 }), UNENCODABLE);
  attack.isHarmless();
});

t.test('a rule in a table of its own is the tenant’s, and no other’s', async (t) => {
  const attack = new Attack(t, version.of10);
  attack.says(tableIds);
  t.strictSame(attack.says(mod({ tableId: 3, cookie: 0x4c02_0001_0000_0001n })), []);
  // A deletion of everything, everywhere, by whatever cookie, is of the tenant's.
  t.strictSame(attack.says(mod({ tableId: 0xff, command: 3 })), []);
  attack.isHarmless();
});

t.test('what tells tenants apart is nothing that a match can name', async (t) => {
  const attack = new Attack(t, version.of10);
  const wrong: readonly (readonly [Oxm, string])[] = [
    [oxm('metadata', 0x0001_0001_0000_0000n), 'badMatch/badValue'],
    [oxm('metadata', 0n, 0xffff_0000_0000_0000n), 'fine'],
  ];
  for (const [field, error] of wrong) {
    if (error === 'fine') t.strictSame(attack.says(mod({ match: [field] })), []);
    else attack.isRefused(mod({ match: [field] }), error);
  }
  /** Registers of ours, pkt_mark, conn_mark and others of class 1, and none at all. */
  const unknown = [4, 5, 7, 12, 15, 33, 35, 36, 105, 127];
  for (const field of unknown) {
    const match = [oxm('eth_type', 0x0800), oxm('ipv4_src', '10.0.0.1')];
    const frame = encode(version.of10, mod({ match })).slice();
    // In the place of the address, behind the ethertype.
    frame.set([0, 1, field << 1, 4, 0, 0, 0, 5], 54);
    attack.isRefused(frame, 'badMatch/badField');
  }
  const filter = { match: [oxm('metadata', 0x0001_0000_0000_0000n)] };
  for (const kind of ['flow', 'aggregate'] as const) {
    attack.isRefused(asked(kind, filter), 'badMatch/badValue');
  }
  attack.isHarmless();
});

t.test('what is refused in a flow-mod of 1.0 is refused in Nicira’s', async (t) => {
  const attack = new Attack(t, version.of10);
  const data = new Uint8Array(8);
  const actions = [{ type: 'experimenter', experimenter: 0x2320, data }] as const;
  const wrong = mod({ instructions: [{ type: 'applyActions', actions }] });
  attack.isRefused(wrong, 'badAction/badExperimenter');
  attack.isRefused(mod({ instructions: outputs(0xffff_ff00) }), 'badAction/badOutPort');
  attack.isRefused(mod({ flags: 0x80 }), 'flowModFailed/badFlags');
  attack.isRefused(mod({ command: 9 }), 'flowModFailed/badCommand');
  attack.isHarmless();
});

t.test('every part of every message has an answer or an error, and nobody is harmed', async (t) => {
  const attack = new Attack(t, version.of10);
  const whole = [
    mod({ match: [oxm('eth_type', 0x0800), oxm('vlan_vid', 0x1000, 0x1000)], tableId: 3 }),
    asked('flow', { match: [oxm('eth_dst', 5n, 0xffn)], cookie: 1n, cookieMask: 1n }),
    asked('aggregate'),
    tableIds,
    said(12, 0, 0, 0, 2),
    said(16, 0, 0, 0, 1),
    said(19, ...new Array<number>(24).fill(0xff)),
  ];
  for (const message of whole) {
    const frame = encode(version.of10, message);
    for (let length = 16; length < frame.length; length += 1) {
      const cut = frame.slice(0, length);
      cut.set([length >> 8, length & 0xff], 2);
      const answers = attack.says(cut);
      t.ok(answers.length <= 1, `${length} of ${frame.length}`);
      for (const one of answers) t.match(one.type, /error|multipartReply/);
    }
    // And with a length of the match that is not its own.
    for (const at of [42, 43, 26, 27]) {
      const bent = frame.slice();
      bent[at] = 0xff;
      attack.says(bent);
    }
  }
  attack.isHarmless();
});

t.test('a slave changes nothing in Nicira’s words either', async (t) => {
  const attack = new Attack(t, version.of10);
  attack.says(said(10, 0, 0, 0, 2));
  const answers = attack.says(mod({}));
  t.strictSame(
    answers.map((one) => one.type === 'error' && errorName(one.errorType, one.errorCode)),
    ['badRequest/eperm'],
  );
  t.equal(role.slave, 3);
  attack.isHarmless();
});
