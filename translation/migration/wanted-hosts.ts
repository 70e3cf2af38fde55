/**
 * The new ports of hosts that migrate with their vswitches: named by a person, or chosen.
 *
 *   red/h2=s5:4      that port
 *   red/h2=s5        a port of s5; likewise a zone, or what --to says for all
 *   nothing          a port of the datapath where its vswitch will live
 *
 * Chosen is the first of the ports that the file offers for it, else the lowest number that the
 * file and the datapath have no port of: whoever moves the host makes it.
 */
import type { HostConfig, PhysicalEnd } from '../../slices/config/config.ts';
import { parsePhysicalEnd } from '../../slices/config/config-names.ts';
import {
  type DatapathName,
  endText,
  isSameEnd,
  type Port,
  type VswitchName,
} from '../../slices/ids.ts';
import { closedIn } from '../../slices/network/drained-datapaths.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';

export interface HostTo {
  readonly host: string;
  readonly to: PhysicalEnd;
  readonly driver: string;
}

/** What is wanted of a host. */
export interface WantedHost {
  readonly config: HostConfig;
  /** Named itself, and not by its tenant. */
  readonly isItself: boolean;
  /** As it was typed behind `NAME=`, where that is a port. */
  readonly port?: string;
  /** Datapaths of which any will do; absent: nobody said any. */
  readonly among?: readonly DatapathName[];
}

export interface HostPlacesWanted {
  readonly hosts: readonly WantedHost[];
  /** `netns` for all, `red/h1=qemu` for one; manual, if not said. */
  readonly drivers: readonly string[];
  /** Where a vswitch lives afterwards. */
  placeOf(vswitch: VswitchName): DatapathName | undefined;
  isReady(datapath: DatapathName): boolean;
  /** Whether the datapath has a port of this number now. */
  hasPort(end: PhysicalEnd): boolean;
  /** Where everything leaves. */
  readonly leaves?: readonly DatapathName[];
}

export interface HostsFound {
  readonly hosts: readonly HostTo[];
  readonly stays: readonly string[];
  readonly problems: readonly string[];
}

export function hostsTo(snapshot: Snapshot, wanted: HostPlacesWanted): HostsFound {
  const taken = takenEnds(snapshot);
  const hosts: HostTo[] = [];
  const stays: string[] = [];
  const problems = [...whyNoDrivers(wanted)];
  for (const one of wanted.hosts) {
    const found = placeFor(snapshot, one, wanted, taken);
    if ('stays' in found) stays.push(found.stays);
    else if ('problem' in found) problems.push(found.problem);
    else {
      taken.push({ end: found, by: one.config.name });
      hosts.push({ host: one.config.name, to: found, driver: driverOf(one, wanted) });
    }
  }
  return { hosts, stays, problems };
}

function placeFor(
  { avoiding }: Snapshot,
  { config, isItself, port, among }: WantedHost,
  { placeOf, isReady, hasPort, leaves = [] }: HostPlacesWanted,
  taken: readonly Taken[],
): PhysicalEnd | { readonly stays: string } | { readonly problem: string } {
  const { name, at, port: vport, offers } = config;
  if (port !== undefined) {
    const end = parsePhysicalEnd(port);
    return end.ok ? end.value : { problem: `"${name}=${port}": ${end.why}` };
  }
  const home = placeOf(vport.device);
  const closed = new Set([...closedIn(avoiding), ...leaves]);
  const all = among ?? (home === undefined ? [] : [home]);
  // One that is named itself has to go, if there is anywhere else.
  const isThere = all.includes(at.device) && !(isItself && all.length > 1);
  if (isThere) return { stays: `${name} is at ${endText(at)} already` };
  const usable = all.filter((one) => one !== at.device && isReady(one) && !closed.has(one));
  const near = home !== undefined && usable.includes(home) ? [home] : [];
  const isFree = (end: PhysicalEnd): boolean =>
    !taken.some((one) => isSameEnd(one.end, end) && one.by !== name);
  for (const device of [...near, ...usable]) {
    if (offers !== undefined) {
      const offered = offers.find((end) => end.device === device && isFree(end));
      if (offered !== undefined) return offered;
      continue;
    }
    for (let number = 1; number <= HIGHEST; number += 1) {
      const end = { device, port: number as Port };
      if (isFree(end) && !hasPort(end)) return end;
    }
  }
  const where =
    all.length === 0 ? 'its vswitch lives nowhere' : `of ${all.join(', ')}, none will do`;
  return { problem: `no place for ${name}: ${where}; write --to ${name}=DATAPATH:PORT` };
}

/** Ports are chosen below it: what is above is seldom free for a reason. */
const HIGHEST = 4_096;

interface Taken {
  readonly end: PhysicalEnd;
  /** Of the ports that the file offers for a host any is its own. */
  readonly by: string | undefined;
}

function takenEnds({ config, moving }: Snapshot): Taken[] {
  const hosts = config.hosts.flatMap(({ name: by, at, offers = [] }) =>
    [at, ...offers].map((end) => ({ end, by })),
  );
  const others = [...config.links.flat(), ...moving.values()];
  return [...hosts, ...others.map((end) => ({ end, by: undefined }))];
}

function driverOf({ config }: WantedHost, { drivers }: HostPlacesWanted): string {
  const own = drivers.find((text) => text.startsWith(`${config.name}=`));
  if (own !== undefined) return own.slice(config.name.length + 1);
  return drivers.find((text) => !text.includes('=')) ?? 'manual';
}

function whyNoDrivers({ drivers, hosts }: HostPlacesWanted): readonly string[] {
  const names = new Set(hosts.map(({ config }) => config.name));
  const forAll = drivers.filter((text) => !text.includes('='));
  const strangers = drivers
    .filter((text) => text.includes('='))
    .filter((text) => !names.has(text.slice(0, text.indexOf('='))));
  const own = drivers.map((text) => text.split('=')[0]).filter((name) => names.has(name ?? ''));
  const twice = [...new Set(own.filter((name, i) => own.indexOf(name) !== i))];
  return [
    ...twice.map((name) => `two drivers for ${name}: write one "--driver ${name}=DRIVER"`),
    ...(forAll.length > 1 ? [`two drivers for all: ${forAll.join(', ')}; write HOST=DRIVER`] : []),
    ...strangers.map((text) => `"--driver ${text}" is for none of the hosts that move`),
  ];
}
