/**
 * The updates that one connection gets about the rules that it monitors (flow-updates.ts), in the
 * order of a bridge (Open vSwitch's ofproto/connmgr.c):
 *
 *   live  --it does not read, so much waits: PAUSED-->  paused
 *    ^                                                    | all is read
 *    '--RESUMED--  what has changed since is looked for <-'
 *
 * While it is paused it is told of rules that go, if it knows them, and of nothing else. What is
 * there at first, and what has changed meanwhile, is told a part in every turn, no faster than it
 * is read, and is what stood at one moment (rule-snapshot.ts); changes from then on are kept until
 * that is over. So what is kept has a limit: beyond it a pause begins, or the connection ends.
 */
import { abbreviatedRow, updateReplies } from '../../openflow/messages/flow-monitors.ts';
import { pausedOf, resumedOf } from '../../openflow/messages/monitor-messages.ts';
import { monitorEvent, monitorFlag, multipartMore } from '../../openflow/values/constants.ts';
import { limits } from '../../slices/limits.ts';
import {
  FlowMonitors,
  type Monitor,
  type RuleUpdate,
  wantedBy,
} from '../../slices/rules/flow-monitors.ts';
import { MonitorPause } from '../../slices/rules/monitor-pause.ts';
import { RuleSnapshot } from '../../slices/rules/rule-snapshot.ts';
import type { Rule, Rulebook } from '../../slices/rules/rulebook.ts';
import { isAbbreviable, rowOf, rowOfUpdate } from '../../translation/controllers/flow-monitors.ts';
import type { Asker } from '../../translation/controllers/verdict.ts';
import type { Channel } from '../channel/channel.ts';
import type { Controller } from '../controller/controller.ts';
import type { Asked } from '../controller/reply-order.ts';
import type { Boundary, Party } from '../world/fault-boundary.ts';
import type { Scheduled } from './flow-statistics.ts';
import type { Told } from './flow-updates.ts';

export interface MonitorContext extends Scheduled {
  readonly boundary: Pick<Boundary, 'run'>;
}

/** The rules that it asks about, and for whom it is told. */
export interface MonitoredRules {
  readonly party: Party;
  readonly rulebook: Rulebook;
  /** Whether what the tables say is nobody's yet. */
  isDeciding(): boolean;
}

/** What is told a part in every turn. */
interface Telling {
  readonly snapshot: RuleSnapshot;
  /** Undefined of rules that are not asked about. */
  readonly row: (rule: Rule) => Uint8Array | undefined;
  /** Of a reply to a request; an update nobody asked for has none. */
  readonly xid: number;
  /** Rows that are to be sent next, and their bytes. */
  rows: Uint8Array[];
  bytes: number;
}

export class MonitorConnection {
  readonly monitors = new FlowMonitors(limits.monitorsMax);
  readonly #context: MonitorContext;
  readonly #rules: MonitoredRules;
  readonly #from: Controller;
  readonly #channel: Channel;
  #telling: Telling | undefined;
  #pause: MonitorPause | undefined;
  /** What is told when what is being told is over: rows, and where a pause begins. */
  #kept: (Uint8Array | 'paused')[] = [];
  #keptBytes = 0;
  #waiting: (() => void)[] = [];
  /** Whose request was told of by its number last: a large one has several parts. */
  #abbreviated: Asker | undefined;

  constructor(context: MonitorContext, rules: MonitoredRules, from: Controller, channel: Channel) {
    this.#context = context;
    this.#rules = rules;
    this.#from = from;
    this.#channel = channel;
  }

  /** Whether it is to be told of nothing any more. */
  get isOver(): boolean {
    const isIdle = this.#telling === undefined && this.#pause === undefined;
    return this.#isGone || (isIdle && this.#waiting.length === 0 && this.monitors.isEmpty);
  }

