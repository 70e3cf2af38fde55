/**
 * Where packets enter the vswitches of a datapath, in the flat encoding.
 *
 * With one table a packet cannot first be told which vswitch and vport it is at and then meet the
 * rules. So every rule stands once for each way in: the host's own port, or a port and a tag: ours,
 * or that by which a host is known that shares its port with others.
 */

import { matchOf, oxm } from '../../openflow/match/match.ts';
import { vlan } from '../../openflow/values/constants.ts';
import type { Match } from '../../openflow/values/values.ts';
import type { DatapathName, Port, Tag, Vport } from '../../slices/ids.ts';
import { tagAt } from '../../slices/network/hop-tags.ts';
import { endsOn, type HostAttachment } from '../../slices/network/host-ends.ts';
import {
  bodiesOn,
  placementOf,
  type Snapshot,
  type Vswitch,
} from '../../slices/network/snapshot.ts';
import { wiresOf } from '../../slices/network/wires.ts';

export interface Entrance {
  readonly vswitch: Vswitch;
  readonly vport: Vport;
  readonly inPort: Port;
  /** Of frames that come over a tagged way, or of a shared port; a host's own port has none. */
  readonly tag: Tag | undefined;
  /** The tag is on a host's frames (slices/network/shared-ports.ts). */
  readonly isAccess?: true;
}

/** By `entranceKey`. */
export type Entrances = ReadonlyMap<number, Entrance>;

const NO_TAG = 0x1000;

export function entranceKey(inPort: number, tag: number | undefined): number {
  return inPort * 0x2000 + (tag ?? NO_TAG);
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
    found.set(entranceKey(entrance.inPort, entrance.tag), entrance);
  };
  const vswitches = of.filter(({ name }) => {
    return placementOf(snapshot, name).bodies.includes(datapath);
  });
  for (const vswitch of vswitches) {
    for (const [vport, attachment] of vswitch.ports) {
      if (attachment.type !== 'host') continue;
      for (const end of endsOn(attachment, datapath)) put(hostEntrance(vswitch, vport, end));
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

/** Where a host's frames enter. */
export function hostEntrance(
  vswitch: Vswitch,
  vport: Vport,
  { at, vlan: id }: HostAttachment,
): Entrance {
  const where = { vswitch, vport, inPort: at.port };
  return id === undefined
    ? { ...where, tag: undefined }
    : { ...where, tag: accessTag(id), isAccess: true };
}

/** A VLAN of a shared port: a tag as those of ways are, on a port that no way uses. */
export function accessTag(id: number): Tag {
  return id as Tag;
}

/** What frames are like that enter here. */
export function entering({ inPort, tag }: Entrance): Match {
  if (tag === undefined) return matchOf(oxm('in_port', inPort));
  return matchOf(oxm('in_port', inPort), oxm('vlan_vid', vlan.present | tag));
}
