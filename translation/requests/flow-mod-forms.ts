/**
 * Flow-mods that stay bytes whatever they contain: frames of either version as frames of 1.3, which
 * the rulebook keeps, and from there as entries of a datapath with several tables.
 *
 * What a flow-mod means is found out where values are, once for each form of it; those that differ
 * from it in addresses, ports of transport, cookie and time-outs only are made of it by copying
 * these (of 1.3 those that actions set, too). So whatever a flow-mod can say may stay bytes, and
 * means what it means there.
 */

import { mixedBytes, mixedInstructions } from '../../openflow/actions/set-field-bytes.ts';
import {
  FramePattern,
  mixed,
  Patches,
  PatternMemory,
} from '../../openflow/layout/repeated-frames.ts';
import { Writer } from '../../openflow/layout/writer.ts';
import { type FreeField, freeFields10, mixedMatch } from '../../openflow/match/byte-fields.ts';
import { isInOrder } from '../../openflow/match/match-bytes.ts';
import { matchHeader } from '../../openflow/match/match-layouts.ts';
import { decode } from '../../openflow/messages/codec.ts';
import { flowMod10 } from '../../openflow/messages/message-layouts.ts';
import { flowMod, header, messages, messages10 } from '../../openflow/messages/messages.ts';
import {
  NO_BUFFER,
  group as ofpg,
  port as ofpp,
  table,
  type Version,
  version,
} from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { FlowMod, Instruction } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { contentOf } from '../../slices/rules/rule-record.ts';
import type { RuleRun } from '../../slices/rules/rule-run.ts';
import { type EntryForm, entryForm, freeInFlowMod, writeEntry } from '../pipeline/entry-forms.ts';
import { isLong } from './fit.ts';
import { type FormCommands, isAmong, isDelete, mayStayBytes } from './form-commands.ts';

const at10 = flowMod10.offset;
const at13 = flowMod.offset;

/** What flow-mods of one form become. */
interface Form {
  readonly pattern: FramePattern;
  readonly frame: DataView;
  readonly matchSize: number;
  readonly patches: Patches;
  /** What it asks for, if groups or meters are named there: they may be others later. */
  readonly named: readonly Instruction[] | undefined;
  /** What they are below, on datapaths with several tables; none, if values have to say it. */
  readonly entry: EntryForm | undefined;
}

/** Instructions with what they name as it is below; undefined when that is not certain. */
export type BindNamed = (
  instructions: readonly Instruction[],
) => readonly Instruction[] | undefined;

/** How frames of a version are looked at. */
interface Wire {
  readonly version: Version;
  readonly type: number;
  readonly minimum: number;
  readonly commandAt: number;
  /** Whatever a form is, these are each flow-mod's own: where they are, and in 1.3. */
  readonly own: readonly { readonly from: number; readonly to: number; readonly size: number }[];
  /** Those of one form have the same; others may. */
  keyOf(dv: DataView, at: number, length: number): number;
  /** Which fields may have any value. */
  freeOf(dv: DataView, at: number, length: number): readonly FreeField[];
}

const wire10: Wire = {
  version: version.of10,
  type: messages10.flowMod.number,
  minimum: messages10.flowMod.minimum,
  commandAt: at10.command + 1,
  own: [
    { from: at10.xid, to: at13.xid, size: 4 },
    { from: at10.cookie, to: at13.cookie, size: 8 },
    { from: at10.idleTimeoutSec, to: at13.idleTimeoutSec, size: 4 },
  ],
  keyOf(dv, at, length) {
    let key = dv.getInt32(at);
    const match = at + at10.match;
    key = mixed(key, dv.getInt32(match)); // Which fields there are.
    key = mixed(key, (dv.getUint16(match + 4) << 16) | dv.getUint16(match + 18)); // Port and VLAN.
    key = mixed(key, dv.getInt32(match + 20)); // Priority bits and ethertype.
    key = mixed(key, dv.getInt32(match + 24)); // Type of service and protocol.
    key = mixed(key, (dv.getUint16(at + at10.command) << 16) | dv.getUint16(at + at10.priority));
    return mixedBytes(key, dv, at + at10.bufferId, at + length);
  },
  freeOf: (dv, at) =>
    freeFields10(dv, at + at10.match).map((one) => ({ ...one, at: at10.match + one.at })),
};

