/**
 * A tenant moves whole under traffic of every kind, with Open vSwitch's caches as they are by
 * default and many flows cached: what came of it (whole-tenant-lab.ts has the network).
 */
import type t from 'tap';
import { startPing } from '../../examples/lab/ping.ts';
import { cachedFlows, limevisorJson } from '../../examples/lab/programs.ts';
import { compared, startReceiver, startSender } from '../../examples/lab/streams.ts';
import { sleep } from '../../examples/lab/wait.ts';
import type { MigrateResult } from '../../hypervisor/operator/migration-asked.ts';
import {
  churn,
  churned,
  counted,
  countersOf,
  type Iperf3,
  iperf3,
  names,
  type Tenant,
  transfer,
} from './whole-tenant-lab.ts';

export interface Rates {
  /** Between two frames of each of four streams, two pings, and two changes of rules. */
  readonly streamMs: number;
  readonly pingMs: number;
  readonly churnMs: number;
  readonly kbytesSec: number;
}

export interface Moved {
  readonly ends: readonly (string | undefined)[];
  readonly frames: { sent: number; lost: number; doubled: number; late: number };
  readonly pings: { sent: number; lost: number; duplicates: number; lostSeqs: readonly number[] };
  readonly iperf3: Iperf3;
  readonly tcp: { bytes: number; missing: number; wrong: number; troubles: string };
  readonly changes: number;
  /** By vswitch: counted more than sent, over all streams, and of each. */
  readonly counters: Readonly<Record<string, { sum: number; each: readonly number[] }>>;
  /** By vswitch: packets that migrations have shared out, and those that are in doubt. */
  readonly unsure: Readonly<Record<string, Unsure>>;
  /** Messages at controllers, besides answers. */
  readonly messages: readonly string[];
  readonly cached: number;
}

const MAC_H6 = '02:00:00:00:00:06';
/** Longer than Open vSwitch takes to count. */
const COUNTED_MS = 1_200;
const LOOKS = 15;
const SHOWN = 40;

/** Traffic runs while `act` does something. */
export async function under(
  tenant: Tenant,
  rates: Rates,
  act: () => Promise<readonly MigrateResult[]>,
): Promise<Moved> {
  const { lab, controllers } = tenant;
  const before = new Map<string, readonly number[]>();
  for (const name of names) before.set(name, await countersOf(tenant, name));
  for (const one of controllers.values()) one.take();
  const receiver = await startReceiver(lab, 'h6');
  const stopIperf3 = await iperf3(tenant, rates.kbytesSec);
  const stopTcp = await transfer(tenant, rates.kbytesSec);
  const sender = startSender(lab, 'h1', MAC_H6, rates.streamMs, [...counted, churned]);
  const ping = startPing(lab, 'h2', '10.0.0.5', rates.pingMs);
  const stopChurn = churn(tenant, rates.churnMs);
  await sleep(500);
  const results = await act();
  const cached = await cachedFlows(lab);
  await sleep(300);
  const changes = stopChurn();
  const pings = await ping.stop();
  const { sent, came } = await stopTcp();
  const sentByIperf3 = await stopIperf3();
  const streams = await compared([sender], receiver);
  for (const one of controllers.values()) await one.barrier();
  const messages = [...controllers.values()].flatMap((one) =>
    one.take().map(({ message }) => ('type' in message ? message.type : 'error')),
  );
  const sum = (part: 'sent' | 'lost' | 'doubled' | 'late'): number =>
    Object.values(streams).reduce((total, one) => total + one[part], 0);
  const wanted = counted.map((address) => streams[address]?.sent ?? 0);
  const counters = await standingStill(tenant, (name, found) => {
    const each = found.map((one, i) => one - (wanted[i] ?? 0) - (before.get(name)?.[i] ?? 0));
    return { sum: each.reduce((total, one) => total + one, 0), each };
  });
  return {
    ends: results.map(({ ensemble }) => ensemble?.state.type),
    frames: { sent: sum('sent'), lost: sum('lost'), doubled: sum('doubled'), late: sum('late') },
    pings: {
      sent: pings.sent,
      lost: pings.lost,
      duplicates: pings.duplicates,
      lostSeqs: pings.lostSeqs.slice(0, SHOWN),
    },
    iperf3: sentByIperf3,
    tcp: {
      bytes: sent.bytes,
      missing: sent.bytes - came.bytes,
      wrong: came.wrong,
      troubles: `${sent.trouble}${came.trouble}`,
    },
    changes,
    counters,
    unsure: Object.fromEntries(names.map((name) => [name, unsureOf(name, results)])),
    messages,
    cached,
  };
}

