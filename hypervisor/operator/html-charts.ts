/**
 * Parts of reports as one page of HTML that needs nothing else: tables and bars.
 */

/** Pixels. */
export const WIDTH = 900;
export const ROW = 22;
export const LEFT = 160;
/** Colours that are told apart by most people (Okabe and Ito). */
export const colours = [
  ...['#0072b2', '#e69f00', '#009e73', '#d55e00', '#56b4e9', '#cc79a7', '#f0e442'],
] as const;

/** A whole page; its title is text, and its parts are HTML. */
export function page(title: string, parts: readonly string[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${safe(title)}</title><style>
body { font: 14px sans-serif; max-width: ${WIDTH}px; margin: 2em auto; color: #222 }
table { border-collapse: collapse } td, th { padding: 2px 12px 2px 0; text-align: left }
</style></head><body>
<h1>${safe(title)}</h1>
${parts.join('\n')}
</body></html>`;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

export function bar({ x, y, width }: Box, colour: string, says: string): string {
  const at = `x="${x.toFixed(1)}" y="${y + 3}" width="${width.toFixed(1)}" height="${ROW - 6}"`;
  return `<rect ${at} fill="${colour}"><title>${safe(says)}</title></rect>`;
}

/** Stands on the row's foot; `share` is how much of its height it has. */
export function column(
  { x, y, width, share }: Box & { readonly share: number },
  colour: string,
  says: string,
): string {
  const height = Math.max(1, (ROW - 4) * share);
  const top = y + ROW - 2 - height;
  const [left, wide, high] = [x, width, height].map((one) => one.toFixed(1));
  const at = `x="${left}" y="${top.toFixed(1)}" width="${wide}" height="${high}"`;
  return `<rect ${at} fill="${colour}"><title>${safe(says)}</title></rect>`;
}

export function label(x: number, y: number, text: string): string {
  return `<text x="${x.toFixed(1)}" y="${y + ROW - 7}" font-size="12">${safe(text)}</text>`;
}

export function chart(height: number, parts: readonly string[]): string {
  return `<svg width="${WIDTH}" height="${height}">${parts.join('')}</svg>`;
}

export function htmlTable(
  rows: readonly (readonly string[])[],
  heading?: readonly string[],
): string {
  const row = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${safe(cell)}</${tag}>`).join('')}</tr>`;
  const head = heading === undefined ? '' : row(heading, 'th');
  return `<table>${head}${rows.map((cells) => row(cells, 'td')).join('')}</table>`;
}

/** Names are the operator's, and may be anything that the file lets them be. */
export function safe(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
