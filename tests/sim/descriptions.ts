/** What a simulated switch says of its ports, entries and groups. */
import { groupType, portState } from '../../openflow/values/constants.ts';
import type {
  MultipartReplyBody,
  MultipartRequestBody,
  PortDesc,
} from '../../openflow/values/values.ts';
import { flowKey } from '../../translation/entries/physical-tables.ts';
import type { Entry, Tables } from './pipeline.ts';

type FlowFilter = Extract<MultipartRequestBody, { kind: 'flow' }>['filter'];

export function portDescs(
  ports: readonly number[],
  down: ReadonlySet<number>,
): readonly PortDesc[] {
  const speeds = { curr: 0, advertised: 0, supported: 0, peer: 0, currSpeed: 0, maxSpeed: 0 };
  const common = { hwAddr: new Uint8Array(6), name: 'sim', config: 0, ...speeds };
  return ports.map((portNo) => {
    const state = down.has(portNo) ? portState.linkDown : portState.live;
    return { portNo, ...common, state };
  });
}

const keys = new WeakMap<Entry, string>();

/** Made once: an entry keeps its place. */
export function entryKey(entry: Entry): string {
  const key = keys.get(entry) ?? flowKey(entry);
  keys.set(entry, key);
  return key;
}

/** Of the entries that are asked for; `packetsOf`: how many each has counted. */
export function flowRows(
  entries: readonly Entry[],
  filter: FlowFilter,
  packetsOf: (entry: Entry) => number,
): MultipartReplyBody {
  const times = { durationSec: 0, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 };
  const flows = entriesOf(entries, filter).map((entry) => {
    const packetCount = BigInt(packetsOf(entry));
    return { ...entry, ...times, packetCount, byteCount: packetCount * 64n };
  });
  return { kind: 'flow', flows };
}

export function aggregateOf(entries: readonly Entry[], filter: FlowFilter): MultipartReplyBody {
  const flowCount = entriesOf(entries, filter).length;
  return { kind: 'aggregate', flowCount, packetCount: 0n, byteCount: 0n };
}

function entriesOf(
  entries: readonly Entry[],
  { cookie, cookieMask, tableId }: FlowFilter,
): readonly Entry[] {
  return entries
    .filter((entry) => tableId === 0xff || entry.tableId === tableId)
    .filter((entry) => (entry.cookie & cookieMask) === (cookie & cookieMask));
}

export function groupDescs({ groups }: Tables): MultipartReplyBody {
  const rows = [...groups].map(([groupId, buckets]) => {
    const type = buckets.length === 1 ? groupType.indirect : groupType.all;
    return { groupType: type, groupId, buckets };
  });
  return { kind: 'groupDesc', groups: rows };
}

/** They count nothing: what a group has counted is not what the simulator is about. */
export function groupRows({ groups }: Tables): MultipartReplyBody {
  const counts = { refCount: 0, packetCount: 0n, byteCount: 0n };
  const rest = { ...counts, durationSec: 0, durationNsec: 0, buckets: [] };
  return {
    kind: 'groupStats',
    groups: [...groups.keys()].map((groupId) => ({ groupId, ...rest })),
  };
}

/** It has all types. */
export const groupFeatures: MultipartReplyBody = {
  ...{ kind: 'groupFeatures', types: 0b1111, capabilities: 0 },
  ...{ maxAll: 1_000, maxSelect: 1_000, maxIndirect: 1_000, maxFf: 1_000 },
  ...{ actionsAll: 0, actionsSelect: 0, actionsIndirect: 0, actionsFf: 0 },
};

/** For a comparison. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one));
}
