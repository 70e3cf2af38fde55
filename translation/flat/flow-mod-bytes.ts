/**
 * Rules as entries of a flat datapath, bytes to bytes: the value code (rules.ts) compiles the
 * entries once for each form of rule, and they are then patched for every rule of that form, which
 * differs in addresses, transport ports, cookie and priority. So tags, ports and levels are
 * computed once for each form.
 */

import {
  FramePattern,
  mixed,
  Patches,
  PatternMemory,
} from '../../openflow/layout/repeated-frames.ts';
import type { Writer } from '../../openflow/layout/writer.ts';
import { type FreeField, freeFields, freeFields10 } from '../../openflow/match/byte-fields.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { flowMod, flowMod10, header } from '../../openflow/messages/messages.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import type { FlowMod } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { RuleRun } from '../../slices/rules/rule-run.ts';
import type { Width } from './priority-map.ts';

const at13 = flowMod.offset;
/** What is each rule's own in the frame that the rulebook keeps. */
export const ownRuns = [
  [at13.xid, 4],
  [at13.cookie, 8],
  [at13.idleTimeoutSec, 4],
] as const;
/** The lower half of a cookie is the rule's serial (../entries/pipeline.ts). */
const SERIAL_AT = 4;

/** A message that goes down, and what of it is each rule's. */
export interface Below {
  readonly frame: DataView;
  readonly patches: Patches;
  readonly serialAt: number;
}

/** What goes down for rules of one form. */
export interface FlatForm {
  readonly pattern: FramePattern;
  readonly all: readonly Below[];
  readonly priority: number;
  readonly level: number;
  readonly width: Width;
}

/** What value code makes of a rule: undefined when it is not for bytes. */
export interface Made {
  readonly mods: readonly FlowMod[];
  readonly priority: number;
  readonly level: number;
  readonly width: Width;
}

export class FlatForms {
  readonly #forms = new PatternMemory<FlatForm>(limits.flowModFormsMax);

  /** That of a rule of a run; `make` is asked once for each form. */
  of(
    run: RuleRun,
    i: number,
    speaks: Version,
    before: FlatForm | undefined,
    make: () => Made | undefined,
  ): FlatForm | undefined {
    const { dv } = run;
    const at = run.at[i] as number;
    const length = header.get.length(dv, at);
    if (before?.pattern.length === length && before.pattern.fits(dv, at)) return before;
    const key = keyOf(dv, at, length);
    const known = this.#forms.find(key, dv, at, length);
    if (known !== undefined || !this.#forms.isAgain(key)) return known;
    const made = make();
    return made && this.#forms.put(key, formOf(dv, at, length, speaks, made));
  }

  /** What is made of rules has become another thing. */
  clear(): void {
    this.#forms.clear();
  }
}

/** Appends what a rule of a run is below, its messages with ids from `xid` on. Hot. */
export function writeForm(
  out: Writer,
  { all }: Pick<FlatForm, 'all'>,
  dv: DataView,
  at: number,
  serial: number,
  xid: number,
): void {
  for (let i = 0; i < all.length; i++) {
    const { frame, patches, serialAt } = all[i] as Below;
    const start = out.at;
    out.putFrom(frame, 0, frame.byteLength);
    patches.apply(dv, at, out.dv, start);
    header.set.xid(out.dv, start, xid + i);
    out.dv.setUint32(start + serialAt, serial);
  }
}

/** Those of one form have the same; others may. */
export function keyOf(dv: DataView, at: number, length: number): number {
  const matchAt = at + flowMod.size;
  const matchLength = dv.getUint16(matchAt + 2);
  let key = mixed(length, dv.getInt32(matchAt));
  key = mixed(key, (dv.getUint16(at + at13.priority) << 8) | dv.getUint8(at + at13.tableId));
  // A port is the first field, and says much; which fields follow, their headers say.
  if (matchLength >= 12) key = mixed(key, dv.getInt32(matchAt + 8));
  for (let a = flowMod.size + ((matchLength + 7) & ~7); a + 4 <= length; a += 4) {
    key = mixed(key, dv.getInt32(at + a));
  }
  return key;
}

function formOf(
  dv: DataView,
  at: number,
  length: number,
  speaks: Version,
  { mods, priority, level, width }: Made,
): FlatForm {
  const own = freeFields(dv, at + flowMod.size);
  const all = mods.map((mod) => belowOf(mod, speaks, own));
  const free = own.map((one) => [flowMod.size + one.at, one.size] as const);
  const pattern = new FramePattern(dv, at, length, [...ownRuns, ...free]);
  return { pattern, all, priority, level, width };
}

/** Every field of the rule's match that may be any is in each of its entries' matches. */
export function belowOf(mod: FlowMod, speaks: Version, own: readonly FreeField[]): Below {
  const bytes = encode(speaks, mod);
  const frame = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isOld = speaks === version.of10;
  const matchAt = isOld ? flowMod10.offset.match : flowMod.size;
  const fields = isOld ? freeFields10(frame, matchAt) : freeFields(frame, matchAt);
  const places = new Map(fields.map((one) => [one.field, one.at]));
  const patches = own.map(({ field, at, size }) => {
    const place = places.get(field);
    if (place === undefined) throw new Error(`a rule's field ${field} is in no entry of it`);
    return { from: flowMod.size + at, to: matchAt + place, size };
  });
  const cookieAt = isOld ? flowMod10.offset.cookie : flowMod.offset.cookie;
  return { frame, patches: new Patches(patches), serialAt: cookieAt + SERIAL_AT };
}
