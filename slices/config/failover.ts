/**
 * What the file says of paths: what a cable costs, by which datapaths a virtual link leads, and
 * what happens when something fails (network/routes.ts).
 *
 *   links: [{ ends: s1:4 - s2:4, cost: 10 }]
 *   failover: { backups: 1, away: 1s, revert: 5s }
 *   tenants.T.links: [{ ends: v:2 - w:2, via: [s3], avoid: [s4] }]
 */
import type { DatapathName } from '../ids.ts';
import { limits } from '../limits.ts';
import { type Known, type LinkReading, readDatapath } from './config-ends.ts';
import type { Parsed } from './parsed.ts';
import type { Problem, Reader } from './reader.ts';
import { parseTime, timeText } from './redial.ts';
import { readTunnel } from './tunnels.ts';
import type { Failover, PathWish, ReadLink, VirtualEnd, VswitchConfig } from './values.ts';

export const defaultFailover: Failover = {
  backups: 0,
  awayMs: limits.awayMs,
  revertMs: limits.revertMs,
};

export function readFailover(at: Reader | undefined): Failover {
  at?.onlyKeys(['backups', 'away', 'revert']);
  const { backups, awayMs, revertMs } = defaultFailover;
  return {
    backups: at?.optional('backups')?.parsed(parseBackups)[0] ?? backups,
    awayMs: at?.optional('away')?.parsed(parseTime)[0] ?? awayMs,
    revertMs: at?.optional('revert')?.parsed(parseRevert)[0] ?? revertMs,
  };
}

function parseRevert(text: string): Parsed<number | 'never'> {
  if (text === 'never') return { ok: true, value: 'never' };
  const time = parseTime(text);
  return time.ok ? time : { ok: false, why: `${time.why}; or write never` };
}

function parseBackups(text: string): Parsed<number> {
  if (/^[0-9]$/.test(text) && Number(text) <= limits.backupsMax) {
    return { ok: true, value: Number(text) };
  }
  return { ok: false, why: `"${text}" is not a number of paths; write 0 to ${limits.backupsMax}` };
}

/** What a link's item says besides its ends. */
export const cableReading: LinkReading = {
  keys: ['cost', 'tunnel'],
  read: (item) => ({
    cost: item.optional('cost')?.parsed(parseCost)[0],
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
  return { keys: ['via', 'avoid'], read: (item) => ({ wish: readWish(item, known) }) };
}

function readWish(item: Reader, known: Known<DatapathName>): PathWish | undefined {
  const listed = (key: string): readonly DatapathName[] => {
    const at = item.optional(key);
    return (at?.items() ?? []).flatMap((one) => readDatapath(one, known) ?? []);
  };
  const [via, avoid] = [listed('via'), listed('avoid')];
  const both = via.find((name) => avoid.includes(name));
  if (both !== undefined) item.problem(`leads via ${both}, and avoids it`);
  if (new Set(via).size < via.length) item.problem('leads via one datapath twice');
  return via.length + avoid.length === 0 ? undefined : { via, avoid };
}

/** The inverse of their reading. */
export function failoverFields({ backups, awayMs, revertMs }: Failover) {
  return {
    backups: String(backups),
    away: timeText(awayMs),
    revert: revertMs === 'never' ? revertMs : timeText(revertMs),
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
