/**
 * Nicira's actions of a hostile tenant: every field that a header can name, every table, every
 * place where an action can stand; and no register of one vswitch is seen in another.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { port as ofpp, version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import { type FieldName, fields, headerOf } from '../../openflow/values/fields.ts';
import type { Action, FlowMod, Instruction } from '../../openflow/values/values.ts';
import { isSameValue } from '../../slices/equality.ts';
import { wiringOf } from '../../translation/datapath/wiring.ts';
import type { PhysicalFlow } from '../../translation/entries/physical-tables.ts';
import { tables } from '../../translation/entries/pipeline.ts';
import { noRegisters, registerHeaders } from '../../translation/entries/tenant-registers.ts';
import { encodeAction } from '../../translation/pipeline/encoding.ts';
import { refuseFlowMod } from '../../translation/requests/flow-mod.ts';
import { Random } from '../openflow/random.ts';
import { applying } from '../slices/rules.ts';
import { randomSnapshot } from '../translation/random-network.ts';
import { Attack, both, flowMod, groupMod, patched } from './attack.ts';

const REG0 = headerOf(fields.reg0);
const resubmit = (table: number, inPort = 0xfff8): Action => ({ type: 'resubmit', inPort, table });
const load = (field: number): Action => ({ type: 'load', field, firstBit: 0, bits: 1, value: 1n });
const move = (from: number, to: number): Action => ({ type: 'move', bits: 1, from, to });
const note: Action = { type: 'note', data: new Uint8Array(6) };

/** All that rules may promise of a packet, one or the other. */
const promises: readonly FlowMod['match'][] = [
  matchOf(oxm('eth_type', 0x0800), oxm('ip_proto', 6)),
  matchOf(oxm('eth_type', 0x0800), oxm('ip_proto', 17)),
  matchOf(oxm('eth_type', 0x0806)),
];

function isTaken(action: Action): boolean {
  return promises.some((match) => {
    return refuseFlowMod(flowMod({ match, instructions: applying(action) })) === undefined;
  });
}

/** What may be written, and read, below: the window, and fields of the tenant's packet. */
const written = new Set([
  ...registerHeaders,
  ...[0x0206, 0x0406, 0x0e04, 0x1004, 0x1202, 0x1402, 0x1602, 0x1802],
  ...[0x2004, 0x2204, 0x12206, 0x12406],
]);
const readable = new Set([...written, 0x0602, 0x0c01, 0x1e02]);

t.test('of all fields that a header can name, only these are touched', async (t) => {
  const classes = [0, 1, 0x8000, 0x8001, 0xffff];
  const sizes = [1, 2, 4, 6, 8, 16];
  let taken = 0;
  for (const cls of classes) {
    for (let field = 0; field < 128; field++) {
      for (const size of sizes) {
        const header = headerOf({ oxmClass: cls, field, size });
        for (const action of [load(header), move(REG0, header), move(header, REG0)]) {
          if (!isTaken(action)) continue;
          taken += 1;
          for (const one of encodeAction(action)) {
            if (one.type === 'load') t.ok(written.has(one.field), `load 0x${header.toString(16)}`);
            else if (one.type === 'move') {
              t.ok(written.has(one.to), `move to 0x${header.toString(16)}`);
              t.ok(readable.has(one.from), `move from 0x${header.toString(16)}`);
            } else t.fail(one.type);
          }
        }
      }
    }
  }
  t.equal(taken, 16 * 3 + 3, 'four registers and twelve fields, and three that are only read');
});

t.test(
  'a register that a tenant has not is no field, and those of ours are out of reach',
  async (t) => {
    const names = Object.keys(fields).filter((name) => /^reg\d+$/.test(name)) as FieldName[];
    t.equal(names.length, 16);
    for (const name of names) {
      const isOwn = ['reg0', 'reg1', 'reg2', 'reg3'].includes(name);
      const error = refuseFlowMod(flowMod({ match: [oxm(name, 1)] }));
      t.equal(error === undefined, isOwn, `match on ${name}`);
      t.equal(isTaken(load(headerOf(fields[name]))), isOwn, `load of ${name}`);
    }
    const masked = oxm('reg4', 0, 0);
    t.ok(isError(refuseFlowMod(flowMod({ match: [masked] }))), 'nor without a bit');
  },
);

