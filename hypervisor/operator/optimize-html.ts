/**
 * `limevisor optimize --html`: one page that needs nothing else, with a chart of the busiest cables
 * now and then.
 */
import { rateText, sizeText } from '../../slices/traffic/traffic-text.ts';
import type { OptimizeReport } from './control-optimize.ts';
import { bar, chart, colours, htmlTable, LEFT, label, page, ROW, WIDTH } from './html-charts.ts';

export function optimizeHtml(report: OptimizeReport): string {
  const { objective, before, after, moves, whyNot } = report;
  const figures = [
    ['busiest cable', percent(before.busiest), percent(after.busiest)],
    ['hops of a byte', before.hops.toFixed(2), after.hops.toFixed(2)],
    ['ms on its way', before.latencyMs.toFixed(1), after.latencyMs.toFixed(1)],
    ['datapaths in use', `${before.datapaths}`, `${after.datapaths}`],
    ['cables in use', `${before.cables}`, `${after.cables}`],
    ['pairs that share one', `${before.pairs}`, `${after.pairs}`],
  ];
  const rows = moves.map(({ vswitch, from, to, rules, groups, meters, rate, bytes, tookMs }) => {
    const copied = [`${rules}`, `${groups}`, `${meters}`];
    return [vswitch, from, to, ...copied, rateText(rate), sizeText(bytes), `${tookMs} ms`];
  });
  const cost = ['rules', 'groups', 'meters', 'passes', 'crosses meanwhile', 'takes'];
  return page(`A better placement for ${objective}`, [
    htmlTable(figures, ['', 'now', 'then']),
    '<h2>Cables</h2>',
    cablesChart(report),
    '<h2>Moves</h2>',
    rows.length === 0
      ? '<p>No move would make it better.</p>'
      : htmlTable(rows, ['vswitch', 'from', 'to', ...cost]),
    ...(whyNot.length === 0 ? [] : ['<h2>Cannot be</h2>', htmlTable(whyNot.map((one) => [one]))]),
  ]);
}

/** Two bars each: now above then. */
function cablesChart({ cables }: OptimizeReport): string {
  if (cables.length === 0) return '<p>Nothing passes by any cable.</p>';
  const most = Math.max(...cables.flatMap(({ before, after }) => [before, after]));
  const scale = (WIDTH - LEFT - 200) / most;
  const parts = cables.flatMap(({ from, to, before, after }, i) => {
    const y = 2 * i * ROW;
    const uses = [before, after].map((use, line) => {
      const [what, colour] = line === 0 ? ['now', colours[1]] : ['then', colours[2]];
      const width = Math.max(1, use * scale);
      const says = `${what}: ${percent(use)}`;
      const at = y + line * ROW;
      return bar({ x: LEFT, y: at, width }, colour ?? '', says) + label(LEFT + width + 6, at, says);
    });
    return [label(0, y, `${from} to ${to}`), ...uses];
  });
  return chart(2 * cables.length * ROW + 8, parts);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
