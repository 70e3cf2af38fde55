/**
 * The pipeline encoding's numbers: tables, metadata, group ids and cookies (DESIGN 2).
 *
 *   table 0   classifier   (physical port, label or tag) -> metadata = (vswitch, vport), on to 1
 *   table 1   guard        empty in quiet times; of two bodies, one leads to the other (DESIGN 5);
 *                          and tenants' rules of the highest priority (slotOf)
 *   table 2.. tenant       tenant table t is table t + 2, every rule under the vswitch's metadata
 *   table 242 learning    learns where a frame came from, for NORMAL (normal.ts)
 *   table 243 learnt      by which vport a tenant's addresses are reached, as was learnt
 *   table 244 normal      has that learnt, and looks up where the frame goes
 *   table 245 metered      what the meters of vports let pass: counted, then the vport's group
 *   table 246 meters       the bandwidth of vports (port-meters.ts)
 *   table 247 crossing     how many frames come from neighbours here in a moment (recirculation.ts)
 *   table 248 identity     says whose the datapath is (identity.ts); counts by which rules packets
 *                          are led to another body (overrides.ts); no goto leads there
 *   table 249 1.0 actions  does what actions of OpenFlow 1.0 say (of10-actions.ts)
 *   table 250 egress       reg0 = what a rule wants to output to -> not back to the ingress vport,
 *                          then the vport's group
 *   table 251 ports        empty but for vports that do not receive everything (port-wiring.ts)
 *   table 252 ways         reg5 = which way a frame goes -> wrapped, and to the next datapath
 *   table 253 recirculation takes up anew what crosses to a neighbour here (recirculation.ts)
 *
 * Metadata: bits 63..48 the vswitch, 47..32 the vport where the packet entered, 31..0 the tenant's.
 * reg0 is where to output; reg1, for an output to the controller by the action set, is the serial
 * of the rule that asked for it; reg2 is 1 when the packet came with our tag (egress.ts); reg3 and
 * reg4 say which queue (queues.ts); reg5 is the way that a frame is sent along (ways.ts); reg6,
 * reg7, reg10 and reg11 are the tenant's (tenant-registers.ts); reg8 and reg9 are the address that
 * is looked up for NORMAL (normal.ts); reg12 is 1 when it has met what stands where a guard stood,
 * and 2 when it was copied; reg13 is where bits go that are only looked at (cache-eviction.ts).
 */
import { oxm } from '../../openflow/match/match.ts';
import { bytesNumber, oxmNumber } from '../../openflow/match/oxm.ts';
import type { Action, Instruction, Oxm } from '../../openflow/values/values.ts';
import type { VswitchId } from '../../slices/ids.ts';

export const tables = {
  classifier: 0,
  guard: 1,
  tenant: 2,
  learning: 242,
  learnt: 243,
  normal: 244,
  metered: 245,
  meters: 246,
  crossing: 247,
  identity: 248,
  of10Actions: 249,
  egress: 250,
  ports: 251,
  ways: 252,
  recirculation: 253,
} as const;

/** Below the guards (pipeline-body.ts), above what leads on to the tenant's first table. */
const TOP_PRIORITY = 10;
const HIGHEST = 0xffff;

/**
 * Where a rule of a tenant stands. In the first table everything is one higher than the tenant
 * says, so that priority 0 is left for what misses every rule (wiring.ts, `missFlow`). The highest
 * has no next: such rules stand in the table before, where they are met first, too.
 */
export function slotOf(
  tableId: number,
  priority: number,
): { readonly tableId: number; readonly priority: number } {
  if (tableId > 0) return { tableId: tenantTable(tableId), priority };
  if (priority === HIGHEST) return { tableId: tables.guard, priority: TOP_PRIORITY };
  return { tableId: tables.tenant, priority: priority + 1 };
}

/** Tables that a tenant sees; what is between them and the egress table is kept for ours. */
export const TENANT_TABLES = 240;

/** The datapath's table that is the tenant's table `id`. */
export function tenantTable(id: number): number {
  return tables.tenant + id;
}

/** What reg0 says when a rule outputs to no single vport; vports end at 0xfeff. */
export const egressCode = {
  all: 0x1_0000,
  inPort: 0x1_0001,
  flood: 0x1_0002,
  controller: 0x1_0003,
  normal: 0x1_0004,
} as const;

/** The bits of metadata that are the tenant's: in table features, matches, and instructions. */
export const TENANT_METADATA = 0xffff_ffffn;

