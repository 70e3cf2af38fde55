/**
 * OpenFlow 1.0's actions on datapaths of 1.3: a table of ours that does what 1.3 cannot express.
 *
 * `set_vlan_vid` tags a packet that has no tag, `strip_vlan` and `set_nw_src` leave alone what has
 * no tag or no IPv4: what they do depends on the packet, while Open vSwitch refuses a 1.3 rule that
 * sets a field which its match does not promise (MATCH_INCONSISTENT). So a rule says in reg15 what
 * it wants and in reg14 with which value, goes through the table `legacy` and comes back; that
 * table's entries promise what their actions need. Seen on Open vSwitch 3.1: each kind of packet
 * then gets the same datapath actions as on a bridge of OpenFlow 1.0, ICMP's types included, which
 * `set_tp_src` changes there. One rule is still one entry, and is the same on every body.
 */

import { matchOf, oxm, oxmNumber } from '../../openflow/match/match.ts';
import { oxmClass } from '../../openflow/values/constants.ts';
import { type FieldName, fields, headerOf } from '../../openflow/values/fields.ts';
import type { Action, Action10, Oxm } from '../../openflow/values/values.ts';
import { pushVlan } from '../entries/frame-tags.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import { cookieOf, resubmit, tables } from '../entries/pipeline.ts';

type Changing = Exclude<Action10['type'], 'enqueue'>;

/** What reg15 says. */
const wanted = {
  setVlanVid: 1,
  setVlanPcp: 2,
  stripVlan: 3,
  setNwSrc: 4,
  setNwDst: 5,
  setNwTos: 6,
  setTpSrc: 7,
  setTpDst: 8,
  /** Not of 1.0: a tag more, whatever is there (shared-ports.ts). */
  pushVlanVid: 9,
} as const satisfies Record<Changing | 'pushVlanVid', number>;

/** Puts on a tag, also where Open vSwitch does not know yet what kind of frame there is. */
export function pushVlanVid(vid: number): readonly Action[] {
  return [
    { type: 'setField', oxm: oxm('reg14', vid) },
    { type: 'setField', oxm: oxm('reg15', wanted.pushVlanVid) },
    resubmit(tables.of10Actions),
  ];
}

/** The actions that do in OpenFlow 1.3, on this datapath, what one of 1.0 says. */
export function encodeAction10(action: Extract<Action10, { type: Changing }>): readonly Action[] {
  return [
    { type: 'setField', oxm: oxm('reg14', wordOf(action)) },
    { type: 'setField', oxm: oxm('reg15', wanted[action.type]) },
    resubmit(tables.of10Actions),
  ];
}

function wordOf(action: Extract<Action10, { type: Changing }>): number | bigint {
  switch (action.type) {
    case 'setVlanVid':
      return action.vid;
    case 'setVlanPcp':
      return action.pcp;
    case 'stripVlan':
      return 0;
    case 'setNwSrc':
    case 'setNwDst':
      return oxmNumber({ oxmClass: oxmClass.basic, field: 0, value: action.address });
    case 'setNwTos':
      return action.tos >> 2; // The upper six bits: the two of ECN stay (OF1.0.1 section 5.2.4).
    case 'setTpSrc':
    case 'setTpDst':
      return action.port;
  }
}

const priorities = { tagged: 20, kind: 10 } as const;
const anyTag = oxm('vlan_vid', 0x1000, 0x1000);
const types = { ipv4: oxm('eth_type', 0x0800), ipv6: oxm('eth_type', 0x86dd) } as const;

/** The table's entries, the same on every datapath. What none matches is left as it is. */
export function of10ActionFlows(): readonly PhysicalFlow[] {
  const vid = move('vlan_vid', 12);
  const pcp = move('vlan_pcp', 3);
  return [
    flow('setVlanVid', priorities.tagged, [anyTag], [vid]),
    flow('setVlanVid', priorities.kind, [], [pushVlan, vid]),
    flow('pushVlanVid', priorities.kind, [], [pushVlan, vid]),
    flow('setVlanPcp', priorities.tagged, [anyTag], [pcp]),
    flow('setVlanPcp', priorities.kind, [], [pushVlan, pcp]),
    flow('stripVlan', priorities.tagged, [anyTag], [{ type: 'popVlan' }]),
    flow('setNwSrc', priorities.kind, [types.ipv4], [move('ipv4_src', 32)]),
    flow('setNwDst', priorities.kind, [types.ipv4], [move('ipv4_dst', 32)]),
    flow('setNwTos', priorities.kind, [types.ipv4], [move('ip_dscp', 6)]),
    flow('setNwTos', priorities.kind, [types.ipv6], [move('ip_dscp', 6)]),
    ...transportFlows('setTpSrc', ['tcp_src', 'udp_src', 'sctp_src', 'icmpv4_type', 'icmpv6_type']),
    ...transportFlows('setTpDst', ['tcp_dst', 'udp_dst', 'sctp_dst', 'icmpv4_code', 'icmpv6_code']),
  ];
}

type Transports = readonly [
  tcp: FieldName,
  udp: FieldName,
  sctp: FieldName,
  icmpv4: FieldName,
  icmpv6: FieldName,
];

function transportFlows(want: Changing, names: Transports): readonly PhysicalFlow[] {
  const [tcp, udp, sctp, icmpv4, icmpv6] = names;
  const entry = (type: Oxm, protocol: number, to: FieldName): PhysicalFlow => {
    const where = [type, oxm('ip_proto', protocol)];
    return flow(want, priorities.kind, where, [move(to, fields[to].bits)]);
  };
  return [
    ...[types.ipv4, types.ipv6].flatMap((type) => [
      entry(type, 6, tcp),
      entry(type, 17, udp),
      entry(type, 132, sctp),
    ]),
    entry(types.ipv4, 1, icmpv4),
    entry(types.ipv6, 58, icmpv6),
  ];
}

function flow(
  want: keyof typeof wanted,
  priority: number,
  where: readonly Oxm[],
  actions: readonly Action[],
): PhysicalFlow {
  return {
    tableId: tables.of10Actions,
    priority,
    match: matchOf(oxm('reg15', wanted[want]), ...where),
    instructions: [{ type: 'applyActions', actions }],
    cookie: cookieOf('wiring', 0, 0),
  };
}

/** NXM_NX_REG14. */
const FROM = headerOf(fields.reg14);

/**
 * NXM's numbers of fields that it has, of class 0 or 1 (Open vSwitch's nicira-ext.h): Open vSwitch
 * says these when it is asked what it holds, and what it holds is compared with what it should.
 */
const nxm: { readonly [N in FieldName]?: readonly [oxmClass: number, field: number] } = {
  ipv4_src: [0, 7],
  ipv4_dst: [0, 8],
  tcp_src: [0, 9],
  tcp_dst: [0, 10],
  udp_src: [0, 11],
  udp_dst: [0, 12],
  icmpv4_type: [0, 13],
  icmpv4_code: [0, 14],
  icmpv6_type: [1, 21],
  icmpv6_code: [1, 22],
};

/** Moves the lowest bits of reg14 into a field. */
function move(name: FieldName, bits: number): Action {
  const { oxmClass: cls, field, size } = fields[name];
  const [inClass, number] = nxm[name] ?? [cls, field];
  return {
    type: 'move',
    bits,
    from: FROM,
    to: headerOf({ oxmClass: inClass, field: number, size }),
  };
}
