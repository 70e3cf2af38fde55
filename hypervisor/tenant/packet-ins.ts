/**
 * Delivers packet-ins to a vswitch's controllers.
 *
 * A packet-in may arrive after its rule went: the rulebook remembers such rules for a while.
 */

import { bytesOf } from '../../openflow/layout/layout.ts';
import { controllerMaxLen, packetInReason, version } from '../../openflow/values/constants.ts';
import type { ControlTraffic } from '../../slices/control-traffic.ts';
import type { DatapathName, Vport } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { MatchedRule } from '../../slices/rules/lookup.ts';
import { isTableMiss, type Rule, type Rulebook } from '../../slices/rules/rulebook.ts';
import { controllerIn, packetInBytes } from '../../translation/controllers/buffers.ts';
import { type Behind, countBehind } from '../../translation/controllers/packet-ins-behind.ts';
import { TENANT_METADATA } from '../../translation/entries/pipeline.ts';
import { port16, portOf16 } from '../../translation/entries/reserved.ts';
import type { FlatDatapath } from '../../translation/flat/datapath.ts';
import {
  writeNiciraPacketIn,
  writeNiciraPacketInOf,
} from '../../translation/pipeline/nicira-packet-in.ts';
import {
  NO_COOKIE,
  type PacketInCause,
  type PacketInOwner,
  reasonOf,
  type Shown,
  shownWhole,
  writePacketIn,
  writePacketInOf,
} from '../../translation/pipeline/packet-in.ts';
import { writePacketIn10, writePacketInOf10 } from '../../translation/pipeline/packet-in10.ts';
import type { Channel } from '../channel/channel.ts';
import type { Controller } from '../controller/controller.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { World } from '../world/world.ts';
import type { Meters } from './meters.ts';
import type { Ports } from './ports.ts';

/** Whose rules sent packets up, who is told, and what keeps them from being told. */
export interface PacketInsOwner {
  readonly vswitch: Vswitch;
  readonly rulebook: Rulebook;
  readonly controllers: readonly Controller[];
  readonly ports: Pick<Ports, 'sendsMisses' | 'isSelective'>;
  readonly meters: Pick<Meters, 'letUp' | 'isLimited'>;
  readonly traffic: ControlTraffic;
  readonly singleBody: WhileHandedOver;
}

/** What becomes of packets that come up while another body becomes the primary (hand-over.ts). */
interface WhileHandedOver {
  /** Whether packet-ins from there have to wait now. Hot. */
  isEarly(from: DatapathName): boolean;
  wait(bytes: number, deliver: () => void): void;
  /** A packet that no rule has seen yet. */
  take(inPort: Vport, data: Uint8Array): void;
}

/** Those behind the one that is looked at: written anew each time. */
const behind: Behind = { count: 0, bytes: 0 };

export class PacketIns {
  readonly #world: World;
  readonly #owner: PacketInsOwner;

  constructor(world: World, owner: PacketInsOwner) {
    this.#world = world;
    this.#owner = owner;
  }

