/**
 * Walks a parsed file and remembers every problem with its path, instead of stopping at the first.
 *
 * All scalars are strings (the shell parses YAML without guessing types).
 */
import { limits } from '../limits.ts';
import { insteadText } from '../near-names.ts';
import type { Parsed } from './parsed.ts';

export interface Problem {
  /** Where in the file, such as `tenants.red.vswitches.v1.on`. */
  readonly path: string;
  /** What is wrong there and what to do about it. */
  readonly why: string;
  /** Of a map, the key that is wrong. */
  readonly key?: string;
}

/** What each list of problems holds: a file may have very many. */
const told = new WeakMap<readonly Problem[], Set<string>>();

const WORD_CHARACTERS = 2 * limits.lineCharactersMax;
const longWord = new RegExp(`[^.\\[\\]"]{${WORD_CHARACTERS},}`, 'g');

/** As people read it: no word of theirs is longer than what they can take in. */
export function problemText({ path, why }: Problem): string {
  return `${path.replaceAll(longWord, beginning)}: ${why}`;
}

function beginning(text: string): string {
  return `${text.slice(0, WORD_CHARACTERS / 2)}...`;
}

/** The same of what it quotes. */
function clippedQuotes(why: string): string {
  return why.replaceAll(/"[^"]*"/g, (quoted) => {
    return quoted.length <= WORD_CHARACTERS ? quoted : `"${beginning(quoted.slice(1, -1))}"`;
  });
}

export class Reader {
  readonly #value: unknown;
  readonly #path: string;
  readonly #problems: Problem[];

  constructor(value: unknown, path: string, problems: Problem[]) {
    this.#value = value;
    this.#path = path;
    this.#problems = problems;
  }

  get path(): string {
    return this.#path;
  }

  /** The same problem at the same place is told once. */
  problem(text: string, key?: string): void {
    const why = clippedQuotes(text);
    const path = this.#path === '' ? '(top)' : this.#path;
    const known = told.get(this.#problems) ?? new Set();
    const whole = `${path}: ${why}`;
    if (known.has(whole)) return;
    told.set(this.#problems, known.add(whole));
    this.#problems.push({ path, why, ...(key !== undefined && { key }) });
  }

  /**
   * A name that is none of `known`; which may be meant is said of the first problems only, for it
   * takes time to find.
   */
  unknown(what: string, name: string, known: () => Iterable<string>): void {
    const isEarly = this.#problems.length < limits.hintedProblemsMax;
    const names = isEarly ? [...known()].filter((one) => one.length <= WORD_CHARACTERS) : [];
    this.problem(isEarly ? `${what}; ${insteadText(name, names)}` : what);
  }

  /** The scalar here; a problem and undefined when it is something else. */
  text(): string | undefined {
    const value = this.#value;
    const isShort = typeof value !== 'string' || value.length <= limits.scalarCharactersMax;
    if (typeof value === 'string' && value !== '' && isShort) return value;
    if (value !== undefined) this.problem(`must be a word or a number, not ${this.#kind()}`);
    return undefined;
  }

  /** What `parse` makes of the scalar here: one value, or none and a problem. */
  parsed<T>(parse: (text: string) => Parsed<T>): readonly T[] {
    const text = this.text();
    if (text === undefined) return [];
    const result = parse(text);
    if (result.ok) return [result.value];
    this.problem(result.why);
    return [];
  }

  /** A scalar is a list of one. With `whyNotEmpty`, an empty list is a problem too. */
  items(whyNotEmpty?: string): readonly Reader[] {
    if (typeof this.#value === 'string' && this.#value !== '') return [this];
    if (Array.isArray(this.#value)) {
      if (this.#value.length === 0 && whyNotEmpty !== undefined) this.problem(whyNotEmpty);
      return this.#value.map((one, i) => new Reader(one, `${this.#path}[${i}]`, this.#problems));
    }
    if (this.#value !== undefined) this.problem(`must be a list, not ${this.#kind()}`);
    return [];
  }

  entries(): readonly (readonly [string, Reader])[] {
    const map = this.#map();
    return map === undefined ? [] : Object.keys(map).map((key) => [key, this.#child(key)] as const);
  }

  required(key: string): Reader {
    const map = this.#map();
    const value = map?.[key] ?? '';
    if (value !== '') return this.#child(key);
    if (map !== undefined) this.problem(`has no "${key}"; it is needed`);
    return new Reader(undefined, this.#path, this.#problems);
  }

  /** Whether this very word stands here. */
  isText(text: string): boolean {
    return this.#value === text;
  }

  get isMap(): boolean {
    return this.#map(false) !== undefined;
  }

  get isList(): boolean {
    return Array.isArray(this.#value);
  }

  optional(key: string): Reader | undefined {
    return this.#map(false)?.[key] === undefined ? undefined : this.#child(key);
  }

  /** Anything else is a problem; a near miss gets a suggestion. */
  onlyKeys(known: readonly string[]): void {
    for (const key of Object.keys(this.#map() ?? {})) {
      if (known.includes(key)) continue;
      const near = known.find((k) => isNearMiss(key, k));
      // YAML takes `{ dpid:2 }` for a key without a value.
      const [, name = '', value] = /^([a-z]+):(.+)$/.exec(key) ?? [];
      const isGlued = value !== undefined && known.includes(name);
      const meant = isGlued ? `"${name}: ${value}", with a space` : `"${near}"`;
      const isNear = isGlued || near !== undefined;
      const hint = isNear ? `did you mean ${meant}?` : `known: ${known.join(', ')}`;
      this.problem(`has the unknown key "${key}"; ${hint}`, key);
    }
  }

  #child(key: string): Reader {
    const path = this.#path === '' ? key : `${this.#path}.${key}`;
    // `{ ports }` is a key with nothing behind it.
    const value = this.#map(false)?.[key];
    return new Reader(value === null ? '' : value, path, this.#problems);
  }

  #map(complain = true): Record<string, unknown> | undefined {
    const value = this.#value;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
    if (complain && value !== undefined) this.problem(`must be a map, not ${this.#kind()}`);
    return undefined;
  }

  #kind(): string {
    if (Array.isArray(this.#value)) return 'a list';
    if (typeof this.#value === 'object' && this.#value !== null) return 'a map';
    if (this.#value === '' || this.#value === null) return 'nothing';
    const text = String(this.#value);
    const isShort = text.length <= limits.scalarCharactersMax;
    return isShort ? `"${text}"` : `a text of ${text.length} characters`;
  }
}

/** The same beginning, another case, or the same letters in another order. */
function isNearMiss(key: string, known: string): boolean {
  const low = key.toLowerCase();
  const letters = (text: string): string => [...text].sort().join('');
  return (low !== '' && known.startsWith(low.slice(0, 3))) || letters(known) === letters(low);
}
