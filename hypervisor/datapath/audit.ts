/**
 * Checks now and then that a datapath holds what it should, and nothing else: somebody may type
 * ovs-ofctl, or another controller may be connected to it. A foreign entry would be a hole in the
 * isolation, a missing one is a tenant's loss, and a datapath reports neither by itself.
 *
 * Where entries are many they are usually only counted. When the count is not what we sent, and
 * every so often in any case, all of them are read. What is certainly not ours goes at once. What
 * is wrong of ours may be a change of ours on its way, so it counts when it is the same twice,
 * with some time in between (discrepancies.ts).
 */

import { printFlow } from '../../openflow/print/print-flow.ts';
import type {
  FlowStats,
  FlowStatsFilter,
  Message,
  MultipartReplyBody,
} from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { everyFlow, type PhysicalFlow } from '../../translation/entries/physical-tables.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { learntFlows } from '../../translation/wiring/normal.ts';
import type { Channel } from '../channel/channel.ts';
import type { Log } from '../world/log.ts';
import type { Datapath } from './datapath.ts';
import {
  Discrepancies,
  expectedCount,
  type Found,
  flatEntries,
  onlyThis,
} from './discrepancies.ts';
import { bytesOn, streamEntries } from './entry-reader.ts';
import { readStock } from './groups-meters.ts';
import { type ComparingContext, carriedOn } from './tenants.ts';

export class Audit {
  readonly #context: ComparingContext;
  readonly #log: Log;

  constructor(context: ComparingContext, log: Log) {
    this.#context = context;
    this.#log = log;
  }

  /** From when the datapath is ready until its connection is gone. */
  begin(datapath: Datapath): void {
    const { channel } = datapath;
    if (channel !== undefined) new Watch(this.#context, this.#log, datapath, channel).wait();
  }
}

/** Of one connection. */
class Watch {
  readonly #context: ComparingContext;
  readonly #log: Log;
  readonly #datapath: Datapath;
  readonly #channel: Channel;
  /** Looks since all entries were read. */
  #counted = 0;
  /** What was wrong when they were read last, by what it is. */
  #suspects: ReadonlyMap<string, Found> = new Map();
  /** Entries that were left alone then. */
  #others = 0;
  #foreign = 0;
  #repaired = 0;

  constructor(context: ComparingContext, log: Log, datapath: Datapath, channel: Channel) {
    this.#context = context;
    this.#log = log;
    this.#datapath = datapath;
    this.#channel = channel;
  }

  wait(): void {
    const isUnsure = this.#suspects.size > 0;
    const delayMs = isUnsure ? limits.auditConfirmMs : limits.auditMs;
    this.#context.world.after(delayMs, () => {
      if (!this.#isThere()) return;
      // What it holds it does not say.
      if (this.#datapath.isSilent('flow')) {
        this.wait();
        return;
      }
      const count = expectedCount(this.#context, this.#datapath);
      const isSmall = count <= limits.auditSmallMax && this.#bytes() <= limits.entryBytesAtOnce;
      if (isUnsure || isSmall || this.#counted >= limits.auditCountsMax) this.#read();
      else this.#count();
    });
  }

  #bytes(): number {
    return bytesOn(carriedOn(this.#context, this.#datapath.name), this.#datapath.name);
  }

  #isThere(): boolean {
    return this.#datapath.channel === this.#channel && this.#datapath.isReady;
  }

  #count(): void {
    this.#counted += 1;
    this.#countOf(everyFlow, (all) => {
      this.#countLearnt((learnt) => {
        const count = expectedCount(this.#context, this.#datapath);
        const isCounted = all !== undefined && learnt !== undefined;
        if (isCounted && all - learnt === count + this.#others) this.wait();
        else this.#read();
      });
    });
  }

  /** Nothing is learnt where there is one table. */
  #countLearnt(done: (count: number | undefined) => void): void {
    if (this.#datapath.flat === undefined) this.#countOf(learntFlows, done);
    else done(0);
  }

  #countOf(filter: FlowStatsFilter, done: (count: number | undefined) => void): void {
    this.#datapath.query({ kind: 'aggregate', filter }, (parts) => {
      if (!this.#isThere()) return;
      done(parts?.find((part) => part.kind === 'aggregate')?.flowCount);
    });
  }

  #read(): void {
    this.#counted = 0;
    this.#context.scheduler.follow(flatEntries(this.#datapath), (flat) => {
      if (this.#isThere()) this.#readBeside(flat);
    });
  }

  #readBeside(flat: ReadonlyMap<string, PhysicalFlow>): void {
    const { scheduler } = this.#context;
    const found = new Discrepancies(this.#context, this.#datapath, flat);
    const take = (part: MultipartReplyBody): void => {
      if (part.kind !== 'flow') return;
      for (const row of part.flows) {
        if (readCookie(row.cookie) === undefined) this.#remove(row);
        else found.compare(row);
      }
    };
    const rows = { filter: everyFlow, bytes: this.#bytes() };
    streamEntries(scheduler, this.#datapath, rows, take, (isWhole) => {
      if (!this.#isThere()) return;
      // It did not answer, or not to the end: it is asked again, like everybody.
      if (!isWhole) this.wait();
      else this.#compareAll(found);
    });
  }

  #compareAll(found: Discrepancies): void {
    const { scheduler } = this.#context;
    readStock(this.#datapath, (stock) => {
      if (!this.#isThere()) return;
      if (stock === undefined) {
        this.wait();
        return;
      }
      found.compareStock(stock);
      scheduler.run({ step: () => found.step() }, () => this.#compare(found));
    });
  }

  /** What has no cookie of ours is nothing that we might be about to change. */
  #remove(row: FlowStats): void {
    const { name, warnings } = this.#datapath;
    this.#foreign += 1;
    const entry = printFlow(row);
    this.#log.warn({ datapath: name, entry }, 'a foreign entry is removed');
    const count = `${this.#foreign} ${this.#foreign === 1 ? 'entry' : 'entries'}`;
    warnings.set('foreign', `${count} of other programs removed; the last was ${entry}`);
    this.#send([onlyThis(row, this.#datapath.version)]);
  }

  /** What was wrong the last time, too, and in the same way, is corrected. */
  #compare(found: Discrepancies): void {
    if (!this.#isThere()) return;
    this.#others = found.others;
    const isConfirmed = ([what, { sign }]: [string, Found]): boolean =>
      this.#suspects.get(what)?.sign === sign;
    const { confirmed = [], suspected = [] } = Object.groupBy(found.all, (one) =>
      isConfirmed(one) ? 'confirmed' : 'suspected',
    );
    this.#suspects = new Map(suspected);
    const messages = confirmed.flatMap(([, one]) => one.repair());
    for (const [what, { wrong }] of confirmed) this.#note(what, wrong);
    this.#send(messages);
    this.wait();
  }

  #note(what: string, wrong: string): void {
    const { name, warnings } = this.#datapath;
    this.#repaired += 1;
    this.#log.warn(
      { datapath: name, entry: what, wrong },
      'an entry was changed by another program; repaired',
    );
    const count = `${this.#repaired} of Limevisor's entries`;
    warnings.set('repaired', `${count} changed by other programs, and repaired; the last: ${what}`);
  }

  #send(messages: readonly Message[]): void {
    if (messages.length === 0) return;
    this.#datapath.writer.send('comparison', messages, 'barrier', () => undefined);
  }
}
