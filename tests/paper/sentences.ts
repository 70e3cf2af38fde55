/**
 * Each normative sentence of the paper (sections 3, 4.1, 4.2 and 5), and the tests that hold us to
 * it: by file and title. Where we do something else than it says, `instead` says what and where
 * docs/DESIGN.md argues for it, and the tests hold that.
 */
import { architecture } from './architecture.ts';
import { packets } from './packets.ts';
import { evaluation, semantics } from './semantics.ts';

export interface Sentence {
  readonly section: '3' | '4' | '4.1' | '4.2' | '5';
  /** Its words. */
  readonly says: string;
  /** File under tests/, and the title of a test or of an assertion in it. */
  readonly heldBy: readonly (readonly [file: string, title: string])[];
  readonly instead?: string;
}

export const sentences: readonly Sentence[] = [
  ...architecture,
  ...packets,
  ...semantics,
  ...evaluation,
];
