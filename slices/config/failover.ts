/**
 * Settings of paths in the file: the cost of a cable, the datapaths by which a virtual link leads,
 * and the behaviour on failures (network/routes.ts).
 *
 *   links: [{ ends: s1:4 - s2:4, cost: 10 }]
 *   failover: { backups: 1, away: 1s, revert: 5s, replace: 5m }
 *   tenants.T.links: [{ ends: v:2 - w:2, via: [s3], avoid: [s4], spread: select }]
 */
import type { DatapathName } from '../ids.ts';
import { limits } from '../limits.ts';
import { type Known, type LinkReading, pairText, readDatapath } from './config-names.ts';
import { parseMtu } from './links.ts';
import type { Parsed } from './parsed.ts';
import type { Problem, Reader } from './reader.ts';
import { parseTime, timeText } from './redial.ts';
import { parseSpan, spanText } from './schedules.ts';
import { readTunnel } from './tunnels.ts';
import type { Config, Failover, PathWish, ReadLink, VirtualEnd, VswitchConfig } from './values.ts';

export const defaultFailover: Failover = {
  backups: 0,
  awayMs: limits.awayMs,
  revertMs: limits.revertMs,
  replaceMs: limits.replaceMs,
};

export function readFailover(at: Reader | undefined): Failover {
  at?.onlyKeys(['backups', 'away', 'revert', 'replace']);
  const { backups, awayMs, revertMs, replaceMs } = defaultFailover;
  return {
    backups: at?.optional('backups')?.parsed(parseBackups)[0] ?? backups,
    awayMs: at?.optional('away')?.parsed(parseTime)[0] ?? awayMs,
    revertMs: at?.optional('revert')?.parsed(orNever(parseTime))[0] ?? revertMs,
    replaceMs: at?.optional('replace')?.parsed(orNever(parseSpan))[0] ?? replaceMs,
  };
}

function orNever(parse: (text: string) => Parsed<number>) {
  return (text: string): Parsed<number | 'never'> => {
    if (text === 'never') return { ok: true, value: 'never' };
    const time = parse(text);
    return time.ok ? time : { ok: false, why: `${time.why}; or write never` };
  };
}

function parseBackups(text: string): Parsed<number> {
  if (/^[0-9]$/.test(text) && Number(text) <= limits.backupsMax) {
    return { ok: true, value: Number(text) };
  }
  return { ok: false, why: `"${text}" is not a number of paths; write 0 to ${limits.backupsMax}` };
}

/** What a link's item says besides its ends. */
export const cableReading: LinkReading = {
  keys: ['cost', 'mtu', 'tunnel'],
  read: (item) => ({
    cost: item.optional('cost')?.parsed(parseCost)[0],
    mtu: item.optional('mtu')?.parsed(parseMtu)[0],
    tunnel: readTunnel(item.optional('tunnel')),
  }),
};

function parseCost(text: string): Parsed<number> {
  const cost = /^[0-9]{1,7}$/.test(text) ? Number(text) : 0;
  if (cost >= 1 && cost <= limits.costMax) return { ok: true, value: cost };
  return { ok: false, why: `"${text}" is not a cost; write a number from 1 to ${limits.costMax}` };
}

/** The same of a virtual link's. */
export function wishReading(known: Known<DatapathName>): LinkReading {
  const keys = ['via', 'avoid', 'spread'];
  return { keys, read: (item) => ({ wish: readWish(item, known) }) };
}

function readWish(item: Reader, known: Known<DatapathName>): PathWish | undefined {
  const listed = (key: string): readonly DatapathName[] => {
    const at = item.optional(key);
    return (at?.items() ?? []).flatMap((one) => readDatapath(one, known) ?? []);
  };
  const [via, avoid] = [listed('via'), listed('avoid')];
  const both = via.find((name) => avoid.includes(name));
  if (both !== undefined) item.problem(`leads via ${both}, and avoids it; remove one`);
  if (new Set(via).size < via.length) item.problem('leads via one datapath twice; remove one');
  const [spread] = item.optional('spread')?.parsed(parseSpread) ?? [];
  if (via.length + avoid.length === 0 && spread === undefined) return undefined;
  return { via, avoid, ...(spread && { spread }) };
}

/** Select groups are OpenFlow's word for it (OF1.3.5 section 5.6.1). */
function parseSpread(text: string): Parsed<'select'> {
  if (text === 'select') return { ok: true, value: text };
  return { ok: false, why: `"${text}" is not a way to spread flows; write select` };
}

/** Flows are spread by groups, which flat datapaths have not; bandwidth is of one path. */
export function checkSpread(
  { datapaths, vswitches, pathWishes, vlinkBandwidths }: Config,
  links: readonly ReadLink<VirtualEnd>[],
  problems: Problem[],
): void {
  const flat = new Set(datapaths.flatMap((one) => (one.encoding === 'flat' ? [one.name] : [])));
  const places = new Map(vswitches.map(({ name, on, members = [on] }) => [name, members]));
  for (const { ends, path } of links) {
    const key = pairText(ends);
    if (pathWishes.get(key)?.spread === undefined) continue;
    const on = ends.flatMap(({ device }) => places.get(device) ?? []).find((one) => flat.has(one));
    const why = vlinkBandwidths.has(key)
      ? 'sets bandwidth aside, which is that of one path; remove "bandwidth", or "spread"'
      : on &&
        `begins or ends on ${on}, whose encoding is flat and has no groups; remove "spread", or ` +
          'let its vswitch live elsewhere';
    if (why !== undefined) problems.push({ path: `${path}.spread`, why });
  }
}

/** The inverse of their reading. */
export function failoverFields({ backups, awayMs, revertMs, replaceMs }: Failover) {
  return {
    backups: String(backups),
    away: timeText(awayMs),
    revert: revertMs === 'never' ? revertMs : timeText(revertMs),
    replace: replaceMs === 'never' ? replaceMs : spanText(replaceMs),
  };
}

/** A way begins and ends where its vswitches are, whatever it avoids. */
export function checkWishes(
  links: readonly ReadLink<VirtualEnd>[],
  vswitches: readonly VswitchConfig[],
  problems: Problem[],
): void {
  const placed = vswitches.filter(({ place }) => place === undefined);
  const homes = new Map(placed.map(({ name, on, members = [on] }) => [name, members]));
  for (const { ends, wish, path } of links) {
    for (const { device } of ends) {
      const own = wish?.avoid.find((name) => homes.get(device)?.includes(name) === true);
      if (own === undefined) continue;
      const next = `remove ${own} from "avoid", or place the vswitch elsewhere`;
      problems.push({ path, why: `avoids ${own}, where ${device} is; ${next}` });
    }
  }
}
