/**
 * Mirrors: a copy of a vswitch on a datapath for tests. Frames that enter the vswitch enter its
 * copy, too, and all frames that the copy sends leave by one port of that datapath, with a VLAN tag
 * for each vport.
 *
 * A copy is a vswitch of a tenant of its own, with a host at that port for each vport. It is in the
 * configuration while it runs, and in no file: no name of a file has a tilde.
 */
import { endText, tenantOf, type Vport, type VswitchName } from '../ids.ts';
import { limits } from '../limits.ts';
import type { Config, HostConfig, PhysicalEnd, VswitchConfig } from './values.ts';

const SUFFIX = '~mirror';

/** The copy of a vswitch. */
export function copyNameOf(name: VswitchName): VswitchName {
  const tenant = tenantOf(name);
  return `${tenant}${SUFFIX}${name.slice(tenant.length)}` as VswitchName;
}

/** Whether it is a copy, or something of one. */
export function isCopyName(name: string): boolean {
  return tenantOf(name).endsWith(SUFFIX);
}

/** Behind what is said of it, for people. */
export function copyText(name: string): string {
  return isCopyName(name) ? `, the copy of ${name.replace(SUFFIX, '')}` : '';
}

function hasCopies({ vswitches }: Config): boolean {
  return vswitches.some(({ copyOf }) => copyOf !== undefined);
}

/** What a person has configured. */
export function withoutCopies(config: Config): Config {
  if (!hasCopies(config)) return config;
  return {
    ...config,
    vswitches: config.vswitches.filter(({ copyOf }) => copyOf === undefined),
    hosts: config.hosts.filter(({ name }) => !isCopyName(name)),
  };
}

/** With copies of these, whose frames leave at `at`; those that are there already stay. */
export function withMirrors(
  config: Config,
  names: readonly VswitchName[],
  at: PhysicalEnd,
): Config | { readonly why: string } {
  const others = config.vswitches.filter(({ copyOf }) => !copyOf || !names.includes(copyOf));
  const known = config.hosts.filter(({ name }) => isCopyName(name));
  const isOthers = (host: HostConfig): boolean => !names.some((name) => isOfCopy(host, name));
  const draft = { ...config, vswitches: others, hosts: config.hosts.filter(isOthers) };
  const why = whyTaken(draft, at);
  if (why !== undefined) return { why };
  const hosts = [...draft.hosts];
  const vswitches = [...others];
  for (const name of names) {
    const vswitch = others.find((one) => one.name === name);
    if (vswitch === undefined) return { why: `there is no vswitch "${name}"` };
    vswitches.push(copyOf(vswitch, at));
    for (const vport of vportsOf(config, name)) {
      const end = { device: copyNameOf(name), port: vport };
      const label = `${end.device}-${vport}`;
      const same = known.find((host) => host.name === label && endText(host.at) === endText(at));
      const vlan = same?.vlan ?? freeVlan([...hosts, ...known], at);
      if (vlan === undefined) return { why: `${endText(at)} has no VLAN left for ${end.device}` };
      hosts.push({ name: label, port: end, at, vlan, queues: new Map() });
    }
  }
  return { ...config, vswitches, hosts };
}

/** Another configuration with the copies of the one before it, as far as it has what they copy. */
export function carried(config: Config, before: Config): Config | { readonly why: string } {
  let next = withoutCopies(config);
  if (!hasCopies(before)) return next;
  // Their ports keep their VLANs.
  const there = before.hosts.filter(({ name }) => isCopyName(name));
  for (const { name, at } of mirrorsIn(before)) {
    const isThere = next.vswitches.some((one) => one.name === name);
    if (!isThere || !next.datapaths.some((one) => one.name === at.device)) continue;
    const more = there.filter((host) => isOfCopy(host, name));
    const made = withMirrors({ ...next, hosts: [...next.hosts, ...more] }, [name], at);
    if ('why' in made) {
      const hint = `"limevisor mirror ${name} --off" first`;
      return { why: `${name} is mirrored to ${endText(at)}, and ${made.why}; ${hint}` };
    }
    next = made;
  }
  return next;
}

export interface MirrorConfig {
  readonly name: VswitchName;
  readonly at: PhysicalEnd;
  /** By vport, the VLAN of what leaves by it. */
  readonly vlans: ReadonlyMap<Vport, number>;
}

export function mirrorsIn({ vswitches, hosts }: Config): readonly MirrorConfig[] {
  return vswitches.flatMap(({ copyOf: name }) => {
    const own = name === undefined ? [] : hosts.filter((host) => isOfCopy(host, name));
    const [first] = own;
    if (name === undefined || first === undefined) return [];
    const vlans = new Map(own.map(({ port, vlan = 0 }) => [port.port, vlan] as const));
    return [{ name, at: first.at, vlans }];
  });
}

function isOfCopy({ port }: HostConfig, name: VswitchName): boolean {
  return port.device === copyNameOf(name);
}

/** It has nobody to talk to. */
function copyOf(vswitch: VswitchConfig, { device }: PhysicalEnd): VswitchConfig {
  const { name, dpid, versions, redial, portIdentities } = vswitch;
  return {
    ...{ name: copyNameOf(name), tenant: tenantOf(copyNameOf(name)), dpid, on: device },
    ...{ controllers: [], listen: [], versions, buffers: 0, redial, portIdentities, copyOf: name },
  };
}

function vportsOf({ hosts, vlinks }: Config, name: VswitchName): readonly Vport[] {
  const ends = [...hosts.map(({ port }) => port), ...vlinks.flat()];
  const own = ends.filter(({ device }) => device === name).map(({ port }) => port);
  return [...new Set(own)].sort((a, b) => a - b);
}

/** Who else has the port. */
function whyTaken(config: Config, at: PhysicalEnd): string | undefined {
  const text = endText(at);
  const link = config.links.find((ends) => ends.some((end) => endText(end) === text));
  if (link !== undefined) return `${text} is an end of the link ${link.map(endText).join(' - ')}`;
  const host = config.hosts.find(({ name, at: own, offers = [own] }) => {
    return !isCopyName(name) && offers.some((end) => endText(end) === text);
  });
  return host && `${text} is the port of ${host.name}`;
}

function freeVlan(hosts: readonly HostConfig[], at: PhysicalEnd): number | undefined {
  const used = new Set(
    hosts.flatMap((one) => (endText(one.at) === endText(at) && one.vlan ? [one.vlan] : [])),
  );
  let vlan = 1;
  while (used.has(vlan)) vlan += 1;
  return vlan > limits.vlanMax ? undefined : vlan;
}
