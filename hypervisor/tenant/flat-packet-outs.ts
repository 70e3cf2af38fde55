/**
 * Packet-outs on a datapath of the flat encoding: outputs that such a datapath cannot do (to the
 * controller, and to the tenant's table) are done here.
 */

import { parsePacket } from '../../openflow/packet/packet.ts';
import { port as ofpp, packetInReason } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Action } from '../../openflow/values/values.ts';
import { isShared } from '../../slices/network/shared-ports.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { isTableMiss, type Rulebook } from '../../slices/rules/rulebook.ts';
import type { FlatDatapath } from '../../translation/flat/datapath.ts';
import { flatPacketOut } from '../../translation/flat/packet-out.ts';
import { copiesOf } from '../../translation/flat/port-outputs.ts';
import { appliedBy } from '../../translation/flat/rules.ts';
import { isForwarding } from '../../translation/migration/punt-and-forward.ts';
import { NO_COOKIE, type PacketInCause } from '../../translation/pipeline/packet-in.ts';
import { refuseLongPacket } from '../../translation/requests/fit.ts';
import type { PacketOut } from '../../translation/requests/packet-out.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { PacketIns } from './packet-ins.ts';
import type { PortCounters } from './port-counters.ts';
import type { Counters } from './rule-counters.ts';

/** A packet, and what is to be done with it. */
export interface Packet {
  readonly inPort: number;
  readonly actions: readonly Action[];
  readonly data: Uint8Array;
}

/** Whose rules packets meet here, who is told, and what counts them. */
export interface FlatPacketOutUser {
  readonly vswitch: Vswitch;
  readonly rulebook: Rulebook;
  /** Whether what misses every rule goes up. */
  readonly hearsMisses: boolean;
  readonly packetIns: Pick<PacketIns, 'receiveOwn'>;
  readonly counters: Pick<Counters, 'passed'>;
  readonly portCounters: Pick<PortCounters, 'sent'>;
}

/** Why not, when it cannot be sent so. */
export function sendFlat(
  owner: FlatPacketOutUser,
  on: Datapath,
  flat: FlatDatapath,
  { inPort, actions, data }: Packet,
): string | undefined {
  const { onward, up } = resolve(owner, on, flat, { inPort, actions, data });
  for (const cause of up) owner.packetIns.receiveOwn(inPort, data, cause);
  const made = flatPacketOut(flat, owner.vswitch, inPort, onward, data);
  if (isError(made)) return made.why;
  const { out: message, lost } = made;
  // The rules of its table may say more than the packet-out did that was looked at.
  const long = refuseLongPacket(on.version, message);
  if (long !== undefined) return long.why;
  if (message.actions.length > 0) on.tell(message);
  const bytes = BigInt(data.length);
  const copies = copiesOf(flat.site().snapshot, owner.vswitch, inPort, onward);
  owner.portCounters.sent(
    [...copies].map(([vport, meant]) => {
      const times = meant - lost.filter((one) => one.vport === vport).length;
      return { vport, packets: BigInt(times), bytes: bytes * BigInt(times) };
    }),
  );
  return undefined;
}

/** The same of packets without a tag, if the datapath does all of it, and counts what it sends. */
export function plainFlatPacket(
  { vswitch }: Pick<FlatPacketOutUser, 'vswitch'>,
  flat: FlatDatapath,
  { inPort, actions, data }: Packet,
): PacketOut | undefined {
  const ours: readonly number[] = [ofpp.table, ofpp.controller];
  if (actions.some((one) => one.type === 'output' && ours.includes(one.port))) return undefined;
  for (const vport of copiesOf(flat.site().snapshot, vswitch, inPort, actions).keys()) {
    const attachment = vswitch.ports.get(vport);
    if (attachment?.type !== 'host' || isShared(attachment)) return undefined;
  }
  const made = flatPacketOut(flat, vswitch, inPort, actions, data);
  if (isError(made) || made.lost.length > 0 || made.out.actions.length === 0) return undefined;
  return made.out;
}

interface Resolved {
  /** What is left for the datapath. */
  readonly onward: readonly Action[];
  /** For each time that it goes up as it is: why. Then no datapath is needed. */
  readonly up: readonly PacketInCause[];
}

function resolve(
  owner: FlatPacketOutUser,
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
        const met = throughTable(owner, on, flat, packet);
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
  owner: FlatPacketOutUser,
  on: Datapath,
  flat: FlatDatapath,
  { inPort, data }: Packet,
): { readonly actions: readonly Action[]; readonly cause: PacketInCause } {
  const { rulebook, hearsMisses, vswitch } = owner;
  const rule = rulebook.lookup(parsePacket(data), inPort)?.rule;
  if (rule === undefined) {
    const cause = { cookie: NO_COOKIE, tableId: 0, reason: packetInReason.noMatch };
    return { actions: hearsMisses ? [toController] : [], cause };
  }
  const sum = flat.bodyOf(vswitch).counts.passed(rule.serial, data.length);
  owner.counters.passed(on.name, rule.serial, sum);
  const { cookie, tableId } = rule;
  const reason = isTableMiss(rule) ? packetInReason.noMatch : packetInReason.action;
  return { actions: appliedBy(rule), cause: { cookie, tableId, reason } };
}

const toController: Action = { type: 'output', port: ofpp.controller, maxLen: 0xffff };
