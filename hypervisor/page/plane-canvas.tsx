/**
 * Both planes on a canvas, for more nodes than a document shows at 30 frames a second. It draws the
 * same scene as plane-drawing.tsx; names appear when the user zooms in.
 */
import { useEffect, useRef } from 'preact/hooks';
import type { Lit } from './highlighted.ts';
import type { Size } from './hooks.ts';
import { COLOURS, type Mark, shapePath } from './marks.ts';
import { type DrawingProps, halfWidth } from './plane-drawing.tsx';
import { edgePath, type Scene, type SceneNode } from './scene.ts';
import type { Transform } from './zoom.ts';

/** Pixels of the pointer within which something is meant. */
const REACH = 18;
/** Nearer than this names can be read. */
const NAMES_FROM = 0.62;

interface CanvasProps extends DrawingProps {
  readonly size: Size;
}

export function PlaneCanvas({ size, scene, lit, marks, transform, point, choose }: CanvasProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  const { width, height } = size;
  useEffect(() => {
    const context = ref.current?.getContext('2d');
    if (context === null || context === undefined) return undefined;
    const frame = requestAnimationFrame(() => {
      draw(context, { scene, lit, marks, transform, size, ink: inkNow() });
    });
    return () => cancelAnimationFrame(frame);
  }, [scene, lit, marks, transform, width, height, document.documentElement.dataset['theme']]);
  const ratio = devicePixelRatio;
  const under = ({ offsetX, offsetY }: MouseEvent): string | undefined => {
    return nearest(scene, transform, offsetX, offsetY);
  };
  return (
    <canvas
      ref={ref}
      class="drawing"
      width={width * ratio}
      height={height * ratio}
      style={{ width: `${width}px`, height: `${height}px` }}
      aria-label={`Both planes: ${scene.nodes.length} nodes; search finds them by name`}
      onPointerMove={(event) => point(under(event))}
      onPointerLeave={() => point(undefined)}
      onClick={(event) => choose(under(event))}
    />
  );
}

function nearest({ nodes }: Scene, { x, y, k }: Transform, px: number, py: number) {
  let found: string | undefined;
  let least = REACH;
  for (const { id, at } of nodes) {
    const away = Math.hypot(at.x * k + x - px, at.y * k + y - py);
    if (away < least) [least, found] = [away, id];
  }
  return found;
}

interface Ink {
  readonly text: string;
  readonly line: string;
  readonly panel: string;
  readonly plane: string;
  readonly bad: string;
  readonly lime: string;
  readonly tenants: readonly string[];
}

/** The colours of page.css, as they are in the theme of now. */
function inkNow(): Ink {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const tenants = Array.from({ length: COLOURS }, (_, i) => of(`tenant-${i}`));
  const planes = { panel: of('panel'), plane: of('plane') };
  return {
    text: of('text'),
    line: of('cable'),
    bad: of('bad'),
    lime: of('lime'),
    ...planes,
    tenants,
  };
}

interface Painted {
  readonly scene: Scene;
  readonly lit: Lit;
  readonly marks: ReadonlyMap<string, Mark>;
  readonly transform: Transform;
  readonly size: Size;
  readonly ink: Ink;
}

const DIM = 0.16;
/** Lines between the planes, of which there are hundreds. */
const FAINT = 0.14;

