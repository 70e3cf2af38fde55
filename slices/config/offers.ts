/**
 * Ports that owners of networks may plug hosts in at, by names that do not say where they are: only
 * the operator knows which port an owner's `a` is.
 *
 *   offers: { a: s1:5, b: { at: s2:5, vlan: 100 } }
 */
import { type DatapathName, endText, ownerOf } from '../ids.ts';
import type { Fields, Tree } from './config-fields.ts';
import { type Known, readName, readPhysicalEnd } from './config-names.ts';
import type { Problem, Reader } from './reader.ts';
import { parseVlan } from './tenants.ts';
import type { Config, HostConfig, Offer, PhysicalEnd } from './values.ts';

export function readOffers(
  at: Reader | undefined,
  known: Known<DatapathName>,
): ReadonlyMap<string, Offer> {
  const all = (at?.entries() ?? []).flatMap(([key, entry]) => {
    if (entry.isMap) entry.onlyKeys(['at', 'vlan']);
    const name = readName(entry, key);
    const place = entry.isMap ? entry.required('at') : entry;
    const end = readPhysicalEnd(place, place.text(), known);
    const [vlan] = (entry.isMap ? entry.optional('vlan') : undefined)?.parsed(parseVlan) ?? [];
    if (name === undefined || end === undefined) return [];
    return [[name, { at: end, ...(vlan !== undefined && { vlan }) }] as const];
  });
  return new Map(all);
}

export function offersFields(offers: ReadonlyMap<string, Offer>): Fields {
  const trees = [...offers].map(([name, { at, vlan }]): [string, Tree] => {
    const end = endText(at);
    return [name, vlan === undefined ? end : { at: end, vlan: String(vlan) }];
  });
  return Object.fromEntries(trees);
}

/** A port, or one VLAN of it. */
type Plug = Pick<HostConfig, 'at' | 'offers' | 'vlan' | 'vlans'>;

/** Whether frames of both would come in at one place. */
function isSamePlug(one: Offer, { at, offers = [at], vlan, vlans }: Plug): boolean {
  if (!offers.some((end) => endText(end) === endText(one.at))) return false;
  const { vlan: own } = one;
  if (own === undefined) return true;
  if (vlans !== undefined) return vlans.first <= own && own <= vlans.last;
  return vlan === undefined || vlan === own;
}

/** Who has the place of an offer: a cable, or a host. */
export function userOf(
  offer: Offer,
  { links, hosts }: Pick<Config, 'links' | 'hosts'>,
): string | undefined {
  const isHere = (end: PhysicalEnd): boolean => endText(end) === endText(offer.at);
  const link = links.find((ends) => ends.some(isHere));
  if (link !== undefined) return `the link ${link.map(endText).join(' - ')}`;
  return hosts.find((host) => isSamePlug(offer, host))?.name;
}

/** What is offered is nobody's, but of those who have taken the offer. */
export function checkOffers(
  { offers, links, hosts }: Pick<Config, 'offers' | 'links' | 'hosts'>,
  problems: Problem[],
): void {
  const own = hosts.filter(({ name }) => ownerOf(name) === undefined);
  const seen: [string, Offer][] = [];
  for (const [name, offer] of offers) {
    const user = userOf(offer, { links, hosts: own });
    const twin = seen.find(([, one]) => isSamePlug(offer, one))?.[0];
    seen.push([name, offer]);
    const who = user ?? twin;
    if (who === undefined) continue;
    const why = `offers ${endText(offer.at)}, which ${who} has; offer another port, or a VLAN`;
    problems.push({ path: `offers.${name}`, why });
  }
}
