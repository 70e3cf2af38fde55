/**
 * Networks of common shapes, as their owner would write them: for hosts by name, with as many
 * vswitches as the shape needs. They do not say where anything is.
 *
 *   single       all hosts on one vswitch
 *   big-switch   the same, over all datapaths where they are
 *   linear       a vswitch for each host, in a row
 *   ring         and the last of them joined to the first
 *   star         a vswitch for each host, all joined to one
 *   tree         two hosts on a vswitch, two vswitches on the next, up to one
 */
import type { Fields } from './config-fields.ts';

export const templateNames = ['big-switch', 'single', 'linear', 'ring', 'star', 'tree'] as const;
export type TemplateName = (typeof templateNames)[number];

/** What it consists of; ports are counted from 1, first those of hosts. */
interface Shape {
  readonly vswitches: readonly string[];
  /** Of each host in order, its port. */
  readonly ports: readonly string[];
  readonly links: readonly string[];
}

const shapes: Readonly<Record<TemplateName, (count: number) => Shape>> = {
  'big-switch': oneSwitch,
  single: oneSwitch,
  linear: rowOf,
  ring(count) {
    const row = rowOf(count);
    const closing = count > 2 ? [`v${count}:2 - v1:3`] : [];
    return { ...row, links: [...row.links, ...closing] };
  },
  star(count) {
    const leaves = numbers(count).map((i) => `v${i}`);
    const links = numbers(count).map((i) => `hub:${i} - v${i}:2`);
    return { vswitches: ['hub', ...leaves], ports: leaves.map((v) => `${v}:1`), links };
  },
  tree: treeOf,
};

/** The tree of a network of this shape; `hosts` are names of what owners may take. */
export function templateTree(
  template: TemplateName,
  hosts: readonly string[],
  controllers: readonly string[],
): Fields {
  const { vswitches, ports, links } = shapes[template](hosts.length);
  const place = template === 'big-switch' ? { on: 'auto' } : {};
  return {
    controllers,
    vswitches: Object.fromEntries(
      vswitches.map((name, i) => [name, { dpid: String(i + 1), ...place }]),
    ),
    hosts: Object.fromEntries(hosts.map((name, i) => [name, { port: ports[i] ?? '' }])),
    ...(links.length > 0 && { links }),
  };
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

function oneSwitch(count: number): Shape {
  return { vswitches: ['sw'], ports: numbers(count).map((i) => `sw:${i}`), links: [] };
}

/** Port 1 is the host's, 2 leads to the next, 3 to the one before. */
function rowOf(count: number): Shape {
  const vswitches = numbers(count).map((i) => `v${i}`);
  const links = numbers(count - 1).map((i) => `v${i}:2 - v${i + 1}:3`);
  return { vswitches, ports: vswitches.map((v) => `${v}:1`), links };
}

/** Of each vswitch ports 1 and 2 lead down, and 3 leads up. */
function treeOf(count: number): Shape {
  const ports = numbers(count).map((i) => `v${Math.ceil(i / 2)}:${2 - (i % 2)}`);
  const links: string[] = [];
  let row = numbers(Math.max(1, Math.ceil(count / 2)));
  let last = row.length;
  while (row.length > 1) {
    const parents = numbers(Math.ceil(row.length / 2)).map((i) => last + i);
    for (const [i, child] of row.entries()) {
      links.push(`v${parents[Math.floor(i / 2)]}:${1 + (i % 2)} - v${child}:3`);
    }
    last += parents.length;
    row = [...parents];
  }
  return { vswitches: numbers(last).map((i) => `v${i}`), ports, links };
}
