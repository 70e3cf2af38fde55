/**
 * OpenFlow 1.3's numbers, by the specification's names in camelCase.
 *
 * Everything else in the folder imports from here. Match fields
 * (fields.ts), message types (messages.ts) and errors (errors.ts) have tables of their own.
 * Source: OpenFlow 1.3.5, sections in the comments.
 */

/** ofp_header.version. */
export const version = { of10: 1, of13: 4 } as const;
/** A version that the codec speaks. */
export type Version = (typeof version)[keyof typeof version];

/** OFPP_*: reserved ports (OF1.3.5 section 7.2.1). Numbers above `max` are never real ports. */
export const port = {
  max: 0xffffff00,
  inPort: 0xfffffff8,
  table: 0xfffffff9,
  normal: 0xfffffffa,
  flood: 0xfffffffb,
  all: 0xfffffffc,
  controller: 0xfffffffd,
  local: 0xfffffffe,
  any: 0xffffffff,
} as const;

/** OFPG_* (section 7.3.4.2). */
export const group = { max: 0xffffff00, all: 0xfffffffc, any: 0xffffffff } as const;

/** OFPM_* (section 7.3.4.4). */
export const meter = {
  max: 0xffff0000,
  slowpath: 0xfffffffd,
  controller: 0xfffffffe,
  all: 0xffffffff,
} as const;

/** OFPTT_* (section 7.3.4.1). */
export const table = { max: 0xfe, all: 0xff } as const;

/** OFP_NO_BUFFER. */
export const NO_BUFFER = 0xffffffff;

/** OFPCML_* (section 7.2.5): how much of a packet goes to the controller. */
export const controllerMaxLen = { max: 0xffe5, noBuffer: 0xffff } as const;

/** OFPQ_ALL. */
export const queueAll = 0xffffffff;

/** OFPFC_* (section 7.3.4.1). */
export const flowCommand = {
  add: 0,
  modify: 1,
  modifyStrict: 2,
  delete: 3,
  deleteStrict: 4,
} as const;

/** OFPFF_* (section 7.3.4.1). */
export const flowFlag = {
  sendFlowRem: 1,
  checkOverlap: 2,
  resetCounts: 4,
  noPktCounts: 8,
  noBytCounts: 16,
} as const;

/** OFPGC_* and OFPGT_* (section 7.3.4.2). */
/** And Open vSwitch's own: adds what is not there, and modifies what is. */
export const groupCommand = { add: 0, modify: 1, delete: 2, addOrMod: 0x8000 } as const;
export const groupType = { all: 0, select: 1, indirect: 2, ff: 3 } as const;

/** OFPMC_* (section 7.3.4.4). */
export const meterCommand = { add: 0, modify: 1, delete: 2 } as const;

/** OFPMF_*, and the bits of meter features' capabilities (section 7.3.4.4). */
export const meterFlag = { kbps: 1, pktps: 2, burst: 4, stats: 8 } as const;

/** OFPMBT_* (section 7.3.4.4). */
export const meterBandType = { drop: 1, dscpRemark: 2 } as const;

/** OFPR_* (section 7.4.1). */
export const packetInReason = { noMatch: 0, action: 1, invalidTtl: 2 } as const;

/** OFPRR_* (section 7.4.2). */
/** NXFMF_* and ONFFMF_*: when a flow monitor tells, and what (nicira-ext.h, ONF extension 187). */
export const monitorFlag = {
  initial: 1,
  add: 2,
  delete: 4,
  modify: 8,
  actions: 16,
  own: 32,
} as const;

/** NXFME_* and ONFFME_*. */
export const monitorEvent = { add: 0, delete: 1, modify: 2, abbrev: 3 } as const;

export const flowRemovedReason = {
  idleTimeout: 0,
  hardTimeout: 1,
  delete: 2,
  groupDelete: 3,
} as const;

/** OFPPR_* (section 7.4.3). */
export const portReason = { add: 0, delete: 1, modify: 2 } as const;

/** OFPPS_* and OFPPC_* (section 7.2.1). */
export const portState = { linkDown: 1, blocked: 2, live: 4 } as const;
/** OpenFlow 1.0 has three more, for spanning tree and floods (OF1.0.1 section 5.2.1). */
export const portConfig = {
  portDown: 1,
  noStp: 2,
  noRecv: 4,
  noRecvStp: 8,
  noFlood: 16,
  noFwd: 32,
  noPacketIn: 64,
} as const;

