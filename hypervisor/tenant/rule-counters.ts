/**
 * Counters and time-outs of a vswitch's rules, read from all its bodies (LIME 4.2: "polling the
 * traffic counters on the switches and deleting the rule in both").
 *
 * Reading is single flight (shared-read.ts). Idle time-outs are late by at most the poll and the
 * counters' lag, never early (limits.ts); short ones by less, where counters can be made fresh.
 */
import type { FlowStats, MultipartReplyBody } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Count } from '../../slices/rules/rule-counters.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import type { TimeoutScan } from '../../slices/rules/timeout-scan.ts';
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
import type { Datapath } from '../datapath/datapath.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import { flowsOf, streamEntries } from '../datapath/entry-reader.ts';
import { SharedRead } from '../world/shared-read.ts';
import { whenAll } from '../world/when-all.ts';
import type { BodyCounts } from './body-counts.ts';
import type { Changes } from './changes.ts';
import type { WithVswitch } from './configured.ts';
import type { FlowRemoved } from './flow-removed.ts';
import type { Scheduled } from './flow-statistics.ts';
import type { TenantShell } from './shell.ts';

export interface CountersContext extends Datapaths, Scheduled {
  readonly inForce: {
    /** Tells whether all cached flows are known to have been counted since (in-force.ts). */
    prove(datapath: Datapath, told: (isProved: boolean) => void): void;
  };
}

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
  /** Until then it is not tried to make counters fresh: that failed. */
  #unprovedUntilMs = Number.NEGATIVE_INFINITY;
  /** When the next hard time-out is over, of the rules that were there at the last look. */
  #nextHardMs = Number.POSITIVE_INFINITY;
  /** The same of idle ones that are looked at when they are over. */
  #nextIdleMs = Number.POSITIVE_INFINITY;

  constructor(context: CountersContext, owner: CountersOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** Brings every tally up to date, then runs `done`. What is asked for later is read later. */
  read(done: () => void): void {
    this.#sharedRead.read(done);
  }

  /** Reads one body's counters, and hands on how many packets met each entry there. */
  readBody(
    body: DatapathName,
    done: (isWhole: boolean) => void,
    counts?: Pick<BodyCounts, 'add'>,
  ): void {
    const { rulebook } = this.#owner;
    const { flat } = this.#context.datapath(body);
    const each = (row: FlowStats): void => {
      if (flat === undefined) this.#saw(rulebook, body, row);
      const packets = flat === undefined ? row.packetCount : this.#sawFlat(flat, body, row);
      if (packets !== undefined) counts?.add(row.cookie, packets);
    };
    this.eachRow(body, each, done);
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
    if (this.#polling || !this.#owner.rulebook.hasTimeouts()) return;
    this.#polling = true;
    const again = (): void => {
      this.#polling = false;
      this.start();
    };
    const hasIdle = this.#owner.rulebook.shortestIdleSec() > 0;
    this.#context.world.after(this.#waitMs(), () => {
      if (hasIdle) this.read(() => this.#expire((walk) => this.#expireExactly(walk, again)));
      else this.#expire(again);
    });
  }

  /** How long time-outs are not looked at. */
  #waitMs(): number {
    const { rulebook } = this.#owner;
    const idleSec = rulebook.shortestIdleSec();
    const hasFew = rulebook.size <= limits.shortPollRulesMax;
    const isShort = idleSec > 0 && idleSec <= limits.shortIdleSec;
    const least = hasFew && isShort ? limits.shortPollMs : limits.pollIntervalMinMs;
    const isExact = hasFew && idleSec > 0 && idleSec <= limits.exactIdleSec;
    const longest = isExact ? limits.exactPollMs : limits.pollIntervalMs;
    const quarter = idleSec > 0 ? (idleSec * 1000) / 4 : longest;
    const nowMs = this.#context.world.nowMs();
    const often = Math.min(quarter, longest, this.#nextIdleMs - nowMs);
    const idle = hasFew && isShort ? least : often;
    const hard = this.#nextHardMs + limits.hardTimeoutLagMs - nowMs;
    return Math.max(least, Math.min(idle, hard));
  }

  /** Takes out the rules whose time is over now, a few at a time. */
  #expire(done: (walk: TimeoutScan) => void, freshMs?: number): void {
    const { rulebook, changes, shell } = this.#owner;
    const nowMs = this.#context.world.nowMs();
    const walk = rulebook.timed();
    const step = (): boolean => {
      // With a body away nothing is known about use: late is allowed, early is not.
      if (walk.isOver || this.#owner.whyDown() !== undefined) return false;
      shell.execute(changes.expire(rulebook.expireSome(nowMs, walk, freshMs)));
      return true;
    };
    this.#context.scheduler.run({ step, mayGo: () => this.#owner.mayChange() }, () => {
      this.#nextHardMs = walk.nextHardMs;
      this.#nextIdleMs = walk.nextIdleMs;
      done(walk);
    });
  }

  /**
   * Where an idle time-out is over by what is known, the datapaths are made to count what
   * their cached flows have forwarded: it is over if there was nothing. Else counters may lag.
   */
  #expireExactly({ nextIdleMs }: TimeoutScan, done: () => void): void {
    const fromMs = this.#context.world.nowMs();
    const mayProve = fromMs >= this.#unprovedUntilMs && this.#owner.whyDown() === undefined;
    if (nextIdleMs > fromMs || !mayProve) {
      done();
      return;
    }
    this.#prove((areProved) => {
      if (areProved) this.read(() => this.#expire(done, fromMs));
      else {
        this.#unprovedUntilMs = this.#context.world.nowMs() + limits.shortProofPauseMs;
        done();
      }
    });
  }

  /** Whether all bodies have counted what came before; no longer than their counters lag anyway. */
  #prove(told: (areProved: boolean) => void): void {
    const { world, inForce } = this.#context;
    let areProved = true;
    let isTold = false;
    const tell = (isSo: boolean): void => {
      cancel();
      if (!isTold) told(isSo);
      isTold = true;
    };
    const cancel = world.after(limits.counterLagMs, () => tell(false));
    const prove = (body: DatapathName, ended: () => void): void =>
      inForce.prove(this.#context.datapath(body), (isProved) => {
        areProved &&= isProved;
        ended();
      });
    whenAll(this.#owner.placement.bodies, prove, () => tell(areProved));
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
    // Its entries go when the body does, and Open vSwitch reports each when no cached flow uses it.
    else if (rulebook.bySerial(serial)?.counter.lateWord(body, sum) !== true)
      rulebook.saw(serial, body, sum, this.#context.world.nowMs());
  }

  /** One of a rule's entries; its packets, if it is this vswitch's. */
  #sawFlat(flat: FlatDatapath, body: DatapathName, row: Row): bigint | undefined {
    const { vswitch, rulebook } = this.#owner;
    if (readCookie(row.cookie)?.id !== vswitch.id) return undefined;
    const found = flat.bodyOf(vswitch).saw(row);
    if (found === undefined) return undefined;
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
