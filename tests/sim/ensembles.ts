/**
 * Random ensembles in simulations: some vswitches, of one tenant or of both, move together, and are
 * taken back now and then. In the end each is whole: all of it has moved, or nothing.
 */
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { ensembleCircumstancesOf, knownTargets } from '../../hypervisor/operator/control-drain.ts';
import { isSameEnd } from '../../slices/ids.ts';
import { atOnce } from '../../slices/steps.ts';
import {
  type Ensemble,
  isEnded,
  type Move,
  vacatingOf,
} from '../../translation/migration/ensemble.ts';
import { planEnsemble } from '../../translation/migration/ensemble-plan.ts';
import type { HostMove } from '../../translation/migration/host-move.ts';
import type { MemberMigration } from '../../translation/migration/member-states.ts';
import {
  type AskedStrategy,
  isOver,
  type Migration,
} from '../../translation/migration/migration.ts';
import { movesOf } from '../../translation/migration/wanted-moves.ts';
import type { HostPlaces } from './host-moves.ts';
import type { SimWorld } from './world.ts';

/** For so long each may take. */
export const ENSEMBLE_MS = 4_500;

/** Starts one, with some hosts where these can move; why not, when it cannot be. */
export function migrateTogether(
  world: SimWorld,
  hypervisor: Hypervisor,
  strategy: AskedStrategy,
  places?: HostPlaces,
): readonly string[] {
  const pick = <T>(items: readonly T[]): T | undefined =>
    items[Math.floor(world.random() * items.length)];
  const snapshot = hypervisor.snapshot();
  const free = [...snapshot.vswitches.values()].filter(
    ({ name }) => hypervisor.executor.activeOf(name) === undefined,
  );
  const tenant = world.random() < 0.7 ? pick(free)?.tenant : undefined;
  const names = free
    .filter((one) => (tenant ?? one.tenant) === one.tenant && world.random() < 0.8)
    .map(({ name }) => name);
  const some = [...snapshot.datapaths.keys()];
  const to = names.flatMap((name) => {
    const on = snapshot.placements.get(name)?.bodies ?? [];
    const target = pick(some.filter((one) => !on.includes(one)));
    return target === undefined || world.random() < 0.3 ? [] : [`${name}=${target}`];
  });
  const hosts = places?.some(hypervisor, tenant) ?? [];
  const drivers = hosts.length > 0 ? ['exec'] : [];
  const all = { names: [...names, ...hosts.map(({ host }) => host)], drivers };
  const targets = [...to, ...hosts.map(({ host, end }) => `${host}=${end}`)];
  const found = movesOf(snapshot, { ...all, to: targets }, knownTargets(hypervisor));
  if ('problems' in found) return found.problems;
  if (found.moves.length + found.hosts.length === 0) return ['nobody is free'];
  const options = {
    what: names.join(' '),
    strategy,
    groupMax: 1 + Math.floor(world.random() * 3),
  };
  const now = ensembleCircumstancesOf(hypervisor);
  const plan = atOnce(planEnsemble(snapshot, found, options, now));
  if (plan.type === 'problems') return plan.problems;
  const { what, groups, steps } = plan;
  const parts = { what, groups, plan: steps, ...vacatingOf(plan) };
  const { id } = hypervisor.executor.ensembles.start(parts);
  if (world.random() < 0.3) {
    world.after(world.random() * 1_500, () => void hypervisor.executor.undo(id, 'at random'));
  }
  return [];
}

/** Ensembles and single moves: each takes a second, and a datapath that is away is waited for. */
export function untilEnded(
  world: SimWorld,
  { executor }: Hypervisor,
  longestMs = LONGEST_MS,
): void {
  const lastMs = world.now + longestMs;
  const isOn = (): boolean =>
    ![...executor.ensembles.all.values()].every(isEnded) || !executor.all().every(isOver);
  while (isOn() && world.now < lastMs) world.runUntil(world.now + 500);
}

const LONGEST_MS = 40_000;

