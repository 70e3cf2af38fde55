/** Migrations that begin while a simulation runs: one, or several that overlap. */
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { migrateMember } from '../../hypervisor/operator/control-members.ts';
import { migrateAsked } from '../../hypervisor/operator/control-migration.ts';
import type { EnsembleEvent } from '../../hypervisor/operator/migration-asked.ts';
import type { PhysicalEnd } from '../../slices/config/config.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { isBig } from '../../slices/network/members.ts';
import type { AskedStrategy } from '../../translation/migration/migration.ts';
import { planMigration } from '../../translation/migration/plan.ts';
import type { HostPlaces } from './host-moves.ts';
import type { Machine } from './mortal.ts';
import type { SimWorld } from './world.ts';

/** Of several that overlap: a migration takes about a second. */
const WITHIN_MS = 400;
/** One of so many is taken back while it runs. */
const UNDONE = 6;
const UNDO_WITHIN_MS = 1_200;
/** Moves of members that are asked for; one that finds another under way is refused. */
const MEMBERS = 3;
const ENDED_WITHIN_MS = 5_000;
const MEMBERS_WITHIN_MS = 1_800;
const PARTS = 8;
const PARTS_WITHIN_MS = 2_200;

/** Starts a random migration; why not, when it cannot be. */
export function migrate(
  world: SimWorld,
  hypervisor: Hypervisor,
  wanted?: string,
  asked: AskedStrategy = 'lime',
  probe = false,
): readonly string[] {
  const pick = <T>(items: readonly T[]): T | undefined =>
    items[Math.floor(world.random() * items.length)];
  const runtimes = hypervisor.runtimes();
  const runtime = wanted
    ? hypervisor.runtime(wanted as VswitchName)
    : pick(runtimes.filter((one) => hypervisor.executor.activeOf(one.vswitch.name) === undefined));
  if (runtime === undefined) return [];
  // As who asks is told (hypervisor/operator/control-hosts.ts).
  if (hypervisor.hostMoves.activeIn(runtime.vswitch.tenant) !== undefined) return [];
  if (hypervisor.applying.whyNotMoved(runtime.vswitch.name) !== undefined) return [];
  const { bodies } = runtime.placement;
  const to = pick(hypervisor.datapaths().filter((one) => !bodies.includes(one.name)));
  // What "auto" becomes is an ensemble's affair.
  const strategy = asked === 'auto' ? 'lime' : asked;
  const { name } = runtime.vswitch;
  const now = {
    tables: runtime,
    tablesOf: (name: VswitchName) => hypervisor.runtime(name),
    isReady: (name: DatapathName) => hypervisor.datapath(name).isReady,
    isUp: (end: PhysicalEnd) => hypervisor.datapath(end.device).isPortUp(end.port),
    underWay: undefined,
  };
  const how = probe ? { probe } : {};
  const plan = planMigration(hypervisor.snapshot(), name, to?.name ?? '', strategy, now, how);
  if (plan.type === 'problems') return [plan.problems.join('; ')];
  hypervisor.executor.start(runtime.vswitch, plan.from, plan.to, strategy, how);
  return [];
}

/**
 * Members of big switches move, at random moments of the next seconds; one of some is taken back
 * while it joins.
 */
export function moveMembers(world: SimWorld, machine: Machine): void {
  const pick = <T>(items: readonly T[]): T | undefined =>
    items[Math.floor(world.random() * items.length)];
  const begin = (): void => {
    if (!machine.isRunning) return;
    const { hypervisor } = machine;
    const { vswitches, datapaths } = hypervisor.snapshot();
    const vswitch = pick([...vswitches.values()].filter(isBig));
    if (vswitch === undefined) return;
    const { name, members } = vswitch;
    const to = pick([...datapaths.keys()].filter((one) => !members.includes(one)));
    const from = pick(members);
    const asked = { names: [name], to: [to ?? ''], from: from ?? '', isDry: false };
    migrateMember(hypervisor, asked, {
      result: () => undefined,
      event({ id, state }) {
        if (state.type !== 'join' || world.random() * UNDONE > 1) return;
        hypervisor.applying.memberMoves.undo(id, 'for the test');
      },
    });
  };
  for (let i = 0; i < MEMBERS; i += 1) world.after(world.random() * MEMBERS_WITHIN_MS, begin);
}

