/**
 * The rules of tests/tidy.test.ts: what STYLE 15 forbids, found in texts and syntax trees.
 */

import {
  isArrayLiteralExpression,
  isBlock,
  isCallExpression,
  isCatchClause,
  isEnumDeclaration,
  isFunctionLikeDeclaration,
  isModuleDeclaration,
  isPropertyAccessExpression,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast';
import {
  folders,
  importsOf,
  lineAt,
  mentionsOf,
  parse,
  type Sources,
  type Trees,
  walk,
} from './sources.ts';

const columnsMax = 100;
const functionLinesMax = 60;
/** An import is one line, however many a formatter makes of it. */
const fileLinesMax = 300;
/** What each may have instead: tables, and files that have to become shorter and not longer. */
const longer: Readonly<Record<string, number>> = {
  'examples/api-client/operations.ts': 2_500,
  'tests/mutants/mutants.ts': 350,
  'hypervisor/channel/channel.ts': 305,
  'hypervisor/controller/controller.ts': 320,
  'hypervisor/hypervisor.ts': 350,
  'hypervisor/migrate/applying.ts': 325,
  'hypervisor/store/departures.ts': 312,
  'hypervisor/tenant/vswitch.ts': 325,
  'slices/groups-meters/groups.ts': 312,
  'slices/rules/rulebook.ts': 310,
  'translation/datapath/wiring.ts': 320,
};
const importStatement = /^import\b[^;]*;$/gm;

export interface Breach {
  readonly path: string;
  readonly line: number;
  readonly rule:
    | LineRule
    | NodeRule
    | 'columns'
    | 'file length'
    | 'function length'
    | 'opening comment'
    | 'dead file';
  readonly detail: string;
}

type LineRule = 'unfinished' | 'unchecked';
type NodeRule =
  | 'empty match'
  | 'console'
  | 'otherwise'
  | 'any'
  | 'enum'
  | 'namespace'
  | 'empty catch'
  | 'eval';

/** Found in comments and strings too. The words are split, or this file would break its rules. */
const lineRules: Readonly<Record<LineRule, { pattern: RegExp; reason: string }>> = {
  unfinished: {
    pattern: new RegExp(`\\b(TO${'DO'}|FIX${'ME'}|XX${'X'}|HA${'CK'})\\b`),
    reason: 'finish it, or write it down where it is planned',
  },
  unchecked: {
    pattern: new RegExp(`@ts-(${'ignore'}|${'nocheck'}|expect-error\\s*$)`),
    reason: 'only @ts-expect-error followed by why: it fails when it is needed no more',
  },
};

const mayPrint = /^(hypervisor\/(cli|main\.ts)|examples\/|tests\/)/;

interface NodeRuleRow {
  readonly breaks: (node: Node, path: string) => boolean;
  readonly reason: string;
}

const nodeRules: Readonly<Record<NodeRule, NodeRuleRow>> = {
  console: {
    breaks: (node, path) => mentionsOf(node).includes('console') && !mayPrint.test(path),
    reason: 'only the command line prints; the shell logs',
  },
  otherwise: {
    breaks: (node) => isCallExpression(node) && calls(node.expression, 'otherwise'),
    reason: 'a machine names every case: .exhaustive() (STYLE 2)',
  },
  any: {
    breaks: (node) => node.kind === SyntaxKind.AnyKeyword,
    reason: 'unknown, and a check',
  },
  enum: { breaks: isEnumDeclaration, reason: 'constants are `as const` objects' },
  namespace: { breaks: isModuleDeclaration, reason: 'a file is the namespace' },
  'empty match': {
    breaks: (node, path) => path.startsWith('tests/') && matchesAnything(node),
    reason: 'an empty list in a pattern is like any list: strictSame',
  },
  'empty catch': {
    breaks: swallows,
    reason: 'a swallowed error is the opposite of STYLE 4 and 11',
  },
  eval: {
    breaks: (node) => mentionsOf(node).some((name) => name === 'eval' || name === 'Function'),
    reason: 'no code from strings',
  },
};

/** `t.match(found, { left: [] })`: a pattern has what has to be there, and may be less. */
function matchesAnything(node: Node): boolean {
  if (!isCallExpression(node) || !calls(node.expression, 'match')) return false;
  const [, pattern] = node.arguments;
  let isEmpty = false;
  if (pattern !== undefined) {
    walk(pattern, (one) => {
      if (isArrayLiteralExpression(one)) isEmpty ||= one.elements.length === 0;
    });
  }
  return isEmpty;
}

function calls(callee: Node, name: string): boolean {
  return isPropertyAccessExpression(callee) && callee.name.text === name;
}

/** `catch {}`, and `.catch(() => {})`. */
function swallows(node: Node): boolean {
  if (isCatchClause(node)) return node.block.statements.length === 0;
  if (!isCallExpression(node) || !calls(node.expression, 'catch')) return false;
  const [handler] = node.arguments;
  if (handler === undefined || !isFunctionLikeDeclaration(handler)) return false;
  const { body } = handler;
  return body !== undefined && isBlock(body) && body.statements.length === 0;
}

/** `trees`: of these sources, for whoever has them. */
export function tidyBreaches(sources: Sources, trees: Trees = parse(sources)): Breach[] {
  return [...trees].flatMap(([path, file]) => [
    ...textBreaches(path, sources[path] ?? ''),
    ...treeBreaches(path, file),
  ]);
}

/** Rows that allow a file nothing that it needs: it has become short, or is gone. */
export function idleRows(sources: Sources): readonly string[] {
  return Object.keys(longer).filter((path) => linesOf(sources[path] ?? '') <= fileLinesMax);
}

/** With an import being one. */
function linesOf(text: string): number {
  return text.replace(importStatement, 'import').replace(/\n$/, '').split('\n').length;
}

function textBreaches(path: string, text: string): Breach[] {
  const found: Breach[] = [];
  const lines = text.replace(/\n$/, '').split('\n');
  const count = linesOf(text);
  const most = longer[path] ?? fileLinesMax;
  if (count > most) {
    const detail = `${count} lines, an import being one; at most ${most}`;
    found.push({ path, line: 1, rule: 'file length', detail });
  }
  if (!/^(#!.*\n)?\/[*/]/.test(text)) {
    found.push({ path, line: 1, rule: 'opening comment', detail: 'say what the file is for' });
  }
  for (const [index, content] of lines.entries()) {
    const line = index + 1;
    const columns = [...content].length;
    if (columns > columnsMax) {
      found.push({ path, line, rule: 'columns', detail: `${columns} columns` });
    }
    for (const [rule, { pattern, reason }] of lineRuleRows) {
      if (pattern.test(content)) found.push({ path, line, rule, detail: reason });
    }
  }
  return found;
}

function treeBreaches(path: string, file: SourceFile): Breach[] {
  const found: Breach[] = [];
  walk(file, (node) => {
    const line = lineAt(file, node.getStart(file));
    const lines = lineAt(file, node.end) - line + 1;
    if (isFunctionLikeDeclaration(node) && lines > functionLinesMax) {
      found.push({ path, line, rule: 'function length', detail: `${lines} lines` });
    }
    for (const [rule, { breaks, reason }] of nodeRuleRows) {
      if (breaks(node, path)) found.push({ path, line, rule, detail: reason });
    }
  });
  return found;
}

const lineRuleRows = entries(lineRules);
const nodeRuleRows = entries(nodeRules);

/** What is started: the program, and the page in a browser. */
const roots = ['hypervisor/main.ts', 'hypervisor/page/main.tsx'];

/** Files of the four folders that the program never reaches; a test's import is no use of one. */
export function deadFiles(sources: Sources, trees: Trees = parse(sources)): Breach[] {
  const reached = new Set<string>();
  const reach = (path: string): void => {
    const tree = trees.get(path);
    if (tree === undefined || reached.has(path)) return;
    reached.add(path);
    for (const { target } of importsOf(path, tree)) reach(target);
  };
  for (const root of roots) reach(root);
  const ours = [...trees.keys()].filter((path) => folders.some((at) => path.startsWith(`${at}/`)));
  return ours
    .filter((path) => !reached.has(path))
    .map((path) => ({
      path,
      line: 1,
      rule: 'dead file',
      detail: `not reached from ${roots.join(' or ')}`,
    }));
}

function entries<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][];
}
