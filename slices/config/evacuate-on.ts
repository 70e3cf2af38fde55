/**
 * Signs that a datapath is about to fail, on which its vswitches are moved away automatically
 * (hypervisor/operator/evacuations.ts), and the importance of tenants then.
 *
 *   evacuate-on: { errors: 100/s, flaps: 4 in 1m, slow: 500ms, for: 10s, within: 30s, again: 10m,
 *                  among: zone-a }
 */
import type { DatapathName } from '../ids.ts';
import { limits } from '../limits.ts';
import type { Known } from './config-names.ts';
import type { Parsed } from './parsed.ts';
import type { Reader } from './reader.ts';
import { parseTime, timeText } from './redial.ts';
import type { EvacuateOn, Flaps } from './remaps.ts';
import { parseSpan, readTarget, spanText } from './schedules.ts';
import type { Zones } from './values.ts';

const keys = ['errors', 'flaps', 'slow', 'for', 'within', 'again', 'among'];

export function readEvacuateOn(
  at: Reader | undefined,
  datapaths: Known<DatapathName>,
  zones: Zones,
): EvacuateOn | undefined {
  if (at === undefined) return undefined;
  at.onlyKeys(keys);
  const errorsPerSec = at.optional('errors')?.parsed(parsePerSec)[0];
  const flaps = at.optional('flaps')?.parsed(parseFlaps)[0];
  const slowMs = at.optional('slow')?.parsed(parseTime)[0];
  const signs = ['errors', 'flaps', 'slow'];
  if (signs.every((key) => at.optional(key) === undefined)) {
    at.problem(`has no sign to go by; write one of ${signs.join(', ')}`);
  }
  const span = (key: string, otherwise: number): number =>
    at.optional(key)?.parsed(parseSpan)[0] ?? otherwise;
  return {
    ...(errorsPerSec !== undefined && { errorsPerSec }),
    ...(flaps !== undefined && { flaps }),
    ...(slowMs !== undefined && { slowMs }),
    forMs: span('for', limits.evacuateForMs),
    withinMs: span('within', limits.evacuateWithinMs),
    againMs: span('again', limits.evacuateAgainMs),
    among: (at.optional('among')?.items() ?? []).flatMap((one) =>
      readTarget(one, datapaths, zones),
    ),
  };
}

function parsePerSec(text: string): Parsed<number> {
  const [, number] = /^([1-9][0-9]{0,8})\/s$/.exec(text) ?? [];
  if (number !== undefined) return { ok: true, value: Number(number) };
  return { ok: false, why: `"${text}" is not a rate; write 100/s` };
}

function parseFlaps(text: string): Parsed<Flaps> {
  const [, number, span = ''] = /^([1-9][0-9]{0,3}) in (\S+)$/.exec(text) ?? [];
  const time = parseSpan(span);
  if (number !== undefined && time.ok) {
    return { ok: true, value: { count: Number(number), inMs: time.value } };
  }
  return { ok: false, why: `"${text}" is not how often in what time; write 4 in 1m` };
}

/** The inverse of its reading. */
export function evacuateOnFields(one: EvacuateOn) {
  const { errorsPerSec, flaps, slowMs, forMs, withinMs, againMs, among } = one;
  return {
    ...(errorsPerSec !== undefined && { errors: `${errorsPerSec}/s` }),
    ...(flaps !== undefined && { flaps: `${flaps.count} in ${spanText(flaps.inMs)}` }),
    ...(slowMs !== undefined && { slow: timeText(slowMs) }),
    ...(forMs !== limits.evacuateForMs && { for: spanText(forMs) }),
    ...(withinMs !== limits.evacuateWithinMs && { within: spanText(withinMs) }),
    ...(againMs !== limits.evacuateAgainMs && { again: spanText(againMs) }),
    ...(among.length > 0 && { among }),
  };
}

/** By tenant: the higher, the sooner its vswitches leave a datapath that fails. */
export function readImportance(tenants: Reader): ReadonlyMap<string, number> {
  const all = tenants.entries().flatMap(([name, at]) => {
    const [value = 0] = at.optional('importance')?.parsed(parseImportance) ?? [];
    return value > 0 ? [[name, value] as const] : [];
  });
  return new Map(all);
}

function parseImportance(text: string): Parsed<number> {
  if (/^[0-9]{1,4}$/.test(text)) return { ok: true, value: Number(text) };
  return { ok: false, why: `"${text}" is not how important it is; write 0 to 9999` };
}
