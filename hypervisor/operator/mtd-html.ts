/**
 * `limevisor mtd report --html`: one page that needs nothing else, with two charts: where vswitches
 * were and when, and how long tenants were together.
 */
import type { MtdReport } from './mtd-report.ts';
import { timeText } from './schedule-commands.ts';

const WIDTH = 900;
const ROW = 22;
const LEFT = 160;
/** Colours that are told apart by most people (Okabe and Ito). */
const colours = ['#0072b2', '#e69f00', '#009e73', '#d55e00', '#56b4e9', '#cc79a7', '#f0e442'];

export function mtdHtml(report: MtdReport): string {
  const { tenants, sinceMs, nowMs, moves, undone, tookMs, stale } = report;
  const title = `Where ${tenants.join(', ')} was`;
  const facts = [
    ['from', new Date(sinceMs).toISOString()],
    ['to', new Date(nowMs).toISOString()],
    ['moves', `${moves} (${undone} undone)`],
    ['a move took', `${tookMs} ms`],
    ['packets that came an old way afterwards', `${stale}`],
  ];
  const rows = report.vswitches.map(({ vswitch, moves, places, longestMs, ...one }) => {
    const guesses = Object.values(one.guesses).map(({ hits, tried }) => `${hits} of ${tried}`);
    const bits = `${one.entropy.toFixed(2)} of ${one.entropyMax.toFixed(2)}`;
    return [vswitch, `${moves}`, `${places}`, timeText(longestMs), bits, ...guesses];
  });
  const names = Object.keys(report.vswitches[0]?.guesses ?? {}).map((name) => `guessed: ${name}`);
  const heading = ['vswitch', 'moves', 'places', 'longest stay', 'entropy, bits', ...names];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${safe(title)}</title><style>
body { font: 14px sans-serif; max-width: ${WIDTH}px; margin: 2em auto; color: #222 }
table { border-collapse: collapse } td, th { padding: 2px 12px 2px 0; text-align: left }
</style></head><body>
<h1>${safe(title)}</h1>
${htmlTable(facts)}
<h2>Places</h2>
${placesChart(report)}
<h2>How well it is guessed</h2>
${htmlTable(rows, heading)}
<h2>Together with other tenants</h2>
${togetherChart(report)}
</body></html>`;
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

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

function bar({ x, y, width }: Box, colour: string, says: string): string {
  const at = `x="${x.toFixed(1)}" y="${y + 3}" width="${width.toFixed(1)}" height="${ROW - 6}"`;
  return `<rect ${at} fill="${colour}"><title>${safe(says)}</title></rect>`;
}

function label(x: number, y: number, text: string): string {
  return `<text x="${x.toFixed(1)}" y="${y + ROW - 7}" font-size="12">${safe(text)}</text>`;
}

function chart(height: number, parts: readonly string[]): string {
  return `<svg width="${WIDTH}" height="${height}">${parts.join('')}</svg>`;
}

function htmlTable(rows: readonly (readonly string[])[], heading?: readonly string[]): string {
  const row = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${safe(cell)}</${tag}>`).join('')}</tr>`;
  const head = heading === undefined ? '' : row(heading, 'th');
  return `<table>${head}${rows.map((cells) => row(cells, 'td')).join('')}</table>`;
}

/** Names are the operator's, and may be anything that the file lets them be. */
function safe(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
