/**
 * Rows of a catalogue: what must be tried, and the file whose test tries it, or the reason why none
 * does. The test's title begins with the row's.
 */
import { existsSync, readFileSync } from 'node:fs';

/** A file's path in tests/, or the reason why there is none. */
export type Covered = { readonly in: string } | { readonly not: string };

export interface Row {
  readonly id: string;
  readonly name: string;
  readonly covered: Covered;
}

export function row(id: string, name: string, covered: Covered): Row {
  return { id, name, covered };
}

const tests = new URL('../', import.meta.url);
/** A reason is a sentence. */
const REASON_CHARACTERS_MIN = 20;

/** What is wrong with a row; undefined when it is tried, or has its reason. */
export function troubleOf({ id, name, covered }: Row): string | undefined {
  const title = `${id} ${name}`.trim();
  if ('not' in covered) {
    return covered.not.length < REASON_CHARACTERS_MIN ? `${title} has no reason` : undefined;
  }
  const file = new URL(covered.in, tests);
  if (!existsSync(file)) return `${title}: there is no ${covered.in}`;
  const text = readFileSync(file, 'utf8').replaceAll("\\'", "'");
  const isThere = ["'", '"', '`'].some((quote) => text.includes(`${quote}${title}`));
  return isThere ? undefined : `no test in ${covered.in} begins with "${title}"`;
}
