/**
 * Looks for a better placement, from the current one: single moves, exchanges of two, and moves of
 * all vswitches of a datapath, or all of a tenant on one. Improving moves are made until there are
 * none, or the time is over; then those that gain too little for a move are taken back.
 *
 * Nothing is by chance. Against all placements of small networks: tests/slices/optimize.test.ts.
 */
import type { DatapathName } from '../ids.ts';
import { limits } from '../limits.ts';
import type { Steps } from '../steps.ts';
import type { Landscape } from './landscape.ts';
import { type Objective, scoreOf } from './objectives.ts';

export interface Optimizing {
  readonly objective: Objective;
  /** Whether the time is over. */
  isOver(): boolean;
}

type Moves = readonly (readonly [mover: number, to: DatapathName])[];

/** It stands as it was found, and is answered: whether there was time for everything. */
export function* optimize(land: Landscape, options: Optimizing): Steps<boolean> {
  const began = scoreOf(land, options.objective);
  const isWhole = yield* improve(land, options);
  yield* revertIdle(land, options.objective, began);
  return isWhole;
}

function* improve(land: Landscape, { objective, isOver }: Optimizing): Steps<boolean> {
  let best = scoreOf(land, objective);
  const tries = (moves: Moves): boolean => {
    const before = moves.map(([mover]) => [mover, placeOf(land, mover)] as const);
    if (before.every(([, at], i) => at === moves[i]?.[1]) || !land.move(moves)) return false;
    const score = scoreOf(land, objective);
    if (score < best - EPSILON) {
      best = score;
      return true;
    }
    land.putBack(before);
    return false;
  };
  let isBetter = true;
  while (isBetter) {
    isBetter = false;
    for (const candidates of [singles, groups, exchanges]) {
      for (const moves of candidates(land)) {
        if (isOver()) return false;
        if (tries(moves)) isBetter = true;
        yield;
      }
    }
  }
  return true;
}

/** Of sums of very many numbers. */
const EPSILON = 1e-9;

function placeOf(land: Landscape, mover: number): DatapathName {
  const place = land.places[mover];
  if (place === undefined) throw new Error(`no mover ${mover}`);
  return place;
}

function* singles({ terrain: { movers } }: Landscape): Iterable<Moves> {
  for (const [mover, { offered, at }] of movers.entries()) {
    for (const to of new Set([at, ...offered])) yield [[mover, to]];
  }
}

/** All on a datapath, of everybody or of a tenant, to another. */
function* groups(land: Landscape): Iterable<Moves> {
  const { movers, substrate } = land.terrain;
  const tenants = [undefined, ...new Set(movers.map(({ tenant }) => tenant))];
  for (const from of substrate.names) {
    for (const tenant of tenants) {
      for (const to of substrate.names) {
        const all = movers.flatMap((one, mover) => {
          const isOne = placeOf(land, mover) === from && (tenant ?? one.tenant) === one.tenant;
          return isOne ? [mover] : [];
        });
        if (all.length < 2) break;
        if (to !== from) yield all.map((mover) => [mover, to] as const);
      }
    }
  }
}

function* exchanges(land: Landscape): Iterable<Moves> {
  const { movers } = land.terrain;
  for (const one of movers.keys()) {
    for (let other = one + 1; other < movers.length; other++) {
      const [here, there] = [placeOf(land, one), placeOf(land, other)];
      if (here !== there) {
        yield [
          [one, there],
          [other, here],
        ];
      }
    }
  }
}

/** What has moved, and gains less than it is worth; the least first. */
function* revertIdle(land: Landscape, objective: Objective, began: number): Steps<void> {
  const worth = Math.max(EPSILON, began * limits.optimizeGainMin);
  for (;;) {
    let least: { readonly mover: number; readonly loss: number } | undefined;
    const score = scoreOf(land, objective);
    for (const [mover, { at }] of land.terrain.movers.entries()) {
      const place = placeOf(land, mover);
      if (place === at) continue;
      if (!land.move([[mover, at]])) continue;
      const loss = scoreOf(land, objective) - score;
      land.putBack([[mover, place]]);
      if (loss < (least?.loss ?? worth)) least = { mover, loss };
      yield;
    }
    if (least === undefined) return;
    const { at } = land.terrain.movers[least.mover] ?? {};
    if (at !== undefined) land.putBack([[least.mover, at]]);
  }
}
