/**
 * The positions of objects on their plane. The same network has the same layout, whatever its order
 * in a list, and objects keep their positions: only new ones are placed, near their neighbours.
 *
 * d3-force draws its chances from a generator of its own that always begins alike, and nodes begin
 * on a spiral in the order of their names.
 */
import {
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type SimulationLinkDatum,
  type SimulationNodeDatum,
} from 'd3-force';
import { deviceOf, type Network } from './network.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** By id (highlighted.ts): datapaths and plugs below, vswitches and hosts above. */
export type Positions = ReadonlyMap<string, Point>;

interface Placed extends SimulationNodeDatum {
  readonly id: string;
  readonly isSmall: boolean;
  /** To where it falls: below a datapath, since bodies stand above; above a vswitch's name. */
  readonly falls: -1 | 0 | 1;
  /** Where it would rather be. */
  readonly near: Point | undefined;
}

type Joined = SimulationLinkDatum<Placed>;

interface Plane {
  readonly nodes: readonly { readonly id: string; readonly isSmall: boolean }[];
  readonly joined: readonly (readonly [string, string])[];
}

const LINK_LENGTH = 150;
const CORD_LENGTH = 74;
const PUSH = -1_000;
const FALL = 22;
/** Of nodes that have none, from the middle of the spiral outward. */
const SPIRAL_STEP = 46;
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
/** Larger networks are not drawn better with more, but later. */
const TICKS_MAX = 300;
const TICK_NODES_MAX = 60_000;

/** `kept` are places of before; those of what is not there any more are left out. */
export function layoutOf(network: Network, kept: Positions = new Map()): Positions {
  const below = placed(physicalPlane(network), kept, new Map());
  return new Map([...below, ...placed(virtualPlane(network), kept, above(network, below))]);
}

function physicalPlane({ datapaths, cables, hosts }: Network): Plane {
  const plugs = hosts.filter(({ at }) => at.length > 0);
  return {
    nodes: [
      ...datapaths.map(({ name }) => ({ id: `datapath:${name}`, isSmall: false })),
      ...plugs.map(({ name }) => ({ id: `plug:${name}`, isSmall: true })),
    ],
    joined: [
      ...cables.map(({ ends: [a, b] }) => [at('datapath', a), at('datapath', b)] as const),
      ...plugs.map(({ name, at: [end = ''] }) => [`plug:${name}`, at('datapath', end)] as const),
    ],
  };
}

function virtualPlane({ vswitches, vlinks, hosts }: Network): Plane {
  return {
    nodes: [
      ...vswitches.map(({ name }) => ({ id: `vswitch:${name}`, isSmall: false })),
      ...hosts.map(({ name }) => ({ id: `host:${name}`, isSmall: true })),
    ],
    joined: [
      ...vlinks.map(({ ends: [a, b] }) => [at('vswitch', a), at('vswitch', b)] as const),
      ...hosts.map(({ name, port }) => [`host:${name}`, at('vswitch', port)] as const),
    ],
  };
}

function at(kind: string, end: string): string {
  return `${kind}:${deviceOf(end)}`;
}

/** Vswitches over what carries them, when they are placed first. */
function above({ vswitches }: Network, below: Positions): Positions {
  return new Map(
    vswitches.flatMap(({ name, bodies }) => {
      const under = below.get(`datapath:${bodies[0]}`);
      return under === undefined ? [] : [[`vswitch:${name}`, under] as const];
    }),
  );
}

function placed({ nodes, joined }: Plane, kept: Positions, near: Positions): Positions {
  const sorted = [...nodes].sort((a, b) => (a.id < b.id ? -1 : 1));
  const all = sorted.map(({ id, isSmall }, i): Placed => {
    const own = kept.get(id);
    const fixed = own === undefined ? {} : { fx: own.x, fy: own.y };
    const first = own ?? near.get(id) ?? spiral(i);
    const falls = id.startsWith('plug:') ? 1 : id.startsWith('host:') ? -1 : 0;
    return { id, isSmall, falls, near: near.get(id), ...jitter(first, i, own), ...fixed };
  });
  if (all.some(({ fx }) => fx === undefined)) settle(all, joined);
  return new Map(all.map(({ id, x = 0, y = 0 }) => [id, { x: Math.round(x), y: Math.round(y) }]));
}

/** Two that begin at one place would never part in a way that is always the same. */
function jitter({ x, y }: Point, i: number, own: Point | undefined): Point {
  return own ?? { x: x + 9 * Math.cos(i * GOLDEN_ANGLE), y: y + 9 * Math.sin(i * GOLDEN_ANGLE) };
}

function spiral(i: number): Point {
  const radius = SPIRAL_STEP * Math.sqrt(i + 0.5);
  return { x: radius * Math.cos(i * GOLDEN_ANGLE), y: radius * Math.sin(i * GOLDEN_ANGLE) };
}

function settle(nodes: readonly Placed[], joined: Plane['joined']): void {
  const known = new Map(nodes.map((one) => [one.id, one]));
  const inOrder = joined.toSorted((one, other) => (one.join() < other.join() ? -1 : 1));
  const links = inOrder.flatMap(([a, b]): Joined[] => {
    const [source, target] = [known.get(a), known.get(b)];
    return source === undefined || target === undefined ? [] : [{ source, target }];
  });
  const isCord = ({ source }: Joined): boolean => typeof source === 'object' && source.isSmall;
  const length = (link: Joined): number => (isCord(link) ? CORD_LENGTH : LINK_LENGTH);
  const pull = forceLink<Placed, Joined>(links).distance(length);
  const push = forceManyBody<Placed>().strength(({ isSmall }) => (isSmall ? PUSH / 6 : PUSH));
  const draw = ({ near }: Placed): number => (near === undefined ? 0.05 : 0.35);
  forceSimulation([...nodes])
    .force('links', pull)
    .force('push', push.distanceMax(900))
    .force('apart', forceCollide<Placed>(({ isSmall }) => (isSmall ? 28 : 60)).iterations(2))
    .force('fall', (alpha) => {
      for (const one of nodes) one.vy = (one.vy ?? 0) + one.falls * FALL * alpha;
    })
    .force('x', forceX<Placed>(({ near }) => near?.x ?? 0).strength(draw))
    .force('y', forceY<Placed>(({ near }) => near?.y ?? 0).strength(draw))
    .stop()
    .tick(Math.max(40, Math.min(TICKS_MAX, Math.round(TICK_NODES_MAX / nodes.length))));
}
