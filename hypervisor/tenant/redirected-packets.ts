/**
 * Packets that one body redirected to the other while a vswitch had two: how many its guards
 * counted, and how many came there. The difference is what the hand-over has credited to guards,
 * and not to the rules that had processed these packets (fresh-counters.ts). So many are given
 * back, so sums are exact; which rules they were is known by the shares that rules have of the
 * traffic since.
 */
import type { FlowStats } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { Shares } from '../../slices/proportional-shares.ts';
import { everyFlow } from '../../translation/entries/physical-tables.ts';
import {
  type CookieKind,
  cookieOf,
  readCookie,
  tables,
  VSWITCH_COOKIE_MASK,
} from '../../translation/entries/pipeline.ts';
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
  { vswitch: { id } }: Pick<ShownRules, 'vswitch'>,
  on: DatapathName,
  kind: CookieKind,
  done: (packets: bigint | undefined) => void,
): void {
  const filter = { ...everyFlow, cookie: cookieOf(kind, id, 0), cookieMask: VSWITCH_COOKIE_MASK };
  context.datapath(on).query({ kind: 'flow', filter }, (parts) => {
    let packets = 0n;
    for (const row of flowsIn(parts)) {
      const cookie = readCookie(row.cookie);
      // A datapath of OpenFlow 1.0 shows all that it has.
      if (cookie?.kind === kind && cookie.id === id) packets += row.packetCount;
    }
    done(parts === undefined ? undefined : packets);
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

/** What guards on a body have led elsewhere, and what of it was given back to rules. */
export interface GivenBack {
  readonly redirected: number;
  readonly shared: number;
}

/**
 * Gives rules what guards on `from` counted for them, when nothing comes there any more. Undefined
 * where it cannot be known: a flat datapath does not tell what it was led from what entered there
 * itself.
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
  countOf(context, owner, from, 'guard', (led) => {
    cameLed(context, owner, from, to, (came) => {
      if (led === undefined || came === undefined) {
        done(undefined);
        return;
      }
      const redirected = Number(led);
      if (led <= came) done({ redirected, shared: 0 });
      else {
        const shared = Number(led - came);
        shareOut(owner, to, led - came, () => done({ redirected, shared }));
      }
    });
  });
}

/** Less loss probes, which were led there by entries of their own. */
function cameLed(
  context: Datapaths,
  owner: RedirectedPacketsOwner,
  from: DatapathName,
  to: DatapathName,
  done: (packets: bigint | undefined) => void,
): void {
  countOf(context, owner, to, 'led', (came) => {
    const { lossProbes } = owner;
    if (!lossProbes.isOn || came === undefined) {
      done(came);
      return;
    }
    countOf(context, owner, from, 'lossProbe', (met) => {
      // Those that the old body did not send up itself it has led on.
      const probes = met === undefined ? 0n : met - BigInt(lossProbes.cameUpOn(from));
      done(probes > 0n && probes <= came ? came - probes : came);
    });
  });
}

function shareOut(
  { counters, rulebook }: RedirectedPacketsOwner,
  to: DatapathName,
  packets: bigint,
  done: () => void,
): void {
  const shares = new Shares(packets);
  const add = (row: FlowStats): void => {
    if (isFirst(row)) shares.add(row.packetCount);
  };
  const give = (row: FlowStats): void => {
    const rule = rulebook.bySerial(readCookie(row.cookie)?.serial ?? 0);
    const share = shares.take(isFirst(row) ? 0 : row.tableId, row.packetCount);
    if (rule === undefined || share === 0n) return;
    rule.counter.count({ packets: share, bytes: (share * row.byteCount) / row.packetCount });
  };
  counters.eachRow(to, add, () => counters.eachRow(to, give, done));
}

/** A rule of the tenant's first table, one of which every packet meets, or none. */
function isFirst({ tableId }: FlowStats): boolean {
  return tableId === tables.tenant || tableId === tables.guard;
}
