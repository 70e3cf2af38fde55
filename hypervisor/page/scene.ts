/**
 * Both planes as shapes on a screen: what the page draws (plane-drawing.tsx, plane-canvas.tsx) and
 * what it exports, from one list.
 *
 * Each plane is seen from above and in front: it is flattened, and leans to the right the further
 * back it is. The virtual one hangs above the physical one, and lines fall from each vswitch to its
 * bodies.
 */
import type { Point, Positions } from './layout.ts';
import { deviceOf, type Network, shortName, type Vswitch } from './network.ts';

export type PlaneName = 'virtual' | 'physical';

export interface SceneNode {
  readonly id: string;
  readonly kind: 'datapath' | 'vswitch' | 'host';
  readonly at: Point;
  readonly label: string;
  /** Undefined of a datapath, which is everybody's. */
  readonly tenant?: string;
  readonly isTrouble: boolean;
  /** In words, for who hears and for who points. */
  readonly says: string;
}

export interface SceneEdge {
  readonly id: string;
  readonly kind: 'cable' | 'vlink' | 'cord' | 'drop';
  readonly from: Point;
  readonly to: Point;
  /** How far its middle lies beside the straight line: parallel cables. */
  readonly bend: number;
  readonly tenant?: string;
  readonly isTrouble: boolean;
  readonly load?: number;
  readonly says: string;
}

/** A vswitch's tables where they are: the primary, or another beside it. */
export interface SceneBody {
  readonly id: string;
  readonly vswitch: string;
  readonly tenant: string;
  readonly at: Point;
  readonly isPrimary: boolean;
  readonly says: string;
}

export interface ScenePlane {
  readonly name: PlaneName;
  /** Four corners, from the back left clockwise. */
  readonly corners: readonly [Point, Point, Point, Point];
}

export interface Scene {
  readonly planes: readonly ScenePlane[];
  readonly edges: readonly SceneEdge[];
  readonly nodes: readonly SceneNode[];
  readonly bodies: readonly SceneBody[];
  readonly box: Box;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const FLAT = 0.56;
const LEAN = -0.22;
const MARGIN = 96;
const GAP = 70;
/** Planes grow in steps, so that one more node does not shift the other plane. */
const STEP = 120;
const BODY_WIDTH = 24;
const BODY_ABOVE = 25;
const BEND = 16;

export function sceneOf(network: Network, positions: Positions): Scene {
  const below = boxOf(positions, ['datapath:', 'plug:']);
  const above = boxOf(positions, ['vswitch:', 'host:']);
  const drop = below === undefined || above === undefined ? 0 : heightOf(above, below);
  const project = (id: string): Point => projected(positions.get(id), isAbove(id) ? -drop : 0);
  const planes = [
    ...(below === undefined ? [] : [planeOf('physical', below, 0)]),
    ...(above === undefined ? [] : [planeOf('virtual', above, -drop)]),
  ];
  const bodies = bodiesOf(network, project);
  const edges = edgesOf(network, project, bodies);
  return { planes, edges, nodes: nodesOf(network, project), bodies, box: around(planes) };
}

function isAbove(id: string): boolean {
  return id.startsWith('vswitch:') || id.startsWith('host:');
}

/** From the middle of one plane to the middle of the other. */
function heightOf(above: Box, below: Box): number {
  return above.bottom * FLAT - below.top * FLAT + GAP;
}

function projected(point: Point | undefined, dy: number): Point {
  const { x, y } = point ?? { x: 0, y: 0 };
  return { x: Math.round(x + y * LEAN), y: Math.round(y * FLAT + dy) };
}

function boxOf(positions: Positions, kinds: readonly string[]): Box | undefined {
  const own = [...positions].filter(([id]) => kinds.some((kind) => id.startsWith(kind)));
  if (own.length === 0) return undefined;
  const [xs, ys] = [own.map(([, { x }]) => x), own.map(([, { y }]) => y)];
  const down = (value: number): number => Math.floor((value - MARGIN) / STEP) * STEP;
  const up = (value: number): number => Math.ceil((value + MARGIN) / STEP) * STEP;
  return {
    ...{ left: down(least(xs)), right: up(most(xs)) },
    ...{ top: down(least(ys)), bottom: up(most(ys)) },
  };
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b));
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b));
}

function planeOf(name: PlaneName, { left, top, right, bottom }: Box, dy: number): ScenePlane {
  const corner = (x: number, y: number): Point => projected({ x, y }, dy);
  const back = [corner(left, top), corner(right, top)] as const;
  return { name, corners: [...back, corner(right, bottom), corner(left, bottom)] };
}

function around(planes: readonly ScenePlane[]): Box {
  const corners = planes.flatMap((plane) => plane.corners);
  if (corners.length === 0) return { left: -1, top: -1, right: 1, bottom: 1 };
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  return { left: least(xs), right: most(xs), top: least(ys), bottom: most(ys) };
}

