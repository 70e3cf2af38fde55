/**
 * A network whose cables are long, with frames on all of them while ways are led elsewhere
 * (slow-cables.test.ts), and random sequences of such changes.
 */
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { Hypervisor as Product } from '../../hypervisor/hypervisor.ts';
import { type Config, readConfig } from '../../slices/config/config.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { Random } from '../openflow/random.ts';
import { failing } from '../support/faults.ts';
import { mustAgree } from './agreement.ts';
import { learning, startController, versions } from './controllers.ts';
import { HostPlaces } from './host-moves.ts';
import { Journal } from './hosts.ts';
import { listening } from './links.ts';
import { type Birth, Machine } from './mortal.ts';
import { configTree, type Network, tenants } from './networks.ts';
import { plug } from './plugged.ts';
import { ways } from './ways.ts';
import { SimWorld } from './world.ts';

/** The longest that a frame is on a cable. */
const CABLE_MS = 500;
const START_MS = 5_000;
const TRAFFIC_MS = 5_000;
/** When something is led elsewhere, with frames on all cables. */
export const CHANGE_MS = START_MS + 2_500;

/** From s1 to s4 by s2, or by s3. */
export const links = [
  ['s1:1', 's2:1'],
  ['s2:2', 's4:1'],
  ['s1:2', 's3:1'],
  ['s3:2', 's4:2'],
] as const;

function networkOf(isFlat: (name: string) => boolean): Network {
  const names = ['s1', 's2', 's3', 's4'];
  const datapaths = names.map((name) => ({ name, lieMs: 5, isFlat: isFlat(name) }));
  const place = { vswitches: ['s1', 's4', 's1'], hosts: ['s1', 's4'] };
  return { datapaths, links, places: { red: place, blue: place } };
}

export function configFrom(tree: object): Config {
  const read = readConfig(tree, []);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.config;
}

export interface Scene {
  readonly world: SimWorld;
  readonly hypervisor: Hypervisor;
  readonly network: Network;
  /** The first cable on the way by s2 is cut, or whole again. */
  readonly join: (isUp: boolean) => void;
  /** Through which datapath in the middle ways lead now. */
  readonly middle: () => DatapathName;
}

/** How many of a tenant's frames were lost or came twice, while something happened. */
export function seen(
  isFlat: (name: string) => boolean,
  happen: (scene: Scene) => void,
  isCut = false,
) {
  const world = new SimWorld(5);
  const network = networkOf(isFlat);
  const config = configFrom({ ...configTree(network), failover: { revert: '300ms' } });
  const { log } = listening();
  const places = new HostPlaces(world);
  const machine = new Machine(world, (birth: Birth) => {
    const own = { config, log, guard: 'redirect', drivers: places, onFault: failing } as const;
    const hypervisor = new Product({ ...birth, ...own });
    hypervisor.start();
    return hypervisor;
  });
  startController(world, 6661, versions(ways, 3n, 50));
  startController(world, 6662, learning());
  machine.start();
  const journal = new Journal();
  const options = { cableMs: CABLE_MS };
  const { hosts, switches, cuts } = plug(world, network, journal, places, options);
  const join = (isUp: boolean): void => cuts.set(links[0], isUp, switches);
  world.runUntil(START_MS - 1_000);
  if (isCut) join(false);
  world.runUntil(START_MS);
  for (const tenant of tenants) hosts.get(`${tenant}-h1`)?.ask(10, START_MS + TRAFFIC_MS);
  world.runUntil(CHANGE_MS);
  const { hypervisor } = machine;
  const middle = (): DatapathName => {
    const wires = [...hypervisor.snapshot().wires.values()].flat();
    const via = wires.flatMap(({ hops = [] }) => hops.map(({ to }) => to));
    return (via.includes('s2' as DatapathName) ? 's2' : 's3') as DatapathName;
  };
  happen({ world, hypervisor, network, join, middle });
  // There and back, by six cables each where neighbours are joined by one, too.
  world.runUntil(START_MS + TRAFFIC_MS + 14 * CABLE_MS);
  mustAgree(world, hypervisor, switches);
  return {
    sent: journal.sent.length,
    lost: { red: journal.lost('red'), blue: journal.lost('blue') },
  };
}

export const encodings = {
  pipelines: () => false,
  'one-table datapaths': () => true,
  'one of each': (name: string) => name === 's2' || name === 's4',
};

type Change = (scene: Scene, random: Random) => void;

/** What leads ways elsewhere, and takes no cable out that is used. */
const changes: readonly Change[] = [
  ({ hypervisor: { draining } }, random) => {
    const names = random.pick([['s2'], ['s3'], []] as const) as readonly DatapathName[];
    if (!draining.isUnderWay) draining.lead(new Set(names), () => undefined);
  },
  ({ hypervisor: { applying }, network }, random) => {
    const backups = String(random.number(2));
    const rest = random.pick([links, links.slice(0, 2), links.slice(2)]);
    const tree = {
      ...configTree({ ...network, links: rest }),
      failover: { backups, revert: '300ms' },
    };
    applying.apply('a file', configFrom(tree), () => undefined);
  },
];

export interface Drawn {
  readonly encoding: keyof typeof encodings;
  readonly changes: number;
}

export function cablesOf(seed: number): Drawn {
  const random = new Random(seed);
  const encoding = random.pick(Object.keys(encodings) as (keyof typeof encodings)[]);
  return { encoding, changes: 5 };
}

/** Several changes while one another is under way: none may lose a frame. */
export function troublesOfCables(seed: number, { encoding, changes: count }: Drawn) {
  const random = new Random(seed);
  const happen = (scene: Scene): void => {
    const { world, join } = scene;
    // The detour, when the cable is back, leads elsewhere after 300 ms.
    join(true);
    for (let i = 0; i < count; i += 1) {
      world.runUntil(world.nowMs() + random.number(700));
      random.pick(changes)(scene, random);
    }
    world.runUntil(CHANGE_MS + 6_000);
  };
  const { lost } = seen(encodings[encoding], happen, true);
  return lost.red + lost.blue === 0 ? [] : [`lost ${lost.red} of red, ${lost.blue} of blue`];
}
