/**
 * The phases of migrations, ensembles and moves of hosts, in words.
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
  return spanText(Math.max(0, endMs - startedMs));
}

/** `850 ms`, `12.3 s`, `10 min 15 s`: as a person would say it. */
export function spanText(ms: number): string {
  if (ms < 9_999.5) return `${Math.round(ms)} ms`;
  if (ms < 599_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
