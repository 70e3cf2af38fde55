/**
 * An estimate of an ensemble's duration, by those of remembered ones: for each phase the median
 * time; for copying, the time for each rule, where many were copied. Without remembered ones it
 * uses typical values.
 */
import type { Move } from './ensemble-members.ts';
import type { HostMove } from './host-move.ts';
import type { Migration, Strategy } from './migration.ts';

/** What is remembered. */
export interface Remembered {
  readonly migrations: readonly Migration[];
  readonly hostMoves: readonly HostMove[];
}

export interface Estimate {
  /** From the first state to the last. */
  readonly ms: number;
  /** By how many that are remembered; 0: by typical values. */
  readonly by: number;
  /** Hosts that a person moves, which takes as long as it takes. */
  readonly byPerson: number;
}

type PhaseName = Migration['phases'][number]['name'];

/** Of a vswitch with few rules, canaries as acknowledgements and cables of milliseconds. */
const typicalMs: Partial<Record<PhaseName, number>> = {
  tunnels: 45,
  clone: 45,
  handOver: 90,
  move: 40,
  drain: 80,
  freeze: 40,
  empty: 30,
  copy: 45,
  retire: 60,
};
const typicalHostMs = { open: 200, run: 500, close: 400 } as const;
const RULES_PER_MS = 30;

export function estimateOf(
  groups: readonly (readonly Move[])[],
  rulesOf: (vswitch: string) => number,
  { migrations, hostMoves }: Remembered,
): Estimate {
  const done = migrations.filter(({ state }) => state.type === 'done');
  const hosts = hostMoves.filter(({ state }) => state.type === 'done');
  const phase = (name: PhaseName): number => middle(timesOf(done, name)) ?? typicalMs[name] ?? 0;
  const all = groups.flat();
  const moves = all.flatMap((one) => (one.type === 'vswitch' ? [one] : []));
  const copied = Math.max(0, ...moves.map(({ vswitch }) => rulesOf(vswitch)));
  const copying = Math.max(phase('clone'), copied / rulesPerMs(done));
  const moving = groups.map((group) => {
    const [first] = group;
    if (first?.type !== 'host') {
      const frozenOnes = group.filter((one) => one.type === 'vswitch' && one.strategy === 'freeze');
      const empties = frozenOnes.some((one) => one.type === 'vswitch' && one.emptiesFirst);
      const stops = phase('freeze') + copying + (empties ? phase('empty') : 0);
      const frozen = frozenOnes.length > 0 ? stops : 0;
      return Math.max(frozen, phase('handOver') + phase('drain')) + phase('move');
    }
    // Ways are led one after the other, and drivers run side by side.
    const runs = group.map((one) => (one.type === 'host' ? driverMs(hosts, one.driver) : 0));
    const led = hostPhase(hosts, 'open') + hostPhase(hosts, 'close');
    return group.length * led + Math.max(0, ...runs);
  });
  const prepared = moves.length === 0 ? 0 : phase('tunnels') + copying + phase('retire');
  return {
    ms: Math.round(prepared + sum(moving)),
    by: done.length + hosts.length,
    byPerson: all.filter((one) => one.type === 'host' && one.driver === 'manual').length,
  };
}

/** Of one that moves alone by LIME. */
export interface MoveTime {
  /** From its first state to its last. */
  readonly ms: number;
  /** For so long what enters at the old body is led to the new one. */
  readonly ledMs: number;
}

export function moveTimeOf(
  move: Move & { readonly type: 'vswitch' },
  rules: number,
  remembered: Remembered,
): MoveTime {
  const done = remembered.migrations.filter(({ state }) => state.type === 'done');
  const led = (['handOver', 'move', 'drain'] as const).map((name) => {
    return middle(timesOf(done, name)) ?? typicalMs[name] ?? 0;
  });
  const { ms } = estimateOf([[move]], () => rules, remembered);
  return { ms, ledMs: Math.round(sum(led)) };
}

/** In order, what is over before nothing of a vswitch needs its old datapath any more. */
const untilAway: Readonly<Record<Strategy, readonly PhaseName[]>> = {
  lime: ['tunnels', 'clone', 'handOver', 'move', 'drain'],
  freeze: ['tunnels', 'freeze', 'copy', 'move'],
};

/** What is remembered, and how long the datapath that is left takes to answer, if that is long. */
export interface Leaves extends Pick<Remembered, 'migrations'> {
  readonly answerMs?: number;
  /** Whether canaries show what is in force there: each of their flips takes an answer. */
  readonly isByCanary?: boolean;
}

/**
 * Acknowledgements that wait for each other until it is away: ways are made, used and broken, and
 * once more as ports move; each of so many answers.
 */
const acknowledged: Readonly<Record<Strategy, number>> = { lime: 8, freeze: 7 };
const answersOf = (isByCanary: boolean): number => (isByCanary ? 16 : 4);

/** How long it will take until one that moves alone needs its old datapath no more. */
export function awayMs(
  strategy: Strategy,
  rules: number,
  { migrations, answerMs = 0, isByCanary = true }: Leaves,
): number {
  const done = migrations.filter(({ state }) => state.type === 'done');
  const copying = rules / rulesPerMs(done);
  const times = untilAway[strategy].map((name) => {
    const typical = middle(timesOf(done, name)) ?? typicalMs[name] ?? 0;
    return name === 'clone' || name === 'copy' ? Math.max(typical, copying) : typical;
  });
  const slowMs = answerMs * acknowledged[strategy] * answersOf(isByCanary);
  return Math.round(sum(times) + slowMs);
}

function timesOf(
  all: readonly Pick<Migration | HostMove, 'phases'>[],
  name: string,
): readonly number[] {
  return all.flatMap(({ phases }) =>
    phases.filter((one) => one.name === name).map(({ startedMs, endedMs }) => endedMs - startedMs),
  );
}

function hostPhase(hosts: readonly HostMove[], name: 'open' | 'close'): number {
  return middle(timesOf(hosts, name)) ?? typicalHostMs[name];
}

/** A person takes as long as it takes. */
function driverMs(hosts: readonly HostMove[], driver: HostMove['driver']): number {
  if (driver === 'manual') return 0;
  const own = hosts.filter((one) => one.driver === driver);
  return middle(timesOf(own, 'run')) ?? typicalHostMs.run;
}

/** By those that had many, so that acknowledgements do not count. */
function rulesPerMs(done: readonly Migration[]): number {
  const many = done.filter(({ rules = 0 }) => rules >= 1_000);
  const ms = sum(timesOf(many, 'clone'));
  return ms === 0 ? RULES_PER_MS : sum(many.map(({ rules = 0 }) => rules)) / ms;
}

function middle(times: readonly number[]): number | undefined {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function sum(all: readonly number[]): number {
  return all.reduce((one, other) => one + other, 0);
}
