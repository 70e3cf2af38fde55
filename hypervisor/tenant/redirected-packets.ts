/**
 * Packets that one body redirected to the other while a vswitch had two: how many its guards
 * counted, and how many arrived there. The difference is what the hand-over has credited to guards,
 * and not to the rules that had processed these packets (fresh-counters.ts). So many are given back
 * to the rules, so sums are exact. Where the first table has few rules, both sides count by which
 * of them it was (`ledRulesOf`); for others, and for later tables, it is estimated by the shares
 * that rules have of the traffic since.
 */
import type { FlowStats, MultipartReplyBody } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Vswitch } from '../../slices/network/values.ts';
import { Shares } from '../../slices/proportional-shares.ts';
import type { Count } from '../../slices/rules/rule-counters.ts';
import { everyFlow } from '../../translation/entries/physical-tables.ts';
import {
  type CookieKind,
  cookieOf,
  readCookie,
  tables,
  VSWITCH_COOKIE_MASK,
} from '../../translation/entries/pipeline.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import type { LedRule } from '../../translation/wiring/overrides.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import { flowsIn } from '../datapath/entry-reader.ts';
import type { ShownRules } from './flow-statistics.ts';
import type { LossProbes } from './loss-probes.ts';
import type { Counters } from './rule-counters.ts';

/** Whose packets are led, and what counts them. */
export interface RedirectedPacketsOwner extends ShownRules {
  readonly counters: Pick<Counters, 'eachRow'>;
  readonly lossProbes: Pick<LossProbes, 'isOn' | 'cameUpOn'>;
}

/** The packets of all entries of a kind that are the vswitch's; undefined when nobody answers. */
export function countOf(
  context: Datapaths,
  owner: Pick<ShownRules, 'vswitch'>,
  on: DatapathName,
  kind: CookieKind,
  done: (packets: bigint | undefined) => void,
): void {
  entriesOf(context, owner, on, kind, (entries) => done(entries?.packets));
}

/** What entries of a kind have counted, and for how long the newest and the oldest have stood. */
interface Entries {
  readonly packets: bigint;
  readonly newestMs: number;
  readonly oldestMs: number;
}

function entriesOf(
  context: Datapaths,
  { vswitch: { id } }: Pick<ShownRules, 'vswitch'>,
  on: DatapathName,
  kind: CookieKind,
  done: (entries: Entries | undefined) => void,
): void {
  const filter = { ...everyFlow, cookie: cookieOf(kind, id, 0), cookieMask: VSWITCH_COOKIE_MASK };
  context.datapath(on).query({ kind: 'flow', filter }, (parts) => {
    let packets = 0n;
    let [newestMs, oldestMs] = [Number.POSITIVE_INFINITY, 0];
    for (const { packetCount, durationSec, durationNsec } of rowsOf(parts, kind, id)) {
      const stoodMs = durationSec * 1e3 + durationNsec / 1e6;
      packets += packetCount;
      newestMs = Math.min(newestMs, stoodMs);
      oldestMs = Math.max(oldestMs, stoodMs);
    }
    done(parts === undefined ? undefined : { packets, newestMs, oldestMs });
  });
}

/** The vswitch's of that kind: some switches show more than they were asked for. */
function rowsOf(
  parts: readonly MultipartReplyBody[] | undefined,
  kind: CookieKind,
  id: number,
): readonly FlowStats[] {
  return flowsIn(parts).filter((row) => {
    const cookie = readCookie(row.cookie);
    return cookie?.kind === kind && cookie.id === id;
  });
}

/** The packets that have met a rule on a body, in all; undefined when nobody answers. */
export function countRules(
  { counters, vswitch: { id } }: RedirectedPacketsOwner,
  { name, flat }: Datapath,
  done: (packets: bigint | undefined) => void,
): void {
  let packets = 0n;
  const add = (row: FlowStats): void => {
    const cookie = readCookie(row.cookie);
    const isRule = cookie?.id === id && (cookie.kind === 'rule' || cookie.kind === 'tagged');
    if (isRule && (flat !== undefined || isFirst(row))) packets += row.packetCount;
  };
  counters.eachRow(name, add, (isWhole) => done(isWhole ? packets : undefined));
}

/**
 * The rules by which packets are counted that are led, where they are: those of the first table.
 * None, where there are too many, or a body does not tell what it was led.
 */
export function ledRulesOf(
  context: Datapaths,
  { vswitch, rulebook }: ShownRules,
  bodies: readonly DatapathName[],
): readonly LedRule[] {
  const isFlat = bodies.some((one) => context.datapath(one).flat !== undefined);
  if (isFlat || rulebook.size > limits.ledRulesMax) return [];
  const first = rulebook.rules().filter(({ tableId }) => tableId === 0);
  return first.flatMap((rule) =>
    pipelineEncoding.encode(vswitch, rule).map(({ match }) => {
      return { serial: rule.serial, priority: rule.priority, match };
    }),
  );
}

/** What guards on a body have led elsewhere, and what was given back to rules by their shares. */
export interface GivenBack {
  readonly redirected: number;
  readonly shared: number;
}

/**
 * Gives rules what guards on `from` counted for them, when nothing comes there any more. Undefined
 * where it cannot be known: a flat datapath does not tell what it was led from what entered there
 * itself, and one that began anew meanwhile has forgotten it.
 */
