/**
 * The parts that are to be placed, and their possible places: not datapaths that are drained or
 * held (slices/network/drained-datapaths.ts), unless a host is plugged in nowhere else.
 */
import { amountsOf } from '../config/reservations.ts';
import type { Config, HostConfig, LedOver, PhysicalEnd, VswitchConfig } from '../config/values.ts';
import { type DatapathName, endText, type VswitchName } from '../ids.ts';
import { type Avoiding, closedIn, heldIn, whyClosed } from '../network/drained-datapaths.ts';
import type { Node } from './demand.ts';

/** Of vswitches that may be placed on some datapaths only. */
export type Among = ReadonlyMap<VswitchName, readonly DatapathName[]>;

/** What is known of where things are. */
export interface Settled {
  /** By vswitch, the datapaths that carry it: two while it migrates. */
  readonly bodies: ReadonlyMap<VswitchName, readonly DatapathName[]>;
  /** By host, the port that is used of those that it is plugged in at. */
  readonly plugs: ReadonlyMap<string, string>;
  /** Where nothing is placed: what is drained, or held. */
  readonly avoiding: Avoiding;
  /** Paths that were chosen for their bandwidth: they stay where there is room. */
  readonly ledOver?: LedOver;
  readonly among?: Among;
}

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

/** By host, which of several ports is used; undefined when no host has several. */
export function plugsOf({ hosts }: Config): Readonly<Record<string, string>> | undefined {
  const several = hosts.filter(({ offers }) => offers !== undefined);
  if (several.length === 0) return undefined;
  return Object.fromEntries(several.map(({ name, at }) => [name, endText(at)]));
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