  get #isGone(): boolean {
    return this.#from.channel !== this.#channel;
  }

  /** Runs when nothing is being told a part at a time. */
  whenIdle(run: () => void): void {
    if (this.#telling === undefined) run();
    else this.#waiting.push(run);
  }

  /** The rules that stand now, as these monitors ask; then changes. */
  tellInitial(monitors: readonly Monitor[], xid: number, asked: Asked, done: () => void): void {
    const row = (rule: Rule): Uint8Array | undefined => {
      const flags = wantedBy(monitors, monitorFlag.initial, rule, undefined);
      const hasActions = (flags & monitorFlag.actions) !== 0;
      return flags === 0 ? undefined : this.#rowOf(rule, monitorEvent.add, hasActions);
    };
    const snapshot = new RuleSnapshot(this.#rules.rulebook);
    const telling: Telling = { snapshot, row, xid, rows: [], bytes: 0 };
    this.#telling = telling;
    const end = (): void => {
      this.#send(telling.rows, xid);
      this.#end();
      done();
    };
    asked.say(() => {
      this.#inTurns(
        () => this.#step(telling),
        () => this.#hasRead(limits.unreadBytesMax),
        end,
      );
    });
  }

  /** All that was decided at once is one message, if it fits. */
  tell(all: readonly Told[]): void {
    const rows: Uint8Array[] = [];
    let isAbbreviated = false;
    for (const { update, asker } of all) {
      this.#tellEarly(update);
      const heard = this.#pause === undefined ? update : this.#pause.heard(update);
      const flags = heard === undefined ? 0 : this.monitors.wanting(heard);
      if (heard === undefined || flags === 0) continue;
      if (this.#pause !== undefined || !this.#isOwn(update, asker, flags)) {
        rows.push(rowOfUpdate(this.#channel.version, heard, flags));
      } else if (!isAbbreviated && asker !== this.#abbreviated) {
        isAbbreviated = true;
        this.#abbreviated = asker;
        rows.push(abbreviatedRow(asker?.xid ?? 0));
      }
    }
    if (rows.length === 0) return;
    if (this.#telling !== undefined) this.#keep(rows);
    else {
      this.#send(rows, 0);
      this.#pauseIfSlow();
    }
  }

  /** Whether it is told of by the number of the connection's own request. */
  #isOwn(update: RuleUpdate, asker: Asker | undefined, flags: number): boolean {
    const isOwn = asker?.connection === this.#channel && isAbbreviable(update);
    return isOwn && (flags & monitorFlag.own) === 0;
  }

  #rowOf(rule: Rule, event: number, hasActions: boolean): Uint8Array {
    return rowOf(this.#channel.version, rule, event, hasActions);
  }

  /** What is no more as it was has to be told as it was, if that is being told now. */
  #tellEarly(update: RuleUpdate): void {
    const { type, rule } = update;
    const before = type === 'delete' ? rule : update.before;
    const telling = this.#telling;
    if (telling === undefined || before === undefined || !telling.snapshot.leaves(before)) return;
    put(telling, before);
    this.#endIfMuch();
  }

  /** Behind what is being told. */
  #keep(rows: readonly Uint8Array[]): void {
    this.#kept.push(...rows);
    for (const row of rows) this.#keptBytes += row.length;
    this.#endIfMuch();
    const isMuch = this.#keptBytes > limits.monitorWaitBytesMax;
    if (!isMuch || this.#pause !== undefined) return;
    this.#beginPause();
    this.#kept.push('paused');
  }

  #endIfMuch(): void {
    const bytes = this.#keptBytes + (this.#telling?.bytes ?? 0);
    if (bytes <= limits.monitorKeptBytesMax || this.#isGone) return;
    this.#channel.close(`it monitors rules and does not read: ${bytes} bytes are kept for it`);
  }

  #beginPause(): void {
    this.#pause = new MonitorPause(this.#rules.rulebook);
  }

  #pauseIfSlow(): void {
    const isSlow = this.#channel.pendingBytes() > limits.monitorWaitBytesMax;
    if (!isSlow || this.#pause !== undefined || this.#isGone) return;
    this.#beginPause();
    this.#from.send(pausedOf(this.#channel.version));
    this.#resumeLater();
  }

  /** When it has read what waits. */
  #resumeLater(): void {
    let telling: Telling | undefined;
    const step = (): boolean => {
      if (this.#isGone) return false;
      telling ??= this.#tellMissed();
      return this.#step(telling);
    };
    const end = (): void => {
      if (telling === undefined || this.#isGone) return;
      if (telling.rows.length > 0) this.#send(telling.rows, 0);
      this.#from.send(resumedOf(this.#channel.version));
      this.#end();
    };
    const mayGo = (): boolean => {
      const isBusy = this.#telling !== undefined && this.#telling !== telling;
      return !isBusy && this.#hasRead(limits.monitorResumeBytesMax);
    };
    this.#inTurns(step, mayGo, end);
  }

  /** What was put or changed since the pause began; what follows is kept until that is told. */
  #tellMissed(): Telling {
    const { rulebook } = this.#rules;
    const pause = this.#pause ?? new MonitorPause(rulebook);
    this.#pause = undefined;
    const row = (rule: Rule): Uint8Array | undefined => {
      const isNew = pause.isNew(rule);
      const any = isNew ? monitorFlag.add | monitorFlag.modify : monitorFlag.modify;
      const flags = this.monitors.any(any, rule);
      const hasActions = (flags & monitorFlag.actions) !== 0;
      const event = isNew ? monitorEvent.add : monitorEvent.modify;
      return flags === 0 ? undefined : this.#rowOf(rule, event, hasActions);
    };
    const snapshot = new RuleSnapshot(rulebook, pause.revision);
    const telling: Telling = { snapshot, row, xid: 0, rows: [], bytes: 0 };
    this.#telling = telling;
    return telling;
  }

  /** A part of it; whether there is more. */
  #step(telling: Telling): boolean {
    if (this.#isGone) return false;
    const { snapshot, xid } = telling;
    for (const rule of snapshot.next(limits.slotsPerStep)) put(telling, rule);
    const isPart = telling.rows.length >= limits.rowsAtOnce;
    if (!snapshot.isOver && (isPart || telling.bytes > limits.multipartReplyBytesMax)) {
      // An update that nobody asked for is whole as it is: only replies have parts.
      this.#send(telling.rows, xid, xid === 0 ? 0 : multipartMore);
      telling.rows = [];
      telling.bytes = 0;
    }
    return !snapshot.isOver;
  }

  #hasRead(bytesMax: number): boolean {
    return this.#channel.pendingBytes() <= bytesMax;
  }

  /** Not while tables are nobody's yet. */
  #inTurns(step: () => boolean, hasRead: () => boolean, done: () => void): void {
    const mayGo = (): boolean => this.#isGone || (!this.#rules.isDeciding() && hasRead());
    // Whoever's word it was that has changed a rule: this is the vswitch's own.
    this.#context.boundary.run(this.#rules.party, () => {
      this.#context.scheduler.run({ step, mayGo }, done);
    });
  }

  /** What was being told is told; what was kept follows. */
  #end(): void {
    this.#telling = undefined;
    const kept = this.#kept;
    this.#kept = [];
    this.#keptBytes = 0;
    const pausedAt = kept.indexOf('paused');
    const rows = kept.filter((one) => one !== 'paused');
    const before = pausedAt < 0 ? rows : rows.slice(0, pausedAt);
    if (before.length > 0) this.#send(before, 0);
    if (pausedAt >= 0) {
      this.#from.send(pausedOf(this.#channel.version));
      if (rows.length > before.length) this.#send(rows.slice(before.length), 0);
      this.#resumeLater();
    } else this.#pauseIfSlow();
    for (const run of this.#waiting.splice(0)) this.whenIdle(run);
  }

  #send(rows: readonly Uint8Array[], xid: number, lastFlags = 0): void {
    if (this.#isGone) return;
    const parts = updateReplies(this.#channel.version, rows);
    for (const [i, reply] of parts.entries()) {
      const flags = i === parts.length - 1 ? lastFlags : multipartMore;
      this.#from.send({ type: 'multipartReply', xid, flags, reply });
    }
  }
}

/** A rule as a row that is to be sent next, if it is asked about. */
function put(telling: Telling, rule: Rule): void {
  const row = telling.row(rule);
  if (row === undefined) return;
  telling.rows.push(row);
  telling.bytes += row.length;
}
