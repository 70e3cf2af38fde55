/**
 * Tunnels of Open vSwitch that Limevisor creates between two datapaths, in the file: the OVSDB of a
 * datapath, and the type and addresses of a link's tunnel (tunnel-ports.ts of translation/).
 *
 *   datapaths:  s1: { dpid: 1, ovsdb: unix:/run/openvswitch/db.sock }
 *   links:      - { ends: s1:5 - s2:5, tunnel: { type: vxlan, between: 10.8.0.1 - 10.8.0.2 } }
 */
import ipaddr from 'ipaddr.js';
import { endText } from '../ids.ts';
import { limits } from '../limits.ts';
import { pairText } from './config-names.ts';
import type { Parsed } from './parsed.ts';
import type { Reader } from './reader.ts';
import { parseTarget, targetText } from './target.ts';
import type { Config, PhysicalEnd, ReadLink, Tunnel, TunnelType } from './values.ts';

const tunnelTypes: readonly TunnelType[] = ['vxlan', 'geneve', 'gre'];
/** A VNI has 24 bits, GRE's key 32. */
const keysMax = { vxlan: 0xff_ffff, geneve: 0xff_ffff, gre: 0xffff_ffff } as const;

type ReadTunnel = NonNullable<ReadLink<PhysicalEnd>['tunnel']>;

export function parseOvsdb(text: string): Parsed<string> {
  const example = 'unix:/run/openvswitch/db.sock, or tcp:HOST:6640';
  const whole = /^(unix:\/|tcp:.+:[0-9]+$)/.test(text) ? parseTarget(text) : undefined;
  if (whole === undefined) {
    return { ok: false, why: `"${text}" is not where an OVSDB is; write ${example}` };
  }
  return whole.ok ? { ok: true, value: targetText(whole.value) } : whole;
}

export function readTunnel(at: Reader | undefined): ReadTunnel | undefined {
  if (at === undefined) return undefined;
  at.onlyKeys(['type', 'between', 'key']);
  const [type] = at.required('type').parsed(parseType);
  const [between] = at.required('between').parsed(parseBetween);
  const keyAt = at.optional('key');
  const [key] = keyAt?.parsed(parseKey) ?? [];
  if (type === undefined || between === undefined) return undefined;
  if (key !== undefined && key > keysMax[type]) {
    keyAt?.problem(`is ${key}; the key of a ${type} tunnel is ${keysMax[type]} at most`);
  }
  return { type, between, key };
}

function parseType(text: string): Parsed<TunnelType> {
  const value = tunnelTypes.find((one) => one === text);
  if (value !== undefined) return { ok: true, value };
  return { ok: false, why: `"${text}" is not a kind of tunnel; write ${tunnelTypes.join(', ')}` };
}

function parseBetween(text: string): Parsed<readonly [string, string]> {
  const [one = '', other = '', ...more] = text.split(/\s+-\s+/);
  const areAddresses = [one, other].every((ip) => ipaddr.isValid(ip) && /[.:]/.test(ip));
  if (!areAddresses || more.length > 0) {
    const why = `"${text}" is not two addresses; write 10.8.0.1 - 10.8.0.2, in the order of "ends"`;
    return { ok: false, why };
  }
  if (ipaddr.parse(one).kind() !== ipaddr.parse(other).kind()) {
    return { ok: false, why: `"${text}" mixes IPv4 and IPv6; a tunnel has two of one kind` };
  }
  if (one === other)
    return { ok: false, why: `"${text}" is one address twice; name the other end` };
  return { ok: true, value: [one, other] };
}

function parseKey(text: string): Parsed<number> {
  const key = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (key <= keysMax.gre) return { ok: true, value: key };
  return { ok: false, why: `"${text}" is not the key of a tunnel; write a number from 0` };
}

/** Of the links that say one. */
export function tunnelsOf(links: readonly ReadLink<PhysicalEnd>[]): Config['tunnels'] {
  return new Map(
    links.flatMap(({ ends, tunnel }): readonly (readonly [string, Tunnel])[] => {
      if (tunnel === undefined) return [];
      const { type, key, between } = tunnel;
      const addresses = new Map(ends.map((end, i) => [endText(end), between[i] ?? '']));
      return [[pairText(ends), { type, ...(key !== undefined && { key }), addresses }]];
    }),
  );
}

/** What stands in the file. */
export function tunnelFields(
  { type, key, addresses }: Tunnel,
  ends: readonly PhysicalEnd[],
): Readonly<Record<string, string>> {
  const between = ends.map((end) => addresses.get(endText(end)) ?? '').join(' - ');
  return { type, between, ...(key !== undefined && { key: String(key) }) };
}

/** Both datapaths must be told, and no two tunnels of one may be the same to it. */
export function checkTunnels(
  { datapaths }: Pick<Config, 'datapaths'>,
  links: readonly ReadLink<PhysicalEnd>[],
): readonly { readonly path: string; readonly why: string }[] {
  const known = new Map(datapaths.map((one) => [one.name, one]));
  const seen = new Map<string, string>();
  return links.flatMap(({ ends, tunnel, path }) => {
    if (tunnel === undefined) return [];
    const { type, between, key = 0 } = tunnel;
    return ends.flatMap(({ device, port }, i) => {
      const at = `${path}.tunnel`;
      const datapath = known.get(device);
      if (datapath !== undefined && datapath.ovsdb === undefined) {
        const next = `add "ovsdb: unix:/run/openvswitch/db.sock" to ${device} in "datapaths"`;
        return [{ path: at, why: `needs to know where the OVSDB of ${device} is; ${next}` }];
      }
      if (port > limits.ofportMax) {
        const why = `${device}:${port}: Open vSwitch gives ports numbers up to ${limits.ofportMax}`;
        return [{ path: at, why }];
      }
      const place = datapath?.ovsdb ?? device;
      const name = [place, type, key, between[i], between[1 - i]].join(' ');
      const twin = seen.get(name);
      seen.set(name, path);
      if (twin === undefined) return [];
      const why = `is the same tunnel to ${device} as that of ${twin}; give one of them a "key"`;
      return [{ path: at, why }];
    });
  });
}
