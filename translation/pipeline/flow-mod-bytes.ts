/**
 * The most frequent flow-mods, rewritten in the destination's copy: bytes to bytes.
 *
 * An ADD whose match is canonical and of the usual fields, and that outputs or drops, needs other
 * numbers in its head, its vswitch in its match, and other actions in their place (encoding.ts has
 * the meaning). What this file does not take, the values do: whatever is wrong with a frame is
 * found and named there.
 */

import { actionsHead, instructionIds } from '../../openflow/actions/instructions.ts';
import { copyWords, type Writer } from '../../openflow/layout/writer.ts';
import { matchHeader } from '../../openflow/match/match-layouts.ts';
import { inPortIn, plainMatchSize } from '../../openflow/match/plain-match.ts';
import { flowMod, header, messages } from '../../openflow/messages/messages.ts';
import {
  flowCommand,
  flowFlag,
  NO_BUFFER,
  group as ofpg,
  port as ofpp,
} from '../../openflow/values/constants.ts';
import { fields } from '../../openflow/values/fields.ts';
import { limits } from '../../slices/limits.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { RuleContent } from '../../slices/rules/rule-record.ts';
import type { RuleRun } from '../../slices/rules/rule-run.ts';
import { ruleCookieUpper, slotOf, TENANT_TABLES } from '../entries/pipeline.ts';
import { port16, refuseInPort } from '../entries/reserved.ts';
import { areOutputs, metered, OUTPUT_BYTES, outputsTo, writeOutputs } from './output-bytes.ts';
import { Shape } from './repeated-flow-mods.ts';

/** Those that change nothing but what the rule remembers. */
const PLAIN_FLAGS =
  flowFlag.sendFlowRem | flowFlag.resetCounts | flowFlag.noPktCounts | flowFlag.noBytCounts;
const APPLY = instructionIds.applyActions;
const INSTRUCTION_BYTES = actionsHead.size;
/** A match's TLV of in_port, and ours of metadata: 64 bits and as many of mask. */
const IN_PORT_BYTES = 8;
const METADATA_BYTES = 20;
/** None that is plain has more actions than are ever measured (fit.ts). */
const PLAIN_BYTES_MAX = limits.shortActionsMax * OUTPUT_BYTES;
const METADATA_HEADER = 0x8000_0000 | (fields.metadata.field << 9) | 0x100 | 16;
const VSWITCH_BITS = 0xffff_0000 | 0;
const VPORT_BITS = 0xffff_ffff | 0;

/**
 * The size of the match of a flow-mod that `writeFlowMods` may have; 0 for others. Instructions are
 * what is left of the frame.
 */
export function plainFlowMod(dv: DataView, at: number, length: number): number {
  if (length < messages.flowMod.minimum || length % 8 !== 0 || length > PLAIN_BYTES_MAX) return 0;
  if (flowMod.get.command(dv, at) !== flowCommand.add) return 0;
  if (flowMod.get.tableId(dv, at) >= TENANT_TABLES) return 0;
  if (flowMod.get.bufferId(dv, at) !== NO_BUFFER) return 0;
  if ((flowMod.get.flags(dv, at) & ~PLAIN_FLAGS) !== 0) return 0;
  const outPort = flowMod.get.outPort(dv, at);
  if (outPort > limits.vportMax && outPort < ofpp.max) return 0;
  return plainMatchSizeOf(dv, at + flowMod.size, at + length);
}

/** The size of the match, when the match and the instructions up to `end` are plain; else 0. */
function plainMatchSizeOf(dv: DataView, matchAt: number, end: number): number {
  const matchSize = plainMatchSize(dv, matchAt, end);
  if (matchSize === 0 || refuseInPort(inPortIn(dv, matchAt)) !== undefined) return 0;
  const applyAt = matchAt + matchSize;
  if (applyAt < end) {
    if (applyAt + INSTRUCTION_BYTES > end || dv.getUint16(applyAt) !== APPLY) return 0;
    if (dv.getUint16(applyAt + 2) !== end - applyAt) return 0;
    if (!areOutputs(dv, applyAt + INSTRUCTION_BYTES, end, 'flowMod')) return 0;
  }
  return matchSize;
}

