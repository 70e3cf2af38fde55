/**
 * What mesh.ts found, on a few lines.
 */
import { table } from '../../hypervisor/operator/report-text.ts';
import { kinds, type Reached } from './mesh.ts';

/** Everything came, once, unchanged, and nothing of anybody else's. */
export function isWhole({ due, came, twice, changed, foreign }: Reached): boolean {
  return due > 0 && came === due && twice + changed + foreign === 0;
}

/** Prints it; whether all is as it should be. */
export function sayReached(all: Readonly<Record<string, Reached>>): boolean {
  const say = (text: string): boolean => process.stdout.write(`${text}\n`);
  const rows = Object.entries(all).map(([tenant, { due, came, twice, changed, foreign }]) =>
    [tenant, due, came, twice, changed, foreign].map(String),
  );
  const head = ['TENANT', 'FRAMES SENT', 'ARRIVED', 'TWICE', 'CHANGED', "OTHERS' FRAMES"];
  say(`Every host sends to every other of its tenant: ${kinds.join(', ')}.`);
  say(table([head, ...rows]));
  for (const [tenant, { missing }] of Object.entries(all)) {
    for (const one of missing) say(`${tenant}: ${one} did not arrive`);
  }
  return Object.values(all).every(isWhole);
}
