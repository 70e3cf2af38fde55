/**
 * What a switch says of an entry is what we keep of it, for every action and every field that a
 * rule can have, in each encoding: else the audit (audit.ts) would repair for ever what
 * nobody changed. Each is installed as a body sends it, asked for as we do, and compared as there.
 */
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { canonicalMatch, matchOf, oxm, withField } from '../../openflow/match/match.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { header } from '../../openflow/messages/messages.ts';
import { printInstructions } from '../../openflow/print/print.ts';
import { isError, type Version, version } from '../../openflow/values/constants.ts';
import { type FieldName, type FieldRow, fields } from '../../openflow/values/fields.ts';
import type {
  Action,
  FlowMod,
  FlowStats,
  Instruction,
  Message,
} from '../../openflow/values/values.ts';
import { nothingRemembered, type Snapshot } from '../../slices/network/snapshot.ts';
import {
  addFlow,
  addGroup,
  addMeter,
  everyFlow,
  flowKey,
  indirect,
  sameFlow,
} from '../../translation/entries/physical-tables.ts';
import { FlatDatapath } from '../../translation/flat/datapath.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import { viewOf } from '../openflow/hex.ts';
import { datapath, exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { applying, output, ruleOf, toController } from '../slices/rules.ts';
import { flatSnapshot } from '../translation/flat-networks.ts';

type Tenants = Exclude<
  Action['type'],
  'setField' | 'clone' | 'controller2' | 'encap' | 'decap' | 'learn' | 'experimenter'
>;

const address = Uint8Array.of(10, 0, 0, 9);
const host = output(1);
const tagged = matchOf(oxm('vlan_vid', 0x1005));
const ip = matchOf(oxm('eth_type', 0x0800));
const tcp = [...ip, oxm('ip_proto', 6)];
const mpls = matchOf(oxm('eth_type', 0x8847));

/** By what a rule has: what it needs to meet, and what is done. */
const actions: Readonly<Record<Tenants, readonly [FlowMod['match'], ...Action[]]>> = {
  output: [[], host, output(2), toController],
  group: [[], { type: 'group', groupId: 1, below: 1 }],
  setQueue: [[], { type: 'setQueue', queueId: 1 }, host],
  enqueue: [[], { type: 'enqueue', port: 1, queueId: 1 }],
  pushVlan: [matchOf(oxm('vlan_vid', 0)), { type: 'pushVlan', ethertype: 0x8100 }, host],
  popVlan: [tagged, { type: 'popVlan' }, host],
  pushMpls: [[], { type: 'pushMpls', ethertype: 0x8847 }, host],
  popMpls: [mpls, { type: 'popMpls', ethertype: 0x0800 }, host],
  pushPbb: [[], { type: 'pushPbb', ethertype: 0x88e7 }, host],
  popPbb: [matchOf(oxm('eth_type', 0x88e7)), { type: 'popPbb' }, host],
  copyTtlOut: [mpls, { type: 'copyTtlOut' }, host],
  copyTtlIn: [mpls, { type: 'copyTtlIn' }, host],
  setMplsTtl: [mpls, { type: 'setMplsTtl', ttl: 9 }, host],
  decMplsTtl: [mpls, { type: 'decMplsTtl' }, host],
  setNwTtl: [ip, { type: 'setNwTtl', ttl: 9 }, host],
  decNwTtl: [ip, { type: 'decNwTtl' }, host],
  resubmit: [[], { type: 'resubmit', inPort: 0xfff8, table: 3 }, host],
  load: [
    tcp,
    ...[0x0206, 0x0406, 0x0e04, 0x1004, 0x1202, 0x1402, 0x10004, 0x10204, 0x10404, 0x10604].flatMap(
      (field): readonly Action[] => [
        { type: 'load', field, firstBit: 3, bits: 7, value: 5n },
        { type: 'load', field, firstBit: 0, bits: (field & 0xff) * 8, value: 0n },
      ],
    ),
    host,
  ],
  move: [
    matchOf(oxm('eth_type', 0x0806)),
    { type: 'move', bits: 32, from: 0x10004, to: 0x2004 },
    { type: 'move', bits: 5, from: 0x12206, fromBit: 3, to: 0x10604, toBit: 9 },
    { type: 'move', bits: 16, from: 0x0602, to: 0x10404 },
    host,
  ],
  controller: [[], { type: 'controller', maxLen: 9, controllerId: 5, reason: 1 }, host],
  note: [[], { type: 'note', data: Uint8Array.of(1, 2, 3, 4, 5, 6) }, host],
  setVlanVid: [[], { type: 'setVlanVid', vid: 100 }, host],
  setVlanPcp: [[], { type: 'setVlanPcp', pcp: 3 }, host],
  stripVlan: [[], { type: 'stripVlan' }, host],
  setNwSrc: [ip, { type: 'setNwSrc', address }, host],
  setNwDst: [ip, { type: 'setNwDst', address }, host],
  setNwTos: [ip, { type: 'setNwTos', tos: 12 }, host],
  setTpSrc: [tcp, { type: 'setTpSrc', port: 7 }, host],
  setTpDst: [tcp, { type: 'setTpDst', port: 7 }, host],
};

/** The simplest match that lets a field in (OF1.3.5 table 12). */
function needed(row: FieldRow): FlowMod['match'] {
  const { needs } = row;
  if (needs === undefined) return [];
  const name = needs.field as FieldName;
  const [value = 0x1005] = needs.values;
  const before = [...needed(fields[name]), ...(needs.and ? neededBy(needs.and) : [])];
  return [...before, oxm(name, value)].reduce(withField, matchOf());
}

function neededBy(needs: NonNullable<FieldRow['needs']>): FlowMod['match'] {
  return needed({ ...fields.in_port, needs });
}

const settable = (Object.keys(fields) as FieldName[]).filter((name) => !/^(reg|nxm)/.test(name));
const sets = settable.map((name): readonly [string, FlowMod['match'], readonly Instruction[]] => {
  const value = name === 'vlan_vid' ? 0x1064 : 1;
  const [match, push] =
    name === 'vlan_vid' ? [matchOf(oxm('vlan_vid', 0)), [actions.pushVlan[1] as Action]] : [[], []];
  const all = canonicalMatch(match.reduce(withField, needed(fields[name])));
  if (isError(all)) throw new Error(`${name}: ${all.why}`);
  return [name, all, applying(...push, { type: 'setField', oxm: oxm(name, value) }, host)];
});

const others: readonly (readonly [string, FlowMod['match'], readonly Instruction[]])[] = [
  ['nothing', [], []],
  ['drop', [], applying()],
  ['flood', [], applying(output(0xfffffffb))],
  ['meter', [], [{ type: 'meter', meterId: 1, below: 1 }, ...applying(host)]],
  ['gotoTable', [], [{ type: 'gotoTable', table: 3 }, ...applying(host)]],
  ['writeMetadata', [], [{ type: 'writeMetadata', metadata: 5n, mask: 0xffn }]],
  ['clearActions', [], [{ type: 'clearActions' }]],
  ['writeActions', [], [{ type: 'writeActions', actions: [host, toController] }]],
];

const cases = [
  ...Object.entries(actions).map(
    ([name, [match, ...list]]) => [name, match, applying(...list)] as const,
  ),
  ...sets,
  ...others,
];

type Encode = (rule: ReturnType<typeof ruleOf>) => readonly FlowMod[] | string;

function flat(snapshot: Snapshot): Encode {
  const vswitch = vswitchOf(snapshot, 'red/v1');
  return (rule) => {
    const body = new FlatDatapath(snapshot, datapath('s1')).bodyOf(vswitch);
    const change = { type: 'add', rule, replaced: undefined, resets: true } as const;
    const why = body.refuse(change, snapshot);
    if (why !== undefined) return why.why;
    return body.change(change).flatMap((one) => (one.type === 'flowMod' ? [one] : []));
  };
}

const tables = snapshotOf(exampleText(), nothingRemembered);
const pipeline: Encode = (rule) =>
  pipelineEncoding.encode(vswitchOf(tables, 'red/v1'), rule).map((flow) => addFlow(flow));

const bodies: Readonly<Record<string, { speaks: Version; encode: Encode; least: number }>> = {
  'flat of 1.0': { speaks: version.of10, encode: flat(flatSnapshot('flat of 1.0')), least: 24 },
  'flat of 1.3': { speaks: version.of13, encode: flat(flatSnapshot('flat of 1.3')), least: 40 },
  pipeline: { speaks: version.of13, encode: pipeline, least: 50 },
};

const bridges = { s10: 'flat of 1.0', f13: 'flat of 1.3', p13: 'pipeline' };
const lab = await startLab({
  switches: Object.keys(bridges),
  links: [],
  hosts: [],
  speaks: { s10: 'OpenFlow10', f13: 'OpenFlow13', p13: 'OpenFlow13' },
  controller: 'tcp:127.0.0.1:6653',
});
t.teardown(() => lab.stop());

/** Sends these, and answers all that came until the last one was answered. */
async function asked(bridge: string, speaks: Version, messages: readonly Message[]) {
  const socket = net.connect(path.join(lab.dir, `${bridge}.mgmt`));
  await once(socket, 'connect');
  const all: readonly Message[] = [
    { type: 'hello', xid: 0, versions: [speaks] },
    ...messages.map((one, i) => ({ ...one, xid: i + 1 })),
    { type: 'barrierRequest', xid: messages.length + 1 },
  ];
  for (const one of all) socket.write(encode(speaks, one));
  const came: Message[] = [];
  let rest = Buffer.alloc(0);
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    while (rest.length >= header.size) {
      const dv = viewOf(rest);
      const length = header.get.length(dv, 0);
      if (rest.length < length) break;
      const message = decode(speaks, dv, 0, length);
      rest = rest.subarray(length);
      if (isError(message)) throw new Error(message.why);
      came.push(message);
    }
    if (came.some(({ type }) => type === 'barrierReply')) break;
  }
  return came;
}

