/**
 * A fat tree of k = 4 (20 switches, 32 cables), and three tenants with other topologies of their
 * own on it, 16 hosts each, all with the same addresses.
 *
 *   core   c1 c2 c3 c4                       each leads to one switch of every pod
 *   pod p  a<p>1 a<p>2  (aggregation)        ports 1 and 2 down, 3 and 4 up
 *          e<p>1 e<p>2  (edge)               ports 1 and 2 up, hosts from 11 on
 */
import type { HostSpec, LabSpec } from '../lab/lab.ts';

const pods = [1, 2, 3, 4];
const halves = [1, 2];
const edges = pods.flatMap((pod) => halves.map((half) => `e${pod}${half}`));
const aggregation = pods.flatMap((pod) => halves.map((half) => `a${pod}${half}`));
const cores = ['c1', 'c2', 'c3', 'c4'];
const switches = [...cores, ...aggregation, ...edges];

const links = pods.flatMap((pod) =>
  halves.flatMap((half) => [
    ...halves.map((edge) => [`e${pod}${edge}:${half}`, `a${pod}${half}:${edge}`] as const),
    ...halves.map((up) => [`a${pod}${half}:${up + 2}`, `c${2 * (half - 1) + up}:${pod}`] as const),
  ]),
);

/** A tenant's vswitches by name, with their datapaths, and its virtual cables by their ends. */
interface Topology {
  readonly vswitches: Readonly<Record<string, string>>;
  readonly links: readonly (readonly [string, string])[];
}

/** One vswitch on each edge switch. */
const onEdges = Object.fromEntries(edges.map((edge) => [edge, edge]));

const topologies: Readonly<Record<string, Topology>> = {
  // A star: everything by way of one core switch.
  red: {
    vswitches: { ...onEdges, centre: 'c1' },
    links: edges.map((edge) => [edge, 'centre'] as const),
  },
  // A line from the first edge to the last.
  blue: {
    vswitches: onEdges,
    links: edges.slice(1).map((edge, i) => [edges[i] ?? '', edge] as const),
  },
  // A tree: its pods are on the second aggregation switches, its root on the last core switch.
  green: {
    vswitches: {
      ...onEdges,
      ...Object.fromEntries(pods.map((pod) => [`pod${pod}`, `a${pod}2`])),
      root: 'c4',
    },
    links: [
      ...pods.map((pod) => [`pod${pod}`, 'root'] as const),
      ...pods.flatMap((pod) => halves.map((half) => [`e${pod}${half}`, `pod${pod}`] as const)),
    ],
  },
};

export const tenants = Object.keys(topologies);
export const controllerPort = (tenant: string): number => 6661 + tenants.indexOf(tenant);

/** A host of each tenant, two on each edge switch: the same addresses for each tenant. */
const places = edges.flatMap((edge) => halves.map((half) => ({ edge, half })));
const hosts: readonly HostSpec[] = tenants.flatMap((tenant, t) =>
  places.map(({ edge, half }, i) => ({
    name: `${tenant}-h${i + 1}`,
    at: `${edge}:${10 * (t + 1) + half}`,
    ip: `10.0.0.${i + 1}/24`,
    mac: `02:00:00:00:00:${(i + 1).toString(16).padStart(2, '0')}`,
  })),
);

export const fatTree: LabSpec = { switches, links, hosts, controller: 'tcp:127.0.0.1:6653' };

function tenantText(tenant: string): string {
  const { vswitches, links: cables } = topologies[tenant] ?? { vswitches: {}, links: [] };
  const used = new Map<string, number>();
  // Hosts have ports 1 and 2 of their vswitch; cables those from 3 on.
  const port = (vswitch: string): string => {
    const next = used.get(vswitch) ?? 3;
    used.set(vswitch, next + 1);
    return `${vswitch}:${next}`;
  };
  const own = hosts.filter(({ name }) => name.startsWith(`${tenant}-`));
  return `  ${tenant}:
    controllers: [tcp:127.0.0.1:${controllerPort(tenant)}]
    vswitches:
${Object.entries(vswitches)
  .map(([name, on], i) => `      ${name}: { dpid: ${i + 1}, on: ${on} }`)
  .join('\n')}
    links:
${cables.map(([one, other]) => `      - ${port(one)} - ${port(other)}`).join('\n')}
    hosts:
${own
  .map(
    ({ name, at }, i) =>
      `      ${name.split('-')[1]}: { port: '${at.split(':')[0]}:${(i % 2) + 1}', at: '${at}' }`,
  )
  .join('\n')}`;
}

/** The file that Limevisor reads. */
export function networkText(): string {
  return `control: limevisor.sock
store: limevisor.db
listen: [ptcp:6653:127.0.0.1]
datapaths:
${switches.map((name, i) => `  ${name}: { dpid: ${i + 1} }`).join('\n')}
links:
${links.map(([one, other]) => `  - ${one} - ${other}`).join('\n')}
tenants:
${tenants.map(tenantText).join('\n')}
`;
}
