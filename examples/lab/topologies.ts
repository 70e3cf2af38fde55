/**
 * Physical networks, and their hosts, that several examples and live tests have.
 */
import type { HostSpec, LabSpec } from './lab.ts';

const limevisor = { controller: 'tcp:127.0.0.1:6653' } as const;

/** Hosts of tenants have the same addresses: red-h1 and blue-h1. */
export function tenantHost(tenant: string, number: number, at: string): HostSpec {
  return namedHost(`${tenant}-h${number}`, number, at);
}

/** With the addresses of that number. */
export function namedHost(name: string, number: number, at: string): HostSpec {
  return { ...hostAt(number, at), name };
}

/** h1, h2 ... */
export function hostAt(number: number, at: string): HostSpec {
  const ip = `10.0.0.${number}/24`;
  return { name: `h${number}`, at, ip, mac: `02:00:00:00:00:0${number}` };
}

/** The first at the first place, and so on. */
const hostsAt = (...places: readonly string[]): LabSpec['hosts'] =>
  places.map((at, i) => hostAt(i + 1, at));

/** h1 and h2 on s1, or at other places; s1 and s2 lead to each other, also by way of s3. */
export const triangle = (...places: readonly string[]): LabSpec => ({
  ...limevisor,
  switches: ['s1', 's2', 's3'],
  links: [
    ['s1:3', 's3:1'],
    ['s2:3', 's3:2'],
    ['s1:4', 's2:4'],
  ],
  hosts: hostsAt(...places),
});

/** h1 on s1, h2 on s2; two ways between these: by s3 and by s4. */
export const diamond: LabSpec = {
  ...limevisor,
  switches: ['s1', 's2', 's3', 's4'],
  links: [
    ['s1:3', 's3:1'],
    ['s2:3', 's3:2'],
    ['s1:4', 's4:1'],
    ['s2:4', 's4:2'],
  ],
  hosts: hostsAt('s1:1', 's2:1'),
};

/** A ring: s1, s2, s3, s4. */
export const square = (...places: readonly string[]): LabSpec => ({
  ...limevisor,
  switches: ['s1', 's2', 's3', 's4'],
  links: [
    ['s1:3', 's2:3'],
    ['s2:4', 's3:3'],
    ['s1:4', 's4:1'],
    ['s4:2', 's3:4'],
  ],
  hosts: hostsAt(...places),
});
