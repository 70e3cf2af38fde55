/**
 * The tag of the running configuration (RFC 9110 section 8.8.3): a client that changes it may
 * demand by `If-Match` that it is still the one that the client has read.
 */
import { hash } from 'node:crypto';
import { fileTree } from '../../slices/config/config-print.ts';
import { runningConfig } from '../../slices/network/running-config.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';

const tags = new WeakMap<Snapshot, string>();

/** Of what runs, with the places of vswitches. */
export function tagOf(snapshot: Snapshot): string {
  const known = tags.get(snapshot);
  if (known !== undefined) return known;
  const text = JSON.stringify(fileTree(runningConfig(snapshot)));
  const tag = `"${hash('sha256', text).slice(0, 24)}"`;
  tags.set(snapshot, tag);
  return tag;
}

/** Why a change is not to be made, as `If-Match` has it; undefined when it is. */
export function whyNoMatch(
  wanted: string | readonly string[] | undefined,
  snapshot: () => Snapshot,
): string | undefined {
  if (wanted === undefined) return undefined;
  const all = String(wanted)
    .split(',')
    .map((one) => one.trim());
  const is = tagOf(snapshot());
  if (all.includes('*') || all.includes(is)) return undefined;
  return `what runs has become another meanwhile: it is ${is} now; look at it, and ask again`;
}
