/**
 * A vswitch in the current snapshot: its configuration, its placement, and its tables there. Parts
 * of a vswitch at run time read it when they use it, and keep none of it.
 */
import type { DatapathName } from '../../slices/ids.ts';
import type { Placement, Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import type { Body } from '../../translation/entries/body.ts';

export interface WithVswitch {
  readonly vswitch: Vswitch;
  readonly placement: Placement;
}

export interface Bodied extends WithVswitch {
  /** The bodies that hold its rules: all but those that rounds leave out. */
  readonly carriers: readonly DatapathName[];
  bodyOn(datapath: DatapathName): Body;
}

/** The snapshot, and how another comes in its place. */
export interface Reconfigured {
  snapshot(): Snapshot;
  /** Takes one that is another only in what the wiring of some vswitches depends on. */
  reconfigure(next: Snapshot, touched: readonly Vswitch[], done: () => void): void;
}
