/**
 * Packets that come up, on their way to a vswitch's controllers.
 *
 * A packet-in may arrive after its rule went: such rules are remembered for a while, bounded and
 * allowed to forget (then the packet-in says that it has no cookie).
 */
import { LRUCache } from 'lru-cache';
import { port as ofpp, packetInReason } from '../openflow/constants.ts';
import type { Vport } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import { actionsOf, isTableMiss, type Rule } from '../slices/rulebook.ts';
import { type Mode, serialized } from '../translation/encoding.ts';
import {
  NO_COOKIE,
  type PacketInOwner,
  writePacketIn,
  writePacketInOf,
} from '../translation/packet-in.ts';
import { packetOutAt } from '../translation/packet-out.ts';
import type { Datapath } from './datapath.ts';
import type { VswitchRuntime } from './vswitch.ts';

export class PacketIns {
  readonly #owner: VswitchRuntime;
  readonly #gone = new LRUCache<number, Rule>({ max: limits.goneRulesMax });

  constructor(owner: VswitchRuntime) {
    this.#owner = owner;
  }

  /** The rule left the rulebook; packets that it sent up before may still come. */
  bury(rule: Rule): void {
    this.#gone.set(rule.serial, rule);
  }

  /** A packet of this vswitch came up at one of its bodies. Hot. */
  receive(
    from: Datapath,
    dv: DataView,
    at: number,
    length: number,
    owner: PacketInOwner,
    mode: Mode,
  ): void {
    const { serial } = owner;
    const rule = this.#owner.rulebook.bySerial(serial) ?? this.#gone.get(serial);
    const cause = {
      cookie: rule?.cookie ?? NO_COOKIE,
      isTableMiss: rule !== undefined && isTableMiss(rule),
    };
    for (const controller of this.#owner.controllers) {
      const channel = controller.packetInChannel();
      if (channel === undefined) continue;
      writePacketIn(channel.writer(), dv, at, length, owner, cause);
    }
    if (rule !== undefined && serialized(rule, mode))
      this.#sendOn(from, dv, at, length, owner, rule);
  }

  /** LLDP that a neighbour's controller sent over a virtual link (translation/lldp.ts). */
  receiveCarried(vport: Vport, rule: Rule, data: Uint8Array): void {
    const { cookie } = rule;
    const reason = isTableMiss(rule) ? packetInReason.noMatch : packetInReason.action;
    for (const controller of this.#owner.controllers) {
      const channel = controller.packetInChannel();
      if (channel === undefined) continue;
      writePacketInOf(channel.writer(), { vport, cookie, reason, totalLen: data.length, data });
    }
  }

  /** LIME 4.1: the packet-in went up first; now the packet goes on (case N4). */
  #sendOn(
    from: Datapath,
    dv: DataView,
    at: number,
    length: number,
    { dataAt, vport }: PacketInOwner,
    rule: Rule,
  ): void {
    const data = new Uint8Array(dv.buffer, dv.byteOffset + at + dataAt, length - dataAt);
    const onward = actionsOf(rule.instructions).filter(
      (action) => action.type !== 'output' || action.port !== ofpp.controller,
    );
    from.tell(packetOutAt(this.#owner.vswitch, vport, onward, data.slice()));
  }
}
