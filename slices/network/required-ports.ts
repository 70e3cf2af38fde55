/**
 * What must be up for a vport to be up: every physical port that its cable, or its virtual cable,
 * runs over from where the vswitch lives (LIME 2: a virtual link is a path of physical links).
 *
 * Reckoned from homes, where packets are processed, and not from bodies: a clone that carries
 * nothing yet, or nothing any more, is nothing that a tenant should hear of.
 */
import type { PhysicalEnd } from '../config/config.ts';
import type { DatapathName, Vport } from '../ids.ts';
import { isOutside } from './crossings.ts';
import { isFlat, placementOf, type Snapshot, type Vswitch } from './values.ts';

export function requiredPortsOf(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
): readonly PhysicalEnd[] {
  const attachment = vswitch.ports.get(vport);
  if (attachment === undefined) return [];
  const { homes } = placementOf(snapshot, vswitch.name);
  if (attachment.type === 'host') {
    const { at } = attachment;
    const elsewhere = distinct(homes).filter((home) => home !== at.device);
    const ways = elsewhere.flatMap((home) => [
      ...endsBetween(snapshot, home, at.device),
      ...endsBetween(snapshot, at.device, home),
    ]);
    return [at, ...ways];
  }
  const { device, port } = attachment.peer;
  const theirs = placementOf(snapshot, device).homes;
  const isCrossedInside = (on: DatapathName): boolean =>
    !isFlat(snapshot, on) && !isOutside(snapshot, on, vswitch, vport);
  return [
    ...endsToHome(snapshot, homes, theirs.get(port), isCrossedInside),
    ...endsToHome(snapshot, theirs, homes.get(vport), isCrossedInside),
  ];
}

/** From wherever a vswitch processes packets to the home of the peer's vport. */
function endsToHome(
  snapshot: Snapshot,
  from: ReadonlyMap<Vport, DatapathName>,
  to: DatapathName | undefined,
  isCrossedInside: (on: DatapathName) => boolean,
): readonly PhysicalEnd[] {
  if (to === undefined) return [];
  return distinct(from).flatMap((home) =>
    home === to && isCrossedInside(to) ? [] : endsBetween(snapshot, home, to),
  );
}

/** Asked for each of the vports of a placement: remembered. */
const known = new WeakMap<ReadonlyMap<Vport, DatapathName>, readonly DatapathName[]>();

function distinct(homes: ReadonlyMap<Vport, DatapathName>): readonly DatapathName[] {
  const found = known.get(homes);
  if (found !== undefined) return found;
  const names = [...new Set(homes.values())];
  known.set(homes, names);
  return names;
}

function endsBetween(
  { routes }: Snapshot,
  from: DatapathName,
  to: DatapathName,
): readonly PhysicalEnd[] {
  const ends: PhysicalEnd[] = [];
  let device = from;
  for (const hop of routes.wayOut(from, to) ?? []) {
    ends.push({ device, port: hop.port }, { device: hop.to, port: hop.toPort });
    device = hop.to;
  }
  return ends;
}