/**
 * Of each vswitch, as soon as it counts no more, and not less than was sent: Open vSwitch counts
 * some time later, on a busy machine much later.
 */
async function standingStill<T extends { readonly each: readonly number[] }>(
  tenant: Tenant,
  look: (name: string, found: readonly number[]) => T,
): Promise<Readonly<Record<string, T>>> {
  let last = '';
  for (let i = 0; i < LOOKS; i += 1) {
    const found: Record<string, T> = {};
    for (const name of names) found[name] = look(name, await countersOf(tenant, name));
    const isLate = Object.values(found).some(({ each }) => each.some((more) => more < 0));
    const isLast = i === LOOKS - 1;
    if (JSON.stringify(found) === last && (!isLate || isLast)) return found;
    last = JSON.stringify(found);
    await sleep(COUNTED_MS);
  }
  throw new Error(`counters never stand still: ${last}`);
}

interface Unsure {
  readonly shared: number;
  readonly inDoubt: number;
}

function unsureOf(name: string, results: readonly MigrateResult[]): Unsure {
  const all = results.flatMap(({ members = [] }) => members);
  const own = all.flatMap(({ vswitch, handOver }) => {
    return vswitch === `red/${name}` && handOver !== undefined ? [handOver] : [];
  });
  return {
    shared: own.reduce((sum, { shared = 0 }) => sum + shared, 0),
    inDoubt: own.reduce((sum, { inDoubt = 0 }) => sum + inDoubt, 0),
  };
}

/** There and back, so often. */
export async function move(
  { lab }: Tenant,
  times: number,
  first: 'far' | 'near' = 'far',
): Promise<readonly MigrateResult[]> {
  const results: MigrateResult[] = [];
  for (let i = 0; i < times; i += 1) {
    const to = (i % 2 === 0) === (first === 'far') ? 'far' : 'near';
    const asked = ['migrate', 'red', '--to', to, '--no-watch'];
    results.push(await limevisorJson<MigrateResult>(lab, ...asked));
  }
  return results;
}

type Tap = Pick<typeof t, 'ok' | 'equal' | 'strictSame' | 'comment'>;

export interface Allowed {
  /**
   * Of each rule: so many Open vSwitch may have had in hand when it deleted the cached flow of
   * them, which is in no counter of any bridge.
   */
  readonly missed?: number;
  /** Whether no rule has to be better than migrations say (flat datapaths). */
  readonly shares?: boolean;
}

/** Nobody noticed, and each rule has counted what was sent. */
export function mustBeWhole(t: Tap, found: Moved, moves: number, allowed: Allowed = {}): void {
  const { missed = 0, shares = false } = allowed;
  t.comment(JSON.stringify(found));
  t.strictSame(found.ends, Array(moves).fill('done'), 'it moved');
  t.equal(found.frames.lost, 0, `no frame was lost of ${found.frames.sent}`);
  t.equal(found.frames.doubled, 0, 'none came twice');
  t.equal(found.pings.lost, 0, `no ping was lost of ${found.pings.sent}`);
  t.equal(found.pings.duplicates, 0, 'no answer came twice');
  const { missing, wrong, troubles } = found.tcp;
  t.strictSame({ missing, wrong, troubles }, { missing: 0, wrong: 0, troubles: '' }, 'TCP');
  t.equal(
    found.iperf3.resets,
    0,
    `no connection was reset, of iperf3's ${found.iperf3.bytes} bytes`,
  );
  t.strictSame(found.messages, [], 'controllers heard nothing that they had not asked for');
  for (const [name, one] of Object.entries(found.counters)) {
    const { shared = 0, inDoubt = 0 } = found.unsure[name] ?? {};
    const unsure = shares ? shared + inDoubt : 0;
    const wrong = one.each.filter((more) => more > unsure || more < -unsure - missed);
    const within = shares ? `but for ${unsure} packets that are in doubt` : 'to the packet';
    t.strictSame(wrong, [], `${name} has counted what was sent, ${within}: ${one.each}`);
    if (!shares) t.equal(shared, 0, 'by rule, and not by shares');
  }
  t.ok(
    found.changes > 10 && Math.min(found.tcp.bytes, found.iperf3.bytes) > 10_000,
    'there was something to see',
  );
}