for (const [bridge, kind] of Object.entries(bridges)) {
  t.test(kind, async (t) => {
    const { speaks, encode, least } = bodies[kind] as (typeof bodies)[string];
    const sent: { readonly name: string; readonly mod: FlowMod }[] = [];
    for (const [i, [name, match, instructions]] of cases.entries()) {
      const mods = encode(ruleOf({ match, instructions, priority: 1000 + 10 * i }));
      if (typeof mods === 'string') t.comment(`${name} is not for ${kind}: ${mods}`);
      else sent.push(...mods.map((mod) => ({ name, mod })));
    }
    const stock =
      kind === 'pipeline'
        ? [addGroup(indirect(1, [])), addMeter({ meterId: 1, flags: 1, bands: [] })]
        : [];
    const replies = await asked(bridge, speaks, [...stock, ...sent.map(({ mod }) => mod)]);
    const refused = new Set(replies.flatMap((one) => (one.type === 'error' ? [one.xid] : [])));
    for (const [i, { name }] of sent.entries()) {
      if (refused.has(stock.length + i + 1)) t.comment(`${name}: Open vSwitch has no such thing`);
    }
    const request = { kind: 'flow', filter: everyFlow } as const;
    const dumped = await asked(bridge, speaks, [
      { type: 'multipartRequest', xid: 0, flags: 0, request },
    ]);
    const rows = new Map<string, FlowStats>();
    for (const one of dumped) {
      if (one.type !== 'multipartReply' || one.reply.kind !== 'flow') continue;
      for (const row of one.reply.flows) rows.set(flowKey(row), row);
    }
    const held = sent.filter((_, i) => !refused.has(stock.length + i + 1));
    for (const { name, mod } of held) {
      const row = rows.get(flowKey(mod));
      const [ours, theirs] = [mod, row].map((one) => one && printInstructions(one.instructions));
      t.ok(row && row.cookie === mod.cookie && sameFlow(mod, row), name, { ours, theirs });
    }
    const compared = new Set(held.map(({ name }) => name));
    t.comment(`${compared.size} compared on ${kind}`);
    t.ok(compared.size >= least, `${compared.size} were compared`);
  });
}