for (const spoken of both) {
  t.test(`resubmits lead to later tables of the tenant only, in version ${spoken}`, async (t) => {
    const attack = new Attack(t, spoken);
    const wrong: readonly Instruction[][] = [
      ...[0, 240, 241, 242, 247, 249, 250, 252, 253, 254, 255].map((table) => [
        ...applying(resubmit(table)),
      ]),
      [...applying(resubmit(3, 1))],
      [...applying(resubmit(3, 0xfffd))],
      [...applying(resubmit(3), resubmit(4))],
    ];
    for (const instructions of wrong) {
      attack.isRefused(flowMod({ instructions }), 'badAction/badArgument');
    }
    attack.isHarmless();
  });
}

t.test('a resubmit beside a goto would be two ways', async (t) => {
  const attack = new Attack(t);
  const instructions = [...applying(resubmit(3)), { type: 'gotoTable', table: 4 } as const];
  attack.isRefused(flowMod({ instructions }), 'badAction/badArgument');
  attack.isRefused(flowMod({ tableId: 5, instructions: applying(resubmit(5)) }), BAD_ARGUMENT);
  attack.isRefused(flowMod({ tableId: 5, instructions: applying(resubmit(4)) }), BAD_ARGUMENT);
  attack.isHarmless();
});

const BAD_ARGUMENT = 'badAction/badArgument';

t.test('one controller action in a rule, beside no other output to controllers', async (t) => {
  const attack = new Attack(t);
  const up = (reason: number): Action => {
    return { type: 'controller', maxLen: 9, controllerId: 5, reason };
  };
  const output: Action = { type: 'output', port: ofpp.controller, maxLen: 9 };
  const group: Action = { type: 'group', groupId: 1 };
  for (const actions of [[up(1), up(1)], [up(1), output], [up(1), group], [up(3)], [up(255)]]) {
    attack.isRefused(flowMod({ instructions: applying(...actions) }), BAD_ARGUMENT);
  }
  const set = { type: 'writeActions', actions: [output] } as const;
  attack.isRefused(flowMod({ instructions: [...applying(up(1)), set] }), BAD_ARGUMENT);
  attack.isHarmless();
});

t.test('they stand in lists of rules, and nowhere else', async (t) => {
  const attack = new Attack(t);
  const data = new Uint8Array(60);
  const up: Action = { type: 'controller', maxLen: 9, controllerId: 5, reason: 1 };
  for (const action of [resubmit(3), load(REG0), move(REG0, REG0), note, up]) {
    const head = { type: 'packetOut', bufferId: 0xffff_ffff, inPort: 1 } as const;
    const out = { ...head, actions: [action], data };
    attack.isRefused(out, 'badAction/badExperimenter');
    const group = groupMod(7, 2);
    const buckets = group.buckets.map((one) => ({ ...one, actions: [action] }));
    attack.isRefused({ ...group, buckets }, 'badAction/badExperimenter');
    const instructions = [{ type: 'writeActions', actions: [action] } as const];
    attack.isRefused(flowMod({ instructions }), 'badAction/badExperimenter');
  }
  attack.isHarmless();
});

const own: ReadonlySet<number> = new Set(registerHeaders);

/** The tenants' registers that an entry of ours looks at or changes, but for making them zero. */
function touched(instructions: readonly Instruction[]): number {
  const inside = (actions: readonly Action[]): number =>
    actions.reduce((sum, action) => {
      if (action.type === 'clone') return sum + inside(action.actions);
      if (action.type === 'load') return sum + Number(own.has(action.field));
      if (action.type === 'move') return sum + Number(own.has(action.to) || own.has(action.from));
      if (action.type !== 'setField') return sum;
      const isOwn = own.has(headerOf({ ...action.oxm, size: action.oxm.value.length }));
      return sum + Number(isOwn && action.oxm.value.some((byte) => byte !== 0));
    }, 0);
  return instructions.reduce((sum, one) => sum + ('actions' in one ? inside(one.actions) : 0), 0);
}

/** Where frames enter a vswitch (wiring/port-wiring.ts); NORMAL goes on in the same, elsewhere. */
const entrances: ReadonlySet<number> = new Set([tables.guard, tables.ports]);

