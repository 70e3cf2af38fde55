/**
 * The interface that changes of a vswitch's tables (changes.ts) need: the rulebook, groups and
 * meters, and the parts that follow their changes.
 */
import type { FlowMod, Instruction, OfError } from '../../openflow/values/values.ts';
import type { GroupChange, GroupMod, GroupTable } from '../../slices/groups-meters/groups.ts';
import type { MeterChange, MeterMod, MeterTable } from '../../slices/groups-meters/meters.ts';
import type { Vport } from '../../slices/ids.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Cursor } from '../../slices/rules/cursor.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import type { Origin } from '../../translation/controllers/verdict.ts';
import type { Change } from '../../translation/entries/body.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { Entry } from '../store/journal-entries.ts';
import type { Log } from '../world/log.ts';
import type { Deciding } from './acknowledged.ts';
import type { Bodied } from './configured.ts';
import type { FlowRemoved } from './flow-removed.ts';
import type { Scheduled } from './flow-statistics.ts';
import type { FlowUpdates } from './flow-updates.ts';
import type { TenantShell } from './shell.ts';

/** What changes are decided by, and where bodies are asked. */
export interface ChangesContext extends Datapaths, Scheduled {
  readonly log: Log;
  snapshot(): Snapshot;
}

/** Whose tables are changed. */
export interface ChangesOwner extends Bodied, Deciding {
  readonly rulebook: Rulebook;
  readonly groups: UsedTable<GroupMod, GroupChange> & { readonly table: GroupTable };
  readonly meters: UsedTable<MeterMod, MeterChange> & { readonly table: MeterTable };
  readonly flowRemoved: Pick<FlowRemoved, 'expect' | 'queued'>;
  readonly flowUpdates: Pick<FlowUpdates, 'changed'>;
  /** Parts of requests that stay bytes are done there (loose-flow-mods.ts). */
  readonly flowMods: {
    part(mod: FlowMod, cursor: Cursor, origin: Origin, nowMs: number): boolean;
  };
  readonly shell: TenantShell;
  readonly counters: { start(): void };
  mayChange(): boolean;
}

/**
 * Who keeps the copy of a vswitch what its original is (mirror.ts): it is told of each change, so
 * while there is one no flow-mod stays bytes.
 */
export interface Mirroring {
  /** Why the copy lacks something; undefined when it has all. */
  readonly lacks: string | undefined;
  /** They were made, or taken back. */
  touched(changes: readonly Change[]): void;
  /** Its tenant has configured a port. */
  configured(vport: Vport, set: number, clear: number): void;
}

/** The book of groups, or of meters, while it runs. */
interface UsedTable<M, C extends GroupChange | MeterChange> extends Used<C> {
  change(mod: M): readonly C[] | OfError;
  revert(change: C): void;
}

/** Whether a rule with these instructions uses something that goes. */
export type UsedBy = (instructions: readonly Instruction[]) => boolean;

/** Groups, or meters: what rules use. */
export interface Used<C> {
  usersOf(changes: readonly C[]): UsedBy | undefined;
  /** What the store is to have of them. */
  entriesOf(changes: readonly C[]): readonly Entry[];
}
