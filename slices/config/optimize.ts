/**
 * Settings of the repeated search for better placements (hypervisor/operator/optimizing.ts).
 *
 *   optimize: { for: load, every: 10m, gain: 10%, at-most: 12, quiet: 22:00-06:00, exempt: blue,
 *               over: 5m }
 */
import { limits } from '../limits.ts';
import type { Parsed } from './parsed.ts';
import type { Reader } from './reader.ts';
import { type Objective, type Optimize, objectives } from './remaps.ts';
import {
  namesIn,
  parseCount,
  parsePercent,
  parseQuiet,
  parseSpan,
  percentText,
  quietText,
  spanText,
} from './schedules.ts';
import type { VswitchConfig } from './values.ts';

const keys = ['for', 'every', 'gain', 'at-most', 'quiet', 'exempt', 'over'];

export function readOptimize(
  at: Reader | undefined,
  vswitches: readonly VswitchConfig[],
): Optimize | undefined {
  if (at === undefined) return undefined;
  at.onlyKeys(keys);
  const [objective] = at.required('for').parsed(parseObjective);
  const [everyMs] = at.required('every').parsed(parseSpan);
  const quiet = at.optional('quiet')?.parsed(parseQuiet)[0];
  const perHourMax = at.optional('at-most')?.parsed(parseCount)[0];
  const gainMin = at.optional('gain')?.parsed(parsePercent)[0] ?? limits.optimizeGainMinByItself;
  const overMs = at.optional('over')?.parsed(parseSpan)[0] ?? limits.optimizeOverMs;
  const tenants = new Set(vswitches.map((one) => one.tenant));
  const exempt = namesIn(at.optional('exempt'), tenants, 'tenant');
  if (objective === undefined || everyMs === undefined) return undefined;
  return {
    ...{ objective, everyMs, gainMin, overMs, exempt },
    ...(quiet !== undefined && { quiet }),
    ...(perHourMax !== undefined && { perHourMax }),
  };
}

function parseObjective(text: string): Parsed<Objective> {
  const value = objectives.find((one) => one === text);
  if (value !== undefined) return { ok: true, value };
  return { ok: false, why: `"${text}" is no objective; write ${objectives.join(' or ')}` };
}

/** The inverse of its reading. */
export function optimizeFields(one: Optimize) {
  const { objective, everyMs, gainMin, overMs, exempt, quiet, perHourMax } = one;
  return {
    for: objective,
    every: spanText(everyMs),
    ...(gainMin !== limits.optimizeGainMinByItself && { gain: percentText(gainMin) }),
    ...(perHourMax !== undefined && { 'at-most': String(perHourMax) }),
    ...(quiet !== undefined && { quiet: quietText(quiet) }),
    ...(exempt.length > 0 && { exempt }),
    ...(overMs !== limits.optimizeOverMs && { over: spanText(overMs) }),
  };
}
