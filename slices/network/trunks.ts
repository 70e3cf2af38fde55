/**
 * Trunks: hosts whose frames keep their tags, of a range of VLANs that is their tenant's
 * (shared-ports.ts), and the matches that stand for such a range where there is one table.
 */
import type { VlanRange } from '../config/values.ts';
import type { DatapathName } from '../ids.ts';
import { type HostAttachment, isHostOn } from './host-attachments.ts';
import type { Snapshot, Vswitch } from './values.ts';

/** A host with a range of VLANs. */
export type Trunk = HostAttachment & { readonly vlans: VlanRange };

const trunks = new WeakMap<Vswitch, readonly Trunk[]>();
const blocks = new WeakMap<Vswitch, Map<string, readonly VlanRange[]>>();

/** Those of a vswitch, wherever they are plugged in: of most there are none. */
export function trunksOf(vswitch: Vswitch): readonly Trunk[] {
  const known = trunks.get(vswitch);
  if (known !== undefined) return known;
  const found = [...vswitch.ports.values()].flatMap((one) => {
    return one.type === 'host' && one.vlans !== undefined ? [{ ...one, vlans: one.vlans }] : [];
  });
  trunks.set(vswitch, found);
  return found;
}

export function trunksOn(vswitch: Vswitch, datapath: DatapathName): readonly Trunk[] {
  return trunksOf(vswitch).filter((one) => isHostOn(one, datapath));
}

/**
 * The ids of all trunks of a vswitch on a flat datapath, in parts of which each is one match there
 * and lies in a trunk's range or outside it: what a rule does to a frame's tag is the same for all
 * of a part.
 */
export function trunkBlocks(
  { encodings }: Pick<Snapshot, 'encodings'>,
  datapath: DatapathName,
  vswitch: Vswitch,
): readonly VlanRange[] {
  const here = trunksOn(vswitch, datapath);
  if (here.length === 0) return [];
  // OpenFlow 1.0 matches one id or all (OF1.0.1 section 3.4).
  const hasMasks = encodings.get(datapath) !== 'flat of 1.0';
  const known = blocks.get(vswitch) ?? new Map<string, readonly VlanRange[]>();
  blocks.set(vswitch, known);
  const key = `${datapath} ${hasMasks}`;
  const own = known.get(key) ?? computed(here, hasMasks);
  known.set(key, own);
  return own;
}

function computed(here: readonly Trunk[], hasMasks: boolean): readonly VlanRange[] {
  const ends = here.flatMap(({ vlans }) => [vlans.first, vlans.last + 1]);
  const sorted = [...new Set(ends)].sort((a, b) => a - b);
  return sorted.flatMap((first, i) => {
    const part = { first, last: (sorted[i + 1] ?? first) - 1 };
    return here.some(({ vlans }) => isWithin(part, vlans)) ? vlanBlocks(part, hasMasks) : [];
  });
}

/** A range as parts that are one match each: with masks no more than 22, else one for each id. */
export function vlanBlocks({ first, last }: VlanRange, hasMasks: boolean): readonly VlanRange[] {
  const found: VlanRange[] = [];
  for (let from = first; from <= last; ) {
    let size = hasMasks ? from & -from : 1;
    while (size > last - from + 1) size >>= 1;
    found.push({ first: from, last: from + size - 1 });
    from += size;
  }
  return found;
}

/** Whether all of some ids are among others, and there are any. */
export function isWithin(some: VlanRange, { first, last }: VlanRange): boolean {
  return first <= some.first && some.first <= some.last && some.last <= last;
}
