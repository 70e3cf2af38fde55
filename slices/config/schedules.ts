/**
 * Settings of vswitches that move again and again by themselves, so that nobody who looks for one
 * knows where it is.
 *
 *   schedules:
 *     red-moves: { move: red, every: 10m, jitter: 5m, to: zone-a, choose: least-shared,
 *                  not-last: 2, away-from: blue, quiet: 22:00-06:00, at-most: 12,
 *                  pause-above: 80% }
 */
import { type DatapathName, tenantOf } from '../ids.ts';
import { limits } from '../limits.ts';
import type { Fields } from './config-fields.ts';
import { type Known, readDatapath, readName } from './config-names.ts';
import type { Parsed } from './parsed.ts';
import type { Reader } from './reader.ts';
import {
  type Choice,
  type DayTime,
  type HostDriver,
  hostDrivers,
  type Schedule,
  type VswitchConfig,
  type Zones,
} from './values.ts';

const keys = [
  ...['move', 'every', 'jitter', 'to', 'choose', 'away-from', 'not-last', 'quiet', 'at-most'],
  ...['pause-above', 'hosts', 'probe'],
];
const choices: readonly Choice[] = ['uniform', 'least-shared', 'least-shared-so-far'];

/** What a schedule may name. */
export interface Named {
  readonly vswitches: readonly VswitchConfig[];
  readonly datapaths: Known<DatapathName>;
  readonly zones: Zones;
}

export function readSchedules(at: Reader | undefined, named: Named): readonly Schedule[] {
  return (at?.entries() ?? []).flatMap(([name, entry]) => {
    readName(entry, name);
    const schedule = readSchedule(name, entry, named);
    return schedule === undefined ? [] : [schedule];
  });
}

function readSchedule(name: string, at: Reader, named: Named): Schedule | undefined {
  at.onlyKeys(keys);
  const { vswitches, datapaths, zones } = named;
  const tenants = new Set(vswitches.map((one) => one.tenant));
  const known = new Set<string>([...tenants, ...vswitches.map((one) => one.name)]);
  const moves = namesIn(at.required('move'), known, 'vswitch or tenant');
  const [everyMs] = at.required('every').parsed(parseSpan);
  if (everyMs === undefined || moves.length === 0) return undefined;
  const quiet = at.optional('quiet')?.parsed(parseQuiet)[0];
  const perHourMax = at.optional('at-most')?.parsed(parseCount)[0];
  const hosts = at.optional('hosts')?.parsed(parseDriver)[0];
  const pauseAbove = at.optional('pause-above')?.parsed(parsePercent)[0];
  const probe = at.optional('probe')?.parsed(parseProbe)[0];
  return {
    ...{ name, moves, everyMs },
    jitterMs: at.optional('jitter')?.parsed(parseSpan)[0] ?? everyMs / 2,
    among: (at.optional('to')?.items() ?? []).flatMap((one) => readTarget(one, datapaths, zones)),
    choice: at.optional('choose')?.parsed(parseChoice)[0] ?? 'uniform',
    awayFrom: namesIn(at.optional('away-from'), tenants, 'tenant'),
    notLast: at.optional('not-last')?.parsed(parseCount)[0] ?? 0,
    ...(quiet !== undefined && { quiet }),
    ...(perHourMax !== undefined && { perHourMax }),
    ...(pauseAbove !== undefined && { pauseAbove }),
    ...(hosts !== undefined && { hosts }),
    ...(probe === true && { probe }),
  };
}

function parseProbe(text: string): Parsed<boolean> {
  const value = text === 'true';
  if (value || text === 'false') return { ok: true, value };
  return { ok: false, why: `"${text}" does not say whether loss is measured; write true or false` };
}

/** A person would have to be there each time. */
function parseDriver(text: string): Parsed<HostDriver> {
  const value = hostDrivers.find((one) => one === text);
  if (value !== undefined) return { ok: true, value };
  return {
    ok: false,
    why: `"${text}" moves no hosts by itself; write ${hostDrivers.join(' or ')}`,
  };
}

export function namesIn(
  at: Reader | undefined,
  known: ReadonlySet<string>,
  what: string,
): readonly string[] {
  return (at?.items() ?? []).flatMap((one) => {
    const name = one.text();
    if (name === undefined || known.has(name)) return name === undefined ? [] : [name];
    one.unknown(`names "${name}", and there is no such ${what}`, name, () => known);
    return [];
  });
}

