/**
 * Counters of the ways through datapaths: those of their entries, read when `status` asks, so that
 * a person who takes a datapath down sees whether anything still goes through it.
 */
import type { FlowStats } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { carriedBy, type Through } from '../../slices/network/transit.ts';
import { everyFlow } from '../../translation/entries/physical-tables.ts';
import { cookieOf, KIND_MASK, readCookie, tables } from '../../translation/entries/pipeline.ts';
import { codeOf, wayName } from '../../translation/wiring/ways.ts';
import { whenAll } from '../world/when-all.ts';
import type { World } from '../world/world.ts';
import type { Datapath } from './datapath.ts';
import { flowsIn } from './entry-reader.ts';

/** Where ways lead, and who counts what they carry. */
export interface CarriedSources {
  readonly world: World;
  datapaths(): readonly Datapath[];
  snapshot(): Snapshot;
}

/** Since the way was made; bytes as they go over the cables. */
export interface Count {
  readonly packets: number;
  readonly bytes: number;
}

/** By datapath, then by the number of a way in the cookies of its entries. */
export type Counts = ReadonlyMap<DatapathName, ReadonlyMap<number, Count>>;

export const notCounted: Counts = new Map();

/** A datapath that does not answer in time is left out: `status` is for when something is wrong. */
export function readCarried(context: CarriedSources, done: (counts: Counts) => void): void {
  const counts = new Map<DatapathName, ReadonlyMap<number, Count>>();
  const carried = carriedBy(context.snapshot());
  const asked = context
    .datapaths()
    .filter((one) => one.isReady && (carried.get(one.name)?.through.length ?? 0) > 0);
  let isOver = false;
  const finish = (): void => {
    if (!isOver) done(counts);
    isOver = true;
  };
  const stop = context.world.after(limits.statusWaitMs, finish);
  const filter = { ...everyFlow, cookie: cookieOf('way', 0, 0), cookieMask: KIND_MASK };
  const read = (datapath: Datapath, ended: () => void): void =>
    datapath.query({ kind: 'flow', filter }, (parts) => {
      // Who is answered holds them by then.
      if (parts !== undefined && !isOver) counts.set(datapath.name, sums(flowsIn(parts)));
      ended();
    });
  whenAll(asked, read, () => {
    stop();
    finish();
  });
}

/** What comes in by cables; in the table of ways is what begins there. */
function sums(rows: readonly FlowStats[]): ReadonlyMap<number, Count> {
  const found = new Map<number, Count>();
  for (const { cookie, tableId, packetCount, byteCount } of rows) {
    const parts = readCookie(cookie);
    if (tableId === tables.ways || parts?.kind !== 'way') continue;
    const { packets, bytes } = found.get(parts.serial) ?? { packets: 0, bytes: 0 };
    const more = [packets + Number(packetCount), bytes + Number(byteCount)] as const;
    found.set(parts.serial, { packets: more[0], bytes: more[1] });
  }
  return found;
}

/** What a way has carried through a datapath, whoever sent it; undefined when it is not known. */
export function countOf(
  snapshot: Snapshot,
  counts: Counts,
  on: DatapathName,
  through: Through,
): Count | undefined {
  const code = codeIn(snapshot, through);
  return code === undefined ? undefined : counts.get(on)?.get(code);
}

/** All ways of each tenant. */
export function carriedFor(
  snapshot: Snapshot,
  counts: Counts,
  on: DatapathName,
  throughs: readonly Through[],
): readonly (Count & { readonly tenant: string })[] {
  const sums = new Map<string, Count>();
  const seen = new Set<string>();
  for (const one of throughs) {
    const count = countOf(snapshot, counts, on, one);
    const what = `${one.key} ${one.carriage}`;
    if (count === undefined || seen.has(what)) continue;
    seen.add(what);
    const { packets, bytes } = sums.get(one.tenant) ?? { packets: 0, bytes: 0 };
    sums.set(one.tenant, { packets: packets + count.packets, bytes: bytes + count.bytes });
  }
  return [...sums].map(([tenant, sum]) => ({ tenant, ...sum }));
}

function codeIn(snapshot: Snapshot, through: Through) {
  const name = wayName(snapshot, through);
  return name && codeOf(name);
}