const VSWITCH_MASK = 0xffff_0000_0000_0000n;
const VPORT_MASK = 0xffff_ffff_0000_0000n;

export function metadataOf(id: VswitchId, vport: number): bigint {
  return (BigInt(id) << 48n) | (BigInt(vport) << 32n);
}

/** Matches every packet inside a vswitch. */
export function inVswitch(id: VswitchId): Oxm {
  return oxm('metadata', metadataOf(id, 0), VSWITCH_MASK);
}

/** Matches the packets that entered a vswitch by one vport. */
export function atVport(id: VswitchId, vport: number): Oxm {
  return oxm('metadata', metadataOf(id, vport), VPORT_MASK);
}

/** A tenant's match on metadata, beside ours of its vswitch, and of its vport when there is one. */
export function withTenantMetadata(ours: Oxm, theirs: Oxm): Oxm {
  const mask = theirs.mask === undefined ? TENANT_METADATA : bytesNumber(theirs.mask);
  const oursMask = ours.mask === undefined ? 0n : bytesNumber(ours.mask);
  const value = oxmNumber(ours) | (oxmNumber(theirs) & TENANT_METADATA);
  return oxm('metadata', value, oursMask | (mask & TENANT_METADATA));
}

export function writeVport(id: VswitchId, vport: number): Instruction {
  return { type: 'writeMetadata', metadata: metadataOf(id, vport), mask: VPORT_MASK };
}

/** As an action: for packet-outs and for links between vswitches of one datapath. */
export function setVport(id: VswitchId, vport: number): Action {
  return { type: 'setField', oxm: oxm('metadata', metadataOf(id, vport)) };
}

/** The vswitch that a packet-in's metadata names, from the upper 32 bits of it. */
export function vswitchOfMetadata(upper: number): number {
  return upper >>> 16;
}

/** The vport where the packet entered, from the upper 32 bits of its metadata. */
export function vportOfMetadata(upper: number): number {
  return upper & 0xffff;
}

export function groupOf(id: VswitchId, vport: number): number {
  return id * 0x1_0000 + vport;
}

export function vswitchOfGroup(groupId: number): number {
  return Math.floor(groupId / 0x1_0000);
}

/** Goes on in `table` and comes back; in_port stays. */
export function resubmit(table: number): Action {
  return { type: 'resubmit', inPort: 0xfff8, table };
}

/**
 * Forgets the physical ingress port, so that a datapath does not refuse to send a packet back
 * where it came from: whether it may is decided on vports, in the egress table. Open vSwitch
 * documents this (ovs-fields(7), in_port); it is undone at the end of the group's bucket.
 */
export const forgetIngress: Action = { type: 'setField', oxm: oxm('nxm_in_port', 0) };

/** Whether the packet has met a `pass` in this vswitch (pipeline-body.ts). */
export const notPassed: Action = { type: 'setField', oxm: oxm('reg12', 0) };

/** Which vswitch a packet is in, and the vport where it entered: bits of metadata. */
export const metadataBits = {
  vswitch: { firstBit: 48, bits: 16 },
  vport: { firstBit: 32, bits: 16 },
} as const;

/** What an entry of ours is for. A cookie is 'L', kind, vswitch, serial: 8 + 8 + 16 + 32 bits. */
export const cookieKind = {
  wiring: 1,
  rule: 2,
  guard: 3,
  freeze: 4,
  egress: 5,
  miss: 6,
  /** A rule in the flat encoding, where frames come with our tag (flat/rules.ts). */
  tagged: 7,
  /** What enters while another body becomes the primary (pipeline-body.ts). */
  divert: 8,
  /** Met by no packet (recount.ts). */
  recount: 9,
  /** The end of a way by which another body leads packets here (slices/network/wires.ts). */
  led: 10,
  /** Sends frames of our own up (marker.ts). */
  marker: 11,
  /** Met by no packet, too, and looks at a bit more (stale-flows.ts). */
  heal: 12,
  /** Counts what comes by a cable and no way is for. */
  stray: 13,
  /** Says whose the datapath is (identity.ts). */
  store: 16,
  /** Of a way (ways.ts); its vswitch is the one at whose port the way ends. */
  way: 17,
  /** Sends frames of our own up that say where cables lead (link-probe.ts). */
  probe: 18,
  /** Drops what looks like those where it comes in a flood. */
  deaf: 19,
  /** Sends frames of our own back that show when a change is in force (canary.ts). */
  canary: 20,
  /** Sends what enters to the copy, too (wiring/copies.ts). */
  copy: 21,
  /** Made by the datapath itself: where an address is (wiring/normal.ts). */
  learnt: 22,
  /** Sends frames of our own up, or on, that show what a migration loses (wiring/loss-probe.ts). */
  lossProbe: 23,
  /** Counts which rule a packet would have met that is led (wiring/overrides.ts). */
  ledRule: 24,
} as const;
export type CookieKind = keyof typeof cookieKind;
/** By number: every row of statistics asks. */
const cookieKinds: readonly (CookieKind | undefined)[] = Object.entries(cookieKind).reduce(
  (kinds: CookieKind[], [kind, number]) => {
    kinds[number] = kind as CookieKind;
    return kinds;
  },
  [],
);