/** Of all that are free and there, without a plan: switches refuse what no plan can know. */
export function startEnsemble(world: SimWorld, hypervisor: Hypervisor): void {
  const { executor } = hypervisor;
  const ready = hypervisor.datapaths().filter(({ isReady }) => isReady);
  const moves = hypervisor.runtimes().flatMap((runtime): readonly Move[] => {
    const { primary: from } = runtime.placement;
    const isFree =
      executor.activeOf(runtime.name) === undefined &&
      runtime.whyDown() === undefined &&
      ready.some(({ name }) => name === from);
    const others = ready.filter(({ name }) => name !== from);
    const to = others[Math.floor(world.random() * others.length)];
    if (!isFree || to === undefined || world.random() < 0.3) return [];
    const strategy = world.random() < 0.6 ? 'lime' : 'freeze';
    const emptiesFirst = strategy === 'freeze' && world.random() < 0.5;
    const how = { strategy, ...(emptiesFirst && { emptiesFirst }) } as const;
    return [{ type: 'vswitch', vswitch: runtime.name, from, to: to.name, ...how }];
  });
  if (moves.length === 0) return;
  const groups = world.random() < 0.5 ? [moves] : moves.map((move) => [move]);
  const { id } = executor.ensembles.start({ what: 'some', groups, plan: [] });
  if (world.random() < 0.2) {
    world.after(world.random() * 800, () => void executor.undo(id, 'at random'));
  }
}

export interface EnsemblesSeen {
  /** Ensembles that have not ended as a whole. */
  readonly half: readonly string[];
  /** How those ended that have. */
  readonly ended: readonly string[];
}

export function ensemblesOf({ executor, hostMoves, applying }: Hypervisor): EnsemblesSeen {
  const { all } = executor.ensembles;
  const ended = [...all.values()].map(({ state }) => state.type);
  const torn = [...all.values()].flatMap((one) => [
    ...whatIsTorn(one, hostMoves.all()),
    ...whatIsLeft(one, applying.memberMoves.all()),
  ]);
  return { half: [...whatIsHalf(all, executor.all()), ...torn], ended };
}

/** Hosts of one that has ended that are not there when it is done, else not where they were. */
export function whatIsTorn(
  { id, state, members }: Ensemble,
  moves: readonly HostMove[],
): readonly string[] {
  const exceptions = 'exceptions' in state ? (state.exceptions ?? []) : [];
  return members.flatMap(({ move }) => {
    if (move.type !== 'host' || !isEnded({ state } as Ensemble)) return [];
    if (exceptions.some((text) => text.startsWith(`${move.host} `))) return [];
    const own = moves.filter((one) => one.ensemble === id && one.host === move.host);
    const arrived = own.filter((one) => one.state.type === 'done').at(-1);
    const isThere = arrived !== undefined && isSameEnd(arrived.to, move.to);
    if (isThere === (state.type === 'done')) return [];
    return [`ensemble ${id} is ${state.type}, ${move.host} is ${isThere ? '' : 'not '}there`];
  });
}

/** The body that has joined for one that has ended is there when it is done, and not otherwise. */
export function whatIsLeft(one: Ensemble, moves: readonly MemberMigration[]): readonly string[] {
  const { id, joins, state } = one;
  if (joins === undefined || !isEnded(one)) return [];
  const { vswitch, on } = joins;
  if ('exceptions' in state && state.exceptions?.some((text) => text.startsWith(vswitch)))
    return [];
  const own = moves.filter((it) => {
    const isIts = it.vswitch === vswitch && (it.to === on || it.from === on);
    return isIts && it.id > id && it.stateSinceMs <= one.stateSinceMs && it.state.type === 'done';
  });
  const isThere = own.at(-1)?.to === on;
  if (isThere === (state.type === 'done')) return [];
  return [
    `ensemble ${id} is ${state.type}, and the body on ${on} is ${isThere ? '' : 'not '}there`,
  ];
}

/** What is not whole, in words: one that has not ended, or a member that is not as the others. */
export function whatIsHalf(
  ensembles: ReadonlyMap<number, Ensemble>,
  migrations: readonly Migration[],
): readonly string[] {
  return [...ensembles.values()].flatMap((one) => {
    if (!isEnded(one)) return [`ensemble ${one.id} stands in "${one.state.type}"`];
    const open = migrations.filter((it) => it.ensemble === one.id && !isOver(it));
    if (open.length > 0)
      return open.map((it) => `${it.vswitch} is not over, ensemble ${one.id} is`);
    const members = one.members.flatMap((member) =>
      'migration' in member ? [migrations.find((it) => it.id === member.migration)] : [],
    );
    const exceptions = 'exceptions' in one.state ? (one.state.exceptions ?? []) : [];
    return members.flatMap((member) => {
      if (exceptions.some((text) => text.startsWith(`${member?.vswitch} `))) return [];
      if (member?.state.type === one.state.type) return [];
      return [`ensemble ${one.id} is ${one.state.type}, ${member?.vswitch} ${member?.state.type}`];
    });
  });
}
