/**
 * Names consist of words that a network engineer knows: docs/GLOSSARY.md has each word of ours,
 * OpenFlow's nouns, and words that mean what they always mean. A term of several words licenses
 * them only together, and a word that was not understood once has to be explained there. A word
 * that no name and no text uses any more has no place there.
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

/** Issue 11, section 6: words of ours that nobody understood before opening the file. */
const notUnderstood = new Set(
  (
    'alike together gathering gathered standing held book hub end face tally level reach sender ' +
    'answer intake order deliver flight turn removal renewal loaded replay dump buffered shelf ' +
    'shelves work ledger carry reckon reckoned reckoning'
  ).split(' '),
);

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

/** Those of a name's words that neither stand for themselves nor are part of a whole term. */
function unlicensed(name: readonly string[], { terms, openflow, plain }: Glossary): string[] {
  const split = terms.map(wordsOf);
  const alone = new Set(split.flatMap((words) => (words.length === 1 ? words : [])));
  const usual = [...openflow, ...plain].filter((word) => !notUnderstood.has(word));
  const single = new Set([...alone, ...usual]);
  const inTerm = new Set<number>();
  for (const term of split.filter((words) => words.length > 1)) {
    for (let at = 0; at + term.length <= name.length; at += 1) {
      const isHere = term.every((word, i) => formsOf(name[at + i] ?? '').includes(word));
      if (isHere) for (let i = 0; i < term.length; i += 1) inTerm.add(at + i);
    }
  }
  return name.filter((word, i) => !inTerm.has(i) && !formsOf(word).some((one) => single.has(one)));
}

/** Words in files' names that the glossary does not have. */
function unknownWords(paths: readonly string[], glossary: Glossary): string[] {
  return paths.flatMap((path) => {
    const name = nameOf(path)
      .split('-')
      .filter((word) => word !== '' && !/^\d+$/.test(word));
    return unlicensed(name, glossary).map((word) => `${path}: ${word}`);
  });
}

const declared = /^export (?:abstract )?(?:class|interface|type|function\*?) ([A-Za-z0-9]+)/gm;

/** Exported names with a word that was not understood, and that nothing explains. */
function unclearNames(sources: Sources, glossary: Glossary): string[] {
  return ours(sources).flatMap((path) =>
    [...(sources[path] ?? '').matchAll(declared)].flatMap(([, name = '']) => {
      const words = wordsOf(name.replace(/([a-z0-9])([A-Z])/g, '$1 $2'));
      const unclear = unlicensed(words, glossary).filter((word) =>
        formsOf(word).some((one) => notUnderstood.has(one)),
      );
      return unclear.map((word) => `${path}: ${name}: ${word}`);
    }),
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

t.test('what was not understood once is in no exported name, or explained', async (t) => {
  t.strictSame(unclearNames(sources, glossary), []);
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
  const tables = '| word | what |\n|---|---|\n| way, reply order | w |\n';
  const few = readGlossary(`${tables}## OpenFlow's nouns\nx:\nentry\n## Words that\nof answer`);
  t.strictSame(few, {
    terms: ['way', 'reply order'],
    openflow: ['entry'],
    plain: ['of', 'answer'],
  });
  t.strictSame(unknownWords(['slices/gathering.ts', 'slices/a/way-turns.ts'], few), [
    'slices/gathering.ts: gathering',
    'slices/a/way-turns.ts: turns',
  ]);
  t.strictSame(unknownWords(['slices/entries-of-ways.ts', 'slices/entry10.ts'], few), []);
  t.strictSame(unknownWords(['slices/reply-order.ts', 'slices/way-reply-orders.ts'], few), []);
  t.strictSame(
    unknownWords(['slices/order.ts', 'slices/order-reply.ts', 'slices/answers.ts'], few),
    [
      'slices/order.ts: order',
      'slices/order-reply.ts: order',
      'slices/order-reply.ts: reply',
      'slices/answers.ts: answers',
    ],
    'a term only as a whole, and no word that was not understood',
  );
  const names = 'export class Shelf {}\nexport function replyOrder() {}\nclass Shelf2 {}';
  t.strictSame(unclearNames({ 'slices/entry.ts': names }, few), ['slices/entry.ts: Shelf: shelf']);
  t.strictSame(idleWords({ 'slices/answer.ts': 'let replyOrder = 1; way; entry' }, few), [
    'entry',
    'of',
  ]);
  t.strictSame(idleWords({ 'slices/of-entries.ts': 'reply' }, few), [
    'way',
    'reply order',
    'answer',
  ]);
});