const wire13: Wire = {
  version: version.of13,
  type: messages.flowMod.number,
  minimum: messages.flowMod.minimum,
  commandAt: at13.command,
  own: [
    { from: at13.xid, to: at13.xid, size: 4 },
    { from: at13.cookie, to: at13.cookie, size: 8 },
    { from: at13.idleTimeoutSec, to: at13.idleTimeoutSec, size: 4 },
  ],
  keyOf(dv, at, length) {
    let key = mixed(dv.getInt32(at), dv.getUint16(at + at13.tableId));
    key = mixedBytes(key, dv, at + at13.cookieMask, at + at13.tableId);
    key = mixedBytes(key, dv, at + at13.priority, at + flowMod.size);
    const matchAt = at + flowMod.size;
    const end = at + length;
    const behind = Math.min(end, matchAt + ((matchHeader.get.length(dv, matchAt) + 7) & ~7));
    return mixedInstructions(mixedMatch(key, dv, matchAt, behind), dv, behind, end);
  },
  freeOf: freeInFlowMod,
};

const wires: Readonly<Record<Version, Wire>> = { [version.of10]: wire10, [version.of13]: wire13 };

/** Where the frames of a run are; they stand until the next one is read. */
const frames = new Writer(limits.outboxBytesAtFirst);

export class FlowModForms {
  readonly #wire: Wire;
  readonly #commands: FormCommands;
  readonly #vswitch: Vswitch;
  readonly #bind: BindNamed;
  readonly #forms = new PatternMemory<Form>(limits.flowModFormsMax);
  /** Of the run that was read last, by place in it. */
  readonly #run: Form[] = [];

  constructor(speaks: Version, vswitch: Vswitch, bind: BindNamed, commands: FormCommands = 'add') {
    this.#wire = wires[speaks];
    this.#commands = commands;
    this.#vswitch = vswitch;
    this.#bind = bind;
  }

