/**
 * What was measured as text: tables whose columns line up, and each number beside its budget.
 */
export interface Verdict {
  readonly text: string;
  readonly isMissed: boolean;
}

/** A number that should be at least, or at most, its budget. */
export function judge(value: number, budget: number | undefined, wants: 'least' | 'most'): Verdict {
  if (budget === undefined) return { text: '', isMissed: false };
  const isMissed = wants === 'least' ? value < budget : value > budget;
  const sign = wants === 'least' ? '>=' : '<=';
  return { text: `${sign} ${budget} ${isMissed ? 'MISSED' : 'ok'}`, isMissed };
}

/** Columns line up: the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

export function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

export function fixed(value: number, digits: number): string {
  return value.toFixed(digits);
}
