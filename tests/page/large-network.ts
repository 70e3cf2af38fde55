/**
 * A network of a thousand nodes: a ring of datapaths with chords, and tenants with small networks
 * of their own all over it.
 */
import type { TopologyDocument } from '../../hypervisor/page/documents.ts';

const DATAPATHS = 200;
const TENANTS = 40;
const VSWITCHES = 10;
const HOSTS = 5;

type Tenant = TopologyDocument['tenants'][number];

/** Any of them, always the same. */
const datapathOf = (i: number): string => `s${(i * 37) % DATAPATHS}`;

function datapaths(): TopologyDocument['datapaths'] {
  return Array.from({ length: DATAPATHS }, (_, i) => ({
    ...{ name: `s${i}`, dpid: i.toString(16).padStart(16, '0'), state: 'ready', why: '' },
    ...{ encoding: 'pipeline', isDrained: false },
  }));
}

function links(): TopologyDocument['links'] {
  return Array.from({ length: DATAPATHS * 2 }, (_, i) => {
    const [from, to] = [i % DATAPATHS, (i * 7 + 1 + (i < DATAPATHS ? -6 * i : 13)) % DATAPATHS];
    const load = { there: 1_000 * i, back: 0 };
    return { ends: [`s${from}:${i}`, `s${to}:${i}`], state: 'up', text: 'up', kbps: 10_000, load };
  });
}

function tenant(number: number): Tenant {
  const name = `t${number}`;
  const vswitches = Array.from({ length: VSWITCHES }, (_, i): Tenant['vswitches'][number] => {
    const on = datapathOf(number * VSWITCHES + i);
    const own = { dpid: String(i), on: [on], primary: on, rules: i, controllers: [] };
    const port = { port: '1', name: 'eth1', state: 'up', leadsTo: `host ${name}/h${i}` };
    return { name: `${name}/v${i}`, ...own, ports: [port] };
  });
  const next = vswitches.slice(1).map((one, i) => ({ ends: [`${name}/v${i}:2`, `${one.name}:3`] }));
  return { name, vswitches, links: next, ways: [] };
}

/** 200 datapaths, 400 vswitches, 200 hosts on either plane. */
export function large(): TopologyDocument {
  const tenants = Array.from({ length: TENANTS }, (_, i) => tenant(i));
  const hosts = tenants.flatMap(({ name }, i) =>
    Array.from({ length: HOSTS }, (_, j) => ({
      ...{ name: `${name}/h${j}`, vport: `${name}/v${j}:1`, state: 'up', why: '' },
      at: [`${datapathOf(i * HOSTS + j + 11)}:1`],
    })),
  );
  return { atMs: 0, datapaths: datapaths(), links: links(), hosts, tenants };
}
