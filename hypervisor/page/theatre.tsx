/**
 * One migration as an animation: the vswitch above, both datapaths below, its body at its place,
 * and each port with the body that its packets enter. A running migration and a replayed one look
 * the same.
 */
import { type Mark, shapePath } from './marks.ts';
import { shortName } from './network.ts';
import type { Moment, Role } from './phases.ts';
import { stage } from './theatre-stage.tsx';

interface TheatreProps {
  readonly vswitch: string;
  readonly from: string;
  readonly to: string;
  readonly mark: Mark | undefined;
  /** What enters the old body is dropped, and not led to the new one. */
  readonly drops: boolean;
  /** What each leads to, in order. */
  readonly ports: readonly { readonly port: string; readonly leadsTo: string }[];
  /** By port, where its host is, if that moves, too. */
  readonly hosts: ReadonlyMap<string, string>;
  readonly moment: Moment;
}

const { width: WIDTH, left: LEFT, middle: MIDDLE, right: RIGHT, placeWidth: PLACE_WIDTH } = stage;
const HALF = PLACE_WIDTH / 2;
const HEIGHT = 340;
const BODY_Y = 170;
const PORTS_Y = 292;
const PORTS_SHOWN = 12;

/** What is written under a body. */
const roleTexts: Readonly<Record<Role, string>> = {
  absent: '',
  filling: 'rules are being copied',
  waiting: 'complete, waiting',
  primary: 'processes every packet',
  leading: 'processes none any more',
  frozen: 'stands still',
  leaving: 'is taken down',
};

export function Theatre({ vswitch, from, to, mark, drops, ports, hosts, moment }: TheatreProps) {
  const { picture, progress, name } = moment;
  const shown = ports.slice(0, PORTS_SHOWN);
  const moved = movedOf(moment, shown.length);
  const primaryX = picture.to === 'primary' ? RIGHT : LEFT;
  const colour = `tenant-${mark?.colour ?? 0}`;
  const shape = mark?.shape ?? 'circle';
  const leads = [picture.from, picture.to].includes('leading');
  return (
    <svg class={`theatre ${colour} in-${name}`} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img">
      <title>{`${vswitch}, ${picture.title}: ${picture.says}`}</title>
      <Place x={LEFT} name={from} role={picture.from} />
      <Place x={RIGHT} name={to} role={picture.to} />
      {leads && <Led isBack={picture.from === 'primary'} text={drops ? 'dropped' : 'redirected'} />}
      {picture.to === 'filling' && <Copied part={progress} />}
      {[LEFT, RIGHT].map((x, i) => {
        const role = i === 0 ? picture.from : picture.to;
        if (role === 'absent') return null;
        return (
          <path
            key={x}
            class={`ghost ${role}`}
            transform={`translate(${x} ${BODY_Y})`}
            d={shapePath(shape, 19)}
          />
        );
      })}
      <path class="fall" d={`M${MIDDLE} 58L${primaryX} ${BODY_Y - 24}`} />
      <g class="lives" style={{ transform: `translate(${primaryX}px, ${BODY_Y}px)` }}>
        <path d={shapePath(shape, 19)} class={picture.from === 'frozen' ? 'frozen' : ''} />
      </g>
      <g class="above" transform={`translate(${MIDDLE} 34)`}>
        <path d={shapePath(shape, 17)} />
        <text y={-24}>{vswitch}</text>
      </g>
      {shown.map((port, i) => (
        <PortLine
          key={port.port}
          {...port}
          host={hosts.get(port.port)}
          x={portX(i, shown.length)}
          isMoved={i < moved}
        />
      ))}
    </svg>
  );
}

/** How many ports enter at the new body. */
function movedOf({ picture: { ports }, progress }: Moment, count: number): number {
  if (ports === 'from') return 0;
  if (ports === 'to') return count;
  const part = ports === 'moving' ? progress : 1 - progress;
  return Math.round(part * count);
}

function portX(i: number, count: number): number {
  const step = Math.min(90, (WIDTH - 160) / Math.max(1, count));
  return MIDDLE + (i - (count - 1) / 2) * step;
}

interface PlaceProps {
  readonly x: number;
  readonly name: string;
  readonly role: Role;
}

function Place({ x, name, role }: PlaceProps) {
  return (
    <g class={`place ${role}`} transform={`translate(${x} ${BODY_Y})`}>
      <rect x={-HALF} y={-48} width={PLACE_WIDTH} height={92} rx={14} />
      <text class="name" x={16 - HALF} y={-26}>
        {name}
      </text>
      <text class="role" y={36}>
        {roleTexts[role]}
      </text>
    </g>
  );
}

/** What enters one body is led to the other. */
function Led({ isBack, text }: { readonly isBack: boolean; readonly text: string }) {
  const [a, b] = isBack ? [RIGHT - HALF, LEFT + HALF] : [LEFT + HALF, RIGHT - HALF];
  return (
    <g class="led">
      <path d={`M${a} ${BODY_Y}L${b} ${BODY_Y}`} />
      <text x={MIDDLE} y={BODY_Y - 10}>
        {text}
      </text>
    </g>
  );
}

function Copied({ part }: { readonly part: number }) {
  const length = RIGHT - LEFT - PLACE_WIDTH;
  return (
    <g class="copied">
      <path d={`M${LEFT + HALF} ${BODY_Y}h${length}`} />
      <path class="done" d={`M${LEFT + HALF} ${BODY_Y}h${Math.round(length * part)}`} />
      <text x={MIDDLE} y={BODY_Y - 10}>
        rules
      </text>
    </g>
  );
}

interface PortProps {
  readonly port: string;
  readonly leadsTo: string;
  /** Where its host is, if that moves, too. */
  readonly host: string | undefined;
  readonly x: number;
  readonly isMoved: boolean;
}

function PortLine({ port, leadsTo, host, x, isMoved }: PortProps) {
  const to = isMoved ? RIGHT : LEFT;
  const short = shortName(leadsTo.replace(/^host /, '').replace(/ at .*$/, ''));
  return (
    <g class={`port ${isMoved ? 'moved' : ''}`}>
      <title>{`port ${port} leads to ${leadsTo}`}</title>
      <path
        d={`M${x} ${PORTS_Y - 8}C${x} ${PORTS_Y - 50} ${to} ${BODY_Y + 86} ${to} ${BODY_Y + 46}`}
      />
      <circle cx={x} cy={PORTS_Y} r={8} />
      <text class="number" x={x} y={PORTS_Y + 3.5}>
        {port}
      </text>
      <text x={x} y={PORTS_Y + 24}>
        {short}
      </text>
      {host !== undefined && (
        <text class="host-at" x={x} y={PORTS_Y + 40}>
          {host}
        </text>
      )}
    </g>
  );
}
