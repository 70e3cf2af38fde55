/**
 * What goes through phases, in words: migrations, ensembles and moves of hosts.
 */

export interface Phased {
  readonly phases: readonly {
    readonly name: string;
    readonly startedMs: number;
    readonly endedMs: number;
  }[];
}

/** How long the last phase took, behind other words; empty before there is one. */
export function lastPhaseText({ phases }: Phased): string {
  const last = phases.at(-1);
  return last === undefined ? '' : ` (${last.name}: ${last.endedMs - last.startedMs} ms)`;
}

/** `2026-11-28 07:43:05` of UTC. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

interface Timed {
  readonly startedMs: number;
  readonly stateSinceMs: number;
}

/** How long it took, or takes by now. */
export function tookText(
  { startedMs, stateSinceMs }: Timed,
  isOver: boolean,
  nowMs: number,
): string {
  const endMs = isOver ? stateSinceMs : nowMs;
  return `${Math.round(Math.max(0, endMs - startedMs))} ms`;
}
