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

/** Every TypeScript file that is ours. */
export function readSources(): Sources {
  const isOurs = (path: string) => !/(^|\/)(node_modules|\.[^/]+)\//.test(`${path}/`);
  const paths = globSync('**/*.{ts,tsx}', { cwd: root, exclude: (path) => !isOurs(path) }).sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(resolve(root, path), 'utf8')]));
}

export function parse(sources: Sources): Trees {
  const at = (path: string) => `/sources/${path}`;
  const files = Object.keys(sources);
  const compilerOptions = { noLib: true, noResolve: true, types: [], jsx: 'preserve' };
  const config = JSON.stringify({ files: files.map(at), compilerOptions });
  const texts = Object.entries(sources).map(([path, text]) => [at(path), text]);
  const all = { [at('tsconfig.json')]: config, ...Object.fromEntries(texts) };
  const api = new API({
    cwd: root,
    fs: createVirtualFileSystem(all),
    tsserverPath: resolve(import.meta.dirname, 'parser.sh'),
  });
  try {
    const opened = api.updateSnapshot({ openProjects: [at('tsconfig.json')] });
    const program = opened.getProject(at('tsconfig.json'))?.program;
    return new Map(
      files.map((path) => {
        const tree = program?.getSourceFile(at(path));
        if (tree === undefined) throw new Error(`cannot parse ${path}`);
        return [path, tree];
      }),
    );
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
