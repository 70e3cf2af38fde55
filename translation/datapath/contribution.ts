/**
 * The contribution of each owner to a datapath. Together they are what the datapath should hold,
 * its intent (translation/intent/intent.ts): constants, the entry that identifies its store, and
 * for each vswitch its wiring, the overrides of its rules while it migrates, its groups and its
 * meters; and temporary entries that watch something.
 *
 * A vswitch's wiring is its body there, the ports of its hosts there, and the ways that end at its
 * ports; what tenants configured of their ports is in it (port-wiring.ts). A tenant's rules are
 * contributed by its rulebook, one by one, and never as tables. Datapaths of the flat encoding have
 * their rules, and what overrides them, from their bodies (flat/datapath.ts).
 */
import type { Version } from '../../openflow/values/constants.ts';
import { GROUP_IDS_FROM, type Group } from '../../slices/groups-meters/groups.ts';
import type { Meter } from '../../slices/groups-meters/meters.ts';
import type { DatapathName, Port, Vport } from '../../slices/ids.ts';
import { PORT_METERS_FROM } from '../../slices/network/port-meters.ts';
import { isFlat, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import { type Identity, identityFlow } from '../entries/identity.ts';
import { markerFlow } from '../entries/marker.ts';
import { noTables, type PhysicalFlow, type Tables, tablesOf } from '../entries/physical-tables.ts';
import { type CookieKind, type CookieParts, vswitchOfGroup } from '../entries/pipeline.ts';
import { recountFlow } from '../entries/recount.ts';
import { encodeGroup } from '../requests/group-mod.ts';
import { encodeMeter } from '../requests/meter-mod.ts';
import { type Overrides, overridingFlows } from '../wiring/overrides.ts';
import { METERS_FROM } from '../wiring/recirculation.ts';
import { canaryFlow } from './canary.ts';
import { constantFlows } from './constants.ts';
import { deafFlow, hostProbeFlows, linkProbeFlow, type ProbeSource } from './link-probe.ts';
import { healFlow, strayFlow } from './stale-flows.ts';
import { wiringOfOne, wiringOfThese } from './wiring.ts';

/** Whoever wants something of a datapath, and what it depends on besides the snapshot. */
export type Owner =
  | { readonly type: 'constants' }
  | { readonly type: 'identity'; readonly identity: Identity }
  | { readonly type: 'wiring'; readonly vswitch: Vswitch }
  | { readonly type: 'overrides'; readonly vswitch: Vswitch; readonly overrides: Overrides }
  | {
      readonly type: 'groups';
      readonly vswitch: Vswitch;
      readonly groups: readonly Group[];
      readonly isLive: (vport: Vport) => boolean;
    }
  | { readonly type: 'meters'; readonly vswitch: Vswitch; readonly meters: readonly Meter[] }
  /** Sends markers up that come in by a cable (marker.ts), while somebody waits for one. */
  | { readonly type: 'marker'; readonly port: Port; readonly isThere: boolean }
  /** Counts what comes in by a cable and no way is for (stale-flows.ts). */
  | { readonly type: 'stray'; readonly port: Port; readonly isThere: boolean }
  /** Makes cached flows anew (stale-flows.ts). */
  | {
      readonly type: 'heal';
      readonly turn: number;
      readonly speaks: Version;
      readonly isThere: boolean;
    }
  /** Sends up what says where cables lead (link-probe.ts), from hosts' ports too with a source. */
  | { readonly type: 'probe'; readonly source?: ProbeSource }
  /** Drops what looks like that and comes by a port in a flood, for a while. */
  | { readonly type: 'deaf'; readonly port: Port; readonly isThere: boolean }
  /** Makes a datapath count (recount.ts). */
  | { readonly type: 'recount'; readonly isThere: boolean; readonly serial?: number }
  /** Sends frames of ours back that come by a cable (canary.ts), with this version; or none. */
  | { readonly type: 'canary'; readonly port: Port; readonly shows: number | undefined };

/** What an owner is called; what it depends on does not matter. */
export type OwnerKey = string;

export function ownerKey(owner: Owner): OwnerKey {
  switch (owner.type) {
    case 'wiring':
    case 'overrides':
    case 'groups':
    case 'meters':
      return `${owner.type} ${owner.vswitch.id}`;
    case 'marker':
    case 'stray':
    case 'deaf':
    case 'canary':
      return `${owner.type} ${owner.port}`;
    case 'heal':
      return `heal ${owner.turn % 2}`;
    case 'constants':
    case 'identity':
    case 'probe':
    case 'recount':
      return owner.type;
  }
}

/**
 * What the owner wants of this datapath: nothing, if the snapshot lacks its vswitch. Asked for
 * once, when nobody will soon ask what has changed since, it is not remembered.
 */
export function contribution(
  snapshot: Snapshot,
  owner: Owner,
  datapath: DatapathName,
  isOnce = false,
): Tables {
  const vswitch = 'vswitch' in owner ? snapshot.vswitches.get(owner.vswitch.name) : undefined;
  if ('vswitch' in owner && vswitch === undefined) return noTables;
  switch (owner.type) {
    case 'constants':
      return tablesOf(constantFlows(snapshot, datapath), []);
    case 'identity':
      return tablesOf([identityFlow(owner.identity, isFlat(snapshot, datapath))], []);
    case 'wiring': {
      // As that snapshot has it: the owner may have become another since.
      const now = vswitch ?? owner.vswitch;
      if (!isOnce) return wiringOfOne(snapshot, datapath, now);
      const { flows, groups, meters } = wiringOfThese(snapshot, datapath, [now]);
      return tablesOf(flows, groups, meters);
    }
    case 'overrides': {
      const { vswitch, overrides } = owner;
      if (isFlat(snapshot, datapath)) return noTables;
      return tablesOf(overridingFlows(snapshot, vswitch, datapath, overrides), []);
    }
    case 'groups': {
      const { vswitch, groups, isLive } = owner;
      const scene = { datapath, isLive };
      if (isFlat(snapshot, datapath)) return noTables;
      return tablesOf(
        [],
        groups.map((group) => encodeGroup(vswitch, group, scene)),
      );
    }
    case 'meters':
      if (isFlat(snapshot, datapath)) return noTables;
      return tablesOf([], [], owner.meters.map(encodeMeter));
    case 'marker':
      return one(owner.isThere, markerFlow(owner.port));
    case 'stray':
      return one(owner.isThere, strayFlow(owner.port));
    case 'heal':
      return one(owner.isThere, healFlow(owner.speaks, owner.turn));
    case 'probe':
      return tablesOf([linkProbeFlow, ...hostProbeFlows(owner.source)], []);
    case 'deaf':
      return one(owner.isThere, deafFlow(owner.port));
    case 'recount':
      return one(owner.isThere, recountFlow(owner.serial));
    case 'canary': {
      const { port, shows } = owner;
      return shows === undefined ? noTables : tablesOf([canaryFlow(port, shows)], []);
    }
  }
}

function one(isThere: boolean, flow: PhysicalFlow): Tables {
  return isThere ? tablesOf([flow], []) : noTables;
}

/** Whose an entry is, by its cookie. */
export function ownerOf({ kind, id, serial }: CookieParts): OwnerKey {
  const owner = owners[kind];
  if (owner === 'wiring') return id === 0 ? 'constants' : `wiring ${id}`;
  if (owner === 'overrides' || owner === 'rules') return `${owner} ${id}`;
  if (numbered.has(owner)) return `${owner} ${serial}`;
  return owner;
}

/** Whose a group is; undefined when it is a tenant's, which its book knows. */
export function ownerOfGroup(groupId: number): OwnerKey | undefined {
  return groupId < GROUP_IDS_FROM ? `wiring ${vswitchOfGroup(groupId)}` : undefined;
}

/** Whose a meter is; undefined when it is a tenant's, which its book knows, or a vport's. */
export function ownerOfMeter(meterId: number): OwnerKey | undefined {
  if (meterId >= PORT_METERS_FROM) return undefined;
  return meterId < METERS_FROM ? undefined : `wiring ${meterId - METERS_FROM}`;
}

/** Of these there are several on a datapath; the serial says which. */
const numbered: ReadonlySet<string> = new Set(['marker', 'stray', 'heal', 'deaf', 'canary']);

const owners = {
  wiring: 'wiring',
  egress: 'wiring',
  miss: 'wiring',
  led: 'wiring',
  copy: 'wiring',
  learnt: 'wiring',
  way: 'wiring',
  rule: 'rules',
  tagged: 'rules',
  guard: 'overrides',
  freeze: 'overrides',
  divert: 'overrides',
  lossProbe: 'overrides',
  ledRule: 'overrides',
  recount: 'recount',
  canary: 'canary',
  marker: 'marker',
  heal: 'heal',
  stray: 'stray',
  store: 'identity',
  probe: 'probe',
  deaf: 'deaf',
} as const satisfies Record<CookieKind, Owner['type'] | 'rules'>;
