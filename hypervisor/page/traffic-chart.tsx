/**
 * A chart of traffic by tenant over the last minutes.
 */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { useAsked } from './asked.ts';
import { useSize } from './hooks.ts';
import type { Live } from './live.ts';
import type { Mark } from './marks.ts';
import { alignedOf, type TrafficDocument } from './traffic.ts';

interface ChartProps {
  readonly live: Live;
  readonly tenants: readonly string[];
  readonly marks: ReadonlyMap<string, Mark>;
}

const WINDOW_MS = 600_000;
const EVERY_MS = 5_000;
const HEIGHT = 220;
/** More lines than this nobody tells apart. */
const LINES_MAX = 8;

export function TrafficChart({ live, tenants, marks }: ChartProps) {
  const [ref, { width }] = useSize<HTMLDivElement>();
  const drawn = useRef<uPlot | undefined>(undefined);
  const shown = tenants.slice(0, LINES_MAX);
  const query = new URLSearchParams([
    ['windowMs', String(WINDOW_MS)],
    ['points', 'true'],
    ...shown.map((one) => ['tenant', one]),
  ]);
  const path = shown.length === 0 ? undefined : `/traffic?${query}`;
  const { value: traffic, why } = useAsked<TrafficDocument>(live, path, { everyMs: EVERY_MS });
  const data = traffic === undefined ? undefined : alignedOf(traffic, shown, Date.now());
  const isEmpty = data === undefined || (data[0]?.length ?? 0) < 2;
  useEffect(() => {
    if (ref.current === null || isEmpty || data === undefined) return;
    const options = optionsOf(width, shown, marks);
    drawn.current?.destroy();
    drawn.current = new uPlot(options, data as uPlot.AlignedData, ref.current);
  }, [traffic, width]);
  return (
    <section>
      <h2>
        Traffic{' '}
        <small>
          Mbit/s that hosts send, the last ten minutes
          {tenants.length > LINES_MAX &&
            `; the first ${LINES_MAX} of ${tenants.length} tenants: search above for others`}
        </small>
      </h2>
      <div class={`chart ${isEmpty ? 'is-empty' : ''}`} ref={ref}>
        {isEmpty && (
          <p class="empty">{why || 'It is measured from now on, while somebody looks.'}</p>
        )}
      </div>
    </section>
  );
}

function optionsOf(
  width: number,
  tenants: readonly string[],
  marks: ReadonlyMap<string, Mark>,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const clock = (_: uPlot, all: number[]): string[] =>
    all.map((sec) => new Date(sec * 1_000).toISOString().slice(11, 19));
  const axis = {
    stroke: of('dim'),
    grid: { stroke: of('edge'), width: 1 },
    ticks: { show: false },
  };
  const dashes = [[], [6, 4], [2, 3], [10, 4, 2, 4]];
  return {
    ...{ width, height: HEIGHT, cursor: { y: false }, legend: { live: false } },
    // The last time's text has room.
    padding: [null, 30, null, null],
    axes: [
      { ...axis, values: clock, space: 76 },
      { ...axis, size: 56 },
    ],
    scales: { y: { range: (_, __, most) => [0, Math.max(0.1, most * 1.1)] } },
    series: [
      {},
      ...tenants.map((label, i) => ({
        ...{
          label,
          width: 2,
          points: { show: false },
          stroke: of(`tenant-${marks.get(label)?.colour ?? 0}`),
        },
        dash: dashes[Math.floor(i / 2) % dashes.length] ?? [],
      })),
    ],
  };
}
