/**
 * The objects that are highlighted together: a vswitch with its bodies, ports, hosts and physical
 * paths, a datapath with all that it carries, and so on. A pure function of the network, so tests
 * compare the set with the API's answers.
 *
 * Ids of what is drawn: `datapath:s1`, `vswitch:red/v1`, `body:red/v1@s1`, `drop:red/v1@s1` (the
 * line from a vswitch down to its body), `host:red/h1` and `plug:red/h1` (a host above and below),
 * `access:red/h1` and `cord:red/h1` (its cables there), `cable:s1:3 - s2:3`, `vlink:...`.
 */
import { deviceOf, type Host, type Network, type Vswitch } from './network.ts';

export type Lit = ReadonlySet<string>;

const nothing: Lit = new Set();

/** All that belongs to what is pointed at, itself included; nothing where that is not drawn. */
export function litBy(network: Network, id: string | undefined): Lit {
  if (id === undefined) return nothing;
  const name = id.slice(id.indexOf(':') + 1);
  const kind = id.slice(0, id.indexOf(':'));
  const ways = litMakers[kind];
  return ways === undefined ? nothing : new Set([id, ...ways(network, name)]);
}

type LitMaker = (network: Network, name: string) => readonly string[];

const litMakers: Readonly<Record<string, LitMaker>> = {
  vswitch: ofVswitch,
  body: (network, name) => ofVswitch(network, name.slice(0, name.lastIndexOf('@'))),
  drop: (network, name) => ofVswitch(network, name.slice(0, name.lastIndexOf('@'))),
  datapath: ofDatapath,
  ...{ host: ofHost, plug: ofHost, access: ofHost, cord: ofHost },
  cable: ofCable,
  vlink: ofVlink,
  tenant: ofTenant,
};

function ofVswitch(network: Network, name: string): readonly string[] {
  const one = network.vswitches.find((vswitch) => vswitch.name === name);
  if (one === undefined) return [];
  const hosts = network.hosts.filter(({ port }) => deviceOf(port) === name);
  const vlinks = network.vlinks.filter(({ ends }) => ends.some((end) => deviceOf(end) === name));
  return [
    `vswitch:${name}`,
    ...below(one),
    ...hosts.flatMap(bothPlaces),
    ...vlinks.map(({ id }) => `vlink:${id}`),
    ...network.ways.flatMap((way) => (way.vswitch === name ? path(way) : [])),
  ];
}

/** Its bodies, what carries them, and the lines down to them. */
function below({ name, bodies }: Vswitch): readonly string[] {
  return bodies.flatMap((on) => [`body:${name}@${on}`, `drop:${name}@${on}`, `datapath:${on}`]);
}

function path({ datapaths, cables }: Network['ways'][number]): readonly string[] {
  return [...datapaths.map((on) => `datapath:${on}`), ...cables.map((one) => `cable:${one}`)];
}

/** A host above and below, with its cables and what it is plugged into there. */
function bothPlaces({ name, at }: Host): readonly string[] {
  const places = at.map((end) => `datapath:${deviceOf(end)}`);
  return [`host:${name}`, `access:${name}`, `plug:${name}`, `cord:${name}`, ...places];
}

function ofDatapath(network: Network, name: string): readonly string[] {
  const vswitches = network.vswitches.filter(({ bodies }) => bodies.includes(name));
  const hosts = network.hosts.filter(({ at }) => at.some((end) => deviceOf(end) === name));
  const cables = network.cables.filter(({ ends }) => ends.some((end) => deviceOf(end) === name));
  return [
    ...vswitches.flatMap((one) => [
      `vswitch:${one.name}`,
      `body:${one.name}@${name}`,
      `drop:${one.name}@${name}`,
    ]),
    ...hosts.flatMap((host) => [`plug:${host.name}`, `cord:${host.name}`, `host:${host.name}`]),
    ...cables.map(({ id }) => `cable:${id}`),
  ];
}

function ofHost(network: Network, name: string): readonly string[] {
  const host = network.hosts.find((one) => one.name === name);
  if (host === undefined) return [];
  return [...bothPlaces(host), `vswitch:${deviceOf(host.port)}`];
}

/** Its ends, and whose ways lead over it. */
function ofCable(network: Network, id: string): readonly string[] {
  const cable = network.cables.find((one) => one.id === id);
  if (cable === undefined) return [];
  const ways = network.ways.filter(({ cables }) => cables.includes(id));
  return [
    ...cable.ends.map((end) => `datapath:${deviceOf(end)}`),
    ...new Set(ways.map(({ vswitch }) => `vswitch:${vswitch}`)),
  ];
}

function ofVlink({ vlinks }: Network, id: string): readonly string[] {
  const vlink = vlinks.find((one) => one.id === id);
  return (vlink?.ends ?? []).map((end) => `vswitch:${deviceOf(end)}`);
}

function ofTenant(network: Network, name: string): readonly string[] {
  const own = network.vswitches.filter(({ tenant }) => tenant === name);
  return own.flatMap((one) => ofVswitch(network, one.name));
}