export function giveBack(
  context: Datapaths,
  owner: RedirectedPacketsOwner,
  from: DatapathName,
  to: DatapathName,
  done: (given: GivenBack | undefined) => void,
): void {
  if (context.datapath(to).flat !== undefined) {
    done(undefined);
    return;
  }
  entriesOf(context, owner, from, 'guard', (led) => {
    cameLed(context, owner, from, to, (came) => {
      if (led === undefined || came === undefined || isForgotten(led, came)) {
        done(undefined);
        return;
      }
      const redirected = Number(led.packets);
      const more = over(led.packets, came.packets);
      giveByRule(context, owner, from, to, more, ({ given, left, doubtful }) => {
        const later = given + left;
        if (later === 0n) done({ redirected, shared: Number(doubtful) });
        else {
          shareOut(owner, to, { first: left, later }, (isAnyLater) => {
            done({ redirected, shared: Number(isAnyLater ? later : left + doubtful) });
          });
        }
      });
    });
  });
}

/** Its ways' ends are younger than the last guard that led there: it has begun anew. */
function isForgotten(led: Entries, came: Entries): boolean {
  return led.packets > 0n && came.oldestMs < led.newestMs;
}

/** Less loss probes, which were led there by entries of their own. */
function cameLed(
  context: Datapaths,
  owner: RedirectedPacketsOwner,
  from: DatapathName,
  to: DatapathName,
  done: (came: Entries | undefined) => void,
): void {
  entriesOf(context, owner, to, 'led', (came) => {
    const { lossProbes } = owner;
    if (!lossProbes.isOn || came === undefined) {
      done(came);
      return;
    }
    countOf(context, owner, from, 'lossProbe', (met) => {
      // Those that the old body did not send up itself it has led on.
      const probes = met === undefined ? 0n : met - BigInt(lossProbes.cameUpOn(from));
      const isPart = probes > 0n && probes <= came.packets;
      done(isPart ? { ...came, packets: came.packets - probes } : came);
    });
  });
}

/** Packets of the first table: given to rules, left to be shared out, and given by proportion. */
interface GivenByRule {
  readonly given: bigint;
  readonly left: bigint;
  readonly doubtful: bigint;
}

/**
 * What guards have counted by rule and was not led is that rule's. Rules' own numbers are taken,
 * and not what guards and ways have counted of all (`packets`): Open vSwitch cuts a packet that it
 * unwraps in two parts, and where it has missed one it is the part that meets the rules. Where
 * rules of one priority overlap, and were met by turns, one has led less than has come: what others
 * have led more than all together is taken off in proportion. Without such entries, all is left;
 * and with loss probes, which come as these packets do, what their rules seem to lack.
 */
function giveByRule(
  context: Datapaths,
  { lossProbes, rulebook, vswitch }: RedirectedPacketsOwner,
  from: DatapathName,
  to: DatapathName,
  packets: bigint,
  done: (what: GivenByRule) => void,
): void {
  countByRule(context, vswitch, from, (led) => {
    countByRule(context, vswitch, to, (came) => {
      let [sum, net] = [0n, 0n];
      for (const [serial, { packets }] of led) {
        const there = came.get(serial)?.packets ?? 0n;
        sum += over(packets, there);
        net += packets - there;
      }
      const all = led.size > 0 && !lossProbes.isOn ? over(net) : packets;
      const given = sum < all ? sum : all;
      const shares = new Shares(given);
      shares.add(sum);
      for (const [serial, count] of led) {
        const here = came.get(serial) ?? { packets: 0n, bytes: 0n };
        const more = over(count.packets, here.packets);
        const share = shares.take(0, more);
        if (share === 0n) continue;
        const bytes = (over(count.bytes, here.bytes) * share) / more;
        rulebook.bySerial(serial)?.counter.count({ packets: share, bytes });
      }
      done({ given, left: all - given, doubtful: sum - given });
    });
  });
}

/** How much more, if it is. */
function over(count: bigint, other = 0n): bigint {
  return count > other ? count - other : 0n;
}

/** By serial: what entries for packets that are led have counted there; empty where none are. */
function countByRule(
  context: Datapaths,
  { id }: Vswitch,
  on: DatapathName,
  done: (counts: ReadonlyMap<number, Count>) => void,
): void {
  const cookie = cookieOf('ledRule', id, 0);
  const filter = { ...everyFlow, cookie, cookieMask: VSWITCH_COOKIE_MASK };
  context.datapath(on).query({ kind: 'flow', filter }, (parts) => {
    const counts = new Map<number, Count>();
    for (const row of rowsOf(parts, 'ledRule', id)) {
      const { cookie, packetCount: packets, byteCount: bytes } = row;
      counts.set(readCookie(cookie)?.serial ?? 0, { packets, bytes });
    }
    done(counts);
  });
}

/** `done` with whether a rule of a later table was given any. */
function shareOut(
  { counters, rulebook }: RedirectedPacketsOwner,
  to: DatapathName,
  packets: { readonly first: bigint; readonly later: bigint },
  done: (isAnyLater: boolean) => void,
): void {
  const [first, later] = [new Shares(packets.first), new Shares(packets.later)];
  let isAnyLater = false;
  const add = (row: FlowStats): void => {
    if (!isFirst(row)) return;
    first.add(row.packetCount);
    later.add(row.packetCount);
  };
  const give = (row: FlowStats): void => {
    const rule = rulebook.bySerial(readCookie(row.cookie)?.serial ?? 0);
    const share = isFirst(row)
      ? first.take(0, row.packetCount)
      : later.take(row.tableId, row.packetCount);
    if (rule === undefined || share === 0n) return;
    isAnyLater ||= !isFirst(row);
    rule.counter.count({ packets: share, bytes: (share * row.byteCount) / row.packetCount });
  };
  counters.eachRow(to, add, () => counters.eachRow(to, give, () => done(isAnyLater)));
}

/** A rule of the tenant's first table, one of which every packet meets, or none. */
function isFirst({ tableId }: FlowStats): boolean {
  return tableId === tables.tenant || tableId === tables.guard;
}
