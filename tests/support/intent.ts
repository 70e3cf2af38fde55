/**
 * What every quiet moment has to show: each datapath holds exactly what it should, the union of all
 * contributions (hypervisor/datapath/union.ts) and the rules of the books; and what is planned for
 * later is nothing.
 */

import { changeOf } from '../../hypervisor/datapath/converge.ts';
import type { Datapath } from '../../hypervisor/datapath/datapath.ts';
import { unionOn } from '../../hypervisor/datapath/union.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { matchOf } from '../../openflow/match/match.ts';
import type { Bucket, MeterConfig } from '../../openflow/values/values.ts';
import { bodiesOn } from '../../slices/network/snapshot.ts';
import {
  flowKey,
  type PhysicalFlow,
  type Tables,
} from '../../translation/entries/physical-tables.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';

/** What a switch says it holds. */
export interface Holding {
  readonly flows: Iterable<PhysicalFlow>;
  readonly groups: ReadonlyMap<number, readonly Bucket[]>;
  /** Undefined when it takes no notice of meters. */
  readonly meters: Iterable<MeterConfig> | undefined;
  /** Whether it speaks OpenFlow 1.0: it has one table, and no groups. */
  readonly isOld: boolean;
  /** Tenants go on changing their rules: those are not looked at. */
  readonly isBusy?: boolean;
}

/** Where it differs from what it should hold; empty when it does not. */
export function deviations(
  hypervisor: Hypervisor,
  datapath: Datapath,
  holding: Holding,
): readonly string[] {
  const union = unionOn(hypervisor, datapath);
  const rules = datapath.flat === undefined ? rulesOn(hypervisor, datapath) : [];
  const { isOld, isBusy = false, meters } = holding;
  const texts = (flows: Iterable<PhysicalFlow>): readonly string[] =>
    [...flows].filter((flow) => !isBusy || !isRule(flow)).map((flow) => flowText(flow, isOld));
  const should = [
    ...texts([...union.flows.values(), ...rules]),
    ...stockTexts(meters === undefined ? { ...union, meters: new Map() } : union),
  ];
  const has = [
    ...texts(holding.flows),
    ...[...holding.groups].map(([id, buckets]) => `group ${id} ${textOf(buckets)}`),
    ...[...(meters ?? [])].map(meterText),
  ];
  const found = [...differences(datapath.name, has, should), ...outdated(hypervisor, datapath)];
  return [...found, ...misordered(datapath)];
}

/** Entries that a switch reports by another key: it sorts the fields of a match. */
export function misordered({ name, intent }: Datapath): readonly string[] {
  return [...intent.flows.entries()].flatMap(([key, flow]) => {
    const reported = flowKey({ ...flow, match: matchOf(...flow.match) });
    return reported === key ? [] : [`${name}: is reported with its fields in order: ${key}`];
  });
}

/** Owners whose contribution is another than what the intent has of them. */
export function outdated(hypervisor: Hypervisor, { name, intent }: Datapath): readonly string[] {
  const { contributors } = hypervisor;
  const snapshot = hypervisor.snapshot();
  const vswitches = [...snapshot.vswitches.values()];
  const owners = [
    ...contributors.common,
    ...vswitches.flatMap((one) => contributors.of(one, name)),
  ];
  return owners.flatMap((owner) => {
    const { owner: key, tables } = changeOf(snapshot, name, owner);
    const [is, should] = [intent.of(key), tables].map(frameTexts);
    return differences(`the intent of ${name} for ${key}`, is ?? [], should ?? []);
  });
}

function frameTexts(tables: Tables): readonly string[] {
  return [...[...tables.flows.values()].map((one) => flowText(one, false)), ...stockTexts(tables)];
}

function stockTexts({ groups, meters }: Tables): readonly string[] {
  return [
    ...[...groups].map(([id, { buckets }]) => `group ${id} ${textOf(buckets)}`),
    ...[...meters.values()].map(meterText),
  ];
}

function rulesOn(hypervisor: Hypervisor, { name }: Datapath): readonly PhysicalFlow[] {
  return bodiesOn(hypervisor.snapshot(), name).flatMap((vswitch) => {
    const runtime = hypervisor.runtime(vswitch.name);
    if (runtime === undefined || runtime.excluded.has(name)) return [];
    const held = runtime.rulebook.rules().filter(({ match }) => runtime.bodyRules.has(name, match));
    return held.flatMap((one) => pipelineEncoding.encode(vswitch, one));
  });
}

export function differences(
  where: string,
  has: readonly string[],
  should: readonly string[],
): readonly string[] {
  const [is, wanted] = [new Set(has), new Set(should)];
  return [
    ...[...is].filter((one) => !wanted.has(one)).map((one) => `${where}: too much: ${one}`),
    ...[...wanted].filter((one) => !is.has(one)).map((one) => `${where}: missing: ${one}`),
  ];
}

/** The generation of the store grows now and then: what says it counts as the same. */
function flowText(flow: PhysicalFlow, isOld: boolean): string {
  const { tableId, priority, match, instructions, cookie } = flow;
  const slot = `${isOld ? 0 : tableId} ${priority} ${knownText(match)}`;
  const whose = readCookie(cookie)?.kind === 'store' ? 'store' : cookie.toString(16);
  return `${slot} ${whose} ${knownText(instructions)}`;
}

const texts = new WeakMap<object, string>();

/** Of what is never changed, but replaced: made once. */
function knownText(value: object): string {
  const text = texts.get(value) ?? textOf(value);
  texts.set(value, text);
  return text;
}

function isRule({ cookie }: PhysicalFlow): boolean {
  const kind = readCookie(cookie)?.kind;
  return kind === 'rule' || kind === 'tagged';
}

function meterText({ meterId, flags, bands }: MeterConfig): string {
  return `meter ${meterId} ${flags} ${textOf(bands)}`;
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one));
}
