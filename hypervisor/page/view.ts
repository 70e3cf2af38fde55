/**
 * The properties that each view gets.
 */
import type { Known, Live } from './live.ts';

export interface ViewProps {
  readonly live: Live;
  readonly known: Known;
  /** The address behind the view's name. */
  readonly route: readonly string[];
}
