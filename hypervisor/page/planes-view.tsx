/**
 * Virtual networks above, the physical one below, and the relations between them.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Details } from './details.tsx';
import { ExportMenu } from './export-menu.tsx';
import { type Lit, litBy } from './highlighted.ts';
import { goTo, isTyping, useGlide, useKeyDown, useSize } from './hooks.ts';
import { Lane } from './lane.tsx';
import { layoutOf, type Positions } from './layout.ts';
import { marksOf } from './marks.ts';
import { found, type Network, tenantsOf } from './network.ts';
import { hasEnded } from './phases.ts';
import { PlaneCanvas } from './plane-canvas.tsx';
import { PlaneDrawing } from './plane-drawing.tsx';
import { keepPositions, keptPositions } from './positions.ts';
import { sceneOf } from './scene.ts';
import { Icon } from './symbols.tsx';
import type { ViewProps } from './view.ts';
import { useZoom, useZoomKeys, type Zoom } from './zoom.ts';

/** More nodes than this are drawn on a canvas. */
const DRAWN_MAX = 320;

export function PlanesView({ known, route }: ViewProps) {
  const { network } = known;
  const [pointed, point] = useState<string>();
  const [text, search] = useState('');
  const [shows, setShows] = useState({ load: true, hosts: true });
  const chosen = route[0];
  const choose = (id: string | undefined): void =>
    goTo('planes', ...(id === undefined ? [] : [id]));
  const seen = useMemo(() => shownOf(network, shows), [network, shows.load, shows.hosts]);
  const positions = usePositions(seen);
  const scene = useGlide(useMemo(() => sceneOf(seen, positions), [seen, positions]));
  const marks = useMemo(() => marksOf(tenantsOf(network)), [network]);
  const [stage, size] = useSize<HTMLDivElement>();
  const zoom = useZoom(stage, scene.box, size);
  useZoomKeys(zoom);
  useViewKeys(setShows, () => choose(undefined));
  const lit = useMemo((): Lit => {
    const wanted = found(seen, text);
    return wanted.size > 0 ? wanted : litBy(seen, pointed ?? chosen);
  }, [seen, pointed, chosen, text]);
  const drawing = { scene, lit, marks, transform: zoom.transform, point, choose };
  return (
    <main class="planes">
      <div class="stage" ref={stage}>
        {scene.nodes.length > DRAWN_MAX ? (
          <PlaneCanvas {...drawing} size={size} />
        ) : (
          <PlaneDrawing {...drawing} />
        )}
      </div>
      <Tools {...{ text, search, shows, setShows }} hasLoad={network.cables.length > 0}>
        <ExportMenu network={network} scene={scene} document={known.document} />
      </Tools>
      <ZoomButtons zoom={zoom} />
      <Moving known={known} />
      <Details network={network} marks={marks} chosen={chosen} point={point} choose={choose} />
    </main>
  );
}

/** Without what is not asked for. */
function shownOf(
  network: Network,
  shows: { readonly load: boolean; readonly hosts: boolean },
): Network {
  const cables = shows.load ? network.cables : network.cables.map(({ load: _, ...rest }) => rest);
  return { ...network, cables, hosts: shows.hosts ? network.hosts : [] };
}

/** Places of what is drawn; they are kept for the next time. */
function usePositions(network: Network): Positions {
  const kept = useRef<Positions | undefined>(undefined);
  const positions = useMemo(() => {
    if (network.vswitches.length + network.datapaths.length === 0) return new Map();
    kept.current = layoutOf(network, kept.current ?? keptPositions());
    return kept.current;
  }, [network]);
  useEffect(() => keepPositions(positions), [positions]);
  return positions;
}

type Shows = { readonly load: boolean; readonly hosts: boolean };

function useViewKeys(set: (change: (was: Shows) => Shows) => void, letGo: () => void): void {
  useKeyDown(({ key, target }) => {
    if (isTyping(target)) return;
    if (key === 'Escape') letGo();
    else if (key === 'l') set((was) => ({ ...was, load: !was.load }));
    else if (key === 'h') set((was) => ({ ...was, hosts: !was.hosts }));
  });
}

interface ToolsProps {
  readonly text: string;
  readonly search: (text: string) => void;
  readonly shows: Shows;
  readonly setShows: (shows: Shows) => void;
  /** Owners have no cables. */
  readonly hasLoad: boolean;
  readonly children: ComponentChildren;
}

function Tools({ text, search, shows, setShows, hasLoad, children }: ToolsProps) {
  const { load, hosts } = shows;
  return (
    <div class="toolbar">
      <input
        type="search"
        placeholder="Search (/)"
        aria-label="Search"
        value={text}
        onInput={(event) => search(event.currentTarget.value)}
      />
      {hasLoad && (
        <Toggle isOn={load} flip={() => setShows({ ...shows, load: !load })} text="Load" />
      )}
      <Toggle isOn={hosts} flip={() => setShows({ ...shows, hosts: !hosts })} text="Hosts" />
      {children}
    </div>
  );
}

interface ToggleProps {
  readonly isOn: boolean;
  readonly flip: () => void;
  readonly text: string;
}

function Toggle({ isOn, flip, text }: ToggleProps) {
  return (
    <button type="button" class="toggle" aria-pressed={isOn} onClick={flip}>
      {text}
    </button>
  );
}

function ZoomButtons({ zoom: { by, fit } }: { readonly zoom: Zoom }) {
  return (
    <div class="zoom">
      <button type="button" title="Nearer (+)" onClick={() => by(1.4)}>
        <Icon name="plus" />
      </button>
      <button type="button" title="Farther (-)" onClick={() => by(1 / 1.4)}>
        <Icon name="minus" />
      </button>
      <button type="button" title="All of it (0)" onClick={fit}>
        <Icon name="whole" />
      </button>
    </div>
  );
}

/** What is under way, over the bottom of the stage. */
function Moving({ known: { migrations } }: Pick<ViewProps, 'known'>) {
  const moving = migrations.filter((one) => !hasEnded(one)).slice(-3);
  if (moving.length === 0) return null;
  return (
    <div class="moving" role="status">
      {moving.map((one) => (
        <a key={one.id} class="card" href={`#/migrations/${one.id}`}>
          <b>{one.vswitch}</b> {one.from} → {one.to}
          <Lane migration={one} isSmall />
        </a>
      ))}
    </div>
  );
}