/** Copies that go on in another vswitch of this datapath: taken up anew, not from a cable. */
function crossingsIn({ tableId, instructions }: PhysicalFlow): readonly (readonly Action[])[] {
  if (tableId === tables.classifier) return [];
  const copies = instructions.flatMap((one) => ('actions' in one ? one.actions : []));
  return copies.flatMap((copy) => {
    if (copy.type !== 'clone') return [];
    const isAnew = copy.actions.some(({ type }) => type === 'decap');
    const last = copy.actions.at(-1);
    const isEntrance = last?.type === 'resubmit' && entrances.has(last.table);
    return isAnew && isEntrance ? [copy.actions] : [];
  });
}

function looksAt({ match }: PhysicalFlow): boolean {
  return match.some((one) => own.has(headerOf({ ...one, size: one.value.length })));
}

t.test('nothing of ours reads or writes them, and they end where a frame crosses', async (t) => {
  const crossings: (readonly Action[])[] = [];
  for (let seed = 1; seed <= 40; seed++) {
    const snapshot = randomSnapshot(new Random(seed), 4);
    for (const name of snapshot.datapaths.keys()) {
      const { flows, groups } = wiringOf(snapshot, name);
      for (const flow of flows.values()) {
        t.notOk(looksAt(flow), `${seed}: a match on ${name}`);
        t.equal(touched(flow.instructions), 0, `${seed}: an entry on ${name}`);
        crossings.push(...crossingsIn(flow));
      }
      for (const { buckets } of groups.values()) {
        const all = buckets.map(({ actions }) => touched([{ type: 'applyActions', actions }]));
        t.ok(
          all.every((one) => one === 0),
          `${seed}: a group on ${name}`,
        );
      }
    }
  }
  t.ok(crossings.length > 5, `${crossings.length} crossings`);
  for (const actions of crossings) {
    const zeros = noRegisters.map((one) => actions.findIndex((action) => isSameValue(action, one)));
    const anew = actions.findIndex(({ type }) => type === 'encap');
    t.ok(
      zeros.every((at) => at >= 0 && at < anew),
      'all are zero before it is taken up anew',
    );
  }
});

const ttl: Action = { type: 'decNwTtl' };
const isIp = matchOf(oxm('eth_type', 0x0800));
const decreased = (...actions: readonly Action[]) =>
  flowMod({ match: isIp, instructions: applying(...actions, ...to2) });
const to2: readonly Action[] = [{ type: 'output', port: 2, maxLen: 0 }];
/** In a flow-mod of 1.0 its first action, and the action's length. */
const [ACTION, LENGTH] = [72, 74] as const;

t.test('dec_ttl of 1.0: where packets are IP, in a rule of the tenant’s', async (t) => {
  const attack = new Attack(t, version.of10);
  for (const match of [[], matchOf(oxm('in_port', 1)), matchOf(oxm('eth_type', 0x0806))]) {
    const wrong = flowMod({ match, instructions: applying(ttl, ...to2) });
    attack.isRefused(wrong, 'badAction/matchInconsistent');
  }
  t.strictSame(attack.says(decreased(ttl)), []);
  t.strictSame(attack.says(decreased(...new Array<Action>(4_000).fill(ttl))).length, 0, 'often');
  attack.isHarmless();
});

t.test('dec_ttl of another length, or with controllers’ numbers', async (t) => {
  const attack = new Attack(t, version.of10);
  const frame = encode(version.of10, { ...decreased(ttl), xid: 0 });
  t.strictSame(
    [...frame.subarray(ACTION, ACTION + 16)],
    [0xff, 0xff, 0, 16, 0, 0, 0x23, 0x20, 0, 18, 0, 0, 0, 0, 0, 0],
  );
  for (const length of [0, 4, 7, 8, 15, 17, 24, 32, 0xfff8, 0xffff]) {
    const wrong = patched(frame, LENGTH, length >> 8, length & 0xff);
    attack.isRefused(wrong, 'badAction/badLen');
  }
  /** NXAST_DEC_TTL_CNT_IDS: to which numbers a packet goes whose time is over. */
  const ids = [
    0xff, 0xff, 0, 24, 0, 0, 0x23, 0x20, 0, 21, 0, 1, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0,
  ];
  const counted = Uint8Array.from([...frame.subarray(0, ACTION), ...ids, ...frame.subarray(88)]);
  attack.isRefused(patched(counted, 2, counted.length >> 8, counted.length & 0xff), UNKNOWN);
  attack.isHarmless();
});

const UNKNOWN = 'badAction/badExperimenter';
