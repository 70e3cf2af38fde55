/**
 * Words for mistakes in YAML that do not mention the library that found them (file.ts).
 *
 * The table has a row for each kind that the library tells apart; the compiler proves it complete.
 */
import { type Document, isScalar, type LineCounter, visit, type YAMLError } from 'yaml';
import type { Problem } from '../../slices/config/config.ts';

const separate = 'put one space between the parts, and quotes around texts with : or #';

/** Exported for its test. */
export const words: Readonly<Record<YAMLError['code'], string>> = {
  ALIAS_PROPS: 'gives an alias (*NAME) an anchor or a tag; remove that',
  BAD_ALIAS: 'has a bad alias (*NAME) or anchor (&NAME); define &NAME before it is used',
  BAD_COLLECTION_TYPE: 'has a tag (!NAME) that does not fit; remove it',
  BAD_DIRECTIVE: 'begins with %; remove this line',
  BAD_DQ_ESCAPE: "has an unknown \\ in double quotes; use single quotes ('...')",
  BAD_INDENT: 'is indented wrongly; give entries of one level the same number of spaces',
  BAD_PROP_ORDER: 'has an anchor or a tag in the wrong place; remove it',
  BAD_SCALAR_START: 'has a value that begins with a special character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'has two colons or a list where one key fits; begin a new line',
  BLOCK_IN_FLOW: 'mixes indented lines into { } or [ ]; use one of the two styles',
  DUPLICATE_KEY: 'repeats a key of the same map; keys must be unique',
  IMPOSSIBLE: 'cannot be read as YAML; compare it with docs/GUIDE.md',
  KEY_OVER_1024_CHARS: 'has a key of over 1024 characters; shorten it',
  MISSING_CHAR: `lacks a quote, bracket, comma, colon or space; ${separate}`,
  MULTILINE_IMPLICIT_KEY: 'has a key that goes over several lines; a colon or bracket is missing',
  MULTIPLE_ANCHORS: 'has two anchors (&NAME) for one value; remove one',
  MULTIPLE_DOCS: 'begins a second document; one file is one document, without "---"',
  MULTIPLE_TAGS: 'has two tags (!NAME) for one value; remove them',
  NON_STRING_KEY: 'has a key that is not text; write a name',
  RESOURCE_EXHAUSTION: 'is nested too deep to be read; use fewer levels',
  TAB_AS_INDENT: 'is indented with a tab; use spaces',
  TAG_RESOLVE_FAILED: 'has a tag (!NAME), which is not supported; remove it',
  UNEXPECTED_TOKEN: 'has a character where none is expected; look for a stray bracket or comma',
};

export function yamlProblem({ code, message, linePos }: YAMLError): Problem {
  const path = `line ${linePos?.[0].line ?? '?'}`;
  const [, bracket] = /sufficiently indented and end with a ([}\]])/.exec(message) ?? [];
  // The line is the one that follows: it may well be right.
  if (bracket !== undefined) return { path, why: `begins before a ${bracket} has come; close it` };
  return { path, why: words[/call stack/.test(message) ? 'RESOURCE_EXHAUSTION' : code] };
}

/** Keys that a map has twice: as the library would find them, in one pass over all of the file. */
export function repeatedKeys(document: Document.Parsed, lines: LineCounter): readonly Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        const name = isScalar(key) ? key.value : key;
        if (seen.has(name) && isScalar(key)) {
          const path = `line ${lines.linePos(key.range?.[0] ?? 0).line}`;
          problems.push({ path, why: words.DUPLICATE_KEY });
        }
        seen.add(name);
      }
    },
  });
  return problems;
}
