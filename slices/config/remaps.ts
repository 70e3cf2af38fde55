/**
 * Settings of automatic remaps in the file, as values: better placements, signs of failure, and the
 * command that is told of idle parts.
 */
import type { DatapathName } from '../ids.ts';

/** From a minute of the day to another, in UTC; over midnight, if the second comes first. */
export interface DayTime {
  readonly fromMin: number;
  readonly toMin: number;
}

/** Who is told of what carries nothing any more. */
export interface OnIdle {
  /** A program and its first arguments. */
  readonly exec: readonly string[];
  /** After so long it is ended. */
  readonly limitMs: number;
  /** For so long nothing has to be carried before it is told. */
  readonly afterMs: number;
}

/** A port that goes down so often in so much time. */
export interface Flaps {
  readonly count: number;
  readonly inMs: number;
}

/** What makes a datapath be left by itself (evacuate-on.ts). */
export interface EvacuateOn {
  /** Frames with errors, or dropped, at one port. */
  readonly errorsPerSec?: number;
  readonly flaps?: Flaps;
  /** How long it may take to answer. */
  readonly slowMs?: number;
  /** For so long it has to be so. */
  readonly forMs: number;
  /** In so much time all is to be away. */
  readonly withinMs: number;
  /** From one of a datapath to its next, at least. */
  readonly againMs: number;
  /** Those that are looked at; none: all. */
  readonly among: readonly DatapathName[];
}

/** What may make one placement better than another (slices/placement/objectives.ts). */
export const objectives = ['latency', 'load', 'energy', 'spread'] as const;
export type Objective = (typeof objectives)[number];

/** A better placement is looked for again and again (optimize.ts). */
export interface Optimize {
  readonly objective: Objective;
  readonly everyMs: number;
  /** What all moves together have to gain, of what there is. */
  readonly gainMin: number;
  /** By what passed in this time back. */
  readonly overMs: number;
  /** Tenants that stay. */
  readonly exempt: readonly string[];
  readonly quiet?: DayTime;
  /** Moves of vswitches in an hour. */
  readonly perHourMax?: number;
}
