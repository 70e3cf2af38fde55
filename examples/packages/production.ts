/**
 * The packages that a package of Limevisor has in it, a line each, by package-lock.json: what is
 * not for development, and of the optional ones the node of this machine.
 *
 *   node production.ts PACKAGE_LOCK NODE_PACKAGE
 */
import fs from 'node:fs';

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly dev?: boolean; readonly optional?: boolean }>
  >;
}

const FOLDER = 'node_modules/';
const [, , file = 'package-lock.json', bundled = ''] = process.argv;
const { packages } = JSON.parse(fs.readFileSync(file, 'utf8')) as Lock;
for (const [place, { dev = false, optional = false }] of Object.entries(packages)) {
  // One inside another comes with that.
  const name = place.slice(FOLDER.length);
  if (!place.startsWith(FOLDER) || name.includes(FOLDER) || dev) continue;
  if (!optional || name === bundled) process.stdout.write(`${name}\n`);
}
