/**
 * Rules as entries of a datapath with several tables, bytes to bytes: the value code (encoding.ts)
 * compiles the entries once for each form of rule, and they are patched for every rule of it.
 *
 * What a form is, and how flow-mods get one: ../requests/flow-mod-forms.ts.
 */
import { freeSets } from '../../openflow/actions/set-field-bytes.ts';
import { Patches } from '../../openflow/layout/repeated-frames.ts';
import type { Writer } from '../../openflow/layout/writer.ts';
import { type FreeField, freeFields } from '../../openflow/match/byte-fields.ts';
import { matchHeader } from '../../openflow/match/match-layouts.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { flowMod } from '../../openflow/messages/messages.ts';
import { flowCommand, flowFlag, version } from '../../openflow/values/constants.ts';
import type { FlowMod } from '../../openflow/values/values.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { addFlow, deleteFlow, modifyFlow, type PhysicalFlow } from '../entries/physical-tables.ts';
import { pipelineEncoding } from './encoding.ts';

/** What goes down for rules of one form. */
export interface EntryForm {
  readonly frame: DataView;
  readonly patches: Patches;
  /** Where the rule's serial stands: in its cookie, and where actions name it. */
  readonly serialsAt: readonly number[];
}

/** No byte of one is the other's. */
const serials = [0x1122_3344, 0x5566_7788] as const;

/** The fields of a flow-mod of 1.3 that may have any value: of its match, and those it sets. */
export function freeInFlowMod(dv: DataView, at: number, length: number): readonly FreeField[] {
  const matchAt = at + flowMod.size;
  const fields = freeFields(dv, matchAt).map((one) => ({ ...one, at: flowMod.size + one.at }));
  const behind = matchAt + ((matchHeader.get.length(dv, matchAt) + 7) & ~7);
  return [...fields, ...freeSets(dv, at, behind, at + length)];
}

/**
 * What a flow-mod becomes whose rulebook's frame is `kept`; undefined when a field of it that may
 * be any has no place there.
 */
export function entryForm(vswitch: Vswitch, mod: FlowMod, kept: DataView): EntryForm | undefined {
  const [one, other] = serials.map((serial) => {
    const rule = { ...mod, serial };
    const entries = pipelineEncoding.encode(vswitch, rule);
    const bytes = entries.map((entry) => encode(version.of13, messageOf(mod, entry)));
    return bytes.length === 1 ? bytes[0] : undefined;
  });
  if (one === undefined || other === undefined) return undefined;
  const frame = new DataView(one.buffer, one.byteOffset, one.length);
  const to = new Map(freeInFlowMod(frame, 0, one.length).map((place) => [place.field, place]));
  const own = freeInFlowMod(kept, 0, kept.byteLength);
  const patches = own.flatMap(({ at, size, field }) => {
    const place = to.get(field);
    return place?.size === size ? [{ from: at, to: place.at, size }] : [];
  });
  if (patches.length < own.length || to.size !== own.length) return undefined;
  return { frame, patches: new Patches(patches), serialsAt: differences(one, other) };
}

/** What makes an entry be there, be this or go; the one that a flow-mod names exactly. */
function messageOf({ command }: FlowMod, entry: PhysicalFlow): FlowMod {
  if (command === flowCommand.add) return addFlow(entry);
  return command === flowCommand.modifyStrict ? modifyFlow(entry) : deleteFlow(entry);
}

/** Where the serial stands, four bytes each. */
function differences(one: Uint8Array, other: Uint8Array): readonly number[] {
  const found: number[] = [];
  for (let at = 0; at < one.length; at++) {
    if (one[at] === other[at]) continue;
    found.push(at);
    at += 3;
  }
  return found;
}

/** Appends what a rule is below, whose frame in the rulebook is at `at`. Hot. */
export function writeEntry(
  out: Writer,
  { frame, patches, serialsAt }: EntryForm,
  dv: DataView,
  at: number,
  { serial, resets, xid }: { serial: number; resets: boolean; xid: number },
): void {
  const start = out.at;
  out.putFrom(frame, 0, frame.byteLength);
  const to = out.dv;
  patches.apply(dv, at, to, start);
  flowMod.set.xid(to, start, xid);
  for (let i = 0; i < serialsAt.length; i++) to.setUint32(start + (serialsAt[i] as number), serial);
  if (!resets) {
    flowMod.set.flags(to, start, flowMod.get.flags(to, start) & ~flowFlag.resetCounts);
  }
}
