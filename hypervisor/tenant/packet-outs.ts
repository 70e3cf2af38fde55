/**
 * Sends the packet-outs of a vswitch's controllers (OF1.3.5 section 7.3.7) to a body.
 */
import { NO_BUFFER, port as ofpp, type Version, version } from '../../openflow/values/constants.ts';
import type { OfError } from '../../openflow/values/values.ts';
import type { Vport, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import {
  isFlat,
  type Placement,
  type Snapshot,
  type Vswitch,
} from '../../slices/network/snapshot.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import { refuseTaggedPacket, tagWays } from '../../translation/datapath/tag-ways.ts';
import { refuseFlatPacket } from '../../translation/flat/packet-out.ts';
import { isShortPacket, refuseLongPacket } from '../../translation/requests/fit.ts';
import { forwardLldp } from '../../translation/requests/lldp.ts';
import {
  type PacketOut,
  packetOutAt,
  refusePacketOut,
} from '../../translation/requests/packet-out.ts';
import {
  isPlainPacketOut,
  putsIntoTable,
  writePacketOut,
} from '../../translation/requests/packet-out-bytes.ts';
import { PacketOutForms } from '../../translation/requests/repeated-packet-outs.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { Boundary, Party } from '../world/fault-boundary.ts';
import {
  type FlatPacketOutUser,
  type Packet,
  plainFlatPacket,
  sendFlat,
} from './flat-packet-outs.ts';
import type { PacketIns } from './packet-ins.ts';
import type { PortCounters } from './port-counters.ts';
import type { Ports } from './ports.ts';

type Frame = readonly [dv: DataView, at: number, length: number];

/** The other end of a virtual link. */
interface Peer extends Party {
  readonly rulebook: Rulebook;
  readonly ports: Pick<Ports, 'isReached'>;
  readonly packetIns: Pick<PacketIns, 'receiveCarried'>;
}

/** Where packets go: to datapaths, or by a virtual link at once to the other end's controllers. */
export interface PacketOutsContext extends Datapaths {
  readonly boundary: Boundary;
  snapshot(): Snapshot;
  runtime(name: VswitchName): Peer | undefined;
  /** Something to show the operator, counted. */
  alarm(what: string): void;
}

/** Who sends, and by which ports. */
export interface PacketOutsOwner extends FlatPacketOutUser {
  readonly placement: Placement;
  readonly ports: Pick<Ports, 'isSelective' | 'receives'>;
  readonly portCounters: Pick<PortCounters, 'sent' | 'carried'>;
}

export class PacketOuts {
  readonly #context: PacketOutsContext;
  readonly #owner: PacketOutsOwner;
  #forms: PacketOutForms | undefined;

  constructor(context: PacketOutsContext, owner: PacketOutsOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** Sends a packet-out on as bytes, if it is of a kind that need not be looked at. Hot. */
  relay(speaks: Version, ...[dv, at, length]: Frame): boolean {
    const { vswitch, ports, placement } = this.#owner;
    if (ports.isSelective) return false;
    const datapath = this.#context.datapath(placement.primary);
    const { channel, flat } = datapath;
    if (channel === undefined) return false;
    const snapshot = this.#context.snapshot();
    const isPipeline = flat === undefined;
    if (isPipeline && tagWays(snapshot, vswitch, placement.primary).size > 0) return false;
    if (isPipeline && speaks === version.of13 && isPlainPacketOut(vswitch, dv, at, length)) {
      writePacketOut(channel.writer(), channel.nextXid(), vswitch, dv, at, length);
      if (putsIntoTable(dv, at)) this.#owner.rulebook.tables.put();
      return true;
    }
    this.#forms ??= new PacketOutForms();
    this.#forms.follow(snapshot, flat, flat?.moves, channel);
    const to = () => [channel.writer(), channel.nextXid()] as const;
    const make = (out: PacketOut): PacketOut | undefined => this.#made(datapath, out);
    return this.#forms.write(to, speaks, channel.version, [dv, at, length], make);
  }

  /** What a packet-out is below, whatever its packet, and if nothing of it is for us. */
  #made({ flat }: Datapath, out: PacketOut): PacketOut | undefined {
    const { vswitch } = this.#owner;
    const { actions, data, inPort, bufferId } = out;
    if (bufferId !== NO_BUFFER || actions.length > limits.shortActionsMax) return undefined;
    const areOutputs = actions.every(({ type }) => type === 'output');
    // What is put into the first table is counted there.
    const isPut = actions.some((one) => one.type === 'output' && one.port === ofpp.table);
    if (isPut || !areOutputs || refusePacketOut(out) !== undefined) return undefined;
    if (this.refusal(out) !== undefined) return undefined;
    if (flat === undefined) return packetOutAt(vswitch, inPort, actions, data);
    return plainFlatPacket(this.#owner, flat, { inPort, actions, data });
  }

  /** Why a packet cannot be sent from some body of now: too long, or tagged where none may be. */
  refusal({ actions, data, inPort }: PacketOut): OfError | undefined {
    const { vswitch, placement } = this.#owner;
    for (const body of placement.bodies) {
      const { flat } = this.#context.datapath(body);
      const ways = tagWays(this.#context.snapshot(), vswitch, body);
      const tagged = refuseTaggedPacket(ways, vswitch, inPort, actions, data);
      if (tagged !== undefined) return tagged;
      if (flat === undefined && isShortPacket({ actions, data })) continue;
      const error =
        flat === undefined
          ? refuseLongPacket(version.of13, packetOutAt(vswitch, inPort, actions, data))
          : refuseFlatPacket(flat, vswitch, inPort, actions, data);
      if (error !== undefined) return error;
    }
    return undefined;
  }

  send(out: PacketOut): void {
    const { vswitch, ports, portCounters, placement } = this.#owner;
    if (!ports.receives(out.inPort as Vport, out.data)) return;
    const bookOf = (name: VswitchName) => this.#context.runtime(name)?.rulebook;
    const { carried, rest } = forwardLldp(vswitch, out, bookOf);
    for (const { from, to, met } of carried) {
      const peer = this.#context.runtime(to.device);
      if (peer === undefined || peer.isClosed || !peer.ports.isReached(to.port)) continue;
      portCounters.carried(from, out.data.length);
      const before = this.#context.boundary.enter(peer);
      peer.packetIns.receiveCarried(to.port, met, out.data);
      this.#context.boundary.leave(before);
    }
    if (carried.length > 0 && rest.length === 0) return;
    this.sendAt(this.#context.datapath(placement.primary), { ...out, actions: rest });
  }

  /** Does with a packet at a body what the actions say. */
  sendAt(on: Datapath, packet: Packet): void {
    const { vswitch } = this.#owner;
    // It is read anew, and what it holds of one table is not known yet: so a packet has no rules.
    if (on.flat === undefined && isFlat(this.#context.snapshot(), on.name)) return;
    const whyNot =
      on.flat === undefined
        ? sendOn(on, vswitch, packet)
        : sendFlat(this.#owner, on, on.flat, packet);
    if (whyNot !== undefined) this.#context.alarm(`packet-out of ${vswitch.name}: ${whyNot}`);
  }
}

/** Why not, when it cannot be sent: what was diverted to us may be longer with our actions. */
function sendOn(on: Datapath, vswitch: Vswitch, packet: Packet): string | undefined {
  const out = packetOutAt(vswitch, packet.inPort, packet.actions, packet.data);
  const long = refuseLongPacket(version.of13, out);
  if (long === undefined) on.tell(out);
  return long?.why;
}
