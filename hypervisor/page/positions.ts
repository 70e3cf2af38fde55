/**
 * Positions that this browser stores, so that the same network looks the same tomorrow.
 */
import type { Positions } from './layout.ts';

const KEY = 'limevisor-positions';

export function keptPositions(): Positions {
  const text = localStorage.getItem(KEY);
  if (text === null) return new Map();
  try {
    const all = Object.entries(JSON.parse(text) as Record<string, [number, number]>);
    return new Map(all.map(([id, [x, y]]) => [id, { x, y }]));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    return new Map(); // Something else has written there: begin anew.
  }
}

export function keepPositions(positions: Positions): void {
  if (positions.size === 0) return;
  const all = [...positions].map(([id, { x, y }]) => [id, [x, y]] as const);
  localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(all)));
}
