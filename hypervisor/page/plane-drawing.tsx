/**
 * Both planes as SVG: for networks of up to some hundreds of nodes, each an element that can be
 * focused, named and styled. Larger ones are drawn on a canvas (plane-canvas.tsx).
 */
import { useMemo } from 'preact/hooks';
import type { Lit } from './highlighted.ts';
import { type Mark, shapePath } from './marks.ts';
import { edgePath, type Scene, type SceneBody, type SceneEdge, type SceneNode } from './scene.ts';
import type { Transform } from './zoom.ts';

export interface DrawingProps {
  readonly scene: Scene;
  readonly lit: Lit;
  readonly marks: ReadonlyMap<string, Mark>;
  readonly transform: Transform;
  /** What is pointed at, or focused; undefined: nothing. */
  readonly point: (id: string | undefined) => void;
  readonly choose: (id: string | undefined) => void;
}

export function PlaneDrawing({ scene, lit, marks, transform, point, choose }: DrawingProps) {
  const content = useMemo(
    () => <Content scene={scene} lit={lit} marks={marks} />,
    [scene, lit, marks],
  );
  const { x, y, k } = transform;
  const idOf = ({ target }: Event): string | undefined => {
    return target instanceof Element
      ? (target.closest('[data-id]')?.getAttribute('data-id') ?? undefined)
      : undefined;
  };
  return (
    <svg
      class={`drawing ${lit.size > 0 ? 'has-lit' : ''} ${k < 0.55 ? 'is-far' : ''}`}
      aria-label="Both planes"
      onPointerOver={(event) => point(idOf(event))}
      onPointerLeave={() => point(undefined)}
      onFocusIn={(event) => point(idOf(event))}
      onFocusOut={() => point(undefined)}
      onClick={(event) => choose(idOf(event))}
      onKeyDown={(event) => {
        if (event.key === 'Enter' || event.key === ' ') choose(idOf(event));
      }}
    >
      <title>Virtual networks above, the physical network below</title>
      <g transform={`translate(${x} ${y}) scale(${k})`}>{content}</g>
    </svg>
  );
}

type ContentProps = Pick<DrawingProps, 'scene' | 'lit' | 'marks'>;

function Content({ scene, lit, marks }: ContentProps) {
  const colour = (tenant: string | undefined): string => {
    return tenant === undefined ? '' : `tenant-${marks.get(tenant)?.colour ?? 0}`;
  };
  const litClass = (id: string): string => (lit.has(id) ? 'lit' : '');
  return (
    <>
      {scene.planes.map(({ name, corners }) => (
        <g key={name} class={`plane ${name}`}>
          <polygon points={corners.map(({ x, y }) => `${x},${y}`).join(' ')} />
          <text x={corners[3].x + 18} y={corners[3].y - 14}>
            {name}
          </text>
        </g>
      ))}
      {scene.edges.map((edge) => (
        <Edge key={edge.id} edge={edge} more={`${colour(edge.tenant)} ${litClass(edge.id)}`} />
      ))}
      {scene.nodes.map((node) => {
        const more = `${colour(node.tenant)} ${litClass(node.id)}`;
        return <Node key={node.id} node={node} mark={marks.get(node.tenant ?? '')} more={more} />;
      })}
      {scene.bodies.map((body) => {
        const more = `${colour(body.tenant)} ${litClass(body.id)}`;
        return <Body key={body.id} body={body} mark={marks.get(body.tenant)} more={more} />;
      })}
    </>
  );
}

interface EdgeProps {
  readonly edge: SceneEdge;
  readonly more: string;
}

function Edge({ edge, more }: EdgeProps) {
  const { id, kind, isTrouble, load, says } = edge;
  const heat = load === undefined ? '' : `load-${Math.min(4, Math.floor(load * 5))}`;
  const middle = { x: (edge.from.x + edge.to.x) / 2, y: (edge.from.y + edge.to.y) / 2 };
  return (
    <g class={`edge ${kind} ${heat} ${isTrouble ? 'trouble' : ''} ${more}`} data-id={id}>
      <title>{says}</title>
      <path class="reach" d={edgePath(edge)} />
      <path class="line" d={edgePath(edge)} />
      {isTrouble && kind === 'cable' && (
        <text class="broken" x={middle.x} y={middle.y + 5}>
          ×
        </text>
      )}
      {load !== undefined && load >= 0.01 && (
        <text class="percent" x={middle.x} y={middle.y - 5}>
          {Math.round(load * 100)} %
        </text>
      )}
    </g>
  );
}

interface NodeProps {
  readonly node: SceneNode;
  readonly mark: Mark | undefined;
  readonly more: string;
}

/** Half the width of the box of a datapath with a name of so many letters. */
export function halfWidth(label: string): number {
  return Math.max(22, 8 + label.length * 3.9);
}

function Node({ node: { id, kind, at, label, isTrouble, says }, mark, more }: NodeProps) {
  const half = halfWidth(label);
  const trouble = isTrouble ? 'trouble' : '';
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no buttons
    <g
      class={`node ${kind} ${trouble} ${more}`}
      data-id={id}
      transform={`translate(${at.x} ${at.y})`}
      role="button"
      tabindex={kind === 'host' ? -1 : 0}
      aria-label={`${kind} ${says}`}
    >
      <title>{says}</title>
      {kind === 'datapath' && (
        <>
          <rect x={-half} y={-14} width={half * 2} height={28} rx={7} />
          <text y={4.5}>{label}</text>
          <circle class="lamp" cx={half - 1} cy={-13} r={4} />
        </>
      )}
      {kind === 'vswitch' && (
        <>
          <path class="halo" d={shapePath(mark?.shape ?? 'circle', 24)} />
          <path class="body" d={shapePath(mark?.shape ?? 'circle', 15)} />
          <text y={38}>{label}</text>
        </>
      )}
      {kind === 'host' && (
        <>
          <circle r={5.5} />
          <text y={id.startsWith('host:') ? -11 : 19}>{label}</text>
        </>
      )}
      {isTrouble && kind !== 'datapath' && (
        <text class="broken" x={kind === 'host' ? 11 : 19} y={kind === 'host' ? 6 : -9}>
          !
        </text>
      )}
    </g>
  );
}

interface BodyProps {
  readonly body: SceneBody;
  readonly mark: Mark | undefined;
  readonly more: string;
}

/** The primary is filled; another is an outline. */
function Body({ body: { id, at, isPrimary, says }, mark, more }: BodyProps) {
  return (
    <g
      class={`body-mark ${isPrimary ? 'primary' : 'other'} ${more}`}
      data-id={id}
      transform={`translate(${at.x} ${at.y})`}
    >
      <title>{says}</title>
      <path d={shapePath(mark?.shape ?? 'circle', 8.5)} />
    </g>
  );
}