function nodesOf(network: Network, project: (id: string) => Point): readonly SceneNode[] {
  const { datapaths, vswitches, hosts } = network;
  return [
    ...datapaths.map(({ name, isReady, says }): SceneNode => {
      const id = `datapath:${name}`;
      return { id, kind: 'datapath', at: project(id), label: name, isTrouble: !isReady, says };
    }),
    ...vswitches.map((one): SceneNode => {
      const { name, tenant, down } = one;
      const id = `vswitch:${name}`;
      const own = {
        label: shortName(name),
        tenant,
        isTrouble: down !== '',
        says: vswitchSays(one),
      };
      return { id, kind: 'vswitch', at: project(id), ...own };
    }),
    ...hosts.flatMap(({ name, tenant, isUp, says, at }): readonly SceneNode[] => {
      const own = { kind: 'host', label: shortName(name), tenant, isTrouble: !isUp, says } as const;
      return [`host:${name}`, ...(at.length > 0 ? [`plug:${name}`] : [])].map((id) => {
        return { id, at: project(id), ...own };
      });
    }),
  ];
}

function vswitchSays({ name, bodies, down, rules }: Vswitch): string {
  const where = bodies.length === 0 ? '' : ` on ${bodies.join(' and ')}`;
  return `${name}${where}, ${rules} rules${down === '' ? '' : `, down: ${down}`}`;
}

/** Side by side over the datapath that carries them, by name, so that they keep their order. */
function bodiesOf({ vswitches }: Network, project: (id: string) => Point): readonly SceneBody[] {
  const all = vswitches.flatMap((one) => one.bodies.map((on, i) => ({ one, on, isPrimary: !i })));
  return [...Map.groupBy(all, ({ on }) => on)].flatMap(([on, there]) => {
    const middle = project(`datapath:${on}`);
    const sorted = there.toSorted((a, b) => (a.one.name < b.one.name ? -1 : 1));
    return sorted.map(({ one: { name, tenant }, isPrimary }, i) => ({
      id: `body:${name}@${on}`,
      ...{ vswitch: name, tenant, isPrimary },
      at: { x: middle.x + (i - (there.length - 1) / 2) * BODY_WIDTH, y: middle.y - BODY_ABOVE },
      says: isPrimary ? `${name} is on ${on}` : `${name} has another body on ${on}`,
    }));
  });
}

function edgesOf(
  network: Network,
  project: (id: string) => Point,
  bodies: readonly SceneBody[],
): readonly SceneEdge[] {
  const end = (kind: string, text: string): Point => project(`${kind}:${deviceOf(text)}`);
  const bends = bendsOf(network.cables);
  return [
    ...network.cables.map(({ id, ends: [a, b], isUp, says, load }, i): SceneEdge => {
      const ends = { from: end('datapath', a), to: end('datapath', b), bend: bends[i] ?? 0 };
      const more = load === undefined ? {} : { load };
      return { id: `cable:${id}`, kind: 'cable', ...ends, isTrouble: !isUp, says, ...more };
    }),
    ...network.vlinks.map(({ id, tenant, ends: [a, b] }): SceneEdge => {
      const ends = { from: end('vswitch', a), to: end('vswitch', b), bend: 0 };
      return { id: `vlink:${id}`, kind: 'vlink', ...ends, tenant, isTrouble: false, says: id };
    }),
    ...network.hosts.flatMap(({ name, port, at, tenant, isUp, says }): readonly SceneEdge[] => {
      const own = { kind: 'cord', bend: 0, tenant, isTrouble: !isUp, says } as const;
      const from = project(`plug:${name}`);
      return [
        { id: `access:${name}`, from: project(`host:${name}`), to: end('vswitch', port), ...own },
        ...at.map((place, i) => {
          const id = i === 0 ? `cord:${name}` : `cord:${name}@${place}`;
          return { id, from, to: end('datapath', place), ...own };
        }),
      ];
    }),
    ...bodies.map(({ id, vswitch, tenant, at, says }): SceneEdge => {
      const ends = { from: project(`vswitch:${vswitch}`), to: at, bend: 0 };
      const drop = id.replace('body:', 'drop:');
      return { id: drop, kind: 'drop', ...ends, tenant, isTrouble: false, says };
    }),
  ];
}

/** Of several cables between two datapaths, each on a bow of its own. */
function bendsOf(cables: Network['cables']): readonly number[] {
  const pair = ({ ends }: Network['cables'][number]): string => ends.map(deviceOf).sort().join(' ');
  const groups = Map.groupBy(cables, pair);
  return cables.map((cable) => {
    const group = groups.get(pair(cable)) ?? [];
    const sign = deviceOf(cable.ends[0]) < deviceOf(cable.ends[1]) ? 1 : -1;
    return sign * BEND * (group.indexOf(cable) - (group.length - 1) / 2);
  });
}

/** An edge as path data. */
export function edgePath({ from, to, bend }: Pick<SceneEdge, 'from' | 'to' | 'bend'>): string {
  if (bend === 0) return `M${from.x} ${from.y}L${to.x} ${to.y}`;
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const x = Math.round((from.x + to.x) / 2 - (dy / length) * bend * 2);
  const y = Math.round((from.y + to.y) / 2 + (dx / length) * bend * 2);
  return `M${from.x} ${from.y}Q${x} ${y} ${to.x} ${to.y}`;
}
