/**
 * An index of places: the vswitches with a body on a datapath, and those with a host, or an end of
 * a way, at a port of it. So an event of one port, or of one datapath, is passed to those whom it
 * concerns, and to nobody else.
 */
import type { DatapathName, Port, VswitchName } from '../ids.ts';
import { atOnce, type Steps, withEach } from '../steps.ts';
import { legsOf } from './graph.ts';
import { placesOf as placesOfHost } from './host-attachments.ts';
import { PersistentMap } from './persistent-map.ts';
import {
  type AtPorts,
  type Names,
  type Places,
  placementOf,
  type Snapshot,
  type Vswitch,
  type Wire,
} from './values.ts';

/** No port has this number: bodies are there. */
const BODY = 0;
const nobody: Names = PersistentMap.empty();
const nothing: AtPorts = PersistentMap.empty();

export const noPlaces: Places = PersistentMap.empty();

/** Vswitches with a body there. */
export function bodyNamesOn({ places }: Snapshot, datapath: DatapathName): Iterable<VswitchName> {
  return (places.get(datapath)?.get(BODY) ?? nobody).keys();
}

/** Vswitches with a host there, or ways that end at them and lead over it. */
export function namesAtPort(
  { places }: Snapshot,
  datapath: DatapathName,
  port: number,
): Iterable<VswitchName> {
  return (places.get(datapath)?.get(port) ?? nobody).keys();
}

/** Vswitches with anything there. */
export function namesAt(snapshot: Snapshot, datapath: DatapathName): ReadonlySet<VswitchName> {
  return new Set(eachNameAt(snapshot, datapath));
}

/** The same one after the other, each once: over a datapath may go the ways of all. */
export function* eachNameAt(
  { places }: Snapshot,
  datapath: DatapathName,
): Generator<VswitchName, void> {
  const found = new Set<VswitchName>();
  for (const names of (places.get(datapath) ?? nothing).values()) {
    for (const name of names.keys()) {
      if (found.has(name)) continue;
      found.add(name);
      yield name;
    }
  }
}

/** The datapaths that a vswitch has something on. */
export function datapathsOf(snapshot: Snapshot, vswitch: Vswitch): ReadonlySet<DatapathName> {
  const wires = snapshot.wires.get(vswitch.name) ?? [];
  return new Set(placesOf(snapshot, vswitch, wires).keys());
}

/** The same, some several times: nothing is passed over, so in steps each is a short one. */
export function* namesOfPorts(
  { places }: Snapshot,
  datapath: DatapathName,
): Generator<VswitchName, void> {
  for (const names of (places.get(datapath) ?? nothing).values()) yield* names.keys();
}

/** Of all of these, which are nowhere yet. */
export function placesFrom(all: Iterable<readonly [VswitchName, PortsOf]>): Places {
  const found = new Map<DatapathName, Map<number, [VswitchName, true][]>>();
  for (const [name, where] of all) {
    for (const [datapath, ports] of where) {
      const there = found.get(datapath) ?? new Map<number, [VswitchName, true][]>();
      found.set(datapath, there);
      for (const port of ports) {
        const names = there.get(port) ?? [];
        there.set(port, names);
        names.push([name, true]);
      }
    }
  }
  const atPorts = ([datapath, there]: readonly [
    DatapathName,
    ReadonlyMap<number, [VswitchName, true][]>,
  ]) => {
    const ports = [...there].map(([port, names]) => [port, PersistentMap.from(names)] as const);
    return [datapath, PersistentMap.from(ports)] as const;
  };
  return PersistentMap.from([...found].map(atPorts));
}

/** The index with one vswitch elsewhere. */
export function moved(places: Places, name: VswitchName, from: PortsOf, to: PortsOf): Places {
  let next = places;
  for (const [datapath, ports] of from) {
    const stays = to.get(datapath);
    let there = next.get(datapath) ?? nothing;
    for (const port of ports) {
      if (stays?.has(port) === true) continue;
      const names = (there.get(port) ?? nobody).without(name);
      there = names.size === 0 ? there.without(port) : there.with(port, names);
    }
    next = next.with(datapath, there);
  }
  for (const [datapath, ports] of to) {
    let there = next.get(datapath) ?? nothing;
    const known = from.get(datapath);
    for (const port of ports) {
      if (known?.has(port) === true) continue;
      there = there.with(port, (there.get(port) ?? nobody).with(name, true));
    }
    next = next.with(datapath, there);
  }
  return next;
}

export type PortsOf = ReadonlyMap<DatapathName, ReadonlySet<number>>;

/** Where a vswitch is, and the ways that end at it. */
export function placesOf(
  snapshot: Pick<Snapshot, 'placements'>,
  vswitch: Vswitch,
  wires: readonly Wire[],
): PortsOf {
  return atOnce(computedPlaces(snapshot, vswitch, wires));
}

/** The same in steps: it may have many ports. */
export function* computedPlaces(
  snapshot: Pick<Snapshot, 'placements'>,
  vswitch: Vswitch,
  wires: readonly Wire[],
): Steps<PortsOf> {
  const found = new Map<DatapathName, Set<number>>();
  const put = (datapath: DatapathName, port: Port | typeof BODY): void => {
    const ports = found.get(datapath);
    if (ports === undefined) found.set(datapath, new Set([port]));
    else ports.add(port);
  };
  for (const body of placementOf(snapshot, vswitch.name).bodies) put(body, BODY);
  yield* withEach(vswitch.ports.values(), (attachment) => {
    if (attachment.type !== 'host') return;
    for (const { device, port } of placesOfHost(attachment)) put(device, port);
  });
  // Many lead over one path.
  const paths = new Map<Wire['hops'], DatapathName>();
  for (const { hops, from } of wires) paths.set(hops, from);
  yield* withEach(paths, ([hops, from]) => {
    for (const { at, hop } of legsOf(from, hops)) {
      put(at, hop.port);
      put(hop.to, hop.toPort);
    }
  });
  return found;
}