  /**
   * Makes a run of the frames from `at` on that are whole before `end`, and of a known form; for
   * datapaths with several tables, of which `write` writes it, only those that values need not say.
   */
  read(run: RuleRun, dv: DataView, at: number, end: number, isPipeline: boolean): void {
    frames.reset();
    run.begin(frames.dv);
    run.from = dv;
    let before: Form | undefined;
    for (let next = at; next + header.size <= end && !run.isFull; ) {
      if (header.get.type(dv, next) !== this.#wire.type) break;
      const length = header.get.length(dv, next);
      if (next + length > end) break;
      const form = this.#formOf(dv, next, length, before);
      if (form === undefined || (isPipeline && form.entry === undefined)) break;
      this.#run[run.count] = form;
      add(run, form, dv, next, length, form === before);
      before = form;
      next += length;
    }
    run.dv = frames.dv;
  }

  /** Appends what goes down for those of a run that have a message, from id `xid` on. Hot. */
  write(out: Writer, run: RuleRun, xid: number): void {
    const { dv } = run;
    let next = xid;
    for (let i = 0; i < run.count; i++) {
      if (run.messages[i] === 0) continue;
      const { entry } = this.#run[i] as Form;
      if (entry === undefined) throw new Error('a flow-mod of no form below');
      own.serial = run.serial[i] as number;
      own.resets = run.resets[i] !== 0;
      own.xid = next++;
      writeEntry(out, entry, dv, run.at[i] as number, own);
    }
  }

  #formOf(dv: DataView, at: number, length: number, before?: Form): Form | undefined {
    if (before?.pattern.length === length && before.pattern.fits(dv, at)) return before;
    const { minimum, commandAt } = this.#wire;
    if (length < minimum) return undefined;
    if (!isAmong(this.#commands, dv.getUint8(at + commandAt))) return undefined;
    const key = this.#wire.keyOf(dv, at, length);
    const known = this.#forms.find(key, dv, at, length);
    if (known !== undefined && this.#stands(known)) return known;
    if (!this.#forms.isAgain(key)) return undefined;
    const made = this.#made(dv, at, length);
    return made && this.#forms.put(key, made);
  }

  /** Whether what it names is below what it was: asked again, as tables count who names what. */
  #stands({ named, frame, matchSize }: Form): boolean {
    if (named === undefined) return true;
    const bound = this.#bind(named);
    if (bound === undefined) return false;
    const content = contentOf([], bound);
    const from = flowMod.size + matchSize;
    if (content.instructionsSize !== frame.byteLength - from) return false;
    const at = content.at + content.matchSize;
    for (let i = 0; i < content.instructionsSize; i += 8) {
      if (content.dv.getBigUint64(at + i) !== frame.getBigUint64(from + i)) return false;
    }
    return true;
  }

  /** What a flow-mod becomes, and those that are like it; undefined when values decide. */
  #made(dv: DataView, at: number, length: number): Form | undefined {
    const { own, freeOf } = this.#wire;
    const said = decode(this.#wire.version, dv, at, length);
    if (isError(said) || said.type !== 'flowMod' || !mayStayBytes(said, this.#commands))
      return undefined;
    // What a deletion would have done with its instructions is nothing.
    const asked = isDelete(said) ? [] : said.instructions;
    const named = namesOthers(asked) ? asked : undefined;
    const instructions = named === undefined ? asked : this.#bind(named);
    if (instructions === undefined) return undefined;
    // Which tables have rules is known when it is carried out (strict-flow-mods.ts).
    const isOfAll = this.#commands === 'strict' && said.tableId === table.all;
    const mod = { ...said, instructions, ...(isOfAll && { tableId: 0 }) };
    const frame = frameOf(mod);
    const isLoose = this.#commands === 'loose';
    if (isLoose && (isLong(instructions) || !isInOrder(frame, flowMod.size))) return undefined;
    const to = new Map(freeInFlowMod(frame, 0, frame.byteLength).map((one) => [one.field, one]));
    const moved = freeOf(dv, at, length).flatMap(({ at: from, size, field }) => {
      const place = to.get(field);
      return place?.size === size ? [{ from, to: place.at, size }] : [];
    });
    const patches = [...own, ...moved];
    const free = patches.map(({ from, size }) => [from, size] as const);
    return {
      pattern: new FramePattern(dv, at, length, free),
      frame,
      matchSize: (frame.getUint16(flowMod.size + 2) + 7) & ~7,
      patches: new Patches(patches),
      named,
      entry: isLoose || isLong(instructions) ? undefined : entryForm(this.#vswitch, mod, frame),
    };
  }
}

/** What `write` says of each: one object for all. */
const own = { serial: 0, resets: false, xid: 0 };

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
  run.cameAs(at, length, frame.byteLength, header.get.version(dv, at) === version.of10);
}

/** Whether a group or a meter has to be there. */
function namesOthers(instructions: readonly Instruction[]): boolean {
  return instructions.some((one) => {
    if ('actions' in one) return one.actions.some(({ type }) => type === 'group');
    return one.type === 'meter';
  });
}

/** The rulebook's frame of it, without what `own` fields say; outputs filter deletes only. */
export function frameOf(mod: FlowMod): DataView {
  const content = contentOf(mod.match, mod.instructions);
  const to = new Writer(flowMod.size + content.matchSize + content.instructionsSize);
  const start = to.room(flowMod.size);
  to.putFrom(content.dv, content.at, content.matchSize + content.instructionsSize);
  const { set } = flowMod;
  const { dv } = to;
  set.version(dv, start, version.of13);
  set.type(dv, start, messages.flowMod.number);
  set.tableId(dv, start, mod.tableId);
  set.command(dv, start, mod.command);
  set.priority(dv, start, mod.priority);
  set.flags(dv, start, mod.flags);
  set.bufferId(dv, start, NO_BUFFER);
  set.cookieMask(dv, start, mod.cookieMask);
  set.outPort(dv, start, isDelete(mod) ? mod.outPort : ofpp.any);
  set.outGroup(dv, start, isDelete(mod) ? mod.outGroup : ofpg.any);
  to.endFrame(start);
  const bytes = to.finish();
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
