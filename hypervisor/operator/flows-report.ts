/**
 * The answer to `limevisor flows`: JSON text of a `FlowsReport` (report.ts), made piece by piece,
 * since rules may be very many.
 */
import { printActions, printFlow } from '../../openflow/print/print.ts';
import type { MultipartReplyBody } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { isFlat, type Snapshot } from '../../slices/network/snapshot.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import { RuleOrder } from '../../slices/rules/rule-order.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import { flowStats } from '../../translation/controllers/statistics.ts';
import { everyFlow, type PhysicalGroup } from '../../translation/entries/physical-tables.ts';
import {
  type CookieParts,
  readCookie,
  vswitchOfGroup,
} from '../../translation/entries/pipeline.ts';
import { purposeOf } from '../../translation/wiring/purposes.ts';
import type { Datapath } from '../datapath/datapath.ts';
import { bytesOn, type RulesOn, streamEntries } from '../datapath/entry-reader.ts';
import type { LoadingState } from '../store/recovery.ts';
import type { WithVswitch } from '../tenant/configured.ts';
import type { LinksContext } from '../tenant/links.ts';
import type { Counters } from '../tenant/rule-counters.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { World } from '../world/world.ts';
import { ownWays, WayPackets, wayTexts } from './physical-ways.ts';
import { type PortsReported, portReports } from './port-report.ts';
import type { FlowsReport } from './report.ts';

/** Whose rules are printed. */
export interface FlowsReported extends WithVswitch, PortsReported {
  readonly rulebook: Rulebook;
  readonly counters: Pick<Counters, 'read'>;
}

/** Where their entries are, among all others there. */
export interface FlowsSources extends LinksContext {
  readonly world: World;
  readonly scheduler: Scheduler;
  readonly loading: LoadingState;
  snapshot(): Snapshot;
  runtimes(): readonly RulesOn[];
}

type Physical = FlowsReport['physical'][number];

/** A report whose rules are printed when they are asked for. */
type Report = Omit<FlowsReport, 'flows'> & { readonly flows: Iterable<string> };

/**
 * The rules as the tenant has them, when they are there after a start; with `physical` also what
 * the datapaths hold for it.
 */
export function flowsReport(
  context: FlowsSources,
  runtime: FlowsReported,
  physical: boolean,
  done: (pieces: Iterable<string>) => void,
  parts: 'all' | 'flowsOnly' = 'all',
): void {
  context.loading.whenThere([runtime.vswitch.name], () =>
    loadedFlows(context, runtime, physical, done, parts),
  );
}

function loadedFlows(
  context: FlowsSources,
  runtime: FlowsReported,
  physical: boolean,
  done: (pieces: Iterable<string>) => void,
  parts: 'all' | 'flowsOnly',
): void {
  const { rulebook, vswitch, placement } = runtime;
  runtime.counters.read(() => {
    const nowMs = context.world.nowMs();
    const ports = portReports(context, runtime);
    const order = new RuleOrder(rulebook.arena);
    const serials: number[] | undefined = physical ? [] : undefined;
    const flows = flowTexts(runtime, order, nowMs, serials);
    const cursor = newCursor();
    const step = (): boolean => {
      order.take(cursor);
      return !cursor.isOver;
    };
    context.scheduler.run({ step }, () => {
      if (parts === 'flowsOnly') {
        done(onlyFlows(vswitch.name, flows));
        return;
      }
      const ways = physical ? ownWays(context.snapshot(), vswitch) : [];
      const names = new Set([...placement.bodies, ...ways.flatMap(({ places }) => places)]);
      const datapaths = physical ? [...names].map((name) => context.datapath(name)) : [];
      const packets = new WayPackets();
      readAll(context, { runtime, texts: wayTexts(ways), packets }, datapaths, (found) => {
        const reports = serials === undefined ? {} : { serials, ways: packets.reports(ways) };
        done(piecesOf({ vswitch: vswitch.name, ports, flows, ...reports, physical: found }));
      });
    });
  });
}

/** Notes the number of each. */
function* flowTexts(
  { rulebook }: FlowsReported,
  order: RuleOrder,
  nowMs: number,
  numbers?: number[],
) {
  for (const serial of order.serials()) {
    const rule = rulebook.bySerial(serial);
    if (rule === undefined) continue;
    numbers?.push(serial);
    yield printFlow(flowStats(rule, nowMs));
  }
}

/** For an owner: ports and datapaths would have physical names. */
function* onlyFlows(vswitch: string, flows: Iterable<string>): Iterable<string> {
  yield `{"vswitch":${JSON.stringify(vswitch)},"flows":`;
  yield* listOf(flows);
  yield '}';
}

