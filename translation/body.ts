/**
 * A body: a vswitch's tables on one datapath, and the messages that change them there.
 *
 * The two encodings (DESIGN 3) are two implementations: pipeline-body.ts, and flat/body.ts for
 * datapaths of OpenFlow 1.0 or with one table. Nobody else needs to know which one a datapath has.
 */
import type { Match, Message, OfError } from '../openflow/values.ts';
import type { Group, GroupChange } from '../slices/groups-meters/groups.ts';
import type { Meter, MeterChange } from '../slices/groups-meters/meters.ts';
import type { Placement, Snapshot } from '../slices/network/snapshot.ts';
import type { Rule, RuleChange } from '../slices/rules/rulebook.ts';
import type { Reverted } from '../slices/rules/rulebook-revert.ts';
import type { Mark } from './flat/packet-in-mark.ts';

/** A change of a vswitch's tables. */
export type Change = RuleChange | GroupChange | MeterChange;

/** What the books hold where a change was taken back. */
export type TakenBack =
  | Reverted
  | { readonly group: Group | undefined }
  | { readonly meter: Meter | undefined };

export interface Body {
  /** Why a change that the books allow cannot be carried out here; undefined when it can. */
  refuse(change: Change, snapshot: Snapshot): OfError | undefined;
  /** What a change of the rulebook, the group book or the meter book is here. */
  change(change: Change): readonly Message[];
  /**
   * Leads the datapath back to what stands when a change was taken back, whatever of it the
   * datapath has made.
   */
  repair(change: Change, back: TakenBack): readonly Message[];
  /** Rules that are not there yet; the groups and meters that they use are. */
  fill(rules: readonly Rule[]): readonly Message[];
  /** No rule any more. */
  empty(): readonly Message[];
  /** Leads what these matches may touch to the primary body, above every rule. */
  guard(regions: readonly Match[], placement: Placement): readonly Message[];
  /** The guards go; `forGood`, with what stood where some were (pipeline-body.ts, `passing`). */
  unguard(forGood?: 'forGood'): readonly Message[];
  /** Drops what enters the vswitch here: the freeze of freeze-and-copy (LIME 2.2). */
  freeze(): readonly Message[];
  thaw(): readonly Message[];
  /**
   * Sends what these matches may touch up to us, above every guard; we put it into the tables
   * later, while another body becomes the primary (hand-over.ts). Before that `keepOut`,
   * and when nothing comes up any more `letIn`: what could be taken for such packets is dropped in
   * between, where nothing else tells them apart.
   */
  keepOut(): readonly Message[];
  /** What a diverted packet bears, from `divert` to `letIn`; undefined where it need not. Hot. */
  readonly mark: Mark | undefined;
  letIn(): readonly Message[];
  divert(regions: readonly Match[]): readonly Message[];
  undivert(): readonly Message[];
}
