/**
 * Frames that are long on their way: ways are led elsewhere, and what is on those of before arrives
 * before their entries go, however long that takes. By a drain, by a file with other cables, and
 * when a cable that had failed is used again; and by several of these, each begun before the last
 * has ended.
 */
import t from 'tap';
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
const CHANGE_MS = START_MS + 2_500;

/** From s1 to s4 by s2, or by s3. */
const links = [
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

function configFrom(tree: object): Config {
  const read = readConfig(tree, []);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.config;
}

interface Scene {
  readonly world: SimWorld;
  readonly hypervisor: Hypervisor;
  readonly network: Network;
  /** The first cable on the way by s2 is cut, or whole again. */
  readonly join: (isUp: boolean) => void;
  /** Through which datapath in the middle ways lead now. */
  readonly middle: () => DatapathName;
}

/** How many of a tenant's frames were lost or came twice, while something happened. */
function seen(isFlat: (name: string) => boolean, happen: (scene: Scene) => void, isCut = false) {
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

const encodings = {
  pipelines: () => false,
  'one-table datapaths': () => true,
  'one of each': (name: string) => name === 's2' || name === 's4',
};

for (const [what, isFlat] of Object.entries(encodings)) {
  t.test(`${what}: a datapath is drained`, async (t) => {
    let left = '';
    const { sent, lost } = seen(isFlat, ({ hypervisor, middle, world }) => {
      const before = middle();
      hypervisor.draining.lead(new Set([before]), (trouble) => {
        left = trouble ?? `${before} was left`;
      });
      world.runUntil(CHANGE_MS + 4_000);
      t.not(middle(), before, 'ways lead elsewhere');
    });
    t.match(left, /was left/);
    t.ok(sent > 1_000, `${sent} frames`);
    t.strictSame(lost, { red: 0, blue: 0 }, 'none was lost');
  });

  t.test(`${what}: a file has other cables`, async (t) => {
    let said: unknown;
    const { lost } = seen(isFlat, ({ hypervisor, network, middle, world }) => {
      const isOld = (end: string): boolean => end.startsWith(`${middle()}:`);
      const rest = links.filter((ends) => !ends.some(isOld));
      const next = configTree({ ...network, links: rest });
      const tree = { ...next, failover: { revert: '300ms' } };
      hypervisor.applying.apply('a file', configFrom(tree), (applied) => {
        said = applied;
      });
      world.runUntil(CHANGE_MS + 4_000);
    });
    t.strictSame(said, { done: [], waits: [] });
    t.strictSame(lost, { red: 0, blue: 0 }, 'none was lost');
  });

  t.test(`${what}: a cable that had failed is used again`, async (t) => {
    const { lost } = seen(
      isFlat,
      ({ join, middle, world }) => {
        t.equal(middle(), 's3', 'a detour');
        join(true);
        world.runUntil(CHANGE_MS + 2_000);
        t.equal(middle(), 's2', 'as before');
      },
      true,
    );
    t.strictSame(lost, { red: 0, blue: 0 }, 'none was lost');
  });
}

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

for (let seed = 1; seed <= 20; seed += 1) {
  t.test(`several changes while one another is under way: ${seed}`, async (t) => {
    const random = new Random(seed);
    const isFlat = random.pick(Object.values(encodings));
    const { lost } = seen(
      isFlat,
      (scene) => {
        const { world, join } = scene;
        // The detour, when the cable is back, leads elsewhere after 300 ms.
        join(true);
        for (let i = 0; i < 5; i += 1) {
          world.runUntil(world.nowMs() + random.number(700));
          random.pick(changes)(scene, random);
        }
        world.runUntil(CHANGE_MS + 6_000);
      },
      true,
    );
    t.strictSame(lost, { red: 0, blue: 0 }, 'none was lost');
  });
}

/** After the cable is whole again: before it is used again, while that is led, and behind it. */
for (const laterMs of [250, 600, 800, 1_200]) {
  t.test(`ways are being led back, and ${laterMs} ms later a drain finds them there`, async (t) => {
    let left = '';
    const { lost } = seen(
      encodings.pipelines,
      ({ hypervisor, join, world }) => {
        join(true);
        world.runUntil(CHANGE_MS + laterMs);
        hypervisor.draining.lead(new Set(['s3' as DatapathName]), (trouble) => {
          left = trouble ?? 's3 was left';
        });
        world.runUntil(CHANGE_MS + 5_000);
      },
      true,
    );
    t.equal(left, 's3 was left');
    t.strictSame(lost, { red: 0, blue: 0 }, 'none was lost');
  });
}
