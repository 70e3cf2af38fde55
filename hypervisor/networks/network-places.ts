/**
 * The placement of an owned network: hosts at the ports that their owner has taken, vswitches where
 * there is room for them, on connected datapaths that the quota allows.
 */
import { problemText } from '../../slices/config/config.ts';
import type { Fields } from '../../slices/config/config-fields.ts';
import { parsePhysicalEnd } from '../../slices/config/config-names.ts';
import { userOf } from '../../slices/config/offers.ts';
import { type ReadTree, readTenant, withParts } from '../../slices/config/owned.ts';
import { fieldsIn } from '../../slices/config/packages.ts';
import type { Quota } from '../../slices/config/quotas.ts';
import type { Config } from '../../slices/config/values.ts';
import { type DatapathName, tenantOf, type VswitchName } from '../../slices/ids.ts';
import { closedIn } from '../../slices/network/drained-datapaths.ts';
import { runningConfig } from '../../slices/network/running-config.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { admitting } from '../../slices/placement/admission.ts';
import type { Steps } from '../../slices/steps.ts';
import type { NetworkRecord } from '../../translation/stored/stored-networks.ts';
import { fileOf, type ReadAsked } from './asked-network.ts';
import { whyBelow } from './network-report.ts';

export interface Surroundings {
  readonly snapshot: Snapshot;
  readonly quota: Quota;
  /** Datapaths that are there. */
  readonly ready: readonly DatapathName[];
  readonly read: ReadTree;
}

export type Placed =
  | { readonly config: Config; readonly file: Fields }
  | { readonly whyNot: readonly string[] };

/** In steps: what runs with this network, and what a file would say of it. */
export function* placing(
  name: string,
  asked: Pick<ReadAsked, 'asked' | 'offers'>,
  { snapshot, quota, ready, read }: Surroundings,
): Steps<Placed> {
  const { config } = snapshot;
  const own = { known: config.offers, quota };
  const first = joined(config, name, fileOf(asked, own), read);
  if ('whyNot' in first) return first;
  yield;
  const { avoiding } = snapshot;
  const places = openTo(config, quota, ready).filter((one) => !closedIn(avoiding).has(one));
  const open = first.config.vswitches.filter((one) => one.tenant === name && one.place === 'auto');
  if (places.length === 0 && open.length > 0) return { whyNot: ['no datapath is there for it'] };
  const among = new Map(open.map((one): [VswitchName, typeof places] => [one.name, places]));
  const admitted = yield* admitting(runningConfig(snapshot), first.config, avoiding, among);
  const whyNot = [...admitted.unplaced].flatMap(([one, why]) => {
    return tenantOf(one) === name ? [`${one}: ${why}`] : [];
  });
  if (whyNot.length > 0) return { whyNot };
  const on = new Map(
    admitted.config.vswitches.flatMap((one) => {
      return one.place === 'auto' && one.tenant === name
        ? [[one.name.slice(name.length + 1), one.on] as const]
        : [];
    }),
  );
  const file = fileOf(asked, own, on);
  const whole = joined(config, name, file, read);
  return 'whyNot' in whole ? whole : { ...whole, file };
}

/** Where the quota lets vswitches live. */
function openTo(
  { zones, datapaths }: Config,
  { on }: Quota,
  ready: readonly DatapathName[],
): readonly DatapathName[] {
  const all = datapaths.map(({ name }) => name);
  const named = on?.flatMap((one) => zones.get(one) ?? all.filter((name) => name === one)) ?? all;
  const there = new Set(ready);
  return [...new Set(named)].filter((name) => there.has(name));
}

export function joined(
  config: Config,
  name: string,
  file: Fields,
  read: ReadTree,
): { readonly config: Config } | { readonly whyNot: readonly string[] } {
  const parts = readTenant(config, name, file, read);
  if ('problems' in parts) return { whyNot: parts.problems.map(problemText) };
  const whole = withParts(config, parts);
  return 'why' in whole ? { whyNot: [whole.why] } : { config: whole };
}

/**
 * What one that does not run had, and cannot have with this file: a line each, in its owner's
 * words. Nothing: what stands against it, if anything does, has no words that are not physical.
 */
export function lostPlaces(config: Config, file: Fields | undefined): readonly string[] {
  if (file === undefined) return [];
  const known = new Set<string>(config.datapaths.map(({ name }) => name));
  const hosts = Object.entries(fieldsIn(file['hosts'])).flatMap(([host, own]) => {
    const { at, vlan } = fieldsIn(own);
    const end = parsePhysicalEnd(String(at));
    if (!end.ok) return [];
    if (!known.has(end.value.device)) return [`host ${host}: its place is there no more`];
    const offer = { at: end.value, ...(vlan !== undefined && { vlan: Number(vlan) }) };
    if (userOf(offer, config) === undefined) return [];
    return [`host ${host}: the operator has given its place to something else`];
  });
  const vswitches = Object.entries(fieldsIn(file['vswitches'])).flatMap(([vswitch, own]) => {
    const { on } = fieldsIn(own);
    const members = (Array.isArray(on) ? on : [on]).map(String);
    const isThere = members.every((one) => one === 'auto' || known.has(one));
    return on === undefined || isThere ? [] : [`${vswitch}: where it lived is there no more`];
  });
  return [...hosts, ...vswitches];
}

/** Why one that is not there could not be, for its owner; undefined: nothing stands against it. */
export function whyAway(
  config: Config,
  { name, state, file }: Pick<NetworkRecord, 'name' | 'state' | 'file'>,
  isLeftOut: boolean,
): string | undefined {
  if (!isLeftOut && state !== 'paused') return undefined;
  const lost = lostPlaces(config, file);
  return isLeftOut || lost.length > 0 ? whyBelow(name, lost) : undefined;
}
