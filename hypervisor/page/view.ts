/**
 * What each view is given.
 */
import type { Known, Live } from './live.ts';

export interface ViewProps {
  readonly live: Live;
  readonly known: Known;
  /** The address behind the view's name. */
  readonly route: readonly string[];
}
