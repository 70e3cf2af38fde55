/**
 * The physical port and headers of a packet that enters a vswitch by a vport, and its surroundings
 * there.
 */
import type { DatapathName, Vport } from '../../slices/ids.ts';
import { tagAt } from '../../slices/network/hop-tags.ts';
import { placementOf, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import { wiresOf } from '../../slices/network/wires.ts';
import { metadataOf, tables } from '../entries/pipeline.ts';
import { addressesOf } from '../wiring/labels.ts';
import { entranceOf } from '../wiring/port-wiring.ts';
import { wayName } from '../wiring/ways.ts';
import { newHeader, type Packet } from './headers.ts';

/** A frame that comes to a datapath, by a port or out of a vswitch beside it. */
export interface PhysicalArrival {
  readonly datapath: DatapathName;
  readonly packet: Packet;
  readonly table: number;
  readonly isPerhaps: boolean;
  /** Where it comes from, in words. */
  readonly from: string;
}

/** Where a packet enters a vswitch below: at its host's port, or at the end of its last way. */
export function arrivalAt(
  snapshot: Snapshot,
  vswitch: Vswitch,
  vport: Vport,
  packet: Packet,
): PhysicalArrival {
  const attachment = vswitch.ports.get(vport);
  const plain = { ...packet, metadata: 0n, registers: new Map() };
  const common = { table: tables.classifier, isPerhaps: false };
  if (attachment?.type === 'host') {
    const { at, vlan } = attachment;
    const tag = vlan === undefined ? [] : [{ tpid: 0x8100, vid: vlan, pcp: 0 }];
    const framed = { ...plain, inPort: at.port, tags: [...tag, ...packet.tags] };
    const from = `port ${at.port}, where host ${attachment.host} is`;
    return { ...common, datapath: at.device, packet: framed, from };
  }
  const home = placementOf(snapshot, vswitch.name).homes.get(vport);
  const wire = wiresOf(snapshot, [vswitch]).find(({ end, role, hops, to }) => {
    const isHere = end.type === 'enter' && end.vport === vport && !end.isLed && role === 'used';
    return isHere && to === home && (hops?.length ?? 0) > 0;
  });
  const last = wire?.hops?.at(-1);
  const name = wire && wayName(snapshot, wire);
  if (wire === undefined || last === undefined || name === undefined) {
    const inside = { ...plain, inPort: 0, metadata: metadataOf(vswitch.id, vport) };
    const on = home ?? placementOf(snapshot, vswitch.name).primary;
    const table = entranceOf(snapshot, vswitch, vport);
    return { ...common, datapath: on, packet: inside, table, from: 'the vswitch beside it' };
  }
  const onWay = { ...plain, inPort: last.toPort };
  const before = wire.hops?.at(-2)?.to ?? wire.from;
  const from = `port ${last.toPort}, from ${before}, by the way to ${wire.what}`;
  const tag = tagAt(snapshot, wire.key, last);
  const framed: Packet =
    name.carriage === 'tag'
      ? { ...onWay, tags: [{ tpid: 0x8100, vid: tag ?? 0, pcp: 0 }, ...packet.tags] }
      : { ...onWay, wrapping: { ...newHeader, ...addressesOf(name.number, 0), isBare: false } };
  return { ...common, datapath: last.to, packet: framed, from };
}
