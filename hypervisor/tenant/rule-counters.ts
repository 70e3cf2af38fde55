/**
 * Counters and time-outs of a vswitch's rules, read from all its bodies (LIME 4.2: "polling the
 * traffic counters on the switches and deleting the rule in both").
 *
 * Reading is single flight (shared-read.ts). Idle time-outs are late by at most the poll and the
 * counters' lag, never early (limits.ts).
 */
import type { FlowStats, MultipartReplyBody } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Count } from '../../slices/rules/rule-counters.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import { everyFlow } from '../../translation/entries/physical-tables.ts';
import {
  ANY_KIND_MASK,
  cookieOf,
  readCookie,
  VSWITCH_COOKIE_MASK,
} from '../../translation/entries/pipeline.ts';
import type { Reading } from '../../translation/flat/context.ts';
import type { FlatDatapath } from '../../translation/flat/datapath.ts';
import type { Row } from '../../translation/flat/rule-counters.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import { flowsOf, streamEntries } from '../datapath/entry-reader.ts';
import { SharedRead } from '../world/shared-read.ts';
import { whenAll } from '../world/when-all.ts';
import type { Changes } from './changes.ts';
import type { WithVswitch } from './configured.ts';
import type { FlowRemoved } from './flow-removed.ts';
import type { Scheduled } from './flow-statistics.ts';
import type { TenantShell } from './shell.ts';

export interface CountersContext extends Datapaths, Scheduled {}

/** Whose rules count and end, and who else is concerned by what they counted. */
export interface CountersOwner extends WithVswitch {
  readonly rulebook: Rulebook;
  readonly changes: Pick<Changes, 'expire'>;
  readonly shell: TenantShell;
  readonly flowRemoved: Pick<FlowRemoved, 'onReport'>;
  /** Told what rules have sent, where no port counts that. */
  readonly portCounters: { passed(what: Pick<Reading, 'sent' | 'came'>): void };
  whyDown(): string | undefined;
  mayChange(): boolean;
}

export class Counters {
  static readonly #readBodies = (own: Counters, landed: () => void): void =>
    whenAll(own.#owner.placement.bodies, (body, done) => own.readBody(body, () => done()), landed);

  readonly #context: CountersContext;
  readonly #owner: CountersOwner;
  readonly #sharedRead = new SharedRead<Counters>(this, Counters.#readBodies);
  #polling = false;

  constructor(context: CountersContext, owner: CountersOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** Brings every tally up to date, then runs `done`. What is asked for later is read later. */
  read(done: () => void): void {
    this.#sharedRead.read(done);
  }

  /** Reads one body's counters; `packets` is how many packets met a rule there, ever. */
  readBody(body: DatapathName, done: (packets: bigint | undefined) => void): void {
    const { rulebook } = this.#owner;
    const { flat } = this.#context.datapath(body);
    let packets = 0n;
    const each = (row: FlowStats): void => {
      if (flat === undefined) this.#saw(rulebook, body, row);
      packets += flat === undefined ? row.packetCount : this.#sawFlat(flat, body, row);
    };
    this.eachRow(body, each, (isWhole) => done(isWhole ? packets : undefined));
  }

  /** The entries of rules on a body, as they come; others, too, where they cannot be selected. */
  eachRow(
    body: DatapathName,
    take: (row: FlowStats) => void,
    done: (isWhole: boolean) => void,
  ): void {
    const { vswitch } = this.#owner;
    const { flat } = this.#context.datapath(body);
    const mask = flat === undefined ? VSWITCH_COOKIE_MASK : ANY_KIND_MASK;
    const cookie = cookieOf('rule', vswitch.id, 0) & mask;
    const filter = { ...everyFlow, cookie, cookieMask: mask };
    const each = (part: MultipartReplyBody): void => {
      for (const row of flowsOf(part)) take(row);
    };
    const { scheduler } = this.#context;
    const rows = { filter, bytes: this.#owner.rulebook.belowBytes };
    streamEntries(scheduler, this.#context.datapath(body), rows, each, done);
  }

  /** Watches time-outs for as long as there are any. */
  start(): void {
    if (this.#polling) return;
    const idleSec = this.#owner.rulebook.shortestIdleSec();
    const hasTimeouts = this.#owner.rulebook.hasTimeouts();
    if (!hasTimeouts) return;
    this.#polling = true;
    const quarter = idleSec > 0 ? (idleSec * 1000) / 4 : limits.pollIntervalMs;
    const wait = Math.max(limits.pollIntervalMinMs, Math.min(quarter, limits.pollIntervalMs));
    this.#context.world.after(wait, () => {
      const expire = (): void =>
        this.#expire(() => {
          this.#polling = false;
          this.start();
        });
      if (idleSec > 0) this.read(expire);
      else expire();
    });
  }

  /** Takes out the rules whose time is over now, a few at a time. */
  #expire(done: () => void): void {
    const { rulebook, changes, shell } = this.#owner;
    const nowMs = this.#context.world.nowMs();
    const walk = rulebook.timed();
    const step = (): boolean => {
      // With a body away nothing is known about use: late is allowed, early is not.
      if (walk.isOver || this.#owner.whyDown() !== undefined) return false;
      shell.execute(changes.expire(rulebook.expireSome(nowMs, walk)));
      return true;
    };
    this.#context.scheduler.run({ step, mayGo: () => this.#owner.mayChange() }, done);
  }

  /** A packet met a rule without its datapath, which has counted so much in all with it. */
  passed(body: DatapathName, serial: number, sum: Count): void {
    this.#owner.rulebook.saw(serial, body, sum, this.#context.world.nowMs());
  }

  /** An entry of a flat datapath is gone, with these counters. */
  onFlatReport(body: DatapathName, flat: FlatDatapath, row: Row): void {
    const { vswitch, rulebook, flowRemoved } = this.#owner;
    const found = flat.bodyOf(vswitch).ended(row);
    if (found === undefined) return;
    const { serial, sum, isLast } = found;
    this.#owner.portCounters.passed(found);
    if (isLast) flowRemoved.onReport(body, serial, sum);
    else rulebook.saw(serial, body, sum, this.#context.world.nowMs());
  }

  /** One of a rule's entries; its packets, if it is this vswitch's. */
  #sawFlat(flat: FlatDatapath, body: DatapathName, row: Row): bigint {
    const { vswitch, rulebook } = this.#owner;
    if (readCookie(row.cookie)?.id !== vswitch.id) return 0n;
    const found = flat.bodyOf(vswitch).saw(row);
    if (found === undefined) return 0n;
    this.#owner.portCounters.passed(found);
    rulebook.saw(found.serial, body, found.sum, this.#context.world.nowMs());
    return row.packetCount;
  }

  #saw(
    rulebook: Rulebook,
    body: DatapathName,
    row: { readonly cookie: bigint; readonly packetCount: bigint; readonly byteCount: bigint },
  ): void {
    const serial = readCookie(row.cookie)?.serial ?? 0;
    const count = { packets: row.packetCount, bytes: row.byteCount };
    rulebook.saw(serial, body, count, this.#context.world.nowMs());
  }
}
