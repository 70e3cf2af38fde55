/**
 * The paper's normative sentences are held by tests that there are: each row of sentences.ts names
 * a file and a title in it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import t from 'tap';
import { sentences } from './sentences.ts';

const tests = resolve(import.meta.dirname, '..');

/** What is missing of a row, or undefined. */
function whyNot(file: string, title: string): string | undefined {
  const path = resolve(tests, file);
  if (!/\.test\.ts$/.test(file) || !existsSync(path)) return `there is no test tests/${file}`;
  // A title stands behind its quotation mark; the row may have its beginning.
  const text = readFileSync(path, 'utf8');
  const isThere = ["'", '"', '`'].some((quote) => text.includes(quote + title));
  return isThere ? undefined : `tests/${file} has no "${title}"`;
}

t.test('each is held by tests that there are', async (t) => {
  for (const { section, says, heldBy } of sentences) {
    t.ok(heldBy.length > 0, says);
    const missing = heldBy.flatMap(([file, title]) => whyNot(file, title) ?? []);
    t.strictSame(missing, [], `${section}: ${says}`);
  }
});

/** In lower case, without what only sets words apart; what is left out parts one. */
const partsOf = (says: string): readonly string[] =>
  says
    .toLowerCase()
    .split('[...]')
    .map((part) => (part.match(/[a-z0-9%]+/g) ?? []).join(' '));

/** Quotes that say the same: a part of one is within another's. */
function twice(all: readonly string[]): readonly string[] {
  const parts = all.map(partsOf);
  return all.flatMap((one, i) => {
    const isIn = (j: number): boolean =>
      j !== i &&
      (parts[i] ?? []).some((part) => (parts[j] ?? []).some((whole) => whole.includes(part)));
    return all.flatMap((other, j) => (isIn(j) ? [`"${one}" is in "${other}"`] : []));
  });
}

t.test('each stands there once, in few words', async (t) => {
  const all = sentences.map(({ says }) => says);
  t.strictSame(twice(all), []);
  t.strictSame(
    all.filter((one) => one.length > 100),
    [],
  );
});

t.test('a quote that is there in other words’ company is found', async (t) => {
  t.strictSame(twice(['LIME should wait', 'for both']), []);
  t.match(twice(['LIME should wait', 'then “LIME” should  wait for both']), [/is in/]);
  t.match(twice(['one [...] should wait', 'LIME should wait']), [/is in/]);
});

t.test('a title that is not there is found', async (t) => {
  t.match(whyNot('paper/sentences.test.ts', ['a title', 'nobody gave'].join(' that ')), /has no/);
  t.match(whyNot('paper/nowhere.test.ts', 'each is held'), /there is no/);
  t.match(whyNot('paper/sentences.ts', 'LIME'), /there is no/);
  t.equal(whyNot('paper/sentences.test.ts', 'each is held by tests'), undefined);
});
