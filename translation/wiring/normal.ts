/**
 * NORMAL: a learning switch of a vswitch's own vports, in the datapath (OF1.3.5 section 4.5). It
 * does what Open vSwitch's own does on a bridge whose ports are trunks of all VLANs
 * (ofproto-dpif-xlate.c, xlate_normal); but where that knows ports, entries here know vports.
 *
 *   egress, reg0 = NORMAL --> normal --> learnt: (vswitch, VLAN, source) --> reg0 = its vport, or 0
 *                                    --> learning: that the source is where the frame came in
 *                                    --> learnt: (vswitch, VLAN, destination) --> reg0 = its vport,
 *                                        or FLOOD --> egress
 *
 * What comes of it is an output like others, so what holds for those does here: never back by the
 * ingress vport, PORT_MOD, bandwidth, queues, counters.
 *
 * The datapath adds the entries of `learnt` by itself (NXAST_LEARN2). They have a cookie that names
 * the vswitch and the vports that it had then, are so many at most, and go when nothing learns with
 * that cookie any more: the datapath sees to it, whether we are there or not. So no vswitch meets
 * what another with its number learnt, nor what it learnt itself somewhere else before. Where there
 * is no room for one more address it is flooded to; one that is known may move at all times.
 *
 * Only the body that processes all packets learns (`learnsOn`). Others flood.
 */