const OURS = 0x4cn << 56n;
export const OURS_MASK = 0xff00_0000_0000_0000n;
export const OURS_COOKIE = OURS;
/** Selects everything of one kind. */
export const KIND_MASK = 0xffff_0000_0000_0000n;
/** Selects the rules, or the guards, of one vswitch. */
export const VSWITCH_COOKIE_MASK = 0xffff_ffff_0000_0000n;

/** Selects what has exactly this cookie. */
export const WHOLE_COOKIE_MASK = 0xffff_ffff_ffff_ffffn;

/** Selects everything of one vswitch. */
export const ANY_KIND_MASK = 0xff00_ffff_0000_0000n;

export function cookieOf(kind: CookieKind, id: number, serial: number): bigint {
  return OURS | (BigInt(cookieKind[kind]) << 48n) | (BigInt(id) << 32n) | BigInt(serial);
}

/** Whether these upper 32 bits of a cookie name a rule of the vswitch; the lower are its serial. */
export function isRuleCookie(upper: number, id: number): boolean {
  return upper === RULES_UPPER + id;
}

/** Whether these upper 32 bits of a cookie name the wiring of the vswitch: its egress entries. */
export function isWiringCookie(upper: number, id: number): boolean {
  return upper === WIRING_UPPER + id;
}

/** The upper 32 bits of the cookies of a vswitch's rules. */
export function ruleCookieUpper(id: number): number {
  return RULES_UPPER + id;
}

const RULES_UPPER = 0x4c00_0000 + cookieKind.rule * 0x1_0000;
/** Whether these upper 32 bits of a cookie name what misses every rule of the vswitch. */
export function isMissCookie(upper: number, id: number): boolean {
  return upper === MISS_UPPER + id;
}

/** Whether these upper 32 bits of a cookie say that a packet of the vswitch was diverted to us. */
export function isDivertCookie(upper: number, id: number): boolean {
  return upper === DIVERT_UPPER + id;
}

/** The vswitch of whose loss probes these upper 32 bits of a cookie are; undefined: of none's. */
export function lossProbeIdIn(upper: number): number | undefined {
  return upper >>> 16 === LOSS_PROBE_KIND ? upper & 0xffff : undefined;
}

const LOSS_PROBE_KIND = 0x4c00 + cookieKind.lossProbe;
const DIVERT_UPPER = 0x4c00_0000 + cookieKind.divert * 0x1_0000;
const MISS_UPPER = 0x4c00_0000 + cookieKind.miss * 0x1_0000;
const WIRING_UPPER = 0x4c00_0000 + cookieKind.wiring * 0x1_0000;

const overrides: ReadonlySet<CookieKind> = new Set([
  ...(['guard', 'freeze', 'divert', 'lossProbe', 'ledRule'] as const),
]);

/** Whether such an entry overrides a vswitch's rules (overrides.ts). */
export function isOverride(kind: CookieKind): boolean {
  return overrides.has(kind);
}

export interface CookieParts {
  readonly kind: CookieKind;
  readonly id: number;
  readonly serial: number;
}

/** What a cookie says, or undefined when it isn't one of ours. */
export function readCookie(cookie: bigint): CookieParts | undefined {
  if ((cookie & OURS_MASK) !== OURS) return undefined;
  const upper = Number(cookie >> 32n);
  const kind = cookieKinds[(upper >> 16) & 0xff];
  if (kind === undefined) return undefined;
  return { kind, id: upper & 0xffff, serial: Number(cookie & 0xffff_ffffn) };
}