  /**
   * A packet of this vswitch came up at one of its bodies. Answers how many bytes were taken: of
   * this frame, or of those behind it as well, up to `end`. Hot.
   */
  receive(
    from: Datapath,
    dv: DataView,
    at: number,
    length: number,
    end: number,
    found: PacketInOwner,
  ): number {
    if (found.isDiverted) {
      const { vport, dataAt } = found;
      const data = bytesOf(dv, at + dataAt, length - dataAt).slice();
      this.#owner.singleBody.take(vport as Vport, data);
    } else if (this.#owner.singleBody.isEarly(from.name)) {
      const kept = bytesOf(dv, at, length).slice();
      const again = new DataView(kept.buffer);
      const { singleBody } = this.#owner;
      singleBody.wait(length, () => this.#show(from, again, 0, length, found));
    } else if (this.#countsAll()) this.#show(from, dv, at, length, found);
    else if (this.#isShed()) return length;
    else if (this.#isUnheard()) return length + this.#skip(from, dv, at, length, end, found);
    else this.#show(from, dv, at, length, found);
    return length;
  }

  /** What a tenant has metered, or said of its ports, counts what came, whoever is told. */
  #countsAll(): boolean {
    return this.#owner.meters.isLimited || this.#owner.ports.isSelective;
  }

  #isShed(): boolean {
    const { traffic } = this.#owner;
    return traffic.isLimited && !traffic.letsUp(this.#world.nowMs());
  }

  /** Whether nobody would be told of it, whatever it is: it is counted, and not looked at. */
  #isUnheard(): boolean {
    for (const controller of this.#owner.controllers) if (!isDeaf(controller)) return false;
    return true;
  }

  /** Nor are those behind it that are like it: how many bytes they have. */
  #skip(
    from: Datapath,
    dv: DataView,
    at: number,
    length: number,
    end: number,
    { dataAt }: PacketInOwner,
  ): number {
    countBehind(behind, from.version, dv, at, end, dataAt);
    from.writer.counts.packetIns += behind.count;
    from.channel?.inbox.wasInVain(length + behind.bytes);
    for (const controller of this.#owner.controllers) {
      if (controller.isUp) controller.droppedPacketIns += 1 + behind.count;
    }
    return behind.bytes;
  }

  #show(from: Datapath, dv: DataView, at: number, length: number, found: PacketInOwner): void {
    const { rule, owner } =
      from.flat === undefined
        ? { rule: this.#byCookie(found), owner: found }
        : this.#onFlat(from.flat, dv, at, length, found);
    const { isActionSet } = owner;
    const isMiss = owner.isMiss || (rule !== undefined && !isActionSet && isTableMiss(rule));
    const up = controllerIn(rule);
    const reason = up?.reason ?? reasonOf(owner, isMiss);
    const cause = {
      cookie: rule?.cookie ?? NO_COOKIE,
      // The pipeline has ended when the action set is carried out; Open vSwitch says table 0 then.
      tableId: isActionSet ? 0 : (rule?.tableId ?? 0),
      reason,
    };
    const isWanted =
      (!isMiss || this.#owner.ports.sendsMisses(owner.vport as Vport)) &&
      this.#letUp(owner.totalLen);
    for (const controller of isWanted ? this.#owner.controllers : []) {
      if (controller.connectionState.controllerId !== (up?.controllerId ?? 0)) continue;
      const channel = controller.packetInChannel(reason);
      if (channel === undefined) continue;
      if (isNicira(controller, channel)) {
        const shown = this.#shown(controller, rule, owner, dv, at, length);
        writeNiciraPacketIn(channel.writer(), dv, at, length, owner, cause, shown);
      } else if (channel.version === version.of10) {
        const shown = this.#shown(controller, rule, owner, dv, at, length);
        const as10 = reason === packetInReason.noMatch ? { ...owner, isMiss: true } : owner;
        writePacketIn10(channel.writer(), dv, at, length, up === undefined ? owner : as10, shown);
      } else if (!owner.isMiss) {
        const shown = this.#shown(controller, rule, owner, dv, at, length);
        writePacketIn(channel.writer(), dv, at, length, owner, cause, shown);
      }
    }
  }

  /** By the vswitch's own meter, and then by what all vswitches of the tenant may send up. */
  #letUp(bytes: number): boolean {
    const { meters, traffic } = this.#owner;
    return meters.letUp(bytes) && (!traffic.isLimited || traffic.letsUp(this.#world.nowMs()));
  }

  /** All of the packet, unless it is longer than was asked for and can be kept. */
  #shown(
    controller: Controller,
    rule: Rule | undefined,
    { isMiss, vport, dataAt }: PacketInOwner,
    dv: DataView,
    at: number,
    length: number,
  ): Shown {
    if (this.#owner.vswitch.buffers === 0) return shownWhole;
    const bytesMax = packetInBytes(rule, isMiss, controller.connectionState.missSendLen);
    if (bytesMax === controllerMaxLen.noBuffer || length - dataAt <= bytesMax) return shownWhole;
    const data = bytesOf(dv, at + dataAt, length - dataAt).slice();
    const bufferId = controller.buffers.put({ inPort: portOf16(vport), data }, this.#world.nowMs());
    return bufferId === undefined ? shownWhole : { bytesMax, bufferId };
  }

  #byCookie({ serial }: PacketInOwner): Rule | undefined {
    const { rulebook } = this.#owner;
    return rulebook.bySerial(serial) ?? rulebook.goneBySerial(serial);
  }

  /** A flat datapath does not say which rule it was. */
  #onFlat(flat: FlatDatapath, dv: DataView, at: number, length: number, found: PacketInOwner) {
    const { vswitch, rulebook } = this.#owner;
    const body = flat.bodyOf(vswitch);
    if (body.senders.isPlain) return { rule: undefined, owner: { ...found, isMiss: true } };
    const { vport, dataAt } = found;
    const data = new Uint8Array(dv.buffer, dv.byteOffset + at + dataAt, length - dataAt);
    const rule = body.senderOf(rulebook, vport, data);
    if (rule === 'miss') return { rule: undefined, owner: { ...found, isMiss: true } };
    return { rule, owner: found };
  }

  /** A packet that a controller sent to itself, or to a table that sends it up. */
  receiveOwn(inPort: number, data: Uint8Array, { cookie, tableId, reason }: PacketInCause): void {
    const isMiss = reason === packetInReason.noMatch;
    if (isMiss && !this.#owner.ports.sendsMisses(inPort as Vport)) return;
    if (!this.#letUp(data.length)) return;
    const vport = port16(inPort);
    for (const controller of this.#owner.controllers) {
      if (controller.connectionState.controllerId !== 0) continue;
      const channel = controller.packetInChannel(reason);
      if (channel === undefined) continue;
      const packet = { vport, metadata: 0, cookie, tableId, reason, data };
      if (isNicira(controller, channel)) writeNiciraPacketInOf(channel.writer(), packet);
      else if (channel.version === version.of10) {
        writePacketInOf10(channel.writer(), vport, data, reason);
      } else if (!isMiss || cookie !== NO_COOKIE) writePacketInOf(channel.writer(), packet);
    }
  }

  /** LLDP that a neighbour's controller sent over a virtual link (translation/requests/lldp.ts). */
  receiveCarried(vport: Vport, { rule, metadata }: MatchedRule, data: Uint8Array): void {
    const { cookie, tableId } = rule;
    const packet = { vport, metadata: Number(metadata & TENANT_METADATA), cookie, tableId, data };
    if (isTableMiss(rule) && !this.#owner.ports.sendsMisses(vport)) return;
    if (!this.#letUp(data.length)) return;
    const reason = isTableMiss(rule) ? packetInReason.noMatch : packetInReason.action;
    for (const controller of this.#owner.controllers) {
      if (controller.connectionState.controllerId !== 0) continue;
      const channel = controller.packetInChannel(reason);
      if (channel === undefined) continue;
      if (isNicira(controller, channel)) {
        writeNiciraPacketInOf(channel.writer(), { ...packet, reason });
      } else if (channel.version === version.of10) {
        writePacketInOf10(channel.writer(), vport, data);
      } else writePacketInOf(channel.writer(), { ...packet, reason });
    }
  }
}

/** Whether it speaks 1.0 and asked for packet-ins in Nicira's form. Hot. */
function isNicira({ connectionState }: Controller, channel: Channel): boolean {
  return channel.version === version.of10 && connectionState.forms.packetIns === 'nicira';
}

/** Whether no packet-in would be appended now, whatever its reason. Hot. */
function isDeaf(controller: Controller): boolean {
  const { channel, traffic } = controller;
  if (channel === undefined) return true;
  if (traffic.mayTakePacketIns(channel)) return false;
  const { noMatch, action } = packetInReason;
  return controller.hears('packetIn', noMatch) && controller.hears('packetIn', action);
}