/** As `JSON.stringify` has it, in pieces. */
function* piecesOf({ vswitch, ports, flows, serials, ways, physical }: Report): Iterable<string> {
  const json = JSON.stringify;
  yield `{"vswitch":${json(vswitch)},"ports":${json(ports)},"flows":`;
  yield* listOf(flows);
  if (serials !== undefined) {
    yield ',"serials":';
    yield* listOf(serials);
  }
  if (ways !== undefined) yield `,"ways":${json(ways)}`;
  yield ',"physical":[';
  for (const [i, one] of physical.entries()) {
    const comma = i === 0 ? '' : ',';
    yield `${comma}{"datapath":${json(one.datapath)},"why":${json(one.why)},"flows":`;
    yield* listOf(one.flows);
    if (one.purposes !== undefined) {
      yield ',"purposes":';
      yield* listOf(one.purposes);
    }
    if (one.rules !== undefined) {
      yield ',"rules":';
      yield* listOf(one.rules);
    }
    yield `,"groups":${json(one.groups)}}`;
  }
  yield ']}';
}

function* listOf(texts: Iterable<string | number | null>): Iterable<string> {
  let piece = '[';
  let count = 0;
  for (const text of texts) {
    piece += `${count === 0 ? '' : ','}${JSON.stringify(text)}`;
    count += 1;
    if (count % limits.slotsPerStep !== 0) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}]`;
}

/** Whose entries are read, what its ways are, and what these count. */
interface Reading {
  readonly runtime: FlowsReported;
  readonly texts: ReturnType<typeof wayTexts>;
  readonly packets: WayPackets;
}

/** What all these datapaths hold for the vswitch, by their names. */
function readAll(
  context: FlowsSources,
  reading: Reading,
  datapaths: readonly Datapath[],
  done: (found: readonly Physical[]) => void,
): void {
  const found: Physical[] = [];
  if (datapaths.length === 0) done(found);
  for (const datapath of datapaths) {
    readPhysical(context, reading, datapath, (one) => {
      found.push(one);
      if (found.length < datapaths.length) return;
      done(found.sort((a, b) => a.datapath.localeCompare(b.datapath)));
    });
  }
}

function readPhysical(
  context: FlowsSources,
  { runtime, texts, packets }: Reading,
  datapath: Datapath,
  done: (one: Physical) => void,
): void {
  const ways = texts.get(datapath.name) ?? new Map<number, string>();
  const isOneTable = isFlat(context.snapshot(), datapath.name);
  const flows: string[] = [];
  const purposes: string[] = [];
  const rules: (number | null)[] = [];
  const take = (part: MultipartReplyBody): void => {
    if (part.kind !== 'flow') return;
    for (const row of part.flows) {
      const cookie = readCookie(row.cookie);
      if (cookie === undefined || !isOwn(cookie, runtime, ways)) continue;
      packets.add(datapath.name, row);
      flows.push(printFlow(row));
      rules.push(isRule(cookie) ? cookie.serial : null);
      purposes.push(purposeOf(cookie, row, isOneTable, (code) => ways.get(code)));
    }
  };
  const rows = { filter: everyFlow, bytes: bytesOn(context.runtimes(), datapath.name) };
  streamEntries(context.scheduler, datapath, rows, take, (isWhole) => {
    datapath.query({ kind: 'groupDesc' }, (parts) => {
      const groups = (parts ?? []).flatMap((part) =>
        part.kind === 'groupDesc' ? part.groups : [],
      );
      done({
        datapath: datapath.name,
        why: isWhole && parts !== undefined ? '' : whyUnread(datapath),
        ...(isWhole ? { flows, purposes, rules } : { flows: [] }),
        groups: groups
          .filter((one) => vswitchOfGroup(one.groupId) === runtime.vswitch.id)
          .map(groupText),
      });
    });
  });
}

function groupText({ groupId, buckets }: PhysicalGroup): string {
  const actions = printActions(buckets[0]?.actions ?? []);
  return `group_id=${groupId},type=indirect,bucket=actions=${actions}`;
}

function whyUnread({ state }: Datapath): string {
  return state.type === 'away' ? `away: ${state.why}` : `it gave no answer (${state.type})`;
}

/** One of a rule's entries. */
function isRule({ kind }: CookieParts): boolean {
  return kind === 'rule' || kind === 'tagged';
}

/** Whether an entry of the datapath serves this vswitch: by cookie, or on one of its ways. */
function isOwn(
  { kind, id, serial }: CookieParts,
  { vswitch }: FlowsReported,
  ways: ReadonlyMap<number, string>,
): boolean {
  return kind === 'way' ? ways.has(serial) : id === vswitch.id;
}
