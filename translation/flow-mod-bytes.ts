/**
 * The flow-mods that are sent most, rewritten in the destination's copy: bytes to bytes.
 *
 * An ADD whose match is canonical and of the usual fields, and that outputs or drops, needs other
 * numbers in its head, its vswitch in its match, and other actions in their place (encoding.ts has
 * the meaning). What this file does not take, the values do: whatever is wrong with a frame is
 * found and named there.
 */
import {
  flowCommand,
  flowFlag,
  NO_BUFFER,
  group as ofpg,
  port as ofpp,
} from '../openflow/constants.ts';
import { fields } from '../openflow/fields.ts';
import { flowMod, messages } from '../openflow/messages.ts';
import { inPortIn, plainMatchSize } from '../openflow/plain-match.ts';
import { instructionLayouts, matchHeader } from '../openflow/structs.ts';
import type { Writer } from '../openflow/writer.ts';
import { limits } from '../slices/limits.ts';
import type { Body } from '../slices/rule-record.ts';
import type { Vswitch } from '../slices/snapshot.ts';
import { areOutputs, writeOutputs } from './output-bytes.ts';
import { ruleCookieUpper, slotOf, TENANT_TABLES } from './pipeline.ts';
import { port16, refuseInPort } from './reserved.ts';

/** Those that change nothing but what the rule remembers. */
const PLAIN_FLAGS =
  flowFlag.sendFlowRem | flowFlag.resetCounts | flowFlag.noPktCounts | flowFlag.noBytCounts;
/** OFPIT_APPLY_ACTIONS. */
const APPLY = 4;
const INSTRUCTION_BYTES = instructionLayouts.actions.size;
/** A match's TLV of in_port, and ours of metadata: 64 bits and as many of mask. */
const IN_PORT_BYTES = 8;
const METADATA_BYTES = 20;
const METADATA_HEADER = 0x8000_0000 + (fields.metadata.field << 9) + 0x100 + 16;
const VSWITCH_BITS = 0xffff_0000;
const VPORT_BITS = 0xffff_ffff;

/**
 * The match and instructions of a flow-mod that `writeFlowMod` may have, where they are in the
 * frame; undefined for others.
 */
export function plainFlowMod(dv: DataView, at: number, length: number): Body | undefined {
  if (length < messages.flowMod.minimum || length % 8 !== 0) return undefined;
  if (flowMod.get.command(dv, at) !== flowCommand.add) return undefined;
  if (flowMod.get.tableId(dv, at) >= TENANT_TABLES) return undefined;
  if (flowMod.get.bufferId(dv, at) !== NO_BUFFER) return undefined;
  if ((flowMod.get.flags(dv, at) & ~PLAIN_FLAGS) !== 0) return undefined;
  const outPort = flowMod.get.outPort(dv, at);
  if (outPort > limits.vportMax && outPort < ofpp.max) return undefined;
  const end = at + length;
  const matchAt = at + flowMod.size;
  const matchSize = plainMatchSize(dv, matchAt, end);
  if (matchSize === 0 || refuseInPort(inPortIn(dv, matchAt)) !== undefined) return undefined;
  const applyAt = matchAt + matchSize;
  if (applyAt < end) {
    if (applyAt + INSTRUCTION_BYTES > end || dv.getUint16(applyAt) !== APPLY) return undefined;
    if (dv.getUint16(applyAt + 2) !== end - applyAt) return undefined;
    if (!areOutputs(dv, applyAt + INSTRUCTION_BYTES, end, 'flowMod')) return undefined;
  }
  return { dv, at: matchAt, matchSize, instructionsSize: end - applyAt };
}

/** What the rule below is called, and how it begins. */
export interface Below {
  readonly xid: number;
  readonly vswitch: Vswitch;
  readonly serial: number;
  /** Whether its counters begin at zero. */
  readonly resets: boolean;
}

/** Appends what goes down for a frame that `plainFlowMod` answered `body` for. */
export function writeFlowMod(out: Writer, dv: DataView, at: number, body: Body, to: Below): void {
  const start = out.claim(flowMod.size);
  writeRuleMatch(out, body, to.vswitch.id);
  const actionsAt = body.at + body.matchSize + INSTRUCTION_BYTES;
  const actionsEnd = body.at + body.matchSize + body.instructionsSize;
  if (actionsEnd > actionsAt) {
    const apply = out.claim(INSTRUCTION_BYTES);
    writeOutputs(out, dv, actionsAt, actionsEnd);
    out.dv.setUint16(apply, APPLY);
    out.dv.setUint16(apply + 2, out.at - apply);
    out.dv.setUint32(apply + 4, 0);
  }
  const slot = slotOf(flowMod.get.tableId(dv, at), flowMod.get.priority(dv, at));
  const down = out.dv;
  const reports = flowMod.get.flags(dv, at) & flowFlag.sendFlowRem;
  flowMod.set.version(down, start, flowMod.get.version(dv, at));
  flowMod.set.type(down, start, messages.flowMod.number);
  flowMod.set.length(down, start, out.at - start);
  flowMod.set.xid(down, start, to.xid);
  down.setUint32(start + flowMod.offset.cookie, ruleCookieUpper(to.vswitch.id));
  down.setUint32(start + flowMod.offset.cookie + 4, to.serial);
  // No cookie's mask, an ADD, and no time-outs: those are ours.
  down.setUint32(start + flowMod.offset.cookieMask, 0);
  down.setUint32(start + flowMod.offset.cookieMask + 4, 0);
  flowMod.set.command(down, start, flowCommand.add);
  down.setUint32(start + flowMod.offset.idleTimeoutSec, 0);
  down.setUint16(start + flowMod.offset.pad, 0);
  flowMod.set.tableId(down, start, slot.tableId);
  flowMod.set.priority(down, start, slot.priority);
  flowMod.set.bufferId(down, start, NO_BUFFER);
  flowMod.set.outPort(down, start, ofpp.any);
  flowMod.set.outGroup(down, start, ofpg.any);
  flowMod.set.flags(down, start, reports | (to.resets ? flowFlag.resetCounts : 0));
}

/** The tenant's match in its vswitch: metadata comes before every field but in_port. */
function writeRuleMatch(out: Writer, { dv, at }: Body, vswitchId: number): void {
  const start = out.claim(matchHeader.size + METADATA_BYTES);
  const inPort = inPortIn(dv, at);
  const skipped = matchHeader.size + (inPort < 0 ? 0 : IN_PORT_BYTES);
  const rest = matchHeader.get.length(dv, at) - skipped;
  out.putFrom(dv, at + skipped, rest);
  matchHeader.set.type(out.dv, start, 1);
  matchHeader.set.length(out.dv, start, out.at - start);
  const tlv = start + matchHeader.size;
  out.dv.setUint32(tlv, METADATA_HEADER);
  out.dv.setUint32(tlv + 4, vswitchId * 0x1_0000 + (inPort < 0 ? 0 : port16(inPort)));
  out.dv.setUint32(tlv + 8, 0);
  out.dv.setUint32(tlv + 12, inPort < 0 ? VSWITCH_BITS : VPORT_BITS);
  out.dv.setUint32(tlv + 16, 0);
  out.align(start);
}
