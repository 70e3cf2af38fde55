/**
 * The marks of tenants: each has a colour and a shape, so that nobody needs the colours.
 *
 * Both follow from a tenant's place among all, in the order of their names; a colour is an index
 * into the eight of page.css, which are told apart by most people (after Okabe and Ito).
 */
export const COLOURS = 8;

export type Shape = 'circle' | 'square' | 'diamond' | 'triangle' | 'hexagon' | 'cross' | 'drop';

const shapes: readonly Shape[] = [
  ...(['circle', 'square', 'diamond', 'triangle', 'hexagon', 'cross', 'drop'] as const),
];

export interface Mark {
  readonly colour: number;
  readonly shape: Shape;
}

/** A tenant that has the name of a colour has that colour: any other would mislead. */
const named: Readonly<Record<string, number>> = {
  ...{ blue: 0, orange: 1, green: 2, pink: 3, magenta: 3, yellow: 4, purple: 5, violet: 5 },
  ...{ red: 6, cyan: 7, teal: 7 },
};

/** Seven shapes and eight colours: 56 tenants before two are alike. */
export function marksOf(tenants: readonly string[]): ReadonlyMap<string, Mark> {
  const sorted = [...tenants].sort();
  const taken = new Set(sorted.flatMap((tenant) => named[tenant] ?? []));
  const free = Array.from({ length: COLOURS }, (_, i) => i).filter((i) => !taken.has(i));
  const others = sorted.filter((tenant) => named[tenant] === undefined);
  return new Map(
    sorted.map((tenant, i) => {
      const colour = named[tenant] ?? free[others.indexOf(tenant) % free.length] ?? 0;
      return [tenant, { colour, shape: shapes[i % shapes.length] ?? 'circle' }];
    }),
  );
}

/** As path data around 0, of radius `r`: what SVG, a canvas and the exports all draw. */
export function shapePath(shape: Shape, r: number): string {
  if (shape === 'circle') return `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
  const corners = outlines[shape].map(([x, y]) => `${round(x * r)} ${round(y * r)}`);
  return `M${corners.join('L')}z`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

type Corner = readonly [x: number, y: number];

const outlines: Readonly<Record<Exclude<Shape, 'circle'>, readonly Corner[]>> = {
  square: [
    ...([
      [-0.86, -0.86],
      [0.86, -0.86],
    ] as const),
    ...([
      [0.86, 0.86],
      [-0.86, 0.86],
    ] as const),
  ],
  diamond: [
    [0, -1.15],
    [1.15, 0],
    [0, 1.15],
    [-1.15, 0],
  ],
  triangle: [
    [0, -1.1],
    [1.1, 0.85],
    [-1.1, 0.85],
  ],
  hexagon: [
    [-0.55, -0.95],
    [0.55, -0.95],
    [1.1, 0],
    [0.55, 0.95],
    [-0.55, 0.95],
    [-1.1, 0],
  ],
  cross: [
    ...([
      [-0.4, -1],
      [0.4, -1],
      [0.4, -0.4],
      [1, -0.4],
      [1, 0.4],
      [0.4, 0.4],
    ] as const),
    ...([
      [0.4, 1],
      [-0.4, 1],
      [-0.4, 0.4],
      [-1, 0.4],
      [-1, -0.4],
      [-0.4, -0.4],
    ] as const),
  ],
  drop: [
    [0, -1.2],
    [0.8, -0.1],
    [0.85, 0.5],
    [0.4, 1],
    [-0.4, 1],
    [-0.85, 0.5],
    [-0.8, -0.1],
  ],
};
