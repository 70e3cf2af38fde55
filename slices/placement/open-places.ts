/**
 * What is to be placed, and where it may be: not on datapaths that are drained or held
 * (slices/network/drained-datapaths.ts), unless a host is plugged in nowhere else.
 */
import { amountsOf } from '../config/reservations.ts';
import type { HostConfig, PhysicalEnd, VswitchConfig } from '../config/values.ts';
import { type DatapathName, endText, type VswitchName } from '../ids.ts';
import { type Avoiding, closedIn, heldIn, whyClosed } from '../network/drained-datapaths.ts';
import type { Node } from './demand.ts';

/** Of vswitches that may be placed on some datapaths only. */
export type Among = ReadonlyMap<VswitchName, readonly DatapathName[]>;

/** All datapaths, and where nothing is placed. */
export interface Closed {
  readonly avoiding: Avoiding;
  readonly names: readonly DatapathName[];
}

export function nodesOf(
  vswitches: readonly VswitchConfig[],
  hosts: readonly HostConfig[],
  { avoiding, names }: Closed,
  among: Among = new Map(),
): readonly Node[] {
  const closed = closedIn(avoiding);
  const open = (all: readonly DatapathName[]) => all.filter((one) => !closed.has(one));
  return [
    ...vswitches.map((one) => {
      const some = among.get(one.name);
      const isAny = some === undefined && closed.size === 0;
      const where = isAny ? {} : { offered: open(some ?? names) };
      return { name: one.name, reserve: amountsOf(one), ...where };
    }),
    ...hosts.map(({ name, offers = [] }) => {
      const all = offers.map(({ device }) => device);
      const some = open(all);
      return { name, reserve: {}, offered: some.length > 0 ? some : all };
    }),
  ];
}

/** Behind why something has no place. */
export function closedText({ avoiding, names }: Closed): string {
  const closed = closedIn(avoiding);
  const those = names.filter((one) => closed.has(one));
  return those.length === 0 ? '' : ` (nothing is placed on ${those.join(', ')}: drained, or held)`;
}

/** The port that is used of a host, if that is known. */
export function settledPlug(
  { name, at, offers }: HostConfig,
  plugs: ReadonlyMap<string, string>,
): PhysicalEnd | undefined {
  if (offers === undefined) return at;
  const known = plugs.get(name);
  return offers.find((end) => endText(end) === known);
}

/** Why something is not placed on all of these, as the file says. */
export function whyNotAll(avoiding: Avoiding, bodies: readonly DatapathName[]): string | undefined {
  const held = bodies.find((one) => heldIn(avoiding).has(one));
  return held && whyClosed(avoiding, held);
}
