/**
 * VLAN tags of ways that cross a flat datapath: a tag belongs to a link's direction, that is, to
 * the port where its frames arrive, and each datapath on the way replaces it by the next hop's
 * (docs/DESIGN.md section 3). So each direction of each link has 4,094 of its own.
 */
import type { Config, PhysicalEnd } from '../config/values.ts';
import { type DatapathName, endText, type Tag } from '../ids.ts';
import { limits } from '../limits.ts';
import { atOnce, type Steps, withEach } from '../steps.ts';
import { FreedNumbers } from './freed-numbers.ts';
import type { Hop } from './routes.ts';
import {
  allocateTags,
  changingTags,
  emptyTags,
  type HopTags,
  noHopTags,
  type TaggedWays,
  type TagTable,
} from './tags.ts';
import type { Infeasible, Lacking, Snapshot, Wire } from './values.ts';

/** `s1:3`: the port, and with it the direction of the link that ends there. */
export function arrivalOf({ to, toPort }: Hop): string {
  return endText({ device: to, port: toPort });
}

/** The tag of frames of the way `key` when they arrive by this hop. */
export function tagAt({ hopTags }: Pick<Snapshot, 'hopTags'>, key: string, hop: Hop) {
  return hopTags.get(arrivalOf(hop))?.byKey.get(key);
}

/** Where a wire's frames arrive with a tag, each once. */
export function arrivalsOf({ hops, carriage }: Wire): readonly string[] {
  return carriage === 'tag' ? [...new Set(hops?.map(arrivalOf))] : [];
}

/** The far end of each link, by the port where its frames arrive. */
function sendersIn({ links }: Config): ReadonlyMap<string, PhysicalEnd> {
  const senders = new Map<string, PhysicalEnd>();
  for (const [one, other] of links) {
    senders.set(endText(one), other);
    senders.set(endText(other), one);
  }
  return senders;
}

/** Of the cables that there are. */
export function tagsOfCables({ hopTags, config }: Pick<Snapshot, 'hopTags' | 'config'>): HopTags {
  const senders = sendersIn(config);
  let tags = hopTags;
  for (const arrival of hopTags.keys()) if (!senders.has(arrival)) tags = tags.without(arrival);
  return tags;
}

/** Where frames arrive that a datapath sends over its links. */
export function arrivalsFrom(config: Config, datapath: DatapathName): ReadonlySet<string> {
  const all = [...sendersIn(config)].filter(([, { device }]) => device === datapath);
  return new Set(all.map(([arrival]) => arrival));
}

/** In steps, the wires whose frames arrive there, by arrival. */
function* byArrival(wires: readonly Wire[]): Steps<ReadonlyMap<string, readonly Wire[]>> {
  const found = new Map<string, Wire[]>();
  yield* withEach(wires, (wire) => {
    for (const arrival of arrivalsOf(wire)) {
      const there = found.get(arrival);
      if (there === undefined) found.set(arrival, [wire]);
      else there.push(wire);
    }
  });
  return found;
}

/** After some wires have become others; undefined when there are too many somewhere. */
export function* changingHopTags(
  before: HopTags,
  gone: readonly Wire[],
  made: readonly Wire[],
): Steps<HopTags | undefined> {
  const [left, wanted] = [yield* byArrival(gone), yield* byArrival(made)];
  let tags = before;
  for (const arrival of new Set([...left.keys(), ...wanted.keys()])) {
    yield;
    const keys = (wanted.get(arrival) ?? []).map(keyOf);
    const stays = new Set(keys);
    const ended = (left.get(arrival) ?? []).map(keyOf).filter((key) => !stays.has(key));
    const change = { wanted: keys, gone: ended };
    const table = yield* changingTags(before.get(arrival) ?? emptyTags, change);
    if (table === undefined) return undefined;
    tags = tags.with(arrival, table);
  }
  return tags;
}

/**
 * With tables of ports that have no link any more and had one in `former`: entries of then may
 * stand there yet, and what comes back has the tags that it had.
 */
export function withTagsOf(snapshot: Snapshot, former: Pick<Snapshot, 'hopTags'>): Snapshot {
  let { hopTags } = snapshot;
  for (const [arrival, table] of former.hopTags) {
    if (!hopTags.has(arrival)) hopTags = hopTags.with(arrival, table);
  }
  return hopTags === snapshot.hopTags ? snapshot : { ...snapshot, hopTags };
}

/**
 * The tags of exactly these wires, or which of them have none. `ofNetwork`: a store of before has
 * given each way one tag for all its hops, its number; they keep it, so frames in flight mean what
 * they meant.
 */
export function allocateHopTags(
  wires: readonly Wire[],
  { hopTags, config }: Pick<Snapshot, 'hopTags' | 'config'>,
  ofNetwork: TaggedWays | undefined,
): HopTags | Infeasible {
  const wanted = atOnce(byArrival(wires));
  const full: Infeasible[] = [];
  let tags = noHopTags;
  for (const [arrival, sender] of sendersIn(config)) {
    const there = wanted.get(arrival) ?? [];
    const keys = there.map(keyOf);
    const known = hopTags.get(arrival) ?? (ofNetwork && tableOfNetwork(ofNetwork, keys));
    if (known === undefined && keys.length === 0) continue;
    const table = allocateTags(known ?? emptyTags, keys);
    if (table !== undefined) tags = tags.with(arrival, table);
    else full.push(tooMany(there, known ?? emptyTags, `from ${endText(sender)} to ${arrival}`));
  }
  const [first] = full;
  if (first === undefined) return tags;
  return { why: first.why, lacking: full.flatMap(({ lacking = [] }) => lacking) };
}

/** Those that have a tag keep it; of the others, the last have none. */
function tooMany(wires: readonly Wire[], { byKey }: TagTable, where: string): Infeasible {
  const why =
    `${wires.length} ways ${where} need a VLAN id there, for flat datapaths are on them, and a ` +
    `link has ${limits.tagMax} in each direction; place vswitches so that fewer ways lead over ` +
    'this link, or add a link to "links" that makes some of them shorter';
  const isNew = ({ key }: Wire): boolean => !byKey.has(key);
  const byAge = [...wires.filter((one) => !isNew(one)), ...wires.filter(isNew)];
  const lacking = byAge.slice(limits.tagMax).map(({ of }): Lacking => ({ vport: of, why }));
  return { why, lacking };
}

/** What one arrival has of the tags that were the network's; undefined where no such way ends. */
function tableOfNetwork(
  { byKey, last, freed }: TaggedWays,
  keys: readonly string[],
): TagTable | undefined {
  const isTag = (number: number): boolean => number <= limits.tagMax;
  const kept = keys.flatMap((key) => {
    const number = byKey.get(key);
    return number !== undefined && isTag(number) ? [[key, number as number as Tag] as const] : [];
  });
  if (kept.length === 0) return undefined;
  const highest = Math.min(last, limits.tagMax);
  const late = new Set<number>([...freed].filter(isTag));
  const own = new Set<number>(kept.map(([, tag]) => tag));
  const all = Array.from({ length: highest }, (_, i) => i + 1).filter((one) => !late.has(one));
  const free = [...all, ...late].filter((one) => !own.has(one));
  return { byKey: new Map(kept), last: highest, freed: FreedNumbers.from(free as Tag[]) };
}

function keyOf({ key }: Wire): string {
  return key;
}
