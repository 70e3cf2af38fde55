/**
 * Changes of rules that are in the rulebook, as entries of a datapath with several tables: frames
 * of 1.3 that name one rule each, made from the rulebook's own bytes. The physical form is computed
 * by values once for each form, as for flow-mods (flow-mod-forms.ts), but no bytes of a peer are
 * decoded: instructions may be the rulebook's, with the groups and meters that they name.
 */
import { mixedBytes, mixedInstructions } from '../../openflow/actions/set-field-bytes.ts';
import { FramePattern, mixed, PatternMemory } from '../../openflow/layout/repeated-frames.ts';
import type { Writer } from '../../openflow/layout/writer.ts';
import { mixedMatch } from '../../openflow/match/byte-fields.ts';
import { matchHeader } from '../../openflow/match/match-layouts.ts';
import { flowMod } from '../../openflow/messages/messages.ts';
import { NO_BUFFER, group as ofpg, port as ofpp } from '../../openflow/values/constants.ts';
import type { FlowMod } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { instructionsIn, matchIn, type RuleContent } from '../../slices/rules/rule-record.ts';
import { type RuleRun, saidIn } from '../../slices/rules/rule-run.ts';
import { type EntryForm, entryForm, freeInFlowMod, writeEntry } from '../pipeline/entry-forms.ts';
import { isLong } from './fit.ts';
import { usesNicira } from './nicira-actions.ts';

const { offset, size: HEAD_BYTES } = flowMod;
/** Forms that one request may have made. */
const NEW_FORMS_MAX = 8;

interface Form {
  readonly pattern: FramePattern;
  /** None, if values have to say it. */
  readonly entry: EntryForm | undefined;
}

export class RuleForms {
  readonly #vswitch: Vswitch;
  readonly #forms = new PatternMemory<Form>(limits.flowModFormsMax);
  /** Of a run, by place in it. */
  readonly #run: EntryForm[] = [];
  #last: Form | undefined;

  constructor(vswitch: Vswitch) {
    this.#vswitch = vswitch;
  }

  /**
   * Whether those of a run from its `from`-th to before its `end`-th have forms, which `write`
   * writes. Forms that are new are made of what comes again, or among others; a few at once, for
   * each takes as long as a rule by values. Hot.
   */
  know(run: RuleRun, from: number, end: number): boolean {
    const isAmongOthers = end > from + 1;
    let [isKnown, left] = [true, NEW_FORMS_MAX];
    for (let i = from; i < end; i++) {
      const at = run.at[i] as number;
      const length =
        HEAD_BYTES + (run.matchSize[i] as number) + (run.instructionsSize[i] as number);
      let form = this.#find(run.dv, at, length);
      if (form === undefined && left > 0) {
        const isAgain = this.#forms.isAgain(keyOf(run.dv, at, length));
        if (isAgain || isAmongOthers) form = this.#make(run, i, length);
        left -= 1;
      }
      if (form?.entry === undefined) isKnown = false;
      else this.#run[i] = form.entry;
    }
    return isKnown;
  }

  /** As `FlowModForms.write`. Hot. */
  write(out: Writer, run: RuleRun, xid: number): void {
    for (let i = 0; i < run.count; i++) {
      own.serial = run.serial[i] as number;
      own.resets = run.resets[i] !== 0;
      own.xid = xid + i;
      writeEntry(out, this.#run[i] as EntryForm, run.dv, run.at[i] as number, own);
    }
  }

  #find(dv: DataView, at: number, length: number): Form | undefined {
    const last = this.#last;
    if (last?.pattern.length === length && last.pattern.fits(dv, at)) return last;
    const found = this.#forms.find(keyOf(dv, at, length), dv, at, length);
    if (found !== undefined) this.#last = found;
    return found;
  }

  #make(run: RuleRun, i: number, length: number): Form {
    const { dv } = run;
    const at = run.at[i] as number;
    const from = dv.byteOffset + at;
    const frame = new DataView(dv.buffer.slice(from, from + length));
    const sizes = {
      matchSize: run.matchSize[i] as number,
      instructionsSize: run.instructionsSize[i] as number,
    };
    const mod = modOf(frame, { dv: frame, at: HEAD_BYTES, ...sizes });
    const isForValues = isLong(mod.instructions) || usesNicira(mod);
    const entry = isForValues ? undefined : entryForm(this.#vswitch, mod, frame);
    const own: readonly (readonly [number, number])[] = [
      [offset.xid, 4],
      [offset.cookie, 16],
      [offset.idleTimeoutSec, 4],
      ...freeInFlowMod(frame, 0, length).map((one) => [one.at, one.size] as const),
    ];
    const made = { pattern: new FramePattern(dv, at, length, own), entry };
    this.#last = made;
    return this.#forms.put(keyOf(dv, at, length), made);
  }
}

/** What `write` says of each: one object for all. */
const own = { serial: 0, resets: false, xid: 0 };

/** Those of one form have the same; others may. */
function keyOf(dv: DataView, at: number, length: number): number {
  const matchAt = at + HEAD_BYTES;
  const behind = matchAt + ((matchHeader.get.length(dv, matchAt) + 7) & ~7);
  let key = mixed(length, dv.getInt16(at + offset.tableId));
  key = mixedBytes(key, dv, at + offset.priority, matchAt);
  key = mixedMatch(key, dv, matchAt, behind);
  return mixedInstructions(key, dv, behind, at + length);
}

function modOf(frame: DataView, content: RuleContent): FlowMod {
  return {
    type: 'flowMod',
    xid: 0,
    ...saidIn(frame, 0),
    cookieMask: 0n,
    command: flowMod.get.command(frame, 0),
    bufferId: NO_BUFFER,
    outPort: ofpp.any,
    outGroup: ofpg.any,
    match: matchIn(content),
    instructions: instructionsIn(content),
  };
}
