/**
 * The animation of bodies: between two scenes, each vswitch's primary body moves from its old place
 * to its new one, with the line to its vswitch. So do all other bodies of a vswitch.
 */
import type { Point } from './layout.ts';
import type { Scene, SceneBody } from './scene.ts';

export const GLIDE_MS = 900;

/** Slow at both ends. */
function eased(part: number): number {
  const t = Math.min(1, Math.max(0, part));
  return t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2;
}

/** Whether anything has moved from one to the other. */
export function hasMoved(before: Scene, after: Scene): boolean {
  const places = new Map(before.bodies.map((one) => [keyOf(one), one.at]));
  return after.bodies.some((one) => {
    const was = places.get(keyOf(one));
    return was !== undefined && (was.x !== one.at.x || was.y !== one.at.y);
  });
}

/** `after`, as it is when `part` (0 to 1) of the way is done. */
export function between(before: Scene, after: Scene, part: number): Scene {
  const places = new Map(before.bodies.map((one) => [keyOf(one), one.at]));
  const done = eased(part);
  const bodies = after.bodies.map((one): SceneBody => {
    const was = places.get(keyOf(one));
    return was === undefined ? one : { ...one, at: mixed(was, one.at, done) };
  });
  const ends = new Map(bodies.map(({ id, at }) => [id.replace('body:', 'drop:'), at]));
  const edges = after.edges.map((edge) => {
    const to = ends.get(edge.id);
    return to === undefined ? edge : { ...edge, to };
  });
  return { ...after, bodies, edges };
}

function mixed(a: Point, b: Point, part: number): Point {
  return { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part };
}

/** One primary each: it is the one that moves. Others are told apart by where they are. */
function keyOf({ vswitch, isPrimary, id }: SceneBody): string {
  return isPrimary ? vswitch : id;
}
