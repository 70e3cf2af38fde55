/**
 * Flow-mods of OpenFlow 1.0 as frames of 1.3, which the rulebook keeps: bytes to bytes.
 *
 * What a flow-mod means is found out where values are, once for each form of it; those that differ
 * from it in addresses, ports of transport, cookie and time-outs only are made of it by copying
 * these. So whatever 1.0 can say may stay bytes, and means what it means there.
 */

import {
  FramePattern,
  mixed,
  Patches,
  PatternMemory,
} from '../../openflow/layout/repeated-frames.ts';
import { Writer } from '../../openflow/layout/writer.ts';
import { freeFields, freeFields10 } from '../../openflow/match/byte-fields.ts';
import { decode } from '../../openflow/messages/codec.ts';
import { flowMod10 } from '../../openflow/messages/message-layouts.ts';
import { flowMod, header, messages, messages10 } from '../../openflow/messages/messages.ts';
import {
  flowCommand,
  flowFlag,
  NO_BUFFER,
  group as ofpg,
  port as ofpp,
  version,
} from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { FlowMod } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { bodyOf } from '../../slices/rules/rule-record.ts';
import type { RuleRun } from '../../slices/rules/rule-run.ts';
import { plainFlowMod } from '../pipeline/flow-mod-bytes.ts';
import { refuseFlowMod } from './flow-mod.ts';
import { usesNicira } from './nicira-actions.ts';

const at10 = flowMod10.offset;
const at13 = flowMod.offset;
/** Whatever a form is, these are each flow-mod's own. */
const own = [
  { from: at10.xid, to: at13.xid, size: 4 },
  { from: at10.cookie, to: at13.cookie, size: 8 },
  { from: at10.idleTimeoutSec, to: at13.idleTimeoutSec, size: 4 },
] as const;

/** What flow-mods of one form become. */
interface Form {
  readonly pattern: FramePattern;
  readonly frame: DataView;
  readonly matchSize: number;
  readonly patches: Patches;
  /** Whether it is of the kind that datapaths with several tables have rewritten in place. */
  readonly isPlain: boolean;
}

/** Where the frames of a run are; they stand until the next one is read. */
const frames = new Writer(limits.outboxBytesAtFirst);

export class FlowMods10 {
  readonly #forms = new PatternMemory<Form>(limits.flowModFormsMax);

  /** Makes a run of the frames from `at` on that are whole before `end`, and of a known form. */
  read(run: RuleRun, dv: DataView, at: number, end: number, isPlain: boolean): void {
    frames.reset();
    run.begin(frames.dv);
    run.from = dv;
    let before: Form | undefined;
    for (let next = at; next + header.size <= end && !run.isFull; ) {
      if (header.get.type(dv, next) !== messages10.flowMod.number) break;
      const length = header.get.length(dv, next);
      if (next + length > end) break;
      const form = this.#formOf(dv, next, length, before);
      if (form === undefined || (isPlain && !form.isPlain)) break;
      add(run, form, dv, next, length, form === before);
      before = form;
      next += length;
    }
    run.dv = frames.dv;
  }

  #formOf(dv: DataView, at: number, length: number, before?: Form): Form | undefined {
    if (before?.pattern.length === length && before.pattern.fits(dv, at)) return before;
    if (length < messages10.flowMod.minimum) return undefined;
    const key = keyOf(dv, at, length);
    const known = this.#forms.find(key, dv, at, length);
    if (known !== undefined || !this.#forms.isAgain(key)) return known;
    const made = formOf(dv, at, length);
    return made && this.#forms.put(key, made);
  }
}

/** Those of one form have the same; others may. */
function keyOf(dv: DataView, at: number, length: number): number {
  let key = dv.getInt32(at);
  const match = at + at10.match;
  key = mixed(key, dv.getInt32(match)); // Which fields there are.
  key = mixed(key, (dv.getUint16(match + 4) << 16) | dv.getUint16(match + 18)); // Port and VLAN.
  key = mixed(key, dv.getInt32(match + 20)); // Priority bits and ethertype.
  key = mixed(key, dv.getInt32(match + 24)); // Type of service and protocol.
  key = mixed(key, (dv.getUint16(at + at10.command) << 16) | dv.getUint16(at + at10.priority));
  for (let a = at10.bufferId; a + 4 <= length; a += 4) key = mixed(key, dv.getInt32(at + a));
  return key;
}

function add(
  run: RuleRun,
  { frame, patches, matchSize }: Form,
  dv: DataView,
  at: number,
  length: number,
  isAlike: boolean,
): void {
  const start = frames.at;
  frames.putFrom(frame, 0, frame.byteLength);
  patches.apply(dv, at, frames.dv, start);
  run.dv = frames.dv;
  run.add(start, frame.byteLength, matchSize, isAlike);
  run.cameAs(at, length, frame.byteLength);
}

/** What a flow-mod becomes, and those that are like it; undefined when values decide. */
function formOf(dv: DataView, at: number, length: number): Form | undefined {
  const mod = decode(version.of10, dv, at, length);
  if (isError(mod) || mod.type !== 'flowMod' || !mayStayBytes(mod)) return undefined;
  const frame = frameOf(mod);
  const matchAt = flowMod.size;
  const to = new Map(freeFields(frame, matchAt).map((one) => [one.field, one]));
  const moved = freeFields10(dv, at + at10.match).flatMap(({ at: from, size, field }) => {
    const place = to.get(field);
    return place?.size === size ? [{ from: at10.match + from, to: matchAt + place.at, size }] : [];
  });
  const patches = [...own, ...moved];
  return {
    pattern: new FramePattern(
      dv,
      at,
      length,
      patches.map(({ from, size }) => [from, size]),
    ),
    frame,
    matchSize: (frame.getUint16(matchAt + 2) + 7) & ~7,
    patches: new Patches(patches),
    isPlain: plainFlowMod(frame, 0, frame.byteLength) > 0,
  };
}

/** Whether what it does follows from itself: it adds, and asks nothing of what is there. */
function mayStayBytes(mod: FlowMod): boolean {
  if (mod.command !== flowCommand.add || mod.bufferId !== NO_BUFFER) return false;
  if ((mod.flags & flowFlag.checkOverlap) !== 0 || usesNicira(mod)) return false;
  return refuseFlowMod(mod) === undefined;
}

function frameOf(mod: FlowMod): DataView {
  const body = bodyOf(mod.match, mod.instructions);
  const to = new Writer(flowMod.size + body.matchSize + body.instructionsSize);
  const start = to.room(flowMod.size);
  to.putFrom(body.dv, body.at, body.matchSize + body.instructionsSize);
  const { set } = flowMod;
  const { dv } = to;
  set.version(dv, start, version.of13);
  set.type(dv, start, messages.flowMod.number);
  set.tableId(dv, start, mod.tableId);
  set.command(dv, start, flowCommand.add);
  set.priority(dv, start, mod.priority);
  set.flags(dv, start, mod.flags);
  set.bufferId(dv, start, NO_BUFFER);
  set.outPort(dv, start, ofpp.any);
  set.outGroup(dv, start, ofpg.any);
  to.endFrame(start);
  const bytes = to.finish();
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
