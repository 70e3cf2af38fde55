/**
 * A host's move as an animation: its vport above, both places below, and the host at its place.
 */
import { useState } from 'preact/hooks';
import type { HostMoved } from './documents.ts';
import { useNow } from './hooks.ts';
import { type HostMoment, hostMomentOf, placeText } from './host-phases.ts';
import { HostLane, tookText } from './lane.tsx';
import type { Known, Live } from './live.ts';
import { marksOf } from './marks.ts';
import { shortName, tenantOf, tenantsOf } from './network.ts';
import { hasEnded, spanOf } from './phases.ts';
import { Stage, stage, Undo } from './theatre-stage.tsx';

interface HostPlayProps {
  readonly move: HostMoved;
  readonly known: Known;
  readonly live: Live;
}

export function HostPlay({ move, known: { network, self }, live }: HostPlayProps) {
  const isOver = hasEnded(move);
  const now = useNow(!isOver);
  const [begin, end] = spanOf(move, now);
  const [at, setAt] = useState<number>();
  const moment = hostMomentOf(move, at === undefined ? Number.POSITIVE_INFINITY : begin + at);
  const { host, from, to, state, driver, said, ensemble } = move;
  const mark = marksOf(tenantsOf(network)).get(tenantOf(host));
  const mayAbort = ensemble === undefined && ['open', 'run'].includes(state.type);
  return (
    <>
      <div class="title">
        <div>
          <p class="kind">
            Move of a host · by {driver} · {tookText(end - begin)}
          </p>
          <h1>
            {host}{' '}
            <span class="dim">
              from {placeText(from)} to {placeText(to)}
            </span>
          </h1>
        </div>
        {self?.role === 'operator' && mayAbort && (
          <Undo live={live} path="/host-moves/abort" body={{ host }} />
        )}
      </div>
      {state.why !== undefined && <p class="why">{state.why}</p>}
      <Stage {...{ picture: moment.picture, at, isOver }} length={end - begin} set={setAt}>
        <HostTheatre move={move} moment={moment} colour={mark?.colour ?? 0} />
      </Stage>
      <HostLane move={move} />
      {said.length > 0 && (
        <>
          <h3>What the driver said</h3>
          <pre class="plan">{said.join('\n')}</pre>
        </>
      )}
    </>
  );
}

interface TheatreProps {
  readonly move: HostMoved;
  readonly moment: HostMoment;
  readonly colour: number;
}

const { width: WIDTH, left: LEFT, middle: MIDDLE, right: RIGHT, placeWidth: PLACE_WIDTH } = stage;
const HEIGHT = 230;
const PLACE_Y = 160;
const VPORT_Y = 36;

function HostTheatre({ move, moment: { name, picture }, colour }: TheatreProps) {
  const { host, vswitch, vport, from, to } = move;
  const { leads, runs } = picture;
  const hostX = { from: LEFT, moving: MIDDLE, to: RIGHT }[runs];
  const sides = [
    { x: LEFT, end: from, isLed: leads !== 'to', isHere: runs === 'from' },
    { x: RIGHT, end: to, isLed: leads !== 'from', isHere: runs === 'to' },
  ];
  return (
    <svg
      class={`theatre host-theatre tenant-${colour} in-${name}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
    >
      <title>{`${host}, ${picture.title}: ${picture.says}`}</title>
      {sides.map(({ x, end, isLed, isHere }) => (
        <g key={x} class={`place ${isHere ? 'primary' : isLed ? 'waiting' : 'absent'}`}>
          <rect x={x - PLACE_WIDTH / 2} y={PLACE_Y - 40} width={PLACE_WIDTH} height={84} rx={14} />
          <text class="name" x={x - PLACE_WIDTH / 2 + 16} y={PLACE_Y - 18}>
            {placeText(end)}
          </text>
          <text class="role" x={x} y={PLACE_Y + 34}>
            {roleText(isHere, isLed)}
          </text>
          {isLed && <path class="fall" d={`M${MIDDLE} ${VPORT_Y + 24}L${x} ${PLACE_Y - 42}`} />}
        </g>
      ))}
      <g class="above" transform={`translate(${MIDDLE} ${VPORT_Y})`}>
        <circle r={17} class="vport" />
        <text y={4.5}>{vport}</text>
        <text y={-22}>{vswitch}</text>
      </g>
      <g class="lives" style={{ transform: `translate(${hostX}px, ${PLACE_Y}px)` }}>
        <path d="M-16 -13h32v22h-32zM-6 9v5h12v-5" />
        <text class="hosts-name" y={1}>
          {shortName(host)}
        </text>
      </g>
    </svg>
  );
}

function roleText(isHere: boolean, isLed: boolean): string {
  if (isHere) return 'it runs here';
  return isLed ? 'open for its frames' : 'nothing leads here';
}
