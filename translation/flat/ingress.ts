/**
 * The places where packets enter the vswitches of a datapath, in the flat encoding.
 *
 * With one table a packet cannot first be told which vswitch and vport it is at and then meet the
 * rules. So every rule stands once for each way in: the host's own port, or a port and a tag: ours,
 * or that by which a host is known that shares its port with others; of a trunk, once for each
 * match that its VLANs are.
 */

import { fieldOf, matchOf, oxm, oxmNumber } from '../../openflow/match/match.ts';
import { vlan } from '../../openflow/values/constants.ts';
import type { Match } from '../../openflow/values/values.ts';
import type { VlanRange } from '../../slices/config/values.ts';
import type { DatapathName, Port, Tag, Vport } from '../../slices/ids.ts';
import { tagAt } from '../../slices/network/hop-tags.ts';
import { endsOn, type HostAttachment } from '../../slices/network/host-attachments.ts';
import {
  bodiesOn,
  placementOf,
  type Snapshot,
  type Vswitch,
} from '../../slices/network/snapshot.ts';
import { isWithin, trunkBlocks } from '../../slices/network/trunks.ts';
import { wiresOf } from '../../slices/network/wires.ts';
import { tagsOxm } from '../entries/frame-tags.ts';

export interface Entrance {
  readonly vswitch: Vswitch;
  readonly vport: Vport;
  readonly inPort: Port;
  /** Of frames that come over a tagged way, or of a shared port; a host's own port has none. */
  readonly tag: Tag | undefined;
  /** The tag is on a host's frames (slices/network/shared-ports.ts). */
  readonly isAccess?: true;
  /** Frames have one of these tags here, and keep it (slices/network/trunks.ts). */
  readonly trunk?: VlanRange;
}

/** By `entranceKey`. */
export type Entrances = ReadonlyMap<number, Entrance>;

const NO_TAG = 0x1000;

export function entranceKey(inPort: number, tag: number | undefined): number {
  return inPort * 0x2000 + (tag ?? NO_TAG);
}

/** The one that an entry's match names. */
export function entranceIn(all: Entrances, match: Match): Entrance | undefined {
  const inPort = fieldOf(match, 'in_port');
  const vid = fieldOf(match, 'vlan_vid');
  if (inPort === undefined) return undefined;
  const tag = vid === undefined ? undefined : Number(oxmNumber(vid)) & ~vlan.present;
  return entranceAt(all, Number(oxmNumber(inPort)), tag);
}

/** Whose a frame is that came in by a port, with this outer tag. */
export function entranceAt(
  all: Entrances,
  inPort: number,
  tag: number | undefined,
): Entrance | undefined {
  const wired = tag === undefined ? undefined : all.get(entranceKey(inPort, tag));
  const own = wired ?? all.get(entranceKey(inPort, undefined));
  if (own !== undefined || tag === undefined) return own;
  // Parts of a trunk are known by their first id, and differ in the last bits only.
  for (let size = 2; size <= NO_TAG; size *= 2) {
    const found = all.get(entranceKey(inPort, tag & ~(size - 1)));
    if (found?.trunk !== undefined && tag <= found.trunk.last) return found;
  }
  return undefined;
}

/**
 * Every way in to the bodies on `datapath`, or to those of these vswitches, used or not: a home may
 * move there and back.
 */
export function entrancesOf(
  snapshot: Snapshot,
  datapath: DatapathName,
  of: readonly Vswitch[] = bodiesOn(snapshot, datapath),
): Entrances {
  const found = new Map<number, Entrance>();
  const put = (entrance: Entrance): void => {
    const { inPort, tag, trunk } = entrance;
    found.set(entranceKey(inPort, tag ?? trunk?.first), entrance);
  };
  const vswitches = of.filter(({ name }) => {
    return placementOf(snapshot, name).bodies.includes(datapath);
  });
  for (const vswitch of vswitches) {
    for (const [vport, attachment] of vswitch.ports) {
      if (attachment.type !== 'host') continue;
      for (const end of endsOn(attachment, datapath)) {
        for (const one of hostEntrances(snapshot, datapath, vswitch, vport, end)) put(one);
      }
    }
  }
  for (const { key, to, end, hops, carriage } of wiresOf(snapshot, vswitches)) {
    if (end.type !== 'enter' || to !== datapath || carriage !== 'tag') continue;
    const last = hops?.at(-1);
    const tag = last && tagAt(snapshot, key, last);
    if (last === undefined || tag === undefined) continue;
    put({ vswitch: end.vswitch, vport: end.vport, inPort: last.toPort, tag });
  }
  return found;
}

/** Where a host's frames enter: one way in, or of a trunk one for each part of its VLANs. */
export function hostEntrances(
  snapshot: Snapshot,
  datapath: DatapathName,
  vswitch: Vswitch,
  vport: Vport,
  { at, vlan: id, vlans }: HostAttachment,
): readonly Entrance[] {
  const where = { vswitch, vport, inPort: at.port };
  if (id !== undefined) return [{ ...where, tag: accessTag(id), isAccess: true }];
  if (vlans === undefined) return [{ ...where, tag: undefined }];
  const parts = trunkBlocks(snapshot, datapath, vswitch).filter((one) => isWithin(one, vlans));
  return parts.map((trunk) => ({ ...where, tag: undefined, trunk }));
}

/** A VLAN of a shared port: a tag as those of ways are, on a port that no way uses. */
export function accessTag(id: number): Tag {
  return id as Tag;
}

/** What frames are like that enter here. */
export function entering({ inPort, tag, trunk }: Entrance): Match {
  if (trunk !== undefined) return matchOf(oxm('in_port', inPort), tagsOxm(trunk));
  if (tag === undefined) return matchOf(oxm('in_port', inPort));
  return matchOf(oxm('in_port', inPort), oxm('vlan_vid', vlan.present | tag));
}
