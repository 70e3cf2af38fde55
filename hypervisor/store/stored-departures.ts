/**
 * Records of vswitches that left the file, and of the datapaths that may still hold their entries:
 *
 *   left/<vswitch>   when it left, and who it was       who/<vswitch>   who it is while it is there
 *   cleaned/<dpid>   up to which departure it holds nothing of those that left; before that, 0
 *   freed            numbers of vswitches that are free again, the longest free first
 */
import type { Left } from '../../slices/config/departures.ts';
import type { VswitchId, VswitchName } from '../../slices/ids.ts';

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

/** Whether a text is of what the tenant of that vswitch has made, or of its having left. */
export function isContentOf(vswitch: VswitchName, key: string): boolean {
  const parts = ofItsParts.some((kind) => key.startsWith(`${kind}/${vswitch}/`));
  return parts || key === `left/${vswitch}` || key === `ports/${vswitch}`;
}

/** Texts that are of one vswitch by its name, and those that are of something of it. */
const ofVswitch = ['id', 'placement', 'ports', 'serial', 'accepted', 'left', 'who'] as const;
const ofItsParts = ['counts', 'group', 'meter', 'change'] as const;

/** Whether a text is of that vswitch. */
export function isOf(vswitch: VswitchName, key: string): boolean {
  return (
    ofVswitch.some((kind) => key === `${kind}/${vswitch}`) ||
    ofItsParts.some((kind) => key.startsWith(`${kind}/${vswitch}/`))
  );
}
