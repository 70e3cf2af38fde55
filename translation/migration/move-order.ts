/**
 * The order in which vswitches and hosts move: groups of those with the most traffic between them,
 * and after a group the one with the most traffic to those that have moved. While only some have
 * moved, their traffic to the others crosses between the two sides; the order keeps that low.
 *
 * A frame goes from its host to its vswitch, which processes it, and from there to a host or to the
 * next vswitch: so what crosses is what is exchanged by pairs of which one has moved, whether they
 * are vswitches or hosts. A vswitch moves when about half of its hosts' traffic has.
 *
 * What is minimised is the sum, over the groups, of what crosses while the next one moves (a
 * minimum linear arrangement, which is hard): greedily, then by exchanging two as long as it helps
 * (2-opt). For few that is nearly the best order (tests/translation/move-order.test.ts compares
 * with all orders).
 *
 * Where nothing was measured, the order is the one that was asked for.
 */
import { chunks } from '../../slices/steps.ts';

/** Bytes a second between two, in both directions. Those that do not move may be among them. */
export type Traffic = readonly {
  readonly ends: readonly [string, string];
  readonly rate: number;
}[];

export interface Ordered<N extends string> {
  readonly groups: readonly (readonly N[])[];
  /** What crosses at the worst moment, bytes a second; undefined when nothing was measured. */
  readonly peak?: number;
}

/** What is known of those that are ordered, and of others. */
export interface Surroundings {
  /** Those of another kind move in another group. */
  kindOf?(name: string): string;
  /** Whether one that is not ordered is where the others go. */
  isThere?(name: string): boolean;
}

/** `names` stay in their order where traffic does not say otherwise. */
export function groupsOf<N extends string>(
  names: readonly N[],
  traffic: Traffic | undefined,
  groupMax: number,
  { kindOf = () => '', isThere = () => false }: Surroundings = {},
): Ordered<N> {
  // Of thousands, rates between any two would take a turn, and many megabytes.
  if (traffic === undefined || names.length > ORDERED_MAX) {
    return { groups: chunksByKind(names, groupMax, kindOf) };
  }
  const rates = ratesOf(names, traffic);
  const around = aroundOf(names, traffic, isThere);
  const kinds = names.map(kindOf);
  const grouping = { groupMax, kinds };
  const order = improved(greedy(names.length, rates, around), rates, grouping, around);
  const ordered = order.flatMap((node) => names[node] ?? []);
  const peak = Math.max(0, ...crossings(order, rates, grouping, around));
  return { groups: chunksByKind(ordered, groupMax, kindOf), peak };
}

const ORDERED_MAX = 1_000;

function chunksByKind<N extends string>(
  names: readonly N[],
  groupMax: number,
  kindOf: (name: string) => string,
): readonly (readonly N[])[] {
  const runs: N[][] = [];
  for (const name of names) {
    const last = runs.at(-1);
    if (last?.[0] !== undefined && kindOf(last[0]) === kindOf(name)) last.push(name);
    else runs.push([name]);
  }
  return runs.flatMap((run) => [...chunks(run, groupMax)]);
}

/** What each exchanges with what has moved already, or lives there, and with what stays. */
export interface Around {
  readonly moved: readonly number[];
  readonly stays: readonly number[];
}

const nobodyElse: Around = { moved: [], stays: [] };

function aroundOf(
  names: readonly string[],
  traffic: Traffic,
  isThere: (name: string) => boolean,
): Around {
  const places = new Map(names.map((name, i) => [name, i]));
  const [moved, stays] = [names.map(() => 0), names.map(() => 0)];
  for (const { ends, rate } of traffic) {
    for (const [name, other] of [ends, [ends[1], ends[0]] as const]) {
      const place = places.get(name);
      if (place === undefined || places.has(other)) continue;
      const side = isThere(other) ? moved : stays;
      side[place] = (side[place] ?? 0) + rate;
    }
  }
  return { moved, stays };
}

/** How many move at once; those of one kind only, if they have kinds. */
export type Grouping = number | { readonly groupMax: number; readonly kinds: readonly string[] };

/** How many of an order have moved after each group. */
function endsOf(order: readonly number[], grouping: Grouping): readonly number[] {
  const { groupMax, kinds } =
    typeof grouping === 'number' ? { groupMax: grouping, kinds: [] } : grouping;
  const ends: number[] = [];
  let begun = 0;
  for (let i = 1; i <= order.length; i += 1) {
    const isOther = kinds[order[i] ?? -1] !== kinds[order[i - 1] ?? -1];
    if (i < order.length && i - begun < groupMax && !isOther) continue;
    ends.push(i);
    begun = i;
  }
  return ends;
}

