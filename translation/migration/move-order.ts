/**
 * In which order vswitches move: groups of those that talk most to each other, and after a group
 * the one that talks most to what has moved already. While only some have moved, what they send to
 * the others crosses between the two sides; that is what the order keeps low.
 *
 * What is minimised is the sum, over the groups, of what crosses while the next one moves (a
 * minimum linear arrangement, which is hard): greedily, then by exchanging two as long as it helps
 * (2-opt). For few vswitches that is nearly the best order (tests/translation/move-order.test.ts
 * compares with all orders).
 *
 * Nothing measures what vswitches send to each other as yet: those who plan give no traffic, and
 * the order is that of the names.
 */
import type { VswitchName } from '../../slices/ids.ts';
import { chunks } from '../../slices/steps.ts';

/** Bytes a second between two vswitches, in both directions. */
export type Traffic = readonly {
  readonly ends: readonly [VswitchName, VswitchName];
  readonly rate: number;
}[];

export interface Ordered {
  readonly groups: readonly (readonly VswitchName[])[];
  /** What crosses at the worst moment, bytes a second; undefined when nothing was measured. */
  readonly peak?: number;
}

/** `names` stay in their order where traffic does not say otherwise. */
export function groupsOf(
  names: readonly VswitchName[],
  traffic: Traffic | undefined,
  groupMax: number,
): Ordered {
  // Of thousands, rates between any two would take a turn, and many megabytes.
  if (traffic === undefined) return { groups: [...chunks(names, groupMax)] };
  const rates = ratesOf(names, traffic);
  const order = improved(greedy(names.length, rates), rates, groupMax);
  const ordered = order.flatMap((node) => names[node] ?? []);
  const peak = Math.max(0, ...crossings(order, rates, groupMax));
  return { groups: [...chunks(ordered, groupMax)], peak };
}

/** By the places of two in the list. */
export type Rates = readonly (readonly number[])[];

function ratesOf(names: readonly VswitchName[], traffic: Traffic): Rates {
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

/** What crosses after each group but the last. */
export function crossings(order: readonly number[], rates: Rates, groupMax: number): number[] {
  const crossing: number[] = [];
  const moved = new Set<number>();
  for (let i = 0; i < order.length; i += groupMax) {
    for (const node of order.slice(i, i + groupMax)) moved.add(node);
    let sum = 0;
    for (const node of moved) {
      for (const [other, rate] of (rates[node] ?? []).entries()) {
        if (!moved.has(other)) sum += rate;
      }
    }
    crossing.push(sum);
  }
  return crossing;
}

/** What an order costs: the sum of what crosses while each of the next groups moves. */
export function costOfOrder(order: readonly number[], rates: Rates, groupMax: number): number {
  return crossings(order, rates, groupMax).reduce((sum, one) => sum + one, 0);
}

/** Next is always the one by which what crosses grows least, or falls most. */
export function greedy(count: number, rates: Rates): readonly number[] {
  const order: number[] = [];
  const left = new Set(Array.from({ length: count }, (_, i) => i));
  const gains = Array.from({ length: count }, (_, i) => -sum(rates[i] ?? []));
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
  groupMax: number,
): readonly number[] {
  const isAlike = order.length <= groupMax || rates.every((row) => sum(row) === 0);
  // The number of comparisons is bounded: with many the greedy order has to do.
  if (isAlike || order.length > IMPROVED_MAX) return order;
  let best = [...order];
  let cost = costOfOrder(best, rates, groupMax);
  for (let isBetter = true; isBetter; ) {
    isBetter = false;
    for (let i = 0; i < best.length; i++) {
      for (let j = i + 1; j < best.length; j++) {
        for (const tried of [exchanged(best, i, j), turned(best, i, j)]) {
          const other = costOfOrder(tried, rates, groupMax);
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
