/**
 * The identity of a vport for its tenant, besides its number: its name and its MAC address.
 *
 * Both may be chosen in the file, under the vswitch: `ports: { 2: { name: trunk, mac: ... } }`, and
 * LOCAL's too. What is not chosen comes from what the tenant knows (the vswitch's name, its dpid,
 * the number), so it never changes, wherever the vswitch lives.
 */

import { type Dpid, LOCAL, type Vport } from '../ids.ts';
import { limits } from '../limits.ts';
import type { Parsed } from './parsed.ts';
import type { Reader } from './reader.ts';
import type {
  HostConfig,
  PortIdentities,
  PortIdentity,
  VirtualEnd,
  VswitchConfig,
} from './values.ts';

const NAME_BYTES_MAX = 15;

/** `ports:` of a vswitch. */
export function readPortIdentities(at: Reader | undefined): PortIdentities {
  const portIdentities = new Map<Vport, Partial<PortIdentity>>();
  for (const [key, entry] of at?.entries() ?? []) {
    entry.onlyKeys(['name', 'mac']);
    const vport = vportOf(key);
    if (vport === undefined) {
      entry.problem(`"${key}" is not a port; write 1 to ${limits.vportMax}, or LOCAL`);
      continue;
    }
    const [name] = entry.optional('name')?.parsed(parseName) ?? [];
    const [hwAddr] = entry.optional('mac')?.parsed(parseMac) ?? [];
    portIdentities.set(vport, { ...(name && { name }), ...(hwAddr && { hwAddr }) });
  }
  return portIdentities.size === 0 ? noneChosen : portIdentities;
}

const noneChosen: PortIdentities = new Map();

/** Its address is a number, and bytes for whoever asks: there is one of each vport. */
class VportIdentity implements PortIdentity {
  readonly name: string;
  /** 48 bits. */
  readonly mac: number;

  constructor(name: string, mac: number) {
    this.name = name;
    this.mac = mac;
  }

  get hwAddr(): Uint8Array {
    return Uint8Array.from({ length: 6 }, (_, i) => Math.floor(this.mac / 0x100 ** (5 - i)));
  }
}

/** What the tenant sees of a port of the vswitch. */
export function portIdentityOf(
  {
    name,
    tenant,
    dpid,
    portIdentities,
  }: Pick<VswitchConfig, 'name' | 'tenant' | 'dpid' | 'portIdentities'>,
  vport: Vport,
): PortIdentity {
  const bare = name.slice(tenant.length + 1);
  // Open vSwitch: the LOCAL port has the bridge's name. Mininet: the others are NAME-ethNUMBER.
  const whole = vport === LOCAL ? bare : `${bare}-eth${vport}`;
  const chosen = portIdentities.get(vport);
  const { hwAddr } = chosen ?? {};
  const mac = hwAddr === undefined ? macOf(dpid, vport) : numberOf(hwAddr);
  return new VportIdentity(chosen?.name ?? whole.slice(-NAME_BYTES_MAX), mac);
}

/** Finds ports that are named and not there, and names and MACs that two ports would have. */
export function checkPortIdentities(
  entries: readonly (readonly [string, Reader])[],
  vswitches: readonly VswitchConfig[],
  hosts: readonly HostConfig[],
  vlinks: readonly (readonly [VirtualEnd, VirtualEnd])[],
): void {
  const ends = [...hosts.map((host) => host.port), ...vlinks.flat()];
  const macs = new Map<string, string>();
  const dpids = new Set(vswitches.map((one) => one.dpid));
  for (const vswitch of vswitches) {
    const bare = vswitch.name.slice(vswitch.tenant.length + 1);
    const at = entries.find(([key]) => key === bare)?.[1];
    const own = ends.filter((end) => end.device === vswitch.name).map((end) => end.port);
    if (own.length > limits.portsPerVswitchMax) {
      at?.problem(`has ${own.length} ports; a vswitch has ${limits.portsPerVswitchMax} at most`);
    }
    for (const vport of vswitch.portIdentities.keys()) {
      if (vport === LOCAL || own.includes(vport)) continue;
      at?.problem(`"ports" names port ${vport}, which no host and no link uses; remove it`);
    }
    const names = new Map<string, string>();
    for (const vport of [LOCAL, ...own]) {
      const port = `${bare}:${vportText(vport)}`;
      const { name, hwAddr } = portIdentityOf(vswitch, vport);
      claim(names, name, port, (other) => {
        at?.problem(`port ${port} has the name "${name}" of ${other}; choose one under "ports"`);
      });
      // Two vswitches of one dpid are a problem of their own, and said (tenants.ts).
      if (dpids.size < vswitches.length) continue;
      claim(macs, macText(hwAddr), port, (other) => {
        const mac = macText(hwAddr);
        at?.problem(`port ${port} has the MAC ${mac} of ${other}; choose one under "ports"`);
      });
    }
  }
}

function claim(
  taken: Map<string, string>,
  key: string,
  port: string,
  complain: (other: string) => void,
): void {
  const other = taken.get(key);
  // A port that two links use is another problem, and said (config.ts).
  if (other !== undefined && other !== port) complain(other);
  taken.set(key, port);
}

export function macText(hwAddr: Uint8Array): string {
  return [...hwAddr].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** A port's number for people, as ovs-ofctl(8) writes it. */
export function vportText(vport: number): string {
  return vport === LOCAL ? 'LOCAL' : String(vport);
}

function vportOf(key: string): Vport | undefined {
  if (key.toUpperCase() === 'LOCAL') return LOCAL;
  const number = Number(key);
  return /^[1-9][0-9]*$/.test(key) && number <= limits.vportMax ? (number as Vport) : undefined;
}

function parseName(text: string): Parsed<string> {
  if (/^[!-.0-~]{1,15}$/.test(text)) return { ok: true, value: text };
  const why = `"${text}" is not a port's name; use at most ${NAME_BYTES_MAX} letters and digits`;
  return { ok: false, why: `${why}, no space and no "/"` };
}

function parseMac(text: string): Parsed<Uint8Array> {
  const isMac = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text);
  const value = Uint8Array.from(text.split(':'), (octet) => Number.parseInt(octet, 16));
  const isUnicast = ((value[0] ?? 1) & 1) === 0 && value.some((byte) => byte !== 0);
  if (isMac && isUnicast) return { ok: true, value };
  const why = `"${text}" is not a port's MAC; write six octets such as 02:00:00:00:01:02`;
  return { ok: false, why: `${why}; the first must be even (unicast)` };
}

/** A locally administered address from what the tenant knows: its dpid, folded, and the port. */
function macOf(whole: Dpid, vport: Vport): number {
  const dpid = Number((whole ^ (whole >> 24n) ^ (whole >> 48n)) & 0xff_ffffn);
  return 0x02_0000_0000_00 + dpid * 0x1_0000 + (vport & 0xffff);
}

function numberOf(hwAddr: Uint8Array): number {
  return hwAddr.reduce((number, byte) => number * 0x100 + byte, 0);
}