/** OFPC_* (section 7.3.1). */
export const capability = {
  flowStats: 1,
  tableStats: 2,
  portStats: 4,
  groupStats: 8,
  ipReasm: 32,
  queueStats: 64,
  portBlocked: 256,
} as const;

/** OFPC_FRAG_* (section 7.3.2). */
export const configFlag = {
  fragNormal: 0,
  fragDrop: 1,
  fragReasm: 2,
  fragMask: 3,
  /** OFPC_INVALID_TTL_TO_CONTROLLER: 1.1's and 1.2's; Open vSwitch has it in 1.0, too. */
  invalidTtl: 4,
} as const;

/** OFPMP_* (section 7.3.5). */
export const multipartType = {
  desc: 0,
  flow: 1,
  aggregate: 2,
  table: 3,
  portStats: 4,
  queueStats: 5,
  groupStats: 6,
  groupDesc: 7,
  groupFeatures: 8,
  meterStats: 9,
  meterConfig: 10,
  meterFeatures: 11,
  tableFeatures: 12,
  portDesc: 13,
  experimenter: 0xffff,
} as const;

/** OFPMPF_REQ_MORE and OFPMPF_REPLY_MORE: the same bit. */
export const multipartMore = 1;

/** OFPCR_ROLE_* (section 7.3.9). The specification's MASTER and SLAVE. */
export const role = { nochange: 0, equal: 1, master: 2, slave: 3 } as const;

/** OFPXMC_* (section 7.2.3.3); `xreg` is 1.5's packet registers, that Open vSwitch has in 1.3. */
export const oxmClass = {
  nxm0: 0x0000,
  nxm1: 0x0001,
  basic: 0x8000,
  packetRegs: 0x8001,
  experimenter: 0xffff,
  /**
   * Not a class of the wire: OFPXMC_EXPERIMENTER with the experimenter id of Open vSwitch's fields
   * of the network service header (NXOXM_NSH), which stands before each of their values there.
   */
  nsh: 0x1_5ad6,
  /** Not of the wire either: what OpenFlow 1.0 can match, and 1.3 cannot. */
  only10: 0x00fe,
} as const;

/** The experimenter id of those fields. */
export const NSH_FIELDS = 0x005ad650;

/** OFPVID_* (section 7.2.3.7). */
export const vlan = { none: 0, present: 0x1000 } as const;

/** Nicira's experimenter id, and the actions of its that we know (nicira-ext.h). */
export const nicira = {
  experimenter: 0x00002320,
  regMove: 6,
  regLoad: 7,
  note: 8,
  resubmitTable: 14,
  decTtl: 18,
  controller: 20,
  controller2: 37,
  clone: 42,
  learn2: 45,
  encap: 46,
  decap: 47,
  resubmitInPort: 0xfff8,
} as const;

/** NXAC2PT_METER_ID (Open vSwitch's ofp-actions.c): the only property of controller2 we know. */
export const meterIdProperty = { type: 5, size: 8 } as const;

/** NX_LEARN_F_*: what becomes of learnt entries when nothing learns them any more. */
export const learnFlag = { sendFlowRem: 1, deleteLearned: 2, writeResult: 4 } as const;

/** Packet types: a namespace and a number of it (OF1.5.1 section 7.2.3.11). */
export const packetType = {
  ethernet: 0x0000_0000,
  nsh: 0x0001_894f,
  mpls: 0x0001_8847,
  /** What the header that is taken off says of what follows it. */
  useNextProtocol: 0x0000_fffe,
} as const;

/** ofp_ed_prop_nsh_md_type (Open vSwitch's ofp-ed-props.h): the only property we know. */
export const nshMdType = { propertyClass: 4, type: 1, size: 8 } as const;

/** The errors (section 7.4.4) are a table of their own; said here too, as they are constants. */
export { errorName, errorTable, isError, ofError } from './errors.ts';

/** ONF's experimenter id, which its extensions to 1.3 have. */
export const onf = { experimenter: 0x4f4e_4600 } as const;

/** OFPBCT_*: what is asked about a bundle; each answer's number is one more (ONF extension 230). */
export const bundleControl = { open: 0, close: 2, commit: 4, discard: 6 } as const;

/** OFPBF_*. */
export const bundleFlag = { atomic: 1, ordered: 2 } as const;
