/**
 * The project's own sources as text and as syntax trees, for the tests that hold us to DESIGN 2
 * (layers.test.ts) and to STYLE 15 (tidy.test.ts).
 *
 * The trees come from TypeScript's own parser. Made-up sources go the same way as real ones, so
 * that each rule can be seen to catch what it is meant to catch.
 */

import { globSync, readFileSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import {
  isCallExpression,
  isExportDeclaration,
  isIdentifier,
  isImportDeclaration,
  isImportExpression,
  isImportTypeNode,
  isLiteralTypeNode,
  isNewExpression,
  isPropertyAccessExpression,
  isStringLiteral,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { createVirtualFileSystem } from 'typescript/unstable/fs';
import { API } from 'typescript/unstable/sync';

/** Text by path from the repository's root. */
export type Sources = Readonly<Record<string, string>>;
/** Tree by path from the repository's root. */
export type Trees = ReadonlyMap<string, SourceFile>;

export const folders = ['openflow', 'slices', 'translation', 'hypervisor'] as const;
export type Folder = (typeof folders)[number];

const root = resolve(import.meta.dirname, '../..');

let read: Sources | undefined;

/** Every TypeScript file that is ours; they are read once. */
export function readSources(): Sources {
  read ??= readAll();
  return read;
}

function readAll(): Sources {
  const isOurs = (path: string) => !/(^|\/)(node_modules|\.[^/]+)\//.test(`${path}/`);
  const paths = globSync('**/*.{ts,tsx}', { cwd: root, exclude: (path) => !isOurs(path) }).sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(resolve(root, path), 'utf8')]));
}

export function parse(sources: Sources): Trees {
  const [trees = new Map()] = parseEach([sources]);
  return trees;
}

/** Each by itself, with one start of the parser: a start takes longer than most texts do. */
export function parseEach(some: readonly Sources[]): readonly Trees[] {
  const placed = some.map((sources, i) =>
    Object.entries(sources).map(([path, text]) => ({ path, at: `/sources/${i}/${path}`, text })),
  );
  const files = placed.flat();
  const project = '/sources/tsconfig.json';
  const compilerOptions = { noLib: true, noResolve: true, types: [], jsx: 'preserve' };
  const config = JSON.stringify({ files: files.map(({ at }) => at), compilerOptions });
  const texts = Object.fromEntries(files.map(({ at, text }) => [at, text]));
  const api = new API({
    cwd: root,
    fs: createVirtualFileSystem({ [project]: config, ...texts }),
    tsserverPath: resolve(import.meta.dirname, 'parser.sh'),
  });
  try {
    const opened = api.updateSnapshot({ openProjects: [project] });
    const program = opened.getProject(project)?.program;
    const treeOf = ({ path, at }: { path: string; at: string }): [string, SourceFile] => {
      const tree = program?.getSourceFile(at);
      if (tree === undefined) throw new Error(`cannot parse ${path}`);
      return [path, tree];
    };
    return placed.map((one) => new Map(one.map(treeOf)));
  } finally {
    api.close();
  }
}

export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

/** The line where a node begins or ends, from 1. */
export function lineAt(file: SourceFile, position: number): number {
  return file.getLineAndCharacterOfPosition(position).line + 1;
}

export function place(path: string, file: SourceFile, node: Node): string {
  return `${path}:${lineAt(file, node.getStart(file))}`;
}

export interface Import {
  readonly node: Node;
  /** A path from the repository's root if local, else a package (`node:net`, `pino`). */
  readonly target: string;
  readonly isLocal: boolean;
}

/** What a file imports or re-exports, by whatever syntax, types too. */
export function importsOf(path: string, file: SourceFile): readonly Import[] {
  const found: Import[] = [];
  walk(file, (node) => {
    const named = specifierOf(node);
    if (named === undefined || !isStringLiteral(named)) return;
    const { text } = named;
    const isLocal = /^[./]/.test(text);
    const target = isLocal ? posix.join(posix.dirname(path), text) : text;
    found.push({ node, target, isLocal });
  });
  return found;
}

function specifierOf(node: Node): Node | undefined {
  if (isImportDeclaration(node) || isExportDeclaration(node)) return node.moduleSpecifier;
  if (isImportTypeNode(node)) {
    return isLiteralTypeNode(node.argument) ? node.argument.literal : undefined;
  }
  if (isCallExpression(node) && isImportExpression(node.expression)) return node.arguments[0];
  return undefined;
}

/**
 * What a node mentions: `name` for a plain identifier, `.name` for a property of something, and
 * `object.name` too where that something is a plain identifier. `new Date()` and `Date()` are what
 * they say. Nothing for other nodes.
 */
export function mentionsOf(node: Node): readonly string[] {
  if (isIdentifier(node)) {
    const { parent } = node;
    const isProperty = isPropertyAccessExpression(parent) && parent.name === node;
    return isProperty || isKey(node) ? [] : [node.text];
  }
  if (isNewExpression(node) && isIdentifier(node.expression)) {
    return node.arguments?.length ? [] : [`new ${node.expression.text}()`];
  }
  if (isCallExpression(node) && isIdentifier(node.expression)) {
    return [`${node.expression.text}()`];
  }
  if (!isPropertyAccessExpression(node)) return [];
  const property = `.${node.name.text}`;
  return isIdentifier(node.expression) ? [property, node.expression.text + property] : [property];
}

const keyed: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.PropertyAssignment,
  SyntaxKind.PropertySignature,
  SyntaxKind.PropertyDeclaration,
  SyntaxKind.MethodSignature,
  SyntaxKind.MethodDeclaration,
]);

/** `{ name: ... }`, `name(): ...` and the like give a member its name; they mention nothing. */
function isKey(node: Node): boolean {
  const parent = node.parent as Node & { readonly name?: Node };
  return parent.name === node && keyed.has(parent.kind);
}
