/**
 * The sides of a vswitch's bodies: a new body gets the other side than the one beside which it was
 * made, so a vport's home never moves to a body of the same side
 * (translation/entries/cache-eviction.ts).
 */
import type { DatapathName } from '../ids.ts';
import type { Placement } from './values.ts';

/** A placement, with the sides that follow from the one before it. */
export function withSides(placement: Placement, before: Placement | undefined): Placement {
  const { secondSide: _, ...rest } = placement;
  const known = before?.bodies ?? [];
  const isSecond = (body: DatapathName): boolean => before?.secondSide?.has(body) === true;
  const beside = placement.bodies.find((body) => known.includes(body)) ?? known[0];
  const areNewSecond = beside !== undefined && !isSecond(beside);
  const second = placement.bodies.filter((body) =>
    known.includes(body) ? isSecond(body) : areNewSecond,
  );
  return second.length === 0 ? rest : { ...rest, secondSide: new Set(second) };
}
