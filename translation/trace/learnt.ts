/**
 * The addresses that a datapath has learnt for NORMAL (../wiring/normal.ts), as it reported them,
 * and where a packet goes by them.
 */
import type { Vport } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { PhysicalFlow } from '../entries/physical-tables.ts';
import { metadataOf } from '../entries/pipeline.ts';
import { changedBy } from './header-actions.ts';
import { meets, type Packet, seenIn } from './headers.ts';

/** Of an address, which stands in two registers (../wiring/normal.ts). */
const LOW_BITS = 0xffff_ffffn;

/** The vport where a packet's destination is; undefined when that is not known. */
export type Learnt = (packet: Packet) => Vport | undefined;

export function learntOf({ id }: Vswitch, entries: readonly PhysicalFlow[]): Learnt {
  return (packet) => {
    const registers = new Map([
      ['reg8', packet.dst & LOW_BITS],
      ['reg9', packet.dst >> 32n],
    ]);
    const inside = { ...packet, metadata: metadataOf(id, 0), registers };
    const met = entries.find(({ match }) => meets(inside, match));
    if (met === undefined) return undefined;
    const actions = met.instructions.flatMap((one) =>
      one.type === 'applyActions' ? one.actions : [],
    );
    const done = actions.reduce<Packet>((at, action) => changedBy(at, action) ?? at, inside);
    return Number(seenIn(done, 'reg0') ?? 0n) as Vport;
  };
}