function draw(to: CanvasRenderingContext2D, painted: Painted): void {
  const { scene, lit, transform, size, ink } = painted;
  const ratio = devicePixelRatio;
  to.setTransform(ratio, 0, 0, ratio, 0, 0);
  to.clearRect(0, 0, size.width, size.height);
  to.setTransform(
    ratio * transform.k,
    0,
    0,
    ratio * transform.k,
    ratio * transform.x,
    ratio * transform.y,
  );
  for (const { corners } of scene.planes) {
    to.beginPath();
    for (const { x, y } of corners) to.lineTo(x, y);
    to.closePath();
    to.fillStyle = ink.plane;
    to.fill();
  }
  const strength = (id: string): number => (lit.size === 0 || lit.has(id) ? 1 : DIM);
  drawEdges(to, painted, strength);
  for (const node of scene.nodes) {
    to.globalAlpha = strength(node.id);
    drawNode(to, painted, node);
  }
  for (const { id, at, tenant, isPrimary } of scene.bodies) {
    to.globalAlpha = strength(id);
    const { colour = 0, shape = 'circle' } = painted.marks.get(tenant) ?? {};
    drawShape(to, shapePath(shape, 8.5), at, ink.tenants[colour] ?? ink.line, isPrimary);
  }
  to.globalAlpha = 1;
}

/** All lines of one look are one stroke. */
function drawEdges(
  to: CanvasRenderingContext2D,
  { scene, lit, marks, ink }: Painted,
  strength: (id: string) => number,
): void {
  const looks = Map.groupBy(scene.edges, ({ id, kind, tenant, isTrouble }) => {
    const own = ink.tenants[marks.get(tenant ?? '')?.colour ?? 0];
    const colour = isTrouble ? ink.bad : tenant === undefined ? ink.line : own;
    const isFaint = kind === 'drop' && !lit.has(id);
    const alpha = strength(id) * (isFaint ? FAINT : 0.8);
    return `${kind === 'cable' ? 2 : 1} ${alpha} ${colour}`;
  });
  for (const [look, edges] of looks) {
    const [width = '1', alpha = '1', ...colour] = look.split(' ');
    to.lineWidth = Number(width);
    to.globalAlpha = Number(alpha);
    to.strokeStyle = colour.join(' ');
    const all = new Path2D();
    for (const edge of edges) {
      if (edge.bend !== 0) all.addPath(new Path2D(edgePath(edge)));
      else {
        all.moveTo(edge.from.x, edge.from.y);
        all.lineTo(edge.to.x, edge.to.y);
      }
    }
    to.stroke(all);
  }
}

function drawNode(to: CanvasRenderingContext2D, painted: Painted, node: SceneNode): void {
  const { ink, marks, transform } = painted;
  const { kind, at, label, tenant, isTrouble } = node;
  const own = marks.get(tenant ?? '');
  const colour = isTrouble ? ink.bad : (ink.tenants[own?.colour ?? 0] ?? ink.line);
  if (kind === 'datapath') {
    const half = halfWidth(label);
    to.fillStyle = ink.panel;
    to.strokeStyle = isTrouble ? ink.bad : ink.line;
    to.lineWidth = 1.5;
    to.beginPath();
    to.roundRect(at.x - half, at.y - 14, half * 2, 28, 7);
    to.fill();
    to.stroke();
  } else if (kind === 'vswitch')
    drawShape(to, shapePath(own?.shape ?? 'circle', 15), at, colour, true);
  else drawShape(to, shapePath('circle', 5), at, colour, false);
  const isNear = transform.k >= (kind === 'host' ? NAMES_FROM * 1.5 : NAMES_FROM);
  if (!isNear) return;
  to.fillStyle = ink.text;
  to.font = `${kind === 'host' ? 10 : 12}px Inter, system-ui, sans-serif`;
  to.textAlign = 'center';
  to.fillText(label, at.x, at.y + { datapath: 4.5, vswitch: 34, host: 18 }[kind]);
}

const paths = new Map<string, Path2D>();

function drawShape(
  to: CanvasRenderingContext2D,
  data: string,
  { x, y }: { readonly x: number; readonly y: number },
  colour: string,
  isFilled: boolean,
): void {
  const path = paths.get(data) ?? new Path2D(data);
  paths.set(data, path);
  to.translate(x, y);
  if (isFilled) {
    to.fillStyle = colour;
    to.fill(path);
  } else {
    to.strokeStyle = colour;
    to.lineWidth = 1.5;
    to.stroke(path);
  }
  to.translate(-x, -y);
}
