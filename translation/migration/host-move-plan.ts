/**
 * The plan of a host's move: its steps, or every reason against it. Pure; `limevisor move
 * --dry-run` prints it, and nothing starts without one.
 */
import { type HostConfig, type PhysicalEnd, ranged } from '../../slices/config/config.ts';
import { parsePhysicalEnd, whyNoPort } from '../../slices/config/config-names.ts';
import { endText, isSameEnd } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { withHostAt } from '../../slices/network/changed-config.ts';
import { whyClosed } from '../../slices/network/drained-datapaths.ts';
import { isShared } from '../../slices/network/shared-ports.ts';
import { isFlat, isInfeasible, placementOf, type Snapshot } from '../../slices/network/snapshot.ts';
import { misfit } from '../datapath/flat-fit.ts';
import { lostBy } from '../datapath/tag-ways.ts';
import type { TenantTables } from '../entries/tenant-tables.ts';
import { type DriverName, driverNames, type WhatMoves } from './host-move.ts';
import type { Problems } from './plan.ts';

/** What the plan needs to know of the moment. */
export interface HostCircumstances {
  isReady(datapath: PhysicalEnd['device']): boolean;
  tablesOf(vswitch: WhatMoves['vswitch']): TenantTables | undefined;
  /** Why this driver cannot move hosts here; undefined when it can. */
  whyNoDriver(driver: DriverName): string | undefined;
  /** What else moves of this, in words; undefined when nothing does. */
  underWay(host: string, vswitch: WhatMoves['vswitch']): string | undefined;
  /** Whether loss is to be measured by probes. */
  readonly probe?: boolean;
}

export interface HostPlan extends WhatMoves {
  readonly type: 'hostPlan';
  readonly steps: readonly string[];
}

export function planHostMove(
  snapshot: Snapshot,
  { host: name, to: text, driver: driverName }: Record<'host' | 'to' | 'driver', string>,
  now: HostCircumstances,
): HostPlan | Problems {
  const problems: string[] = [];
  const host = snapshot.config.hosts.find((one) => one.name === name);
  const to = endOf(snapshot, text);
  const driver = driverNames.find((one) => one === driverName);
  if (host === undefined) {
    const known = snapshot.config.hosts.map((one) => one.name);
    problems.push(noSuchText('host', name, known));
  }
  if (typeof to === 'string') problems.push(to);
  if (driver === undefined) {
    problems.push(noSuchText('driver', driverName, driverNames));
  } else {
    const why = now.whyNoDriver(driver);
    if (why !== undefined) problems.push(why);
  }
  if (host === undefined || typeof to === 'string' || driver === undefined) {
    return { type: 'problems', problems };
  }
  const { at: from, port, offers } = host;
  const moves = now.underWay(name, port.device);
  if (moves !== undefined) problems.push(moves);
  for (const end of [from, to]) {
    if (!now.isReady(end.device)) problems.push(`datapath ${end.device} is not connected`);
  }
  problems.push(...whyNotThere(snapshot, name, from, to));
  if (isShared(host)) problems.push(...whySharedThere(snapshot, name, to));
  if (offers !== undefined && !offers.some((end) => isSameEnd(end, to))) {
    const all = offers.map(endText).join(', ');
    problems.push(`${name} is plugged in at ${all} by the file; move it to one of those`);
  }
  const vswitch = snapshot.vswitches.get(port.device);
  if (vswitch?.ports.get(port.port) === undefined) {
    const why = vswitch?.cut.get(port.port) ?? snapshot.held.get(port.device);
    problems.push(`port ${port.port} of ${port.device} has nothing behind it now: ${why}`);
  }
  if (problems.length > 0) return { type: 'problems', problems };
  const what = { host: name, vswitch: port.device, vport: port.port, from, to, driver };
  const unprobed = now.probe === true ? whyNotProbed(snapshot, host) : [];
  const misfits = [...whyMisfit(snapshot, what, now), ...unprobed];
  if (misfits.length > 0) return { type: 'problems', problems: misfits };
  return { type: 'hostPlan', ...what, steps: stepsOf(what) };
}