/** Whether a rule's match and instructions are, byte for byte, as a plain flow-mod has them. */
export function isPlainContent({ dv, at, matchSize, instructionsSize }: RuleContent): boolean {
  return plainMatchSizeOf(dv, at, at + matchSize + instructionsSize) === matchSize;
}

/** Whether the flow-mod that adds such a rule is plain. Hot. */
export function staysBytes(content: RuleContent): boolean {
  const length = flowMod.size + content.matchSize + content.instructionsSize;
  return length <= PLAIN_BYTES_MAX && isPlainContent(content);
}

/** Makes a run of rules as a book has them (slices/rules/rule-frames.ts), all plain. */
export function readRules(run: RuleRun, dv: DataView, end: number): void {
  readFlowMods(run, dv, 0, end);
  if (run.size !== end) throw new Error('a rule that stays bytes is no plain flow-mod');
  for (let i = 0; i < run.count; i++) run.serial[i] = flowMod.get.xid(dv, run.at[i] as number);
}

/**
 * Whether a rule may have a part in sending packets to the controller and on
 * (translation/migration/punt-and-forward.ts): by itself, or behind another table's. One that is
 * not plain may. Hot.
 */
export function mayGoUpAndOn(tableId: number, rule: RuleContent): boolean {
  const { dv, at, matchSize, instructionsSize } = rule;
  const end = at + matchSize + instructionsSize;
  if (tableId > 0 || plainMatchSizeOf(dv, at, end) === 0) return true;
  return outputsTo(dv, at + matchSize + INSTRUCTION_BYTES, end, ofpp.controller);
}

/** The match and instructions of a flow-mod that stayed bytes, where they are. */
export function contentIn(dv: DataView, at: number, length: number): RuleContent {
  const matchSize = (matchHeader.get.length(dv, at + flowMod.size) + 7) & ~7;
  const instructionsSize = length - flowMod.size - matchSize;
  return { dv, at: at + flowMod.size, matchSize, instructionsSize };
}

/** Makes a run of the frames from `at` on that are whole before `end` and plain. */
export function readFlowMods(run: RuleRun, dv: DataView, at: number, end: number): void {
  run.begin(dv);
  const head = dv.getUint16(at);
  let before = 0;
  let matchSize = 0;
  let hasShape = false;
  for (let next = at; next + header.size <= end && !run.isFull; ) {
    if (dv.getUint16(next) !== head) return;
    const length = header.get.length(dv, next);
    if (next + length > end) return;
    // Two of a length may be alike; then a third will be.
    if (length === before && !hasShape) {
      hasShape = shape.take(dv, next - length, length, matchSize);
    }
    const isAlike = length === before && hasShape && shape.isSharedBy(dv, next - length, next);
    if (!isAlike) {
      hasShape = false;
      matchSize = plainFlowMod(dv, next, length);
      if (matchSize === 0) return;
    }
    run.add(next, length, matchSize, isAlike);
    before = length;
    next += length;
  }
}

const shape = new Shape();

/** Appends what goes down for a run that was placed, under transaction ids from `xid` on. */
export function writeFlowMods(out: Writer, run: RuleRun, vswitch: Vswitch, xid: number): void {
  const { id } = vswitch;
  const up = metered(vswitch);
  let before = 0;
  for (let i = 0; i < run.count; i++) {
    const start = out.at;
    if (run.isAlike[i] === 0) writeFlowMod(out, run, i, id, up, xid + i);
    else writeAlike(out, run, i, before, xid + i);
    before = start;
  }
}

/** What goes down for one that is like the one before it, which is at `before`. */
function writeAlike(out: Writer, run: RuleRun, i: number, before: number, xid: number): void {
  const { dv } = run;
  const at = run.at[i] as number;
  const size = out.at - before;
  const start = out.beginFrame(size);
  copyWords(out.dv, before, out.dv, start, size);
  writeOwn(out.dv, start, run, i, xid);
  const matchAt = at + flowMod.size;
  const skipped = matchHeader.size + (inPortIn(dv, matchAt) < 0 ? 0 : IN_PORT_BYTES);
  const rest = matchHeader.get.length(dv, matchAt) - skipped;
  const restAt = start + flowMod.size + matchHeader.size + METADATA_BYTES;
  copyWords(dv, matchAt + skipped, out.dv, restAt, rest);
  end(out, start);
}

