/**
 * The next configuration when a network is added, removed or changed, computed from the running
 * one, and the record that is kept with it.
 */
import { readConfig } from '../../slices/config/config.ts';
import type { Fields } from '../../slices/config/config-fields.ts';
import { carried } from '../../slices/config/mirrors.ts';
import { tenantTree, withoutTenant } from '../../slices/config/owned.ts';
import type { Quota } from '../../slices/config/quotas.ts';
import type { Target } from '../../slices/config/target.ts';
import type { Config } from '../../slices/config/values.ts';
import { runningConfig } from '../../slices/network/running-config.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Steps } from '../../slices/steps.ts';
import type { NetworkRecord } from '../../translation/stored/stored-networks.ts';
import type { Datapath } from '../datapath/datapath.ts';
import { type Entry, textEntry } from '../store/journal-entries.ts';
import { ownAddresses } from '../world/local-addresses.ts';
import { joined, placing } from './network-places.ts';

/** What is to run, and what is to be remembered: undefined: nothing. */
export type Planned =
  | { readonly config: Config; readonly record: NetworkRecord | undefined }
  | { readonly whyNot: readonly string[] };

export type Planning = (now: Snapshot) => Steps<Planned>;

export interface AskedChange {
  readonly wanted: Planning;
  readonly isDry?: boolean;
  /** It counts from now on. */
  readonly isComing?: true;
  /** As the log has it. */
  readonly what: string;
}

/** One that comes, where there is room for it on datapaths that are there. */
export function placed(
  record: NetworkRecord,
  quota: Quota,
  datapaths: () => readonly Datapath[],
): Planning {
  return function* (snapshot) {
    const ready = datapaths().flatMap(({ name, isReady }) => (isReady ? [name] : []));
    const found = yield* placing(record.name, record, { snapshot, quota, ready, read: here });
    if ('whyNot' in found) return found;
    return { config: found.config, record: { ...record, file: found.file } };
  };
}

/** Without a tenant, and without copies of what it had. */
export function without(
  name: string,
  record: (file: Fields) => NetworkRecord | undefined,
): Planning {
  return function* (now) {
    const { config } = now;
    const left = carried(withoutTenant(config, name), config);
    yield;
    if ('why' in left) return { whyNot: [left.why] };
    return { config: left, record: record(tenantTree(runningConfig(now), name)) };
  };
}

/** Of one that does not run. */
export function* nothingElse({ config }: Snapshot): Steps<Planned> {
  yield;
  return { config, record: undefined };
}

export function entriesOf(name: string, record: NetworkRecord | undefined): readonly Entry[] {
  const entry = textEntry(`network/${name}`, record);
  return record === undefined ? [entry, textEntry(`frozen/${name}`, undefined)] : [entry];
}

export function next(record: NetworkRecord, changes: Partial<NetworkRecord>): NetworkRecord {
  return { ...record, ...changes, version: record.version + 1 };
}

export function here(tree: Fields) {
  return readConfig(tree, ownAddresses(), '/');
}

/** One that was paused goes on. */
export function again(record: NetworkRecord, file: Fields): Planning {
  return function* ({ config }) {
    const whole = joined(config, record.name, file, here);
    yield;
    return 'whyNot' in whole ? whole : { ...whole, record: next(record, { state: 'running' }) };
  };
}

/** With other controllers, for all of its vswitches. */
export function withControllers(
  record: NetworkRecord,
  asked: Fields,
  targets: readonly Target[],
): Planning {
  const { name } = record;
  return function* (now) {
    const vswitches = now.config.vswitches.map((one) => {
      return one.tenant === name ? { ...one, controllers: targets } : one;
    });
    const config = { ...now.config, vswitches };
    yield;
    const file = tenantTree(runningConfig({ ...now, config }), name);
    return { config, record: next(record, { asked, file }) };
  };
}
