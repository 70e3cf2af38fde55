/**
 * One run from a seed: tenants that change everything all the time, switches that refuse, fill up,
 * answer late and lie, migrations, undos, kills. After each of several rounds everybody is left in
 * peace, and then:
 *
 *   - each switch holds exactly what the books and the placements say, and nothing else;
 *   - the books hold what the tenants were not told was refused, and nothing else.
 *
 * A switch that is only full is never hung up on: its other tenants would lose it, too.
 */
import { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { Log } from '../../hypervisor/world/log.ts';
import { version } from '../../openflow/values/constants.ts';
import { readConfig } from '../../slices/config/config.ts';
import type { StoreSync } from '../../slices/config/values.ts';
import { limits } from '../../slices/limits.ts';
import { isOver, type Migration } from '../../translation/migration/migration.ts';
import type { FakeDisk } from '../support/fake-disk.ts';
import { failing } from '../support/faults.ts';
import { startEnsemble, untilEnded, whatIsHalf } from './ensembles.ts';
import { calm, type Lie, type Mood, MoodySwitch } from './moody-switch.ts';
import { type Birth, DEAD_MS, Machine } from './mortal.ts';
import { missingIn, promisedTo, wrongIn } from './refusals-oracle.ts';
import { Tenant } from './refusals-tenant.ts';
import { SimWorld } from './world.ts';

export interface RefusalOptions {
  readonly seed: number;
  readonly kind: 'random' | 'full' | 'deletes' | 'lies';
  readonly old?: 'none' | 'some' | 'all';
  readonly kills?: boolean;
  /** Whether several vswitches move as one, now and then. */
  readonly ensembles?: boolean;
  /** Whether what Limevisor sends into cables comes out of them. */
  readonly cables?: 'silent' | 'whole';
  /** Whether the disk of the hypervisor's machine fills up, or fails. */
  readonly disk?: 'sound' | 'full' | 'fails';
  /** In the background: then the process is killed without its machine. */
  readonly sync?: StoreSync;
}

export interface RefusalResult {
  readonly troubles: readonly string[];
  readonly refused: number;
  /** Errors that tenants were told. */
  readonly told: number;
  /** How often the disk has ended the process. */
  readonly failures: number;
  readonly migrations: readonly string[];
  readonly events: number;
}

const NAMES = ['s1', 's2', 's3'] as const;
/** A switch by its place, and a port of it. */
type End = readonly [place: number, port: number];
const links: readonly (readonly [End, End])[] = [
  [
    [0, 3],
    [1, 3],
  ],
  [
    [1, 4],
    [2, 4],
  ],
];
const CABLE_MS = 2;
const ROUNDS = 3;
const BUSY_MS = 900;
const PEACE_MS = 60_000;
const SETTLED_MS = 2_000;
/**
 * Where cables are silent each drain gives its markers up: one that goes on, and both of one that
 * is taken back, the ways in and those out. Each vswitch may be a group of its own.
 */
const ENSEMBLE_MS = 4 * limits.ensembleTriesMax * 3 * limits.drainTimeoutMs;
const lies: readonly Lie[] = ['afterBarrier', 'otherXid', 'unknownXid', 'reset'];

const tree = {
  datapaths: Object.fromEntries(
    NAMES.map((name, i) => [name, { dpid: String(i + 1), ack: 'settle 5ms' }]),
  ),
  links: links.map(([one, other]) => `${endText(one)} - ${endText(other)}`),
  tenants: Object.fromEntries(
    ['red', 'blue'].map((name, i) => [
      name,
      {
        controllers: [`tcp:127.0.0.1:${6661 + i}`],
        vswitches: { v1: { dpid: '1', on: 's1' }, v2: { dpid: '2', on: i === 0 ? 's2' : 's1' } },
        hosts: {
          h1: { port: 'v1:1', at: `s1:${11 + i}` },
          h2: { port: 'v2:1', at: `s2:${11 + i}` },
        },
        links: ['v1:2 - v2:2'],
      },
    ]),
  ),
};

function endText([place, port]: End): string {
  return `${NAMES[place]}:${port}`;
}

/** What Limevisor hung up for because a switch did not go back to what it is to hold. */
function distrustIn(said: string[]): Log {
  const note = ({ why }: Parameters<Log['warn']>[0]): void => {
    if (typeof why === 'string' && why.includes('refused to restore')) said.push(why);
  };
  return { info: note, warn: note, error: note };
}

export function runRefusals(options: RefusalOptions): RefusalResult {
  const { seed, kind, old = 'none' } = options;
  const world = new SimWorld(seed);
  const distrust: string[] = [];
  const machine = machineIn(world, distrustIn(distrust), options.sync);
  const tenants = ['red', 'blue'].map(
    (_, i) => new Tenant(world, 6661 + i, old === 'none', kind === 'deletes'),
  );
  machine.start();
  const switches = NAMES.map((_, i) => {
    const isOld = old === 'all' || (old === 'some' && i !== 0);
    const speaks = isOld ? version.of10 : version.of13;
    return new MoodySwitch(world, BigInt(i + 1), speaks, [3, 4, 11, 12]);
  });
  if (options.cables === 'whole') plug(world, switches);
  world.runUntil(1_000);
  const troubles: string[] = [];
  for (let round = 0; round < ROUNDS && troubles.length === 0; round++) {
    upset(world, switches, options);
    const lost = live(world, machine, tenants, options);
    // Those that were refused mostly for lack of room stay so; what is whim ends.
    world.runUntil(world.now + 500);
    for (const one of switches) soothe(one);
    mend(machine);
    world.runUntil(world.now + PEACE_MS);
    const peaceMs = world.now;
    untilEnded(world, machine.hypervisor, ENSEMBLE_MS);
    // What an end of a moment ago has begun: cached flows are looked at anew.
    if (world.now > peaceMs) world.runUntil(world.now + SETTLED_MS);
    const { executor } = machine.hypervisor;
    const half = whatIsHalf(executor.ensembles.all, executor.all());
    const hungUp = kind === 'full' ? distrust : [];
    const wrong = [...lost, ...half, ...hungUp, ...wrongIn(machine.hypervisor, switches, tenants)];
    troubles.push(...wrong.map((one) => `round ${round}: ${one}`));
  }
  const told = tenants
    .flatMap((one) => [...one.sessions.values()])
    .reduce((sum, one) => sum + one.errors.size, 0);
  const refused = switches.reduce((sum, one) => sum + one.refused, 0);
  const migrations = machine.hypervisor.executor.all().map(moveText);
  const { failures } = machine;
  return { troubles, refused, told, failures, migrations, events: world.events };
}

/** Cables that delay, and keep their order. */
function plug(world: SimWorld, switches: readonly MoodySwitch[]): void {
  const lead = ([from, port]: End, [to, toPort]: End): void => {
    let lastMs = 0;
    switches[from]?.cables.set(port, (frame) => {
      lastMs = Math.max(lastMs, world.now + world.random() * CABLE_MS);
      world.at(lastMs, () => switches[to]?.take(toPort, frame));
    });
  };
  for (const [one, other] of links) {
    lead(one, other);
    lead(other, one);
  }
}

function machineIn(world: SimWorld, log: Log, sync: StoreSync | undefined): Machine {
  const read = readConfig(tree, []);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  const { config } = read;
  const make = (birth: Birth): Hypervisor => {
    const hypervisor = new Hypervisor({ ...birth, config, log, onFault: failing });
    hypervisor.start();
    return hypervisor;
  };
  return new Machine(world, make, 0, sync);
}

/** A busy while; what a start did not find of what barriers had acknowledged. */
function live(
  world: SimWorld,
  machine: Machine,
  tenants: readonly Tenant[],
  options: RefusalOptions,
): readonly string[] {
  const { kills = false, disk = 'sound' } = options;
  const lost: string[] = [];
  for (const tenant of tenants) tenant.isBusy = true;
  const endMs = world.now + BUSY_MS;
  while (world.now < endMs) {
    world.runUntil(world.now + world.random() * 150);
    if (!machine.isRunning) continue;
    if (disk !== 'sound') spoil(world, machine.disk, disk);
    move(world, machine.hypervisor, options.ensembles === true);
    if (!kills || world.random() > 0.1) continue;
    const promised = promisedTo(machine.hypervisor, tenants);
    machine.kill();
    world.runUntil(world.now + DEAD_MS);
    machine.start();
    // Its rules are loaded before anybody can have connected.
    world.runUntil(world.now);
    if (options.kind !== 'lies') lost.push(...missingIn(machine.hypervisor, promised));
  }
  for (const tenant of tenants) tenant.isBusy = false;
  return lost;
}

/** The disk fills up for a while, or fails now and then. */
function spoil(world: SimWorld, disk: FakeDisk, how: 'full' | 'fails'): void {
  const { capacity, size } = disk;
  if (how === 'full') {
    const isFull = capacity !== Number.POSITIVE_INFINITY;
    disk.capacity = isFull ? Number.POSITIVE_INFINITY : size + Math.floor(world.random() * 2_000);
  } else if (world.random() < 0.1) {
    disk.fails = (operation) => {
      return ['write', 'sync'].includes(operation) && world.random() < 0.2 ? 'EIO' : undefined;
    };
  }
}

function mend({ disk }: Machine): void {
  disk.capacity = Number.POSITIVE_INFINITY;
  disk.fails = () => undefined;
}

function moveText({ vswitch, from, to, state }: Migration): string {
  return `${vswitch} ${from}->${to} ${state.type}`;
}

/** Gives every switch a mood of its own. */
function upset(world: SimWorld, switches: readonly MoodySwitch[], { kind }: RefusalOptions): void {
  for (const one of switches) {
    const some = (): number => (world.random() < 0.5 ? 0 : world.random() * 0.2);
    const refuses: Mood['refuses'] = {
      add: some(),
      modify: some(),
      delete: kind === 'deletes' ? some() : 0,
      guard: some(),
      group: some(),
      meter: some(),
    };
    const lie = lies[Math.floor(world.random() * lies.length)] ?? 'none';
    const isLiar = kind === 'lies' && world.random() < 0.7;
    const lateMs = world.random() < 0.5 ? 0 : world.random() * 40;
    one.mood = {
      refuses: kind === 'full' ? calm.refuses : refuses,
      lateMs,
      lie: isLiar ? lie : 'none',
    };
    if (kind !== 'full') continue;
    const { tables } = one;
    tables.room.flows = tables.entries.length + Math.floor(world.random() * 12);
    tables.room.groups = tables.groups.size + Math.floor(world.random() * 2);
    tables.room.meters = tables.meters.size + Math.floor(world.random() * 2);
  }
}

function soothe(one: MoodySwitch): void {
  one.mood = calm;
  Object.assign(one.tables.room, { flows: 10_000, groups: 10_000, meters: 10_000 });
}

/** Begins a migration, or takes one back. */
function move(world: SimWorld, hypervisor: Hypervisor, ofEnsembles: boolean): void {
  const { executor } = hypervisor;
  const pick = <T>(items: readonly T[]): T | undefined =>
    items[Math.floor(world.random() * items.length)];
  if (ofEnsembles && world.random() < 0.5) {
    startEnsemble(world, hypervisor);
    return;
  }
  const running = pick(executor.all().filter((one) => !isOver(one)));
  if (running !== undefined && world.random() < 0.15) executor.undo(running.id, 'at random');
  const runtime = pick(
    hypervisor.runtimes().filter((one) => executor.activeOf(one.vswitch.name) === undefined),
  );
  if (runtime === undefined || world.random() < 0.3) return;
  const from = runtime.placement.primary;
  const to = pick(hypervisor.datapaths().filter((one) => one.name !== from && one.isReady));
  if (to === undefined || !hypervisor.datapath(from).isReady || runtime.whyDown() !== undefined)
    return;
  executor.start(runtime.vswitch, from, to.name, world.random() < 0.8 ? 'lime' : 'freeze');
}
