/**
 * `limevisor traffic --html`: one page that needs nothing else; each row is traffic over the
 * window, with a column for each measured step.
 */
import { rateText } from '../../slices/traffic/traffic-text.ts';
import { chart, colours, column, label, page, ROW } from './html-charts.ts';
import type { Rates, TrafficReport } from './traffic-report.ts';

interface Row extends Rates {
  readonly name: string;
}

/** Of a row's name, and of its series. */
const [NAMES, SERIES] = [280, 400];

export function trafficHtml(report: TrafficReport, over: string): string {
  const { windowMs, pairs, cables, datapaths, leftOut } = report;
  const section = (title: string, rows: readonly Row[]): readonly string[] =>
    rows.length === 0 ? [] : [`<h2>${title}</h2>`, seriesChart(rows, windowMs)];
  const between = pairs.map((one) => ({ ...one, name: `${one.from} to ${one.to}` }));
  const along = cables.map((one) => ({ ...one, name: `${one.from} to ${one.to}` }));
  const into = datapaths.map((one) => ({ ...one, name: one.datapath }));
  return page(`What passed in ${over}`, [
    ...section('Between hosts and vswitches of tenants', between),
    ...section('By cables', along),
    ...section('Into datapaths', into),
    ...(leftOut === 0 ? [] : [`<p>${leftOut} more are not measured: there are too many.</p>`]),
  ]);
}

/** Rows of one chart are on one scale. */
function seriesChart(rows: readonly Row[], windowMs: number): string {
  const most = Math.max(1, ...rows.flatMap(({ points = [] }) => points.map(({ mean }) => mean)));
  const parts = rows.flatMap(({ name, mean, peak, points = [] }, i) => {
    const y = i * ROW;
    const columns = points.map((one) => {
      const x = NAMES + SERIES * Math.max(0, 1 - one.agoMs / windowMs);
      const width = Math.max(1, (SERIES * one.lastsMs) / windowMs);
      const box = { x, y, width, share: one.mean / most };
      return column(
        box,
        colours[0],
        `${rateText(one.mean)}, ${Math.round(one.agoMs / 1_000)} s ago`,
      );
    });
    const rates =
      mean === undefined
        ? 'not measured'
        : `mean ${rateText(mean)}, peak ${rateText(peak ?? mean)}`;
    return [label(0, y, name), ...columns, label(NAMES + SERIES + 10, y, rates)];
  });
  return chart(rows.length * ROW + 8, parts);
}