/**
 * Vswitches get second bodies with a part of their rules, to which a host moves afterwards, or some
 * as one migration with the body; and give up either, at random moments of the next seconds.
 */
export function cloneParts(world: SimWorld, machine: Machine, places: HostPlaces): void {
  const pick = <T>(items: readonly T[]): T | undefined =>
    items[Math.floor(world.random() * items.length)];
  const begin = (): void => {
    if (!machine.isRunning) return;
    const { hypervisor } = machine;
    const { vswitches, datapaths, placements } = hypervisor.snapshot();
    const vswitch = pick([...vswitches.values()]);
    if (vswitch === undefined) return;
    const { name, members } = vswitch;
    const { bodies = [] } = placements.get(name) ?? {};
    const from = pick(members);
    const isJoin = from === undefined || world.random() < 0.3;
    const to = pick([...datapaths.keys()].filter((one) => !bodies.includes(one))) ?? '';
    const together = isJoin && world.random() < 0.5 ? places.onto(hypervisor, name, to) : [];
    if (together.length > 0) {
      clonePartFor(world, machine, name, to, together);
      return;
    }
    const how = isJoin ? { to: [to], isPartial: true } : { to: [], from };
    migrateMember(
      hypervisor,
      { names: [name], isDry: false, ...how },
      {
        result({ member }) {
          if (isJoin && member !== undefined) places.follow(machine, name, to);
        },
        event({ id, state }) {
          if (state.type !== 'join' || world.random() * UNDONE > 1) return;
          hypervisor.applying.memberMoves.undo(id, 'for the test');
        },
      },
    );
  };
  for (let i = 0; i < PARTS; i += 1) world.after(world.random() * PARTS_WITHIN_MS, begin);
}

/** As one migration; some are taken back while they run. */
function clonePartFor(
  world: SimWorld,
  machine: Machine,
  name: string,
  on: string,
  hosts: ReturnType<HostPlaces['onto']>,
): void {
  const asked = {
    names: [name, ...hosts.map(({ host }) => host)],
    to: [on, ...hosts.map(({ host, end }) => `${host}=${end}`)],
    ...{ drivers: ['exec'], isPartial: true, isDry: false, isWatched: false },
    strategy: 'lime' as const,
    groupMax: 1 + Math.floor(world.random() * 2),
  };
  migrateAsked(machine.hypervisor, asked, {
    ...{ result: () => undefined, error: () => undefined, onGone: () => undefined },
    event(value) {
      const { ensemble } = value as EnsembleEvent;
      if (ensemble === undefined || world.random() * UNDONE > 1) return;
      machine.hypervisor.executor.undo(ensemble.id, 'for the test');
    },
  });
}

/** What is being applied has ended. */
export function untilMoved(world: SimWorld, { applying }: Hypervisor): void {
  const endMs = world.now + ENDED_WITHIN_MS;
  while (applying.underWay !== undefined && world.now < endMs) world.runUntil(world.now + 50);
}

/**
 * Some at once, two or more of which in one turn, and the others at random moments soon after;
 * `tell` hears why one cannot begin.
 */
export function migrateSome(
  world: SimWorld,
  machine: Machine,
  most: number,
  tell: (problems: readonly string[]) => void,
): void {
  const begin = (): void => {
    if (!machine.isRunning) return;
    const { hypervisor } = machine;
    tell(migrate(world, hypervisor));
    const active = hypervisor.executor.all().at(-1);
    if (active === undefined || world.random() * UNDONE > 1) return;
    world.after(world.random() * UNDO_WITHIN_MS, () => {
      if (machine.isRunning) machine.hypervisor.executor.undo(active.id, 'for the test');
    });
  };
  const count = 2 + Math.floor(world.random() * (most - 1));
  const atOnce = 2 + Math.floor(world.random() * (count - 1));
  for (let i = 0; i < count; i += 1) {
    world.after(i < atOnce ? 0 : world.random() * WITHIN_MS, begin);
  }
}
