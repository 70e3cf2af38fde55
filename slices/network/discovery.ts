/**
 * The cables that probes have found: a link leads from one port to the other and back. All other
 * findings are notes for a person.
 */
import type { PhysicalEnd } from '../config/values.ts';
import { endText, isSameEnd } from '../ids.ts';
import { type LinkEnds, linkText, pluggedText } from './link-states.ts';

/** A probe came. */
export interface Seen {
  readonly from: PhysicalEnd;
  readonly to: PhysicalEnd;
  readonly bytes: number;
}

export interface DiscoveredLink {
  readonly ends: LinkEnds;
  /** Whether tenants' full-size frames pass in both directions. */
  readonly isWide: boolean;
  readonly isInFile: boolean;
}

export interface DiscoveredLinks {
  readonly links: readonly DiscoveredLink[];
  /** Of the file, those that were not found, and where no found one contradicts it. */
  readonly missing: readonly LinkEnds[];
  readonly notes: readonly string[];
}

/** What the file has is written as it stands there, and first. */
export function discovered(
  seen: readonly Seen[],
  inFile: readonly LinkEnds[],
  /** How long the longest frame is that tenants' make there. */
  needs: (ends: LinkEnds) => number,
  /** Who is plugged in there by the file. */
  hostsAt: (end: PhysicalEnd) => readonly string[] = () => [],
): DiscoveredLinks {
  const leads = new Map<string, Map<string, PhysicalEnd>>();
  const longest = new Map<string, number>();
  for (const { from, to, bytes } of seen) {
    const there = leads.get(endText(from)) ?? new Map<string, PhysicalEnd>();
    leads.set(endText(from), there.set(endText(to), to));
    const way = `${endText(from)} ${endText(to)}`;
    longest.set(way, Math.max(longest.get(way) ?? 0, bytes));
  }
  const goes = (from: PhysicalEnd, to: PhysicalEnd): boolean =>
    leads.get(endText(from))?.has(endText(to)) === true;
  const room = (from: PhysicalEnd, to: PhysicalEnd): number =>
    longest.get(`${endText(from)} ${endText(to)}`) ?? 0;
  const isWide = (ends: LinkEnds): boolean =>
    Math.min(room(...ends), room(ends[1], ends[0])) >= needs(ends);
  const pairs = new Map<string, LinkEnds>();
  const notes = new Set<string>();
  for (const { from, to } of seen) {
    const others = [...(leads.get(endText(from))?.values() ?? [])];
    if (isSameEnd(from, to)) notes.add(`${endText(from)} leads back to itself`);
    else if (others.length > 1) {
      const all = others.map(endText).sort().join(', ');
      notes.add(`${endText(from)} leads to several ports: ${all}; a hub or a switch is in between`);
    } else if (hostsAt(to).length > 0) {
      notes.add(`${endText(from)} leads to ${endText(to)}${pluggedText(hostsAt(to))}`);
    } else if (!goes(to, from)) {
      notes.add(`${endText(from)} leads to ${endText(to)}, which does not lead back`);
    } else if (leads.get(endText(to))?.size === 1) {
      const ends = [from, to].sort(byName) as [PhysicalEnd, PhysicalEnd];
      pairs.set(linkText(ends), ends);
    }
  }
  const known = inFile.filter(([one, other]) => goes(one, other) && goes(other, one));
  const fresh = [...pairs.values()].filter((ends) => !inFile.some((link) => sameLink(link, ends)));
  fresh.sort(([one], [other]) => byName(one, other));
  const isTaken = (end: PhysicalEnd): boolean =>
    fresh.some((link) => link.some((one) => isSameEnd(one, end)));
  const lost = inFile.filter((link) => !known.includes(link));
  for (const link of lost.filter((one) => one.some(isTaken))) {
    notes.add(`the file has ${linkText(link)}, which is not what was found`);
  }
  return {
    links: [
      ...known.map((ends) => ({ ends, isWide: isWide(ends), isInFile: true })),
      ...fresh.map((ends) => ({ ends, isWide: isWide(ends), isInFile: false })),
    ],
    missing: lost.filter((one) => !one.some(isTaken)),
    notes: [...notes].sort(),
  };
}

function byName(one: PhysicalEnd, other: PhysicalEnd): number {
  if (one.device === other.device) return one.port - other.port;
  return one.device.localeCompare(other.device, 'en', { numeric: true });
}

function sameLink([one, other]: LinkEnds, [a, b]: LinkEnds): boolean {
  return (isSameEnd(one, a) && isSameEnd(other, b)) || (isSameEnd(one, b) && isSameEnd(other, a));
}
