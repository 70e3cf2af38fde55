/**
 * Flow-mods that became rules, as they are kept: for the errors that a datapath may still answer,
 * and in the store. The same bytes serve both, and are copied, not encoded anew.
 *
 *   how many, and when     then what the rulebook made of each     then their frames, as they came
 */
import { bytesOf, f64, layout, u32 } from '../../openflow/layout/layout.ts';
import type { Writer } from '../../openflow/layout/writer.ts';
import { header } from '../../openflow/messages/messages.ts';
import type { AddedRule } from '../../slices/rules/rule-change.ts';
import type { RuleRun } from '../../slices/rules/rule-run.ts';

const flowModsHead = layout('FlowMods', {
  count: u32,
  /** Bytes in all, this included. */
  size: u32,
  /** Milliseconds since 1970. */
  added: f64,
});

/** Of one of them (slices/rules/rule-change.ts, `AddedRule`). */
const flowModHead = layout('FlowMod', { serial: u32, revision: u32, replaced: u32, resets: u32 });

/** A run that was placed, behind what is there; answers where it starts. Hot. */
export function putFlowMods(to: Writer, run: RuleRun, addedAt: number): number {
  const { count } = run;
  const start = to.claim(flowModsHead.size + count * flowModHead.size);
  const { dv } = to;
  flowModsHead.set.count(dv, start, count);
  flowModsHead.set.size(dv, start, to.at - start + run.size);
  flowModsHead.set.added(dv, start, addedAt);
  let at = start + flowModsHead.size;
  for (let i = 0; i < count; i++) {
    flowModHead.set.serial(dv, at, run.serial[i] as number);
    flowModHead.set.revision(dv, at, run.revision[i] as number);
    flowModHead.set.replaced(dv, at, run.replaced[i] as number);
    flowModHead.set.resets(dv, at, run.resets[i] as number);
    at += flowModHead.size;
  }
  to.put(bytesOf(run.dv, run.at[0] as number, run.size));
  return start;
}

/** A flow-mod that became a rule. */
export interface KeptFlowMod extends AddedRule {
  /** Where its frame is. */
  readonly at: number;
  readonly length: number;
}

/** The flow-mods of an entry's value, which begins at `at`. */
export function* flowModsIn(dv: DataView, at: number): Iterable<KeptFlowMod> {
  const count = flowModsHead.get.count(dv, at);
  const heads = at + flowModsHead.size;
  let frame = heads + count * flowModHead.size;
  for (let i = 0; i < count; i++) {
    const { resets, ...head } = flowModHead.read(dv, heads + i * flowModHead.size);
    const length = header.get.length(dv, frame);
    yield { ...head, resets: resets !== 0, at: frame, length };
    frame += length;
  }
}

/** How many there are in the value that begins at `at`, and where the next value would begin. */
export function countOf(dv: DataView, at: number): number {
  return flowModsHead.get.count(dv, at);
}

/** The serial of the first one. Hot. */
export function firstSerial(dv: DataView, at: number): number {
  return flowModHead.get.serial(dv, at + flowModsHead.size);
}

export function endOf(dv: DataView, at: number): number {
  return at + flowModsHead.get.size(dv, at);
}

/** The serial of the rule that one of them, counted from 0, has replaced; 0 for none. Hot. */
export function replacedBy(dv: DataView, at: number, i: number): number {
  return flowModHead.get.replaced(dv, at + flowModsHead.size + i * flowModHead.size);
}
