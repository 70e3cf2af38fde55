/**
 * The versions of OpenFlow that a tenant's controllers are offered: `openflow: [1.0, 1.3]`.
 *
 * Both, unless the file says otherwise. The hello then picks the highest that both sides have.
 */
import { type Version, version } from '../../openflow/values/constants.ts';
import type { Parsed } from './parsed.ts';
import type { Reader } from './reader.ts';

const all: readonly Version[] = [version.of10, version.of13];

const names: ReadonlyMap<string, Version> = new Map([
  ['1.0', version.of10],
  ['1.3', version.of13],
]);

function parseVersion(text: string): Parsed<Version> {
  const found = names.get(text);
  if (found !== undefined) return { ok: true, value: found };
  return { ok: false, why: `"${text}" is not a supported OpenFlow version; write 1.0 or 1.3` };
}

export function readVersions(at: Reader | undefined): readonly Version[] {
  if (at === undefined) return all;
  const items = at.items('is an empty list; write [1.0, 1.3], or leave it out');
  const found = new Set(items.flatMap((item) => item.parsed(parseVersion)));
  return all.filter((one) => found.has(one));
}

/** As the file has it. */
export function versionText(one: Version): string {
  return [...names].find(([, value]) => value === one)?.[0] ?? String(one);
}
