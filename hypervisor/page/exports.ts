/**
 * Both planes as files for documents: SVG as it is drawn, mermaid and Graphviz's dot as graphs.
 * (The fourth, JSON, is the API's own document.)
 */
import { marksOf, shapePath } from './marks.ts';
import { type Network, tenantsOf } from './network.ts';
import { edgePath, type Scene, type SceneNode } from './scene.ts';

/** Told apart by most people on white paper. */
const ink = [
  ...['#0072b2', '#b35900', '#007a5a', '#a6418a'],
  ...['#4c6b00', '#6a51a3', '#9a3324', '#00798c'],
];

export function svgOf(network: Network, scene: Scene): string {
  const { left, top, right, bottom } = scene.box;
  const marks = marksOf(tenantsOf(network));
  const colourOf = (tenant: string | undefined): string =>
    tenant === undefined ? '#444' : (ink[marks.get(tenant)?.colour ?? 0] ?? '#444');
  const view = `viewBox="${left - 20} ${top - 20} ${right - left + 40} ${bottom - top + 40}"`;
  const planes = scene.planes.map(({ corners }) => {
    const points = corners.map(({ x, y }) => `${x},${y}`).join(' ');
    return `<polygon points="${points}" fill="#f4f6f2" stroke="#c9d0c4"/>`;
  });
  const edges = scene.edges.map((edge) => {
    const dashes = edge.kind === 'drop' ? ' stroke-dasharray="3 5"' : '';
    const colour = edge.isTrouble ? '#c22' : colourOf(edge.tenant);
    const width = edge.kind === 'cable' ? 2.5 : 1.2;
    const look = `fill="none" stroke="${colour}" stroke-width="${width}"${dashes}`;
    return `<path d="${edgePath(edge)}" ${look}>${titled(edge.says)}</path>`;
  });
  const bodies = scene.bodies.map(({ at, tenant, says, isPrimary }) => {
    const path = shapePath(marks.get(tenant)?.shape ?? 'circle', 8);
    const [fill, line] = isPrimary ? [colourOf(tenant), 'none'] : ['#fff', colourOf(tenant)];
    const look = `d="${path}" fill="${fill}" stroke="${line}"`;
    return `<path transform="translate(${at.x} ${at.y})" ${look}>${titled(says)}</path>`;
  });
  const nodes = scene.nodes.map((node) => {
    const shape = marks.get(node.tenant ?? '')?.shape ?? 'square';
    return svgNode(node, colourOf(node.tenant), shapePath(shape, 14));
  });
  const parts = [...planes, ...edges, ...nodes, ...bodies].join('\n');
  const font = 'font-family="sans-serif" font-size="12"';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${view} ${font}>\n${parts}\n</svg>\n`;
}

function svgNode({ kind, at, label, says }: SceneNode, colour: string, path: string): string {
  const drawn = {
    datapath: `<rect x="-26" y="-13" width="52" height="26" rx="6" fill="#fff" stroke="#444"/>`,
    vswitch: `<path d="${path}" fill="${colour}"/>`,
    host: `<circle r="5" fill="#fff" stroke="${colour}"/>`,
  }[kind];
  const y = { datapath: 4, vswitch: 30, host: 18 }[kind];
  const text = `<text y="${y}" text-anchor="middle" fill="#222">${safe(label)}</text>`;
  return `<g transform="translate(${at.x} ${at.y})">${drawn}${text}${titled(says)}</g>`;
}

function titled(text: string): string {
  return `<title>${safe(text)}</title>`;
}

function safe(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** Nodes by number: names may hold whatever the file lets them. */
interface Graph {
  readonly groups: readonly { readonly title: string; readonly nodes: readonly Drawn[] }[];
  readonly edges: readonly { readonly from: Drawn; readonly to: Drawn; readonly says: string }[];
  readonly drops: readonly { readonly from: Drawn; readonly to: Drawn }[];
}

interface Drawn {
  readonly id: string;
  readonly label: string;
  readonly kind: SceneNode['kind'];
}

function graphOf({ datapaths, cables, vswitches, vlinks, hosts }: Network): Graph {
  const below = datapaths.map(
    ({ name }, i): Drawn => ({ id: `d${i}`, label: name, kind: 'datapath' }),
  );
  const above = vswitches.map(
    ({ name }, i): Drawn => ({ id: `v${i}`, label: name, kind: 'vswitch' }),
  );
  const ends = hosts.map(({ name }, i): Drawn => ({ id: `h${i}`, label: name, kind: 'host' }));
  const find = (nodes: readonly Drawn[], end: string): readonly Drawn[] => {
    const name = end.replace(/:[^:]*$/, '');
    return nodes.filter(({ label }) => label === name).slice(0, 1);
  };
  const joined = (nodes: readonly Drawn[], [a, b]: readonly [string, string]) =>
    find(nodes, a).flatMap((from) => find(nodes, b).map((to) => ({ from, to })));
  const text = (end: string): string => end.slice(end.lastIndexOf(':') + 1);
  const both = ([a, b]: readonly [string, string]): string => `${text(a)} - ${text(b)}`;
  return {
    groups: [
      { title: 'virtual', nodes: [...above, ...ends] },
      ...(below.length === 0 ? [] : [{ title: 'physical', nodes: below }]),
    ],
    edges: [
      ...vlinks.flatMap((one) =>
        joined(above, one.ends).map((e) => ({ ...e, says: both(one.ends) })),
      ),
      ...hosts.flatMap(({ port }, i) =>
        find(above, port).flatMap((to) => {
          const from = ends[i];
          return from === undefined ? [] : [{ from, to, says: text(port) }];
        }),
      ),
      ...cables.flatMap((one) =>
        joined(below, one.ends).map((e) => ({ ...e, says: both(one.ends) })),
      ),
    ],
    drops: vswitches.flatMap(({ bodies }, i) =>
      bodies.flatMap((on) => {
        const [from, to] = [above[i], below.find(({ label }) => label === on)];
        return from === undefined || to === undefined ? [] : [{ from, to }];
      }),
    ),
  };
}

/** Mermaid, as GitHub draws it in a README. */
export function mermaidOf(network: Network): string {
  const { groups, edges, drops } = graphOf(network);
  const shape = { datapath: ['[', ']'], vswitch: ['([', '])'], host: ['((', '))'] } as const;
  const text = (words: string): string => `"${words.replaceAll('"', '#quot;')}"`;
  const blocks = groups.flatMap(({ title, nodes }) => [
    `  subgraph ${title}`,
    ...nodes.map(({ id, label, kind }) => {
      const [open, close] = shape[kind];
      return `    ${id}${open}${text(label)}${close}`;
    }),
    '  end',
  ]);
  const solid = edges.map(({ from, to, says }) => `  ${from.id} ---|${text(says)}| ${to.id}`);
  const dotted = drops.map(({ from, to }) => `  ${from.id} -.-> ${to.id}`);
  return ['flowchart TB', ...blocks, ...solid, ...dotted, ''].join('\n');
}

/** For Graphviz. */
export function dotOf(network: Network): string {
  const { groups, edges, drops } = graphOf(network);
  const shape = { datapath: 'box', vswitch: 'hexagon', host: 'ellipse' } as const;
  const text = (words: string): string => JSON.stringify(words);
  const blocks = groups.flatMap(({ title, nodes }) => [
    `  subgraph cluster_${title} {`,
    `    label=${title};`,
    ...nodes.map(
      ({ id, label, kind }) => `    ${id} [label=${text(label)}, shape=${shape[kind]}];`,
    ),
    '  }',
  ]);
  const solid = edges.map(
    ({ from, to, says }) => `  ${from.id} -- ${to.id} [label=${text(says)}];`,
  );
  const dotted = drops.map(({ from, to }) => `  ${from.id} -- ${to.id} [style=dotted];`);
  return ['graph limevisor {', ...blocks, ...solid, ...dotted, '}', ''].join('\n');
}
