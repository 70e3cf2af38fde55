/**
 * The result of `limevisor discover`, as plain values that JSON can carry, and as text that can be
 * pasted into the file: differences from the file have a comment.
 */

import type { Config } from '../../slices/config/config.ts';
import type { Fields, Tree } from '../../slices/config/config-fields.ts';
import { datapathTree, physicalLinkTree } from '../../slices/config/config-print.ts';
import { endText } from '../../slices/ids.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import type { Discovered } from '../datapath/discovery.ts';
import type { Probing } from '../datapath/probing.ts';
import { treeText } from './file-text.ts';

export interface DiscoverSources {
  readonly probing: Probing;
  snapshot(): Snapshot;
}

export interface DiscoverReport {
  /** `file` is what stands for it in the file. */
  readonly datapaths: readonly {
    readonly name: string;
    readonly file: Fields;
    readonly isInFile: boolean;
    /** Why it was not looked at; empty when it was. */
    readonly why: string;
  }[];
  readonly links: readonly {
    readonly ends: readonly [string, string];
    /** What stands for it in the file. */
    readonly file: Tree;
    readonly isInFile: boolean;
    readonly isFound: boolean;
    /** Whether tenants' full-size frames pass, if it was found. */
    readonly isWide: boolean;
  }[];
  readonly notes: readonly string[];
}

export function discoverReport(found: Discovered, config: Config): DiscoverReport {
  const { datapaths, links, missing, notes } = found;
  const all = [
    ...links.map((one) => ({ ...one, isFound: true })),
    ...missing.map((ends) => ({ ends, isInFile: true, isFound: false, isWide: false })),
  ];
  return {
    datapaths: datapaths.map(({ config: one, isInFile, why }) => {
      return { name: one.name, file: datapathTree(one), isInFile, why };
    }),
    links: all.map(({ ends: [one, other], ...more }) => {
      const file = physicalLinkTree(config, [one, other]);
      return { ends: [endText(one), endText(other)], file, ...more };
    }),
    notes,
  };
}

const NARROW = 'too small for full-size frames: they need 22 bytes more than hosts have';

export function discoverText({ datapaths, links, notes }: DiscoverReport): string {
  const tree = {
    datapaths: Object.fromEntries(datapaths.map(({ name, file }) => [name, file])),
    links: links.map(({ file }) => file),
  };
  const ofDatapaths = datapaths.map(({ isInFile, why }) => [!isInFile && 'not in the file', why]);
  const ofLinks = links.map(({ isInFile, isFound, isWide }) => [
    !isInFile && 'not in the file',
    !isFound && 'in the file, and not found now',
    isFound && !isWide && NARROW,
  ]);
  const lines = treeText(tree, notes).trimEnd().split('\n');
  return commented(commented(lines, /^ {2}[^ -]/, ofDatapaths), /^ {2}- /, ofLinks).join('\n');
}

/** Each line where a part begins, with what there is to say of it, in their order. */
function commented(
  lines: readonly string[],
  begins: RegExp,
  comments: readonly (readonly (string | false)[])[],
): readonly string[] {
  let at = 0;
  return lines.map((line) => {
    if (!begins.test(line)) return line;
    const words = (comments[at] ?? []).filter((one) => one !== false && one !== '');
    at += 1;
    return words.length === 0 ? line : `${line}   # ${words.join('; ')}`;
  });
}