import { matchOf, oxm } from '../../openflow/match/match.ts';
import { bytesNumber } from '../../openflow/match/oxm.ts';
import { learnFlag, port as ofpp, oxmClass } from '../../openflow/values/constants.ts';
import { type FieldRow, fields, headerOf } from '../../openflow/values/fields.ts';
import type { Action, FlowStatsFilter, LearnSpec, Oxm } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { isBig } from '../../slices/network/members.ts';
import { placementOf, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import { hashOf } from '../../slices/text-hash.ts';
import { everyFlow, type PhysicalFlow } from '../entries/physical-tables.ts';
import {
  cookieOf,
  egressCode,
  inVswitch,
  KIND_MASK,
  metadataBits,
  readCookie,
  resubmit,
  tables,
} from '../entries/pipeline.ts';
import { port16 } from '../entries/reserved.ts';
import { recirculate } from './recirculation.ts';

const priorities = { reserved: 50, sent: 45, untagged: 40, unlearnt: 30, learn: 10 } as const;
const learningPriorities = { news: 20, known: 10 } as const;
/** Of entries that are learnt: nothing else is in their table. */
const LEARNT_PRIORITY = 1;

/** Whether what is learnt there is all that there is to know. */
export function learnsOn(snapshot: Snapshot, vswitch: Vswitch, datapath: DatapathName): boolean {
  // Each member would know what enters there only, and not that it has moved elsewhere.
  if (isBig(vswitch) && vswitch.consistency === 'eventual') return false;
  const { primary, bodies } = placementOf(snapshot, vswitch.name);
  return primary === datapath && bodies.includes(datapath);
}

/** NXM_OF_ETH_DST, NXM_OF_ETH_SRC and NXM_OF_VLAN_TCI: Open vSwitch says these of what it holds. */
const ethDst = headerOf({ oxmClass: oxmClass.nxm0, field: 1, size: 6 });
const ethSrc = headerOf({ oxmClass: oxmClass.nxm0, field: 2, size: 6 });
const vlanTci = headerOf({ oxmClass: oxmClass.nxm0, field: 4, size: 2 });
/** The VLAN: without a tag 0, as with one that has only a priority. */
const VLAN_BITS = 12;
const { metadata, reg0, reg8, reg9 } = fields;

/** Looks an address up: what is known comes to reg0. */
function lookUp(from: number, unknown: number): readonly Action[] {
  return [
    { type: 'move', bits: reg8.bits, from, to: headerOf(reg8) },
    { type: 'move', bits: HIGH_BITS, from, fromBit: reg8.bits, to: headerOf(reg9) },
    { type: 'setField', oxm: oxm('reg0', unknown) },
    resubmit(tables.learnt),
  ];
}

/** Of an address, behind the lower 32. */
const HIGH_BITS = fields.eth_dst.bits - reg8.bits;
/** No vport's. */
const NOT_KNOWN = 0;

const send: readonly Action[] = [...lookUp(ethDst, egressCode.flood), resubmit(tables.egress)];

/** What is the same for all vswitches. */
export function normalFlows(): readonly PhysicalFlow[] {
  const cookie = cookieOf('wiring', 0, 0);
  const entry = (priority: number, match: readonly Oxm[], actions: readonly Action[]) =>
    flow(tables.normal, priority, match, actions, cookie);
  const wanted = [oxm('reg0', egressCode.normal)];
  return [
    flow(tables.egress, priorities.learn, wanted, [resubmit(tables.normal)], cookie),
    ...reservedAddresses.map((address) => entry(priorities.reserved, [address], [])),
    // Of what a packet-out sends Open vSwitch learns beyond the limit, unless it is taken up anew.
    entry(
      priorities.sent,
      [oxm('in_port', ofpp.controller)],
      [{ type: 'clone', actions: [fromNoPort, ...recirculate, resubmit(tables.normal)] }],
    ),
    // Open vSwitch sends no tag on that says nothing.
    entry(
      priorities.untagged,
      [oxm('vlan_vid', 0x1000), oxm('vlan_pcp', 0)],
      [{ type: 'clone', actions: [{ type: 'popVlan' }, resubmit(tables.normal)] }],
    ),
    entry(priorities.unlearnt, [oxm('eth_src', GROUP_BIT, GROUP_BIT)], send),
    entry(priorities.unlearnt, [enteredNowhere], send),
    entry(priorities.learn, [], [...lookUp(ethSrc, NOT_KNOWN), resubmit(tables.learning), ...send]),
  ];
}

const GROUP_BIT = '01:00:00:00:00:00';
/** OFPP_NONE. */
const fromNoPort: Action = { type: 'setField', oxm: oxm('nxm_in_port', port16(ofpp.any)) };

/** What packet-outs say that entered by no vport: CONTROLLER, or ANY. */
const enteredNowhere = vportBits(port16(ofpp.controller & ofpp.any));

/** All that has these bits of the vport, of every vswitch. */
function vportBits(bits: number): Oxm {
  const mask = BigInt(bits) << BigInt(metadataBits.vport.firstBit);
  return oxm('metadata', mask, mask);
}

/** Addresses that no switch sends on, as Open vSwitch has them (lib/packets.c). */
const reservedAddresses: readonly Oxm[] = [
  // IEEE 802.1D: spanning tree, pauses, link aggregation, LLDP ...
  oxm('eth_dst', '01:80:c2:00:00:00', 'ff:ff:ff:ff:ff:f0'),
  ...['00:e0:2b:00:00:00', '00:e0:2b:00:00:04', '00:e0:2b:00:00:06'].map(exactly),
  ...['01:00:0c:00:00:00', '01:00:0c:cc:cc:cc', '01:00:0c:cc:cc:cd'].map(exactly),
  exactly('01:00:0c:cd:cd:cd'),
  oxm('eth_dst', '01:00:0c:cc:cc:c0', 'ff:ff:ff:ff:ff:f8'),
];

function exactly(address: string): Oxm {
  return oxm('eth_dst', address);
}

/** Whether a frame to this address goes nowhere. */
export function isReserved({ dst }: { readonly dst: bigint }): boolean {
  return reservedAddresses.some(({ value, mask }) => {
    const bits = mask === undefined ? -1n : bytesNumber(mask);
    return (dst & bits) === bytesNumber(value);
  });
}

/** Where the vswitch's packets are processed: an address that is new there, and one that is not. */
export function learningFlows(vswitch: Vswitch): readonly PhysicalFlow[] {
  const { news, known } = learningPriorities;
  const here = inVswitch(vswitch.id);
  const entry = (priority: number, match: readonly Oxm[], limit: number) => {
    const cookie = cookieOf('wiring', vswitch.id, 0);
    return flow(tables.learning, priority, match, [learn(vswitch, limit)], cookie);
  };
  return [
    entry(news, [here, oxm('reg0', NOT_KNOWN)], limits.learntPerVswitchMax),
    // It takes the place of the one that is there. At its limit Open vSwitch would not let it.
    entry(known, [here], NO_LIMIT),
  ];
}

const NO_LIMIT = 0;

function learn(vswitch: Vswitch, limit: number): Action {
  return {
    type: 'learn',
    // Each frame from there makes it young again.
    hardTimeoutSec: limits.learntSec,
    priority: LEARNT_PRIORITY,
    cookie: learntCookie(vswitch),
    flags: learnFlag.deleteLearned,
    table: tables.learnt,
    limit,
    specs: learntSpecs,
  };
}

/** Of what a vswitch learns that has this number, this name and these vports. */
export function learntCookie({ id, name, ports }: Vswitch): bigint {
  return cookieOf('learnt', id, hashOf(`${name} ${[...ports.keys()].join()}`));
}

/** Whether an entry is one that the datapath has made. */
export function isLearnt({ tableId, cookie }: Pick<PhysicalFlow, 'tableId' | 'cookie'>): boolean {
  return tableId === tables.learnt && readCookie(cookie)?.kind === 'learnt';
}

/** Selects them, of all vswitches. */
export const learntFlows: FlowStatsFilter = {
  ...everyFlow,
  tableId: tables.learnt,
  cookie: cookieOf('learnt', 0, 0),
  cookieMask: KIND_MASK,
};

const { vswitch: ofVswitch, vport: ofVport } = metadataBits;

/** What an entry matches: the vswitch, the VLAN, the address; and what it loads, the vport. */
const learntSpecs: readonly LearnSpec[] = [
  spec('match', ofVswitch.bits, [metadata, ofVswitch.firstBit], [metadata, ofVswitch.firstBit]),
  spec('match', VLAN_BITS, [vlanTci, 0], [vlanTci, 0]),
  spec('match', reg8.bits, [reg8, 0], [ethSrc, 0]),
  spec('match', HIGH_BITS, [reg9, 0], [ethSrc, reg8.bits]),
  spec('load', ofVport.bits, [reg0, 0], [metadata, ofVport.firstBit]),
  spec('load', reg0.bits - ofVport.bits, [reg0, ofVport.bits], 0n),
];

type Bits = readonly [field: FieldRow | number, firstBit: number];

function spec(does: LearnSpec['does'], bits: number, to: Bits, from: Bits | bigint): LearnSpec {
  return { does, bits, ...partOf(to), from: typeof from === 'bigint' ? from : partOf(from) };
}

function partOf([field, firstBit]: Bits) {
  return { field: typeof field === 'number' ? field : headerOf(field), firstBit };
}

function flow(
  tableId: number,
  priority: number,
  match: readonly Oxm[],
  actions: readonly Action[],
  cookie: bigint,
): PhysicalFlow {
  const instructions = actions.length === 0 ? [] : [{ type: 'applyActions', actions } as const];
  return { tableId, priority, match: matchOf(...match), instructions, cookie };
}
