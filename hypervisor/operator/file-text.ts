/**
 * A configuration as the text of a file: short values stand on one line, as a person writes them.
 */
import { Document, isMap, isScalar, isSeq, type Node } from 'yaml';
import type { Config } from '../../slices/config/config.ts';
import type { Fields } from '../../slices/config/config-fields.ts';
import { fileTree } from '../../slices/config/config-print.ts';

/** Longest text of a value that stands on one line, characters. */
const LINE_MAX = 80;
/** Their parts stand on lines of their own, however short they are. */
const opened = /^(|datapaths|links|tenants|tenants\.[^.]+(\.(vswitches|hosts|links))?)$/;

/** The whole file; `comments` are the lines at its top. */
export function fileText(config: Config, comments: readonly string[] = []): string {
  return treeText(fileTree(config), comments);
}

/** A part of one, too. */
export function treeText(tree: Fields, comments: readonly string[] = []): string {
  const document = new Document(tree, { schema: 'failsafe' });
  openOut(document.contents, '');
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: true });
  return `${comments.map((line) => `# ${line}\n`).join('')}${text}`;
}

/** A name may have dots; the file's own keys have none. */
function openOut(node: Node | null, path: string): void {
  if (!isMap(node) && !isSeq(node)) return;
  const isLong = JSON.stringify(node).length > LINE_MAX;
  node.flow = !isLong && !opened.test(path);
  if (node.flow) return;
  for (const item of node.items) {
    if (!isMap(node)) openOut(item as Node, `${path}[]`);
    else {
      const { key, value } = item as { readonly key: unknown; readonly value: Node };
      const name = isScalar(key) ? String(key.value).replaceAll('.', '_') : '';
      openOut(value, path === '' ? name : `${path}.${name}`);
    }
  }
}
