/**
 * Files that comments, documents and tables of tests mention are there: a name that moved on leaves
 * no reader behind.
 *
 * A mention is a path from the root (`slices/ids.ts`), or a name alone (`ids.ts`), which some file
 * must have.
 */
import { globSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import t from 'tap';
import { readSources } from './support/sources.ts';

const root = resolve(import.meta.dirname, '..');

/** Tests of tests, whose files are made up. */
const madeUp = [
  'tests/glossary.test.ts',
  'tests/tidy.test.ts',
  'tests/layers.test.ts',
  'tests/attacks/rows.test.ts',
  'tests/mentions.test.ts',
  'tests/walks.test.ts',
];

const top = '(?:openflow|slices|translation|hypervisor|tests|examples)';
const mention = new RegExp(
  `(?<![\\w./*-])(?:${top}/[\\w./-]*)?[a-z0-9][a-z0-9-]*(?:\\.[a-z]+)*\\.ts\\b`,
  'g',
);
/** What a name ends with, and `*.ts`. */
const suffixes = /^(soak|test)\.ts$/;

type Texts = Readonly<Record<string, string>>;

/** What is mentioned and not there, as `file: name`. */
function missing(texts: Texts, files: readonly string[]): readonly string[] {
  const paths = new Set(files);
  const names = new Set(files.map((path) => basename(path)));
  return Object.entries(texts).flatMap(([file, text]) =>
    [...new Set(text.match(mention))]
      .filter((said) => !suffixes.test(said))
      .filter(
        (said) =>
          !(said.includes('/') ? paths.has(said) || paths.has(`tests/${said}`) : names.has(said)),
      )
      .map((said) => `${file}: ${said}`),
  );
}

t.test('every file that is mentioned is there', async (t) => {
  const sources = readSources();
  const documents = ['README.md', 'Makefile', ...globSync('docs/*.md', { cwd: root })];
  const texts: Texts = {
    ...sources,
    ...Object.fromEntries(
      documents.map((path) => [path, readFileSync(resolve(root, path), 'utf8')]),
    ),
  };
  const read = Object.entries(texts).filter(([path]) => !madeUp.includes(path));
  t.ok(read.length > 500, `${read.length} files are read`);
  t.strictSame(missing(Object.fromEntries(read), Object.keys(sources)), []);
});

t.test('what is not there is found, by its path and by its name', async (t) => {
  const files = ['slices/ids.ts', 'tests/a.test.ts'];
  const text = '(slices/ids.ts), ids.ts; `slices/gone.ts` gone.ts, b.test.ts and *.soak.ts.';
  t.strictSame(missing({ x: text }, files), ['x: slices/gone.ts', 'x: gone.ts', 'x: b.test.ts']);
  t.strictSame(missing({ x: "import { a } from '../slices/gone.ts';" }, files), []);
});
