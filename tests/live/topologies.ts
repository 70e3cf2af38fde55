/**
 * Physical networks that several live tests have.
 */
import type { LabSpec } from '../../examples/lab/lab.ts';

const limevisor = { controller: 'tcp:127.0.0.1:6653' } as const;

/** h1, h2 ...: the first at the first place, and so on. */
const hostsAt = (...places: readonly string[]): LabSpec['hosts'] =>
  places.map((at, i) => ({
    name: `h${i + 1}`,
    at,
    ip: `10.0.0.${i + 1}/24`,
    mac: `02:00:00:00:00:0${i + 1}`,
  }));

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
