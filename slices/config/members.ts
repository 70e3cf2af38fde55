/**
 * The datapaths of a vswitch in its tenant's part of the file: one, or, of a big switch, several,
 * its members (network/members.ts).
 *
 *   on: s1              on: [s1, s2, s3]              on: auto    where its hosts are plugged in
 *
 * Members that `partial` names hold a part of its rules (network/partial-members.ts). With
 * `place: auto`, or `bodies: 3` of a big switch, it may say nothing (slices/placement/).
 */
import { type DatapathName, nowhere, type VswitchName } from '../ids.ts';
import { limits } from '../limits.ts';
import { type Known, readDatapath } from './config-names.ts';
import type { Parsed } from './parsed.ts';
import type { Reader } from './reader.ts';
import type { Config, Consistency, HostConfig, VswitchConfig } from './values.ts';

type Where = Pick<
  VswitchConfig,
  'on' | 'place' | 'bodies' | 'named' | 'members' | keyof Membership
>;

/** What a big switch is besides its members. */
export type Membership = Pick<VswitchConfig, 'consistency' | 'partial'>;

/** Where it lives, when its hosts are known. */
export type Place = (hosts: readonly HostConfig[]) => Where | undefined;

const consistencies: readonly Consistency[] = ['strict', 'eventual'];

/** The place of the vswitch `name`, whose entry is `entry`. */
export function readPlace(
  entry: Reader,
  name: VswitchName,
  known: Known<DatapathName>,
): Place | undefined {
  const [place] = entry.optional('place')?.parsed(parsePlace) ?? [];
  if (entry.optional('bodies') !== undefined) return readBodies(entry, place, known);
  if (place !== undefined && entry.optional('on') === undefined)
    return () => ({ on: nowhere, place });
  const at = entry.required('on');
  const consistencyAt = entry.optional('consistency');
  const [consistency = 'strict'] = consistencyAt?.parsed(parseConsistency) ?? [];
  const partialAt = entry.optional('partial');
  const partial = partialAt === undefined ? [] : readMembers(partialAt, known);
  const over = (members: readonly DatapathName[]): Where | undefined => {
    const [on, ...others] = members;
    if (on === undefined) return undefined;
    if (members.length > limits.membersMax) {
      at.problem(`names ${members.length} datapaths; the limit is ${limits.membersMax}`);
    }
    if (others.length > 0) {
      if (place !== undefined) at.problem('names several datapaths; remove "place"');
      const why = partial.length > 0 ? whyNotPartial(members, { consistency, partial }) : undefined;
      if (why !== undefined) partialAt?.problem(why);
      const own = consistency === 'strict' ? {} : { consistency };
      return { on, members, ...own, ...(partial.length > 0 && { partial }) };
    }
    partialAt?.problem('is for a vswitch on several datapaths: "on: [s1, s2]"');
    consistencyAt?.problem('is for a vswitch on several datapaths: "on: [s1, s2]", or "on: auto"');
    return { on, ...(place && { place }) };
  };
  if (at.isList) {
    const members = readMembers(at, known);
    return () => over(members);
  }
  if (at.isText('auto') && !known.has('auto' as DatapathName)) {
    return (hosts) => {
      const own = hosts.filter(({ port }) => port.device === name);
      if (own.length === 0) at.problem('is auto, and no host has a port of it; name datapaths');
      return over([...new Set(own.map((one) => one.at.device))]);
    };
  }
  const on = readDatapath(at, known);
  return on === undefined ? undefined : () => over([on]);
}

/** One whose members are chosen, but for those that `on` names. */
function readBodies(
  entry: Reader,
  place: 'auto' | undefined,
  known: Known<DatapathName>,
): Place | undefined {
  const [bodies] = entry.optional('bodies')?.parsed(parseBodies) ?? [];
  const [consistency = 'eventual'] = entry.optional('consistency')?.parsed(parseConsistency) ?? [];
  const onAt = entry.optional('on');
  entry.optional('partial')?.problem('is for members that are named: "on: [s1, s2]", no "bodies"');
  if (place !== undefined) entry.problem('has "bodies" and "place"; its places are chosen anyway');
  if (bodies === undefined) return undefined;
  const own = { bodies, ...(consistency !== 'strict' && { consistency }) };
  if (onAt === undefined) return () => ({ on: nowhere, ...own });
  const single = onAt.isList ? undefined : readDatapath(onAt, known);
  const members = onAt.isList ? readMembers(onAt, known) : single === undefined ? [] : [single];
  const [on] = members;
  return on === undefined ? undefined : () => ({ on, members, named: members, ...own });
}

function parseBodies(text: string): Parsed<number> {
  const value = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (value >= 2 && value <= limits.membersMax) return { ok: true, value };
  const why = `"${text}" is not how many bodies it has; write 2 to ${limits.membersMax}`;
  return { ok: false, why };
}

function readMembers(at: Reader, known: Known<DatapathName>): readonly DatapathName[] {
  const seen = new Set<DatapathName>();
  for (const item of at.items('is an empty list; name at least one datapath')) {
    const name = readDatapath(item, known);
    if (name === undefined) continue;
    if (seen.has(name)) item.problem(`repeats the datapath "${name}"; remove it`);
    seen.add(name);
  }
  return [...seen];
}

function parsePlace(text: string): Parsed<'auto'> {
  if (text === 'auto') return { ok: true, value: text };
  return { ok: false, why: `"${text}" is not a placement; write auto, or "on: DATAPATH" instead` };
}

function parseConsistency(text: string): Parsed<Consistency> {
  const value = consistencies.find((one) => one === text);
  if (value !== undefined) return { ok: true, value };
  const why = `"${text}" is not a consistency; write ${consistencies.join(' or ')}`;
  return { ok: false, why };
}

/** Why not: one has to have all rules, and each to process what enters there. */
function whyNotPartial(
  members: readonly DatapathName[],
  { consistency, partial = [] }: Membership,
): string | undefined {
  const stranger = partial.find((one) => !members.includes(one));
  if (stranger !== undefined) return `names ${stranger}, which is not in "on"; add it there`;
  if (consistency !== 'eventual') return 'goes with "consistency: eventual"; write that, too';
  return partial.length < members.length
    ? undefined
    : 'names all of them: one has to have all rules';
}

/** The same with other members of one vswitch; `as`, where that is said. */
export function withMembers(
  config: Config,
  name: VswitchName,
  members: readonly DatapathName[],
  as: Membership = {},
): Config {
  const [on] = members;
  if (on === undefined) return config;
  const vswitches = config.vswitches.map((one) => {
    if (one.name !== name) return one;
    const { partial: was = [], ...rest } = one;
    const { partial = was, ...more } = as;
    const left = partial.filter((each) => members.includes(each));
    const isPart = left.length > 0 && left.length < members.length;
    return { ...rest, ...more, on, members, ...(isPart && { partial: left }) };
  });
  return { ...config, vswitches };
}

/** The same with one vswitch on one datapath, as no big switch any more. */
export function withoutMembers(config: Config, name: VswitchName, on: DatapathName): Config {
  const vswitches = config.vswitches.map((one) => {
    if (one.name !== name) return one;
    const { members: _, consistency: __, partial: ___, ...rest } = one;
    return { ...rest, on };
  });
  return { ...config, vswitches };
}
