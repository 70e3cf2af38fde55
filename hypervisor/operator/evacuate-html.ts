/**
 * `limevisor evacuate --html`: one page that needs nothing else, with a chart of when each vswitch
 * was away.
 */
import type { Evacuation } from './evacuation-report.ts';
import { bar, chart, colours, htmlTable, LEFT, label, page, ROW, WIDTH } from './html-charts.ts';

export function evacuationHtml(one: Evacuation): string {
  const { what, cause, withinMs, startedMs, left, late, ways = '' } = one;
  const away = left.filter(({ isAway }) => isAway);
  const facts = [
    ['began', new Date(startedMs).toISOString()],
    ['because', cause],
    ['deadline', `${withinMs / 1_000} s`],
    ['away', `${away.length} of ${left.length}`],
    ['in time', `${away.filter(({ isInTime }) => isInTime).length}`],
    ['ways', ways],
  ];
  const rows = left.map(({ name, importance, from, to, strategy = '', why = '' }) => {
    return [name, `${importance}`, from, to, strategy, why];
  });
  const said = late.map(({ vswitch, importance, why }) => [vswitch, `${importance}`, why]);
  return page(`${what} evacuated`, [
    htmlTable(facts),
    '<h2>Who was away when</h2>',
    timesChart(one),
    htmlTable(rows, ['left', 'importance', 'from', 'to', 'by', 'stays because']),
    '<h2>Said at once not to be in time</h2>',
    said.length === 0 ? '<p>Nobody.</p>' : htmlTable(said, ['vswitch', 'importance', 'why']),
  ]);
}

function timesChart({ left, withinMs }: Evacuation): string {
  const longest = Math.max(withinMs, ...left.map(({ endMs = 0 }) => endMs));
  const scale = (WIDTH - LEFT - 100) / Math.max(1, longest);
  const rows = left.flatMap(({ name, startMs = 0, endMs = startMs, isAway, isInTime, why }, i) => {
    const colour = (isAway ? (isInTime ? colours[2] : colours[1]) : colours[3]) ?? '';
    const [x, width] = [LEFT + startMs * scale, Math.max(2, (endMs - startMs) * scale)];
    const says = isAway ? `${(endMs / 1_000).toFixed(1)} s` : `stays: ${why}`;
    return [
      label(0, i * ROW, name),
      bar({ x, y: i * ROW, width }, colour, `${name}: ${says}`),
      label(x + width + 6, i * ROW, says),
    ];
  });
  const x = LEFT + withinMs * scale;
  const height = left.length * ROW + 8;
  const deadline = `<line x1="${x}" x2="${x}" y1="0" y2="${height}" stroke="#222"/>`;
  return chart(height, [...rows, deadline]);
}
