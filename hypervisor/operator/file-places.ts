/**
 * Finds the line of a configuration file that has a problem: the problem's path leads to a line of
 * the YAML text.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { type Problem, problemText } from '../../slices/config/config.ts';
import { limits } from '../../slices/limits.ts';

/** A problem, and where it is, if it is anywhere in the text: from 1, and what stands there. */
export interface FileProblem extends Problem {
  readonly line?: number;
  readonly text?: string;
}

/** As people read it: `path: why`, and below it the line. */
export function fileProblemText(problem: FileProblem): string {
  const { line, text } = problem;
  const below = line === undefined ? '' : `\n    line ${line}: ${text}`;
  return `${problemText(problem)}${below}`;
}

/** As people read them: of very many the first, and how many more there are. */
export function firstProblems(problems: readonly FileProblem[]): readonly string[] {
  const more = problems.length - limits.problemsShownMax;
  const rest = more > 0 ? [`and ${more} more; "limevisor check FILE --json" prints all`] : [];
  return [...problems.slice(0, limits.problemsShownMax).map(fileProblemText), ...rest];
}

type Entries = ReadonlyMap<string, Pair>;

export class FilePlaces {
  readonly #document: Document.Parsed;
  readonly #counter: LineCounter;
  readonly #lines: readonly string[];
  /** By key: maps may be large, and problems many. */
  readonly #entries = new WeakMap<YAMLMap, Entries>();

  constructor(document: Document.Parsed, counter: LineCounter, text: string) {
    this.#document = document;
    this.#counter = counter;
    this.#lines = text.split(/\r?\n/);
  }

  placed(problem: Problem): FileProblem {
    const offset = this.#offsetOf(problem);
    if (offset === undefined) return problem;
    const { line, col } = this.#counter.linePos(offset);
    return this.#onLine(problem, line, col);
  }

  /** A mistake in YAML, whose path is its line: `line 3`. */
  atLine(problem: Problem): FileProblem {
    const line = Number(/^line ([0-9]+)$/.exec(problem.path)?.[1] ?? 0);
    return this.#onLine(problem, line, 1);
  }

  #onLine(problem: Problem, line: number, column: number): FileProblem {
    const text = this.#lines[line - 1];
    return text === undefined ? problem : { ...problem, line, text: clipped(text, column - 1) };
  }

  /** Of the scalar that the path names, else of its key; of the nearest of those that are there. */
  #offsetOf({ path, key }: Problem): number | undefined {
    let rest = path;
    let node: unknown = this.#document.contents;
    let found: number | undefined;
    while (rest !== '') {
      const next = this.#step(this.#resolved(node), rest);
      if (next === undefined) break;
      ({ node, rest } = next);
      found = next.offset;
    }
    const inside = key === undefined ? undefined : this.#entryOf(this.#resolved(node), key);
    return inside === undefined ? found : startOf(inside.key);
  }

  #step(node: unknown, path: string) {
    const [whole, index] = /^\[([0-9]+)\]\.?/.exec(path) ?? [];
    if (whole !== undefined) {
      const item = isSeq(node) ? node.items[Number(index)] : undefined;
      if (item === undefined) return undefined;
      return { node: item, rest: path.slice(whole.length), offset: startOf(item) };
    }
    // A name may have dots: the longest that is a key here.
    for (const end of endsIn(path)) {
      const entry = this.#entryOf(node, path.slice(0, end));
      if (entry === undefined) continue;
      const rest = path.slice(end).replace(/^\./, '');
      const at = isScalar(entry.value) && rest === '' ? entry.value : entry.key;
      return { node: entry.value, rest, offset: startOf(at) ?? startOf(entry.key) };
    }
    return undefined;
  }

  #entryOf(node: unknown, key: string): Pair | undefined {
    if (!isMap(node)) return undefined;
    const known = this.#entries.get(node) ?? entriesOf(node);
    this.#entries.set(node, known);
    return known.get(key);
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }
}

function entriesOf(node: YAMLMap): Entries {
  return new Map(node.items.map((one) => [isScalar(one.key) ? String(one.key.value) : '', one]));
}

/** Where a key at the beginning of a path could end, the longest first. */
function endsIn(path: string): readonly number[] {
  const ends = [...path.matchAll(/[.[]/g)].map(({ index }) => index);
  return [path.length, ...ends.reverse()];
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}

/** So much of a line as can be read at once, with what is at `from` in it. */
function clipped(line: string, from: number): string {
  const max = limits.lineCharactersMax;
  const whole = line.trim();
  if (whole.length <= max) return whole;
  const at = Math.max(0, from - (line.length - line.trimStart().length));
  const start = Math.min(Math.max(0, at - max / 4), whole.length - max);
  const end = start + max;
  return `${start > 0 ? '... ' : ''}${whole.slice(start, end)}${end < whole.length ? ' ...' : ''}`;
}
