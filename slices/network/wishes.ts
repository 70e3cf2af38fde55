/**
 * Constraints on the path of a virtual link, or of a host's cable (routes.ts), from the file or
 * from reservations.
 */
import type { DatapathName } from '../ids.ts';

/** What somebody wishes of a path besides that it is short. */
export interface Wish {
  /** Which of several equal paths it prefers. */
  readonly rank: number;
  /** Datapaths that the preferred one leads through, in this order. */
  readonly via: readonly DatapathName[];
  /** Those that none leads through. */
  readonly avoid: readonly DatapathName[];
  /**
   * Over which cables the preferred one leads, as `pairText` names them, from either end: where
   * others lack the bandwidth (slices/placement/). They count between the ends that they join only.
   */
  readonly over: readonly string[];
  /** Flows are spread over all of the equal paths. */
  readonly spread?: 'select';
}

export const noWish: Wish = { rank: 0, via: [], avoid: [], over: [] };

/** The same of the way back. */
export function turned<W extends Pick<Wish, 'via'>>(wish: W): W {
  return { ...wish, via: [...wish.via].reverse() };
}

/** Without what it avoids. */
export function open(wish: Wish): Wish {
  return { ...wish, avoid: [] };
}

/** Whether any of the shortest paths would do. */
export function isWithoutWish({ via, over }: Wish): boolean {
  return via.length + over.length === 0;
}
