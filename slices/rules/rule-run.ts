/**
 * A run of flow-mods that add rules, as they stand one behind the other in a tenant's bytes:
 * tenants that install rules by the thousand send these.
 *
 * A structure of arrays, walked a stage at a time: read (translation/pipeline/flow-mod-bytes.ts),
 * placed in the rulebook, sent down, kept. A stage's code stays in the processor's cache for all of
 * them; a rule at a time through all stages took twice as long.
 */

import { Writer } from '../../openflow/layout/writer.ts';
import { flowMod } from '../../openflow/messages/messages.ts';
import { flowFlag } from '../../openflow/values/constants.ts';
import { limits } from '../limits.ts';
import type { AddedRule, RuleAttributes } from './rule-change.ts';
import type { RuleContent } from './rule-record.ts';

const { get, set } = flowMod;

export class RuleRun {
  dv: DataView = nothing;
  count = 0;
  /** Bytes of all the frames. */
  size = 0;
  /** As they came, where they were of another version; else the same frames. */
  from: DataView = nothing;
  fromSize = 0;
  readonly fromAt: Int32Array;
  /** Whether `hash` and `below` are there. */
  isHashed = false;
  /** Messages that each becomes on its datapath. */
  readonly messages: Uint8Array;
  /** At which level of a datapath with one table each stands, if it goes to one. */
  readonly level: Uint16Array;
  hasLevels = false;
  /** Where each frame is; its match is behind the flow-mod's head, its instructions behind that. */
  readonly at: Int32Array;
  readonly matchSize: Int32Array;
  readonly instructionsSize: Int32Array;
  /** Whether it is like the one before it (translation/pipeline/repeated-flow-mods.ts). */
  readonly isAlike: Uint8Array;
  /** Whether it does not take over the counters of what it replaces. */
  readonly resets: Uint8Array;
  /** Of table, priority and match; once it was placed. */
  readonly hash: Int32Array;
  /** Bytes on a datapath (bytes-below.ts); once it was placed. */
  readonly below: Uint32Array;
  readonly serial: Uint32Array;
  readonly revision: Uint32Array;
  /** The serial of the rule whose place it took; 0 when there was none. */
  readonly replaced: Uint32Array;

  constructor(countMax: number) {
    this.at = new Int32Array(countMax);
    this.fromAt = new Int32Array(countMax);
    this.messages = new Uint8Array(countMax);
    this.level = new Uint16Array(countMax);
    this.matchSize = new Int32Array(countMax);
    this.instructionsSize = new Int32Array(countMax);
    this.isAlike = new Uint8Array(countMax);
    this.resets = new Uint8Array(countMax);
    this.hash = new Int32Array(countMax);
    this.below = new Uint32Array(countMax);
    this.serial = new Uint32Array(countMax);
    this.revision = new Uint32Array(countMax);
    this.replaced = new Uint32Array(countMax);
  }

  get isFull(): boolean {
    return this.count === this.at.length;
  }

  begin(dv: DataView): void {
    this.dv = dv;
    this.from = dv;
    this.count = 0;
    this.size = 0;
    this.fromSize = 0;
    this.isHashed = false;
    this.hasLevels = false;
  }

  /** The frame at `at`, with a match of so many bytes, is one of them. */
  add(at: number, length: number, matchSize: number, isAlike: boolean): void {
    const i = this.count;
    this.isAlike[i] = isAlike ? 1 : 0;
    this.at[i] = at;
    this.matchSize[i] = matchSize;
    this.instructionsSize[i] = length - flowMod.size - matchSize;
    this.resets[i] = get.flags(this.dv, at) & flowFlag.resetCounts;
    this.fromAt[i] = at;
    this.messages[i] = 1;
    this.count = i + 1;
    this.size += length;
    this.fromSize += length;
  }

  /** The one that was added last came so, maybe in a version that always resets. */
  cameAs(fromAt: number, fromLength: number, length: number, resets: boolean): void {
    const i = this.count - 1;
    this.fromAt[i] = fromAt;
    if (resets) this.resets[i] = flowFlag.resetCounts;
    this.fromSize += fromLength - length;
  }

  /** Only the first `count` of them. */
  cut(count: number): void {
    if (count === this.count) return;
    this.size = (this.at[count] as number) - (this.at[0] as number);
    this.fromSize = (this.fromAt[count] as number) - (this.fromAt[0] as number);
    this.count = count;
  }

  /** Messages that all of them become. */
  get messageCount(): number {
    let sum = 0;
    for (let i = 0; i < this.count; i++) sum += this.messages[i] as number;
    return sum;
  }

  /** Whether one before it may be of the same table, priority and match; once it was hashed. */
  hasLike(i: number): boolean {
    for (let before = 0; before < i; before++) {
      if (this.hash[before] === this.hash[i]) return true;
    }
    return false;
  }

  hasTimeout(i: number): boolean {
    // Both are 16 bits, one behind the other.
    return this.dv.getUint32((this.at[i] as number) + flowMod.offset.idleTimeoutSec) !== 0;
  }
}

/** The rule of a run, without its head. */
export function contentOfRun(
  { dv, at, matchSize, instructionsSize }: RuleRun,
  i: number,
): RuleContent {
  return {
    dv,
    at: (at[i] as number) + flowMod.size,
    matchSize: matchSize[i] as number,
    instructionsSize: instructionsSize[i] as number,
  };
}

/** What a flow-mod says besides match and instructions. */
export function saidIn(dv: DataView, at: number): RuleAttributes {
  return {
    tableId: get.tableId(dv, at),
    priority: get.priority(dv, at),
    cookie: get.cookie(dv, at),
    flags: get.flags(dv, at),
    idleTimeoutSec: get.idleTimeoutSec(dv, at),
    hardTimeoutSec: get.hardTimeoutSec(dv, at),
  };
}

const nothing = new DataView(new ArrayBuffer(0));
const single = new RuleRun(1);
const scratch = new Writer(limits.outboxBytesAtFirst);

/** A run of one rule, from values; it stands until the next call. */
export function runOf(
  said: RuleAttributes,
  { dv, at, matchSize, instructionsSize }: RuleContent,
): RuleRun {
  scratch.reset();
  const start = scratch.room(flowMod.size);
  scratch.putFrom(dv, at, matchSize + instructionsSize);
  const to = scratch.dv;
  set.tableId(to, start, said.tableId);
  set.priority(to, start, said.priority);
  set.cookie(to, start, said.cookie);
  set.flags(to, start, said.flags);
  set.idleTimeoutSec(to, start, said.idleTimeoutSec);
  set.hardTimeoutSec(to, start, said.hardTimeoutSec);
  single.begin(to);
  single.add(start, scratch.at, matchSize, false);
  return single;
}

/** What became of a rule of a run that was placed. */
export function placedOf(run: RuleRun, i: number): AddedRule {
  return {
    serial: run.serial[i] as number,
    revision: run.revision[i] as number,
    replaced: run.replaced[i] as number,
    resets: run.resets[i] !== 0,
  };
}
