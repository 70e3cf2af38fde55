/**
 * Packets that a vswitch's controllers send (OF1.3.5 section 7.3.7), on their way to a body.
 */
import { port as ofpp, packetInReason, version } from '../../openflow/constants.ts';
import { isError } from '../../openflow/errors.ts';
import { parsePacket } from '../../openflow/packet.ts';
import type { Action, OfError } from '../../openflow/values.ts';
import type { Vport, VswitchName } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { isTableMiss } from '../../slices/rules/rulebook.ts';
import { isShortPacket, refuseLongPacket } from '../../translation/fit.ts';
import type { FlatDatapath } from '../../translation/flat/datapath.ts';
import { flatPacketOut, refuseFlatPacket } from '../../translation/flat/packet-out.ts';
import { copiesOf } from '../../translation/flat/port-outputs.ts';
import { appliedBy } from '../../translation/flat/rules.ts';
import { carryLldp } from '../../translation/lldp.ts';
import { NO_COOKIE, type PacketInCause } from '../../translation/packet-in.ts';
import { type PacketOut, packetOutAt } from '../../translation/packet-out.ts';
import { isPlainPacketOut, writePacketOut } from '../../translation/packet-out-bytes.ts';
import { isForwarding } from '../../translation/punt-and-forward.ts';
import { refuseTaggedPacket, tagWays } from '../../translation/tag-ways.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Hub, VswitchRuntime } from './vswitch.ts';

type Frame = readonly [dv: DataView, at: number, length: number];

/** A packet, and what is to be done with it. */
export interface Packet {
  readonly inPort: number;
  readonly actions: readonly Action[];
  readonly data: Uint8Array;
}

export class PacketOuts {
  readonly #hub: Hub;
  readonly #owner: VswitchRuntime;

  constructor(hub: Hub, owner: VswitchRuntime) {
    this.#hub = hub;
    this.#owner = owner;
  }

