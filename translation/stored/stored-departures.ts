/**
 * Records of vswitches that left the file, and of the datapaths that may still hold their entries:
 *
 *   left/<vswitch>   when it left, and who it was       who/<vswitch>   who it is while it is there
 *   cleaned/<dpid>   up to which departure it holds nothing of those that left; before that, 0
 *   freed            numbers of vswitches that are free again, the longest free first
 */
import type { Left } from '../../slices/config/departures.ts';
import { ownerOf, type VswitchId, type VswitchName } from '../../slices/ids.ts';
import { insteadText } from '../../slices/near-names.ts';

export interface StoredDepartures {
  readonly left: ReadonlyMap<VswitchName, Left>;
  readonly who: ReadonlyMap<VswitchName, string>;
  /** By dpid, sixteen hex digits: every datapath that entries were ever sent to. */
  readonly cleaned: ReadonlyMap<string, number>;
  readonly freedIds: readonly VswitchId[];
}

/** While the texts are read (recovered.ts). */
export interface DraftDepartures {
  readonly left: Map<VswitchName, Left>;
  readonly who: Map<VswitchName, string>;
  readonly cleaned: Map<string, number>;
  freedIds: readonly VswitchId[];
}

interface Text {
  readonly parsed: unknown;
  readonly name: string;
}

type Reader = (draft: DraftDepartures, text: Text) => void;

/** By the first word of the key; each throws when the text makes no sense. */
export const departureReaders: Readonly<Record<'left' | 'who' | 'cleaned' | 'freed', Reader>> = {
  left(draft, { parsed, name }) {
    const { sinceMs, departure, who } = parsed as Left;
    const known = who === undefined ? {} : { who: String(who) };
    const left = { sinceMs: numberIn(sinceMs), departure: numberIn(departure), ...known };
    draft.left.set(name as VswitchName, left);
  },
  who: (draft, { parsed, name }) => void draft.who.set(name as VswitchName, String(parsed)),
  cleaned: (draft, { parsed, name }) => void draft.cleaned.set(name, numberIn(parsed)),
  freed: (draft, { parsed }) => {
    draft.freedIds = (parsed as unknown[]).map((id) => numberIn(id) as VswitchId);
  },
};

function numberIn(parsed: unknown): number {
  if (Number.isSafeInteger(parsed)) return parsed as number;
  throw new Error(`${JSON.stringify(parsed)} is not a whole number`);
}

/** Texts that are of one vswitch by its name, and those that are of something of it. */
const ofVswitch = new Set(['id', 'placement', 'ports', 'serial', 'accepted', 'left', 'who']);
const ofItsParts = new Set(['counts', 'group', 'meter', 'change']);

/** Whose a text is, where that is a vswitch's. */
export function vswitchOf(key: string): VswitchName | undefined {
  const at = key.indexOf('/') + 1;
  const kind = key.slice(0, at - 1);
  if (ofVswitch.has(kind)) return key.slice(at) as VswitchName;
  if (!ofItsParts.has(kind)) return undefined;
  return key.slice(at, key.lastIndexOf('/')) as VswitchName;
}

/** The same of what its tenant has made, or of its having left. */
export function contentOf(key: string): VswitchName | undefined {
  const isContent = ofItsParts.has(key.slice(0, key.indexOf('/')));
  return isContent || /^(left|ports)\//.test(key) ? vswitchOf(key) : undefined;
}

/** Owners' networks that do not run have left no file (hypervisor/networks/). */
export function isOfFile([name]: readonly [VswitchName, unknown]): boolean {
  return ownerOf(name) === undefined;
}

/** Of one that has not left; `left`: those that have. */
export function notLeftText(name: string, left: Iterable<VswitchName>): string {
  const all = [...left];
  const those = insteadText(name, all, 'those that have');
  return `${name} has not left the file; ${all.length === 0 ? 'no vswitch has left it' : those}`;
}

/** Of one that does not wait for what another has made; `waiting`: those that do. */
export function notKeptText(name: string, waiting: Iterable<VswitchName>): string {
  const those = insteadText(name, waiting, 'waiting for that');
  return `${name} has no kept rules to restore; ${those}`;
}
