/**
 * One simulated run from a seed: a random network, two tenants, random migrations, and what was
 * found. The hypervisor is the product's own, unchanged.
 */

import { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { Guard } from '../../hypervisor/tenant/single-body.ts';
import type { Log } from '../../hypervisor/world/log.ts';
import type { MemberMigration } from '../../translation/migration/member-states.ts';
import {
  type AskedStrategy,
  isOver,
  type Migration,
} from '../../translation/migration/migration.ts';
import { failing } from '../support/faults.ts';
import { mustAgree, runLooking } from './agreement.ts';
import { Files } from './applies.ts';
import {
  type Behaviour,
  learning,
  type Progress,
  startController,
  versions,
} from './controllers.ts';
import { failoverOf, mustBeWhole } from './cuts.ts';
import {
  ENSEMBLE_MS,
  type EnsemblesSeen,
  ensemblesOf,
  migrateTogether,
  untilEnded,
} from './ensembles.ts';
import { fill } from './fills.ts';
import { HostPlaces } from './host-moves.ts';
import { type Findings, Journal } from './hosts.ts';
import { hangUp, listening, type SaidOfLinks, untilUp } from './links.ts';
import { type Birth, Machine } from './mortal.ts';
import { cloneParts, migrate, migrateSome, moveMembers, untilMoved } from './moves.ts';
import { configTree, type Network, randomNetwork, type Shape, tenants } from './networks.ts';
import { Ovsdbs, someOf, untilLaid } from './ovsdbs.ts';
import type { Frame } from './pipeline.ts';
import { type Plugged, plug } from './plugged.ts';
import type { SimSwitch } from './switch.ts';
import type { Trace } from './trace.ts';
import { ways } from './ways.ts';
import { SimWorld } from './world.ts';

export interface Options {
  readonly seed: number;
  readonly guard?: Guard;
  /** Which of the datapaths speak OpenFlow 1.0: none, about half, all. */
  readonly old?: 'none' | 'some' | 'all';
  /** Drops the hypervisor at a random moment of the first migration, and starts another. */
  readonly crash?: boolean;
  /** Red's controller, if it is not the one whose versions grow. */
  readonly red?: Behaviour;
  /** The vswitch that moves first; red/v3 if not said. */
  readonly first?: string;
  /** How vswitches move; by LIME if not said. */
  readonly strategy?: AskedStrategy;
  /** Whether loss is measured meanwhile. */
  readonly probe?: boolean;
  /** With which tags of its own red's first host asks; with none if not said. */
  readonly tags?: readonly Frame['tags'][];
  /** For up to so long a switch's cached flows are old after its barrier; LIE_MS if not said. */
  readonly lieMs?: number;
  /** What the network is like; drawn as it always was if not said. */
  readonly shape?: Shape;
  /** How many migrations begin; two if not said. */
  readonly moves?: number;
  /** Whether flows of virtual links are spread over equal paths. */
  readonly isSpread?: boolean;
  /** Of each move, how many migrations begin at once at most; one after the other if not said. */
  readonly together?: number;
  /** The longest that a frame is on a cable. */
  readonly cableMs?: number;
  /** How long it takes at most until a turn of the hypervisor follows on another. */
  readonly turnMs?: number;
  /** Whether the clocks of the hypervisor's machine jump, now and then. */
  readonly clocksStep?: boolean;
  /** Whether other files are applied all the time (applies.ts). */
  readonly applies?: boolean;
  /** Whether hosts move, too (host-moves.ts). */
  readonly hostMoves?: boolean;
  /** Whether members of big switches move, too. */
  readonly memberMoves?: boolean;
  /** Whether vswitches are cloned in part, for hosts that move, and nothing else moves. */
  readonly partial?: boolean;
  /** Whether about half of the links are tunnels that are to be laid (ovsdbs.ts). */
  readonly tunnels?: boolean;
  /** Cables that are cut while each migration runs, and are whole again some time later. */
  readonly cuts?: number;
  /** Whether a switch hangs up then, and comes back. */
  readonly hangsUp?: boolean;
  /** How many paths are beside each. */
  readonly backups?: number;
  /** Two cables have each the other's second end, whatever the file says. */
  readonly swaps?: boolean;
  /** Switches hang up, now and then. */
  readonly hangUps?: boolean;
  /** How long it may take at the end until all links are up; not looked at if not said. */
  readonly linksUpMs?: number;
  /** Several vswitches move at a time, as one migration (ensembles.ts). */
  readonly ensembles?: boolean;
  /** While something moves some switch has no room for rules of vswitches that are not there. */
  readonly fills?: boolean;
  /** What red's hosts see is told to it. */
  readonly trace?: Trace;
  /** Whom red's first host asks; the second if not said. */
  readonly asks?: readonly number[];
  /** How often hosts ask. */
  readonly askMs?: number;
  /** How far the versions of `red` have come, where it is not the one that is usual. */
  readonly progress?: Progress;
}

export interface Result extends SaidOfLinks, EnsemblesSeen {
  readonly seed: number;
  readonly hash: number;
  readonly events: number;
  readonly findings: Findings;
  readonly lost: Readonly<Record<'red' | 'blue', number>>;
  readonly sent: number;
  readonly journal: Journal;
  readonly migrations: readonly Migration[];
  /** Problems that kept a planned migration from starting. */
  readonly refused: readonly string[];
  /** What red's controller received after the start, besides barrier replies. */
  readonly redSaw: readonly string[];
  /** Of hosts that moved: how, and what is not as it should be. */
  readonly hosts: Pick<HostPlaces, 'counts' | 'refused' | 'missed'> & {
    readonly troubles: readonly string[];
  };
  /** Moves of members, and what is not as the file says of tunnels. */
  readonly members: readonly MemberMigration[];
  readonly laying: readonly string[];
  /** Which files were applied, why others were not, and what switches held afterwards. */
  readonly files: Pick<
    Files,
    'applied' | 'takenBack' | 'unapplied' | 'looked' | 'wrong' | 'isCutShort'
  >;
}

const LIE_MS = 10;
const ASK_MS = 3;
const START_MS = 1_500;
/** Where turns take time, until all is wired and tenants' rules are there. */
const SLOW_START_MS = 5_000;
const startMs = ({ turnMs = 0 }: Options): number => (turnMs > 0 ? SLOW_START_MS : START_MS);
const MOVE_MS = 2_500;
/** Of several at once. */
const MOVES_MS = 4_000;
const moveMs = ({ together = 1, ensembles = false }: Options): number =>
  ensembles ? ENSEMBLE_MS : together === 1 ? MOVE_MS : MOVES_MS;
const MOVES = 2;
const DRAIN_MS = 2_000;

/** The clocks are set, or the machine sleeps: the monotonic one only ever goes forwards. */
function stepClocks(world: SimWorld, { clocks }: Machine): void {
  world.after(world.random() * 1_000, () => {
    clocks.wallMs += (world.random() - 0.5) * 7_200_000;
    if (world.random() < 0.5) clocks.monotonicMs += world.random() * 1_500;
  });
}

/** What may happen at any time besides. */
function disturb(
  world: SimWorld,
  machine: Machine,
  switches: readonly SimSwitch[],
  { clocksStep = false, hangUps = false }: Options,
): void {
  if (clocksStep) stepClocks(world, machine);
  if (hangUps) hangUp(world, switches);
}

/** A process of the hypervisor whose turns take as long as the run says. */
function machineIn(
  world: SimWorld,
  files: Files,
  drivers: HostPlaces,
  log: Log,
  options: Options,
): Machine {
  const { guard = 'redirect', turnMs } = options;
  const make = (birth: Birth): Hypervisor => {
    const { config } = files;
    const own = { config, log, guard, drivers, onFault: failing };
    const hypervisor = new Hypervisor({ ...birth, ...own });
    hypervisor.start();
    return hypervisor;
  };
  return new Machine(world, make, turnMs);
}

interface Scene extends Plugged {
  readonly places: HostPlaces;
  readonly world: SimWorld;
  readonly network: Network;
  readonly machine: Machine;
  readonly files: Files;
  readonly journal: Journal;
  readonly progress: Progress;
}

/** Migrations, and all that happens meanwhile; why some of them did not begin. */
function happen(scene: Scene, options: Options): readonly string[] {
  const { world, machine, switches, cuts, files, journal } = scene;
  const { moves = MOVES, together = 1, strategy = 'lime' } = options;
  const refused: string[] = [];
  const tell = (problems: readonly string[]): void => void refused.push(...problems);
  for (let i = 0; i < moves; i += 1) {
    const atMs = startMs(options) + 200 + i * moveMs(options) + world.random() * 100;
    runLooking(world, machine, switches, atMs);
    const first = i === 0 ? (options.first ?? 'red/v3') : undefined;
    if (options.fills) fill(world, switches);
    if (options.partial) cloneParts(world, machine, scene.places);
    else if (options.ensembles)
      tell(migrateTogether(world, machine.hypervisor, strategy, scene.places));
    else if (together === 1)
      tell(migrate(world, machine.hypervisor, first, strategy, options.probe));
    else migrateSome(world, machine, together, tell);
    disturb(world, machine, switches, options);
    cuts.some(world, scene.network, switches, options);
    if (options.applies) files.applySome(machine);
    if (options.hostMoves && !options.partial) scene.places.moveSome(machine);
    if (options.memberMoves) moveMembers(world, machine);
    if (options.crash !== true || i > 0) continue;
    world.runUntil(world.now + world.random() * 1_200);
    machine.kill();
    files.killed();
    journal.undone = { ...scene.progress };
    journal.trace?.killed(world.now);
    world.runUntil(world.now + 100);
    machine.start();
  }
  files.end();
  return refused;
}

function networkIn(world: SimWorld, options: Options) {
  const { lieMs = LIE_MS, shape, isSpread = false, tunnels = false } = options;
  const drawn = randomNetwork(world.random, lieMs, shape);
  const laid = tunnels ? someOf(drawn.links, world.random) : undefined;
  const some = { ...(isSpread && { isSpread }), ...(laid && { tunnels: laid }) };
  const network: Network = { ...drawn, ...some };
  const ovsdbs = tunnels ? new Ovsdbs(world, network) : undefined;
  world.ovsdbs = ovsdbs;
  return { network, ovsdbs };
}

export function run(options: Options): Result {
  const world = new SimWorld(options.seed);
  const { network, ovsdbs } = networkIn(world, options);
  const tree = { ...configTree(network), ...failoverOf(options) };
  const files = new Files(world, tree, network.isSpread);
  const endMs = startMs(options) + (options.moves ?? MOVES) * moveMs(options);
  const said = listening();
  const places = new HostPlaces(world, options.ensembles === true && options.hostMoves === true);
  const machine = machineIn(world, files, places, said.log, options);
  const progress = options.progress ?? { sent: 0, acknowledged: 0 };
  const redSaw = startController(world, 6661, options.red ?? versions(ways, 3n, 2, progress));
  startController(world, 6662, learning());
  machine.start();
  const journal = new Journal(options.trace);
  const plugged = plug(world, network, journal, places, { ...options, ovsdbs });
  if (ovsdbs !== undefined) ovsdbs.switches = plugged.switches;
  Object.assign(files, { switches: plugged.switches, machine });
  world.runUntil(startMs(options));
  if (ovsdbs !== undefined) ovsdbs.areMoody = true;
  const sawAtStart = redSaw.length;
  for (const tenant of tenants) {
    const host = plugged.hosts.get(`${tenant}-h1`);
    host?.ask(options.askMs ?? ASK_MS, endMs, tenant === 'red' ? options.tags : undefined);
  }
  const scene = { ...plugged, places, world, network, machine, files, journal, progress };
  const refused = happen(scene, options);
  runLooking(world, machine, plugged.switches, endMs + DRAIN_MS);
  if (options.hostMoves) {
    places.end(machine.hypervisor);
    world.runUntil(world.now + DRAIN_MS);
  }
  untilEnded(world, machine.hypervisor);
  untilMoved(world, machine.hypervisor);
  const laying = untilLaid(world, machine.hypervisor, ovsdbs);
  untilUp(world, machine.hypervisor, options.linksUpMs ?? 0);
  files.mustServe(machine.hypervisor);
  mustAgree(world, machine.hypervisor, plugged.switches);
  mustBeWhole(machine.hypervisor);
  return {
    seed: options.seed,
    hash: world.hash,
    events: world.events,
    findings: journal.findings,
    lost: { red: journal.lost('red', places.missed), blue: journal.lost('blue', places.missed) },
    sent: journal.sent.length,
    journal,
    migrations: machine.hypervisor.executor.all(),
    refused,
    ...ensemblesOf(machine.hypervisor),
    ...said.inEnd(machine.hypervisor),
    redSaw: redSaw.slice(sawAtStart),
    hosts: { ...places, troubles: places.troubles(machine.hypervisor) },
    members: machine.hypervisor.applying.memberMoves.all(),
    laying,
    files,
  };
}

/** Whether every migration of a run came to an end. */
export function allOver(result: Result): boolean {
  return result.migrations.length > 0 && result.migrations.every(isOver);
}