function endOf({ datapaths }: Snapshot, text: string): PhysicalEnd | string {
  const end = parsePhysicalEnd(text);
  if (!end.ok) return end.why;
  const { device, port } = end.value;
  const datapath = datapaths.get(device);
  if (datapath !== undefined) {
    return datapath.encoding === 'flat' || port <= limits.ofportMax ? end.value : whyNoPort(text);
  }
  return noSuchText('datapath', device, datapaths.keys());
}

/** Whose the port is, and whether ways lead there. */
function whyNotThere(
  snapshot: Snapshot,
  name: string,
  from: PhysicalEnd,
  to: PhysicalEnd,
): readonly string[] {
  const { config, avoiding, moving } = snapshot;
  const where = endText(to);
  if (isSameEnd(from, to)) return [`${name} is at ${where} already`];
  const why: string[] = [];
  const own = config.hosts.find((one) => one.name === name);
  const mayShare = own !== undefined && isShared(own);
  for (const { name: other, at, offers = [at] } of config.hosts) {
    if (other === name || mayShare) continue;
    if (offers.some((end) => isSameEnd(end, to))) why.push(`${where} is ${other}'s`);
  }
  for (const [other, end] of moving) {
    if (isSameEnd(end, to)) why.push(`${other} is being moved to ${where}`);
  }
  const link = config.links.find((ends) => ends.some((end) => isSameEnd(end, to)));
  if (link !== undefined) why.push(`${where} is an end of ${link.map(endText).join(' - ')}`);
  const closed = whyClosed(avoiding, to.device);
  if (closed !== undefined) why.push(closed);
  return why;
}

/** A port that hosts share by VLAN: each id is one host's, and whole ports are nobody else's. */
function whySharedThere(snapshot: Snapshot, name: string, to: PhysicalEnd): readonly string[] {
  const { hosts } = snapshot.config;
  const own = hosts.find((one) => one.name === name);
  return hosts.flatMap((one) => {
    const { name: other, at, offers = [at] } = one;
    if (other === name || !offers.some((end) => isSameEnd(end, to))) return [];
    const [mine, theirs] = [own, one].map((host) => host?.vlans ?? ranged(host?.vlan));
    if (theirs === undefined) return [`${endText(to)} is ${other}'s, whole`];
    const isApart = mine === undefined || mine.last < theirs.first || theirs.last < mine.first;
    return isApart ? [] : [`${endText(to)} has VLANs of ${name}'s for ${other}`];
  });
}

/** What cannot be at both places, or afterwards: no way, no room in an entry, no tag of its own. */
function whyMisfit(
  snapshot: Snapshot,
  { host, vswitch: name, from, to }: WhatMoves,
  { tablesOf }: HostCircumstances,
): readonly string[] {
  const both = withHostAt(snapshot, host, { at: from, also: to });
  if (isInfeasible(both)) return [both.why];
  const after = withHostAt(both, host, { at: to });
  if (isInfeasible(after)) return [after.why];
  const tables = tablesOf(name);
  const found = [both, after].flatMap((next) => {
    const vswitch = next.vswitches.get(name);
    if (vswitch === undefined || tables === undefined) return [];
    const { bodies } = placementOf(next, name);
    return bodies.flatMap((body) => misfit(next, body, vswitch, tables) ?? []);
  });
  return [...new Set([...found, ...lostBy(snapshot, both, tablesOf)])];
}

/** Why loss cannot be measured: a probe would be another host's frame, or its tenant's packet. */
function whyNotProbed(snapshot: Snapshot, host: HostConfig): readonly string[] {
  const { name, port } = host;
  const hint = 'leave out "--probe"';
  if (isShared(host)) return [`${name} cannot be probed: other hosts share its port; ${hint}`];
  const flat = placementOf(snapshot, port.device).bodies.filter((on) => isFlat(snapshot, on));
  return flat.map((on) => `${name} cannot be probed: ${on} has one table; ${hint}`);
}

function stepsOf({ host, vswitch, vport, from, to, driver }: WhatMoves): readonly string[] {
  const [old, now] = [endText(from), endText(to)];
  const runs =
    driver === 'manual'
      ? `you move ${host} to ${now}, and then type "limevisor moved ${host}"`
      : `${driver} has ${host} run at ${now}`;
  return [
    `open: port ${vport} of ${vswitch} is at ${old} and ${now}, and each frame goes to both`,
    `run: ${runs}; from then on it cannot be undone`,
    `close: port ${vport} of ${vswitch} is at ${now} only, and ${old} is free`,
  ];
}
