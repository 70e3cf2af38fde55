/**
 * Names of files consist of words that a network engineer knows: docs/GLOSSARY.md has each word of
 * ours, OpenFlow's nouns, and words that mean what they always mean. A word that no name and no
 * text uses any more has no place there.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import t from 'tap';
import { folders, readSources, type Sources } from './support/sources.ts';

interface Glossary {
  /** As the tables' first columns have them: a term may be of several words. */
  readonly terms: readonly string[];
  readonly openflow: readonly string[];
  readonly plain: readonly string[];
}

function readGlossary(text: string): Glossary {
  const [tables = '', nouns = '', plain = ''] = text.split(
    /^## (?:OpenFlow's nouns|Words that).*$/m,
  );
  const rows = [...tables.matchAll(/^\| (?!word \||-)([^|]+) \|/gm)];
  const list = (part: string): readonly string[] =>
    (part.split(':').at(-1) ?? '').match(/\w+/g) ?? [];
  const terms = rows.flatMap(([, words = '']) => words.split(',').map((term) => term.trim()));
  return { terms, openflow: list(nouns), plain: list(plain) };
}

/** A word, and what it is the plural of; a 10 at its end is OpenFlow 1.0. */
function formsOf(word: string): readonly string[] {
  const bare = word.replace(/10$/, '');
  return [bare, bare.replace(/s$/, ''), bare.replace(/es$/, ''), bare.replace(/ies$/, 'y')];
}

const wordsOf = (term: string): readonly string[] => term.toLowerCase().match(/[a-z]+/g) ?? [];
const nameOf = (path: string): string => basename(path).replace(/\.tsx?$/, '');
const ours = (sources: Sources): readonly string[] =>
  Object.keys(sources).filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)));

/** Words in files' names that the glossary does not have. */
function unknownWords(paths: readonly string[], { terms, openflow, plain }: Glossary): string[] {
  const known = new Set([...terms.flatMap(wordsOf), ...openflow, ...plain]);
  return paths.flatMap((path) =>
    nameOf(path)
      .split('-')
      .filter((word) => word !== '' && !/^\d+$/.test(word))
      .filter((word) => !formsOf(word).some((form) => known.has(form)))
      .map((word) => `${path}: ${word}`),
  );
}

/** Terms that are used nowhere; nouns and plain words that are in no file's name. */
function idleWords(sources: Sources, { terms, openflow, plain }: Glossary): string[] {
  const paths = ours(sources);
  const inNames = new Set(paths.flatMap((path) => nameOf(path).split('-').flatMap(formsOf)));
  const text = paths.map((path) => `${path}\n${sources[path]}`).join('\n');
  const spaced = text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  const inText = new Set(spaced.match(/[a-z]+/g)?.flatMap(formsOf));
  return [
    ...terms.filter((term) => !wordsOf(term).every((word) => inText.has(word))),
    ...[...openflow, ...plain].filter((word) => !inNames.has(word)),
  ];
}

const glossary = readGlossary(readFileSync('docs/GLOSSARY.md', 'utf8'));
const sources = readSources();

t.test('names of files consist of words that are known', async (t) => {
  t.ok(glossary.terms.length > 50 && glossary.openflow.length > 20, 'the glossary is read');
  t.strictSame(unknownWords(ours(sources), glossary), []);
});

t.test('every word of the glossary is still used, and stands there once', async (t) => {
  t.strictSame(idleWords(sources, glossary), []);
  const all = [...glossary.terms, ...glossary.openflow, ...glossary.plain];
  t.strictSame(
    all.filter((word, i) => all.indexOf(word) !== i),
    [],
  );
});

t.test('a made-up offender is caught, and its look-alikes pass', async (t) => {
  const tables = '| word | what |\n|---|---|\n| way, paced send | w |\n';
  const few = readGlossary(`${tables}## OpenFlow's nouns\nx:\nentry\n## Words that\nof`);
  t.strictSame(few, { terms: ['way', 'paced send'], openflow: ['entry'], plain: ['of'] });
  t.strictSame(unknownWords(['slices/gathering.ts', 'slices/a/way-turns.ts'], few), [
    'slices/gathering.ts: gathering',
    'slices/a/way-turns.ts: turns',
  ]);
  t.strictSame(unknownWords(['slices/entries-of-ways.ts', 'slices/entry10.ts'], few), []);
  t.strictSame(idleWords({ 'slices/entry.ts': 'let pacedSend = 1; way;' }, few), ['of']);
  t.strictSame(idleWords({ 'slices/of-entries.ts': 'pace send' }, few), ['way', 'paced send']);
});