/** A zone is all that it names. */
export function readTarget(
  at: Reader,
  datapaths: Known<DatapathName>,
  zones: Zones,
): readonly DatapathName[] {
  const zone = [...zones].find(([name]) => at.isText(name));
  if (zone !== undefined) return zone[1];
  const datapath = readDatapath(at, datapaths, zones);
  return datapath === undefined ? [] : [datapath];
}

const spans = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

export function parseSpan(text: string): Parsed<number> {
  const [, number = '', unit] = /^([0-9]{1,6})([smh])$/.exec(text) ?? [];
  const ms = Number(number) * (spans.find(([one]) => one === unit)?.[1] ?? 0);
  const isFine = ms >= limits.scheduleMsMin && ms <= limits.scheduleMsMax;
  if (isFine) return { ok: true, value: ms };
  return { ok: false, why: `"${text}" is not a time from 1s to 168h; write 30s, 10m or 2h` };
}

export function spanText(ms: number): string {
  const [unit, size] = spans.find(([, one]) => ms % one === 0) ?? ['s', 1_000];
  return `${ms / size}${unit}`;
}

function parseChoice(text: string): Parsed<Choice> {
  const value = choices.find((one) => one === text);
  if (value !== undefined) return { ok: true, value };
  return { ok: false, why: `"${text}" is not a choice; write ${choices.join(' or ')}` };
}

export function parseCount(text: string): Parsed<number> {
  if (/^[0-9]{1,4}$/.test(text)) return { ok: true, value: Number(text) };
  return { ok: false, why: `"${text}" is not a number from 0 to 9999; write one, such as 12` };
}

export function parsePercent(text: string): Parsed<number> {
  const [, number] = /^([1-9][0-9]?|100)%$/.exec(text) ?? [];
  if (number !== undefined) return { ok: true, value: Number(number) / 100 };
  return { ok: false, why: `"${text}" is not a share; write 80%` };
}

export function parseQuiet(text: string): Parsed<DayTime> {
  const [, ...parts] = /^([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})$/.exec(text) ?? [];
  const [fromHour = 99, from = 99, toHour = 99, to = 99] = parts.map(Number);
  const isFine = fromHour < 24 && toHour < 24 && from < 60 && to < 60;
  const value = { fromMin: fromHour * 60 + from, toMin: toHour * 60 + to };
  if (isFine && value.fromMin !== value.toMin) return { ok: true, value };
  return { ok: false, why: `"${text}" is no part of a day; write 22:00-06:00, in UTC` };
}

export function percentText(share: number): string {
  return `${Math.round(share * 100)}%`;
}

export function quietText({ fromMin, toMin }: DayTime): string {
  const text = (min: number): string =>
    [Math.floor(min / 60), min % 60].map((one) => String(one).padStart(2, '0')).join(':');
  return `${text(fromMin)}-${text(toMin)}`;
}

/** Whether a moment, in milliseconds since 1970, is in it. */
export function isIn({ fromMin, toMin }: DayTime, ms: number): boolean {
  const min = Math.floor(ms / 60_000) % 1_440;
  return fromMin < toMin ? min >= fromMin && min < toMin : min >= fromMin || min < toMin;
}

/** Vswitches of the file that it moves; big ones stay. */
export function movedBy({ moves }: Schedule, vswitches: readonly VswitchConfig[]) {
  return vswitches.filter(({ name, members }) => {
    return members === undefined && (moves.includes(name) || moves.includes(tenantOf(name)));
  });
}

/** The inverse of their reading. */
export function schedulesFields(schedules: readonly Schedule[]): Fields {
  return Object.fromEntries(schedules.map((one) => [one.name, scheduleFields(one)]));
}

function scheduleFields(one: Schedule): Fields {
  const { moves, everyMs, jitterMs, among, choice, awayFrom, notLast } = one;
  const { quiet, perHourMax, pauseAbove, hosts, probe } = one;
  return {
    move: moves,
    every: spanText(everyMs),
    jitter: spanText(jitterMs),
    ...(among.length > 0 && { to: among }),
    ...(choice !== 'uniform' && { choose: choice }),
    ...(awayFrom.length > 0 && { 'away-from': awayFrom }),
    ...(notLast > 0 && { 'not-last': String(notLast) }),
    ...(quiet && { quiet: quietText(quiet) }),
    ...(perHourMax !== undefined && { 'at-most': String(perHourMax) }),
    ...(pauseAbove !== undefined && { 'pause-above': percentText(pauseAbove) }),
    ...(hosts !== undefined && { hosts }),
    ...(probe && { probe: 'true' }),
  };
}
