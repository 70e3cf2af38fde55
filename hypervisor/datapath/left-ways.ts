/**
 * Ways that are no longer used: the frames on them must arrive before their entries are removed
 * (markers.ts).
 *
 * Frames enter a way at its beginning only, and nothing is sent there any more once the change has
 * been acknowledged. What arrives goes on by the ways of now, but where it comes to a body that is
 * left as well: that one sends it by what it has. So ways that begin at such bodies are followed
 * once more behind the others, as often as there are bodies one behind the other.
 */
import type { DatapathName } from '../../slices/ids.ts';
import { arrivalOf, tagAt } from '../../slices/network/hop-tags.ts';
import { changedKeys } from '../../slices/network/persistent-map.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Wire } from '../../slices/network/wires.ts';
import { type Steps, withEach } from '../../slices/steps.ts';
import type { Scheduler } from '../world/scheduler.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { DatapathContext } from './contributors.ts';
import type { Datapath } from './datapath.ts';
import type { Markers, Path } from './markers.ts';

export interface LeftWays {
  /** Each once. */
  readonly paths: readonly Path[];
  /** Where each body was that is no more. */
  readonly bodies: readonly DatapathName[];
}

/** What vswitches that still are had in any of `before`, and have no more. */
function* leftWays(before: readonly Snapshot[], now: Snapshot): Steps<LeftWays> {
  const paths = new Map<string, Path>();
  const bodies = new Map<string, DatapathName>();
  for (const one of before) {
    const names = changedKeys(one.wires, now.wires);
    yield* withEach(names, (name) => {
      if (!now.vswitches.has(name)) return;
      const is = new Map((now.wires.get(name) ?? []).map((wire) => [wire.key, wire]));
      for (const wire of one.wires.get(name) ?? []) {
        if (isStill(wire, one, is.get(wire.key), now)) continue;
        const { from, hops = [] } = wire;
        if (hops.length === 0) continue;
        paths.set(`${from} ${hops.map(arrivalOf).join(' ')}`, { from, hops });
      }
      const lives = now.placements.get(name)?.bodies ?? [];
      for (const body of one.placements.get(name)?.bodies ?? []) {
        if (!lives.includes(body)) bodies.set(`${name} ${body}`, body);
      }
    });
  }
  return { paths: [...paths.values()], bodies: [...bodies.values()] };
}

/**
 * A key says over which path it leads; what its end means is changed there, and breaks nothing. One
 * that is left and asked for again has other labels, or tags.
 */
function isStill(
  { key, from, carriage, hops = [] }: Wire,
  before: Snapshot,
  is: Wire | undefined,
  now: Snapshot,
): boolean {
  if (is?.from !== from || is.carriage !== carriage) return false;
  if (carriage === 'label') return before.labels.byKey.get(key) === now.labels.byKey.get(key);
  return hops.every((hop) => tagAt(before, key, hop) === tagAt(now, key, hop));
}

export interface ArrivalContext extends DatapathContext {
  datapaths(): readonly Datapath[];
  readonly markers: Markers;
  readonly scheduler: Scheduler;
}

interface Left {
  readonly before: readonly Snapshot[];
  /** Datapaths whose cached flows certainly follow the change. */
  readonly proved: ReadonlySet<DatapathName>;
}

/**
 * `done` when what was on its way over those has arrived, or cannot: where no marker comes that is
 * given up (markers.ts), and nothing else waits for it. Before markers are sent, cached flows of
 * where they begin have to follow the change.
 */
export function whenArrived(
  context: ArrivalContext,
  { before, proved }: Left,
  done: () => void,
): void {
  const { markers, scheduler } = context;
  scheduler.follow(leftWays(before, context.snapshot()), ({ paths, bodies }) => {
    const senders = new Set(paths.map(({ from }) => from).filter((from) => !proved.has(from)));
    const follow = ({ name, writer }: Datapath, ended: Ended): void => {
      if (senders.has(name)) writer.send('intent', [], 'full', () => ended());
      else ended();
    };
    const on = new Set(bodies);
    const behind = paths.filter(({ from }) => on.has(from));
    let passes = behind.length === 0 ? 0 : bodies.length;
    const next = (trouble?: string): void => {
      if (passes === 0 || trouble !== undefined) done();
      else {
        passes -= 1;
        markers.follow(behind, next);
      }
    };
    if (paths.length === 0) done();
    else whenAll(context.datapaths(), follow, () => markers.follow(paths, next));
  });
}
