/**
 * A body: a vswitch's tables on one datapath, and the messages that change them there.
 *
 * The two encodings (DESIGN 2) are two implementations: pipeline-body.ts, and flat/body.ts for
 * datapaths of OpenFlow 1.0 or with one table. Nobody else needs to know which one a datapath has.
 */
import type { Message, OfError } from '../../openflow/values/values.ts';
import type { Group, GroupChange } from '../../slices/groups-meters/groups.ts';
import type { Meter, MeterChange } from '../../slices/groups-meters/meters.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Rule, RuleChange } from '../../slices/rules/rulebook.ts';
import type { Reverted } from '../../slices/rules/rulebook-revert.ts';

export interface Mark {
  /** Of frames from a host's own port; undefined when rules give every one, and none are marked. */
  readonly vid: number | undefined;
  /** Whether a rule takes a tag off a frame, which may have another behind it. */
  readonly hasStrips: boolean;
}

/** A change of a vswitch's tables. */
export type Change = RuleChange | GroupChange | MeterChange;

/** What the tables hold where a change was taken back. */
export type TakenBack =
  | Reverted
  | { readonly group: Group | undefined }
  | { readonly meter: Meter | undefined };

export interface Body {
  /** Why a change that the tables allow cannot be carried out here; undefined when it can. */
  refuse(change: Change, snapshot: Snapshot): OfError | undefined;
  /** What a change of the rulebook, the group table or the meter table is here. */
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
  /** What diverted packets would bear (overrides.ts); undefined where they need not. */
  chooseMark(): Mark | undefined;
  /** What they bear now. Hot. */
  readonly mark: Mark | undefined;
}