/** By the places of two in the list. */
export type Rates = readonly (readonly number[])[];

function ratesOf(names: readonly string[], traffic: Traffic): Rates {
  const places = new Map(names.map((name, i) => [name, i]));
  const rates = names.map(() => names.map(() => 0));
  const add = (from: number, to: number, rate: number): void => {
    const row = rates[from];
    if (row !== undefined) row[to] = (row[to] ?? 0) + rate;
  };
  for (const { ends, rate } of traffic) {
    const [one, other] = ends.map((name) => places.get(name));
    if (one === undefined || other === undefined || one === other) continue;
    add(one, other, rate);
    add(other, one, rate);
  }
  return rates;
}

/** What crosses after each group. */
export function crossings(
  order: readonly number[],
  rates: Rates,
  grouping: Grouping,
  { moved: there, stays }: Around = nobodyElse,
): number[] {
  const crossing: number[] = [];
  const moved = new Set<number>();
  // Whatever has not moved talks to what was there from the beginning.
  let now = sum(order.map((node) => there[node] ?? 0));
  let next = 0;
  for (const end of endsOf(order, grouping)) {
    for (; next < end; next += 1) {
      const node = order[next] ?? 0;
      for (const [other, rate] of (rates[node] ?? []).entries()) {
        now += moved.has(other) ? -rate : rate;
      }
      now += (stays[node] ?? 0) - (there[node] ?? 0);
      moved.add(node);
    }
    crossing.push(now);
  }
  return crossing;
}

/** What an order costs: the sum of what crosses while each of the next groups moves. */
export function costOfOrder(
  order: readonly number[],
  rates: Rates,
  grouping: Grouping,
  around: Around = nobodyElse,
): number {
  return sum(crossings(order, rates, grouping, around));
}

/** Next is always the one by which what crosses grows least, or falls most. */
export function greedy(
  count: number,
  rates: Rates,
  { moved, stays }: Around = nobodyElse,
): readonly number[] {
  const order: number[] = [];
  const left = new Set(Array.from({ length: count }, (_, i) => i));
  const gains = Array.from({ length: count }, (_, i) => {
    return (moved[i] ?? 0) - (stays[i] ?? 0) - sum(rates[i] ?? []);
  });
  while (left.size > 0) {
    let best: number | undefined;
    for (const node of left) {
      if (best === undefined || (gains[node] ?? 0) > (gains[best] ?? 0)) best = node;
    }
    if (best === undefined) break;
    left.delete(best);
    order.push(best);
    for (const node of left) gains[node] = (gains[node] ?? 0) + 2 * (rates[best]?.[node] ?? 0);
  }
  return order;
}

/** Exchanges of two, and of what follows each other, as long as one of them helps. */
export function improved(
  order: readonly number[],
  rates: Rates,
  grouping: Grouping,
  around: Around = nobodyElse,
): readonly number[] {
  const isAlike = endsOf(order, grouping).length <= 1 || rates.every((row) => sum(row) === 0);
  // The number of comparisons is bounded: with many the greedy order has to do.
  if (isAlike || order.length > IMPROVED_MAX) return order;
  let best = [...order];
  let cost = costOfOrder(best, rates, grouping, around);
  for (let isBetter = true; isBetter; ) {
    isBetter = false;
    for (let i = 0; i < best.length; i++) {
      for (let j = i + 1; j < best.length; j++) {
        for (const tried of [exchanged(best, i, j), turned(best, i, j)]) {
          const other = costOfOrder(tried, rates, grouping, around);
          if (other >= cost) continue;
          [best, cost, isBetter] = [tried, other, true];
        }
      }
    }
  }
  return best;
}

const IMPROVED_MAX = 40;

function exchanged(order: readonly number[], i: number, j: number): number[] {
  const next = [...order];
  [next[i], next[j]] = [order[j] ?? 0, order[i] ?? 0];
  return next;
}

function turned(order: readonly number[], i: number, j: number): number[] {
  return [...order.slice(0, i), ...order.slice(i, j + 1).reverse(), ...order.slice(j + 1)];
}

function sum(row: readonly number[]): number {
  return row.reduce((all, one) => all + one, 0);
}