function end(out: Writer, start: number): void {
  if (!out.endFrame(start)) throw new Error('a plain flow-mod fits no frame below');
}

/** What is another's in each, however alike they are. */
function writeOwn(down: DataView, start: number, run: RuleRun, i: number, xid: number): void {
  const { dv } = run;
  const at = run.at[i] as number;
  const slot = slotOf(flowMod.get.tableId(dv, at), flowMod.get.priority(dv, at));
  const reports = flowMod.get.flags(dv, at) & flowFlag.sendFlowRem;
  flowMod.set.xid(down, start, xid);
  down.setUint32(start + flowMod.offset.cookie + 4, run.serial[i] as number);
  flowMod.set.tableId(down, start, slot.tableId);
  flowMod.set.priority(down, start, slot.priority);
  flowMod.set.flags(down, start, reports | (run.resets[i] === 0 ? 0 : flowFlag.resetCounts));
}

function writeFlowMod(
  out: Writer,
  run: RuleRun,
  i: number,
  id: number,
  up: DataView | undefined,
  xid: number,
): void {
  const { dv } = run;
  const at = run.at[i] as number;
  const start = out.beginFrame(flowMod.size);
  const matchAt = at + flowMod.size;
  writeRuleMatch(out, dv, matchAt, id);
  const actionsAt = matchAt + (run.matchSize[i] as number) + INSTRUCTION_BYTES;
  const actionsEnd = actionsAt - INSTRUCTION_BYTES + (run.instructionsSize[i] as number);
  if (actionsEnd > actionsAt) {
    const apply = out.claim(INSTRUCTION_BYTES);
    writeOutputs(out, dv, actionsAt, actionsEnd, up);
    out.dv.setUint16(apply, APPLY);
    out.end(actionsHead, apply);
    out.dv.setUint32(apply + 4, 0);
  }
  const down = out.dv;
  down.setUint16(start, dv.getUint16(at)); // The version, and that it is a flow-mod.
  down.setUint32(start + flowMod.offset.cookie, ruleCookieUpper(id));
  // No cookie's mask, an ADD, and no time-outs: those are ours.
  down.setUint32(start + flowMod.offset.cookieMask, 0);
  down.setUint32(start + flowMod.offset.cookieMask + 4, 0);
  flowMod.set.command(down, start, flowCommand.add);
  down.setUint32(start + flowMod.offset.idleTimeoutSec, 0);
  flowMod.set.bufferId(down, start, NO_BUFFER);
  flowMod.set.outPort(down, start, ofpp.any);
  flowMod.set.outGroup(down, start, ofpg.any);
  down.setUint16(start + flowMod.offset.pad, 0);
  writeOwn(down, start, run, i, xid);
  end(out, start);
}

/** The tenant's match in its vswitch: metadata comes before every field but in_port. */
function writeRuleMatch(out: Writer, dv: DataView, at: number, vswitchId: number): void {
  const inPort = inPortIn(dv, at);
  const skipped = matchHeader.size + (inPort < 0 ? 0 : IN_PORT_BYTES);
  const rest = matchHeader.get.length(dv, at) - skipped;
  const length = matchHeader.size + METADATA_BYTES + rest;
  const start = out.claim(length);
  out.end(matchHeader, start);
  const size = (length + 7) & ~7;
  out.claim(size - length);
  const down = out.dv;
  down.setUint16(start, 1);
  const tlv = start + matchHeader.size;
  down.setInt32(tlv, METADATA_HEADER);
  down.setInt32(tlv + 4, (vswitchId << 16) | (inPort < 0 ? 0 : port16(inPort)));
  down.setUint32(tlv + 8, 0);
  down.setInt32(tlv + 12, inPort < 0 ? VSWITCH_BITS : VPORT_BITS);
  down.setUint32(tlv + 16, 0);
  copyWords(dv, at + skipped, down, start + length - rest, rest);
  for (let pad = start + length; pad < start + size; pad++) down.setUint8(pad, 0);
}
