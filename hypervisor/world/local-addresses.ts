/**
 * The addresses of this machine, and its name. Names that only DNS knows are checked when they are
 * dialled (node-world.ts).
 */
import os from 'node:os';

export function ownAddresses(): readonly string[] {
  const all = Object.values(os.networkInterfaces()).flatMap((one) => one ?? []);
  return [os.hostname(), ...all.map(({ address }) => address)];
}