  /** Sends a packet-out on as bytes, if it is of the plain kind. Hot. */
  relay(...[dv, at, length]: Frame): boolean {
    const { vswitch, ports, placement } = this.#owner;
    if (ports.isSelective || !isPlainPacketOut(vswitch, dv, at, length)) return false;
    const { channel, flat } = this.#hub.datapath(placement.primary);
    if (channel === undefined || flat !== undefined) return false;
    if (tagWays(this.#hub.snapshot(), vswitch, placement.primary).size > 0) return false;
    writePacketOut(channel.writer(), channel.nextXid(), vswitch, dv, at, length);
    return true;
  }

  /** Why a packet cannot be sent from some body of now: too long, or tagged where none may be. */
  refuse({ actions, data, inPort }: PacketOut): OfError | undefined {
    const { vswitch, placement } = this.#owner;
    for (const body of placement.bodies) {
      const { flat } = this.#hub.datapath(body);
      const ways = tagWays(this.#hub.snapshot(), vswitch, body);
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
    const bookOf = (name: VswitchName) => this.#hub.runtime(name)?.rulebook;
    const { carried, rest } = carryLldp(vswitch, out, bookOf);
    for (const { from, to, met } of carried) {
      const peer = this.#hub.runtime(to.device);
      if (peer === undefined || peer.isClosed || !peer.ports.isReached(to.port)) continue;
      portCounters.carried(from, out.data.length);
      const before = this.#hub.boundary.enter(peer);
      peer.packetIns.receiveCarried(to.port, met, out.data);
      this.#hub.boundary.leave(before);
    }
    if (carried.length > 0 && rest.length === 0) return;
    this.sendAt(this.#hub.datapath(placement.primary), { ...out, actions: rest });
  }

  /** Does with a packet at a body what the actions say. */
  sendAt(on: Datapath, packet: Packet): void {
    const { vswitch } = this.#owner;
    const whyNot =
      on.flat === undefined
        ? sendOn(on, vswitch, packet)
        : sendFlat(this.#owner, on, on.flat, packet);
    if (whyNot !== undefined) this.#hub.alarm(`packet-out of ${vswitch.name}: ${whyNot}`);
  }
}

/** Why not, when it cannot be sent: what was diverted to us may be longer with our actions. */
function sendOn(on: Datapath, vswitch: Vswitch, packet: Packet): string | undefined {
  const out = packetOutAt(vswitch, packet.inPort, packet.actions, packet.data);
  const long = refuseLongPacket(version.of13, out);
  if (long === undefined) on.tell(out);
  return long?.why;
}

/**
 * From a datapath of the flat encoding: what it does not do there for us is done here. Why not,
 * when it cannot be sent so.
 */
function sendFlat(
  runtime: VswitchRuntime,
  on: Datapath,
  flat: FlatDatapath,
  { inPort, actions, data }: Packet,
): string | undefined {
  const { onward, up } = resolve(runtime, on, flat, { inPort, actions, data });
  for (const cause of up) runtime.packetIns.receiveOwn(inPort, data, cause);
  const made = flatPacketOut(flat, runtime.vswitch, inPort, onward, data);
  if (isError(made)) return made.why;
  const { out: message, lost } = made;
  // The rules of its table may say more than the packet-out did that was looked at.
  const long = refuseLongPacket(on.version, message);
  if (long !== undefined) return long.why;
  if (message.actions.length > 0) on.tell(message);
  const bytes = BigInt(data.length);
  const copies = copiesOf(flat.site().snapshot, runtime.vswitch, inPort, onward);
  runtime.portCounters.sent(
    [...copies].map(([vport, meant]) => {
      const times = meant - lost.filter((one) => one.vport === vport).length;
      return { vport, packets: BigInt(times), bytes: bytes * BigInt(times) };
    }),
  );
  return undefined;
}

interface Resolved {
  /** What is left for the datapath. */
  readonly onward: readonly Action[];
  /** For each time that it goes up as it is: why. Then no datapath is needed. */
  readonly up: readonly PacketInCause[];
}

function resolve(
  runtime: VswitchRuntime,
  on: Datapath,
  flat: FlatDatapath,
  packet: Packet,
): Resolved {
  const onward: Action[] = [];
  const up: PacketInCause[] = [];
  const take = (actions: readonly Action[], cause: PacketInCause): void => {
    for (const action of actions) {
      const isOutput = action.type === 'output';
      if (isOutput && action.port === ofpp.table) {
        const met = throughTable(runtime, on, flat, packet);
        take(met.actions, met.cause);
      } else if (isOutput && action.port === ofpp.controller && onward.every(isForwarding)) {
        up.push(cause);
      } else onward.push(action);
    }
  };
  take(packet.actions, { cookie: NO_COOKIE, tableId: 0, reason: packetInReason.action });
  return { onward, up };
}

/** What the tenant's table does with a packet that is put into it (OFPP_TABLE). */
function throughTable(
  runtime: VswitchRuntime,
  on: Datapath,
  flat: FlatDatapath,
  { inPort, data }: Packet,
): { readonly actions: readonly Action[]; readonly cause: PacketInCause } {
  const { rulebook, hearsMisses, vswitch } = runtime;
  const rule = rulebook.lookup(parsePacket(data), inPort)?.rule;
  if (rule === undefined) {
    const cause = { cookie: NO_COOKIE, tableId: 0, reason: packetInReason.noMatch };
    return { actions: hearsMisses ? [toController] : [], cause };
  }
  const sum = flat.bodyOf(vswitch).counts.passed(rule.serial, data.length);
  runtime.counters.passed(on.name, rule.serial, sum);
  const { cookie, tableId } = rule;
  const reason = isTableMiss(rule) ? packetInReason.noMatch : packetInReason.action;
  return { actions: appliedBy(rule), cause: { cookie, tableId, reason } };
}

const toController: Action = { type: 'output', port: ofpp.controller, maxLen: 0xffff };
