/**
 * Which test files are unit (`make unit`): they are about one thing, and what they import, by
 * whatever way, starts no process and no thread, and opens no socket. `make test` has all others
 * besides.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Many parts together, from seeds, or served; and rules about the sources themselves. */
const others =
  /^(examples\/|tests\/(api|attacks|fuzz|lab|live|mutants|peers|sim|soak)\/|tests\/[^/]*$)/;

/** Sweeps: random networks and rules, very many of something, every prefix of a store. */
const sweeps: ReadonlySet<string> = new Set([
  ...['acknowledged-prefixes', 'growth', 'idle-memory', 'loading', 'many-compared', 'many-ports']
    .concat(['many-rules', 'prefixes', 'turns'])
    .map((name) => `tests/hypervisor/${name}.test.ts`),
  'tests/openflow/corrupt.test.ts',
  ...['config-many', 'rule-arena', 'rulebook-model'].map((one) => `tests/slices/${one}.test.ts`),
  ...['affected', 'avoiding-walk', 'fit', 'flow-mod-bytes', 'switchover', 'wiring-walk'].map(
    (name) => `tests/translation/${name}.test.ts`,
  ),
]);

const world =
  /^node:(child_process|cluster|dgram|http|http2|https|inspector|net|tls|worker_threads)$/;
const imported = /^(?:import|export)\s(?!type\b)[^;]*?from\s+'([^']+)';|import\('([^']+)'\)/gm;

/** Asks it of files below `root`; each source is read once. */
export class UnitFiles {
  /** Sweeps that are there no more: a name in the list that means nothing. */
  get unknown(): readonly string[] {
    return [...sweeps].filter((file) => !existsSync(path.join(this.#root, file)));
  }

  readonly #root: string;
  /** What each source imports: paths, and `node:` names. */
  readonly #imports = new Map<string, readonly string[]>();

  constructor(root: string) {
    this.#root = root;
  }

  isUnit(file: string): boolean {
    return !others.test(file) && !sweeps.has(file) && this.reaches(file) === undefined;
  }

  /** What of the world it imports, and by which source; undefined when nothing. */
  reaches(file: string): string | undefined {
    const seen = new Set([file]);
    for (const source of seen) {
      for (const name of this.#importsOf(source)) {
        if (world.test(name)) return `${name} by ${source}`;
        if (!name.startsWith('node:')) seen.add(name);
      }
    }
    return undefined;
  }

  #importsOf(source: string): readonly string[] {
    const known = this.#imports.get(source);
    if (known !== undefined) return known;
    const names: string[] = [];
    for (const [, from, dynamic] of readFileSync(path.join(this.#root, source), 'utf8').matchAll(
      imported,
    )) {
      const name = from ?? dynamic ?? '';
      const near = path.join(path.dirname(source), name);
      if (name.startsWith('node:')) names.push(name);
      else if (name.startsWith('.') && existsSync(path.join(this.#root, near))) names.push(near);
    }
    this.#imports.set(source, names);
    return names;
  }
}
