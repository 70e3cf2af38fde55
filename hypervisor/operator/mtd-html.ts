/**
 * `limevisor mtd report --html`: one page that needs nothing else, with two charts: the places of
 * vswitches over time, and how long tenants shared a datapath.
 */
import { bar, chart, colours, htmlTable, LEFT, label, page, ROW, WIDTH } from './html-charts.ts';
import type { MtdReport } from './mtd-report.ts';
import { probedText, timeText } from './schedule-commands.ts';

export function mtdHtml(report: MtdReport): string {
  const { tenants, sinceMs, nowMs, moves, undone, tookMs, stale } = report;
  const { messages, dropped, frozen, peak, probed } = report;
  const perHour = (moves * 3_600_000) / Math.max(1, nowMs - sinceMs);
  const title = `Where ${tenants.join(', ')} was`;
  const facts = [
    ['from', new Date(sinceMs).toISOString()],
    ['to', new Date(nowMs).toISOString()],
    ['moves', `${moves} (${undone} undone)`],
    ['a move took', `${tookMs} ms`],
    ['packets that came an old way afterwards', `${stale}`],
    ['moves an hour', perHour.toFixed(1)],
    ['control messages a move', (messages / Math.max(1, moves)).toFixed(0)],
    ...(probed === undefined ? [] : [['loss', probedText(probed)]]),
    ['packets that guards dropped', `${dropped}`],
    ['moves by freeze-and-copy', `${frozen}`],
    ['most entries on a datapath', peak === undefined ? '' : `${peak.entries} on ${peak.on}`],
  ];
  const rows = report.vswitches.map(({ vswitch, moves, places, longestMs, ...one }) => {
    const guesses = Object.values(one.guesses).map(({ hits, tried }) => `${hits} of ${tried}`);
    const bits = `${one.entropy.toFixed(2)} of ${one.entropyMax.toFixed(2)}`;
    return [vswitch, `${moves}`, `${places}`, timeText(longestMs), bits, ...guesses];
  });
  const names = Object.keys(report.vswitches[0]?.guesses ?? {}).map((name) => `guessed: ${name}`);
  const heading = ['vswitch', 'moves', 'places', 'longest stay', 'entropy, bits', ...names];
  return page(title, [
    htmlTable(facts),
    '<h2>Places</h2>',
    placesChart(report),
    '<h2>How well it is guessed</h2>',
    htmlTable(rows, heading),
    '<h2>Together with other tenants</h2>',
    togetherChart(report),
  ]);
}

function placesChart({ stays, sinceMs, nowMs }: MtdReport): string {
  const vswitches = [...new Set(stays.map(({ vswitch }) => vswitch))];
  const places: readonly string[] = [...new Set(stays.map(({ on }) => on))].sort();
  const scale = (WIDTH - LEFT) / Math.max(1, nowMs - sinceMs);
  const colourOf = (on: string): string => colours[places.indexOf(on) % colours.length] ?? '';
  const bars = stays.map(({ vswitch, on, fromMs, toMs }) => {
    const x = LEFT + (fromMs - sinceMs) * scale;
    const y = vswitches.indexOf(vswitch) * ROW;
    const width = Math.max(1, (toMs - fromMs) * scale);
    return bar({ x, y, width }, colourOf(on), `${vswitch} on ${on}: ${timeText(toMs - fromMs)}`);
  });
  const labels = vswitches.map((name, i) => label(0, i * ROW, name));
  const legend = places.map((on, i) => {
    const [x, y] = [LEFT + (i % 8) * 90, (vswitches.length + Math.floor(i / 8)) * ROW + 8];
    return bar({ x, y, width: 14 }, colourOf(on), on) + label(x + 20, y, on);
  });
  const height = (vswitches.length + Math.ceil(places.length / 8)) * ROW + 16;
  return chart(height, [...labels, ...bars, ...legend]);
}

function togetherChart({ together }: MtdReport): string {
  if (together.length === 0) return '<p>No datapath was shared with another tenant.</p>';
  const most = Math.max(...together.map(({ totalMs }) => totalMs));
  const rows = together.flatMap(({ tenants, on, totalMs, longestMs }, i) => {
    const text = `${tenants.join(' and ')} on ${on}`;
    const scale = (WIDTH - LEFT - 200) / most;
    const says = `${timeText(totalMs)}, the longest ${timeText(longestMs)}`;
    const width = Math.max(1, totalMs * scale);
    return [
      label(0, i * ROW, text),
      bar({ x: LEFT, y: i * ROW, width }, colours[4] ?? '', `${text}: ${says}`),
      bar({ x: LEFT, y: i * ROW, width: Math.max(1, longestMs * scale) }, colours[0] ?? '', says),
      label(LEFT + width + 6, i * ROW, says),
    ];
  });
  return chart(together.length * ROW + 8, rows);
}
