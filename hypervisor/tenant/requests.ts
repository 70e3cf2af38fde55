/**
 * Requests of a vswitch's controllers, each begun in its turn (admission.ts, request-order.ts), and
 * answered in its turn among the connection's replies (reply-order.ts).
 */
import { isError, ofError } from '../../openflow/values/errors.ts';
import { limits } from '../../slices/limits.ts';
import type { AnsweredEffect, Effect } from '../../translation/controllers/verdict.ts';
import type { PacketOut } from '../../translation/requests/packet-out.ts';
import type { Channel } from '../channel/channel.ts';
import type { Controller } from '../controller/controller.ts';
import { Election } from '../controller/election.ts';
import type { Asked } from '../controller/reply-order.ts';
import type { Admission } from './admission.ts';
import { changeRules, packetOf } from './buffer-use.ts';
import { BundleCommits, type BundleContext, type BundleOwner } from './bundle-commits.ts';
import type { Changes } from './changes.ts';
import { answerCounters, type ShownRules } from './flow-statistics.ts';
import type { FlowUpdates } from './flow-updates.ts';
import type { Groups } from './groups.ts';
import type { PacketOuts } from './packet-outs.ts';
import type { Ports } from './ports.ts';
import type { RequestOrder } from './request-order.ts';
import { readFor, type Statistics } from './statistics.ts';

/** Who does what is asked for. */
export type RequestsOwner = ShownRules &
  Statistics &
  BundleOwner & {
    readonly admission: Admission;
    readonly flowUpdates: FlowUpdates;
    readonly changes: Changes;
    readonly ports: Pick<Ports, 'change'>;
    readonly packetOuts: Pick<PacketOuts, 'refusal'>;
    readonly groups: Pick<Groups, 'read' | 'table'>;
    readonly controllers: readonly Controller[];
  };

export class Requests {
  readonly #context: BundleContext;
  readonly #owner: RequestsOwner;
  readonly #bundles: BundleCommits;
  readonly #order: RequestOrder;
  readonly #election = new Election();

  constructor(context: BundleContext, owner: RequestsOwner, order: RequestOrder) {
    this.#context = context;
    this.#owner = owner;
    this.#order = order;
    this.#bundles = new BundleCommits(context, owner);
  }

  /** Whether a bundle is being tried: what the tables say is nobody's yet. */
  get isDeciding(): boolean {
    return this.#bundles.isDeciding;
  }

  /** The vswitch is out of service. */
  close(): void {
    this.#bundles.close();
  }

  perform(effect: Effect, from: Controller, asked: Asked): void {
    const { admission } = this.#owner;
    const waiting = this.#order.length + admission.length;
    const { channel } = from;
    if (channel === undefined) return;
    if (waiting < limits.pendingPerVswitchMax) {
      admission.take(channel, () => this.#begin(effect, from, channel, asked));
      return;
    }
    asked.refuse(ofError('badRequest', 'eperm', `${waiting} requests are already waiting`));
    asked.end();
  }

  #begin(effect: Effect, from: Controller, channel: Channel, asked: Asked): void {
    switch (effect.type) {
      case 'readMeters':
      case 'readGroups':
      case 'readPorts':
      case 'readQueues':
      case 'describeQueues':
        this.#order.exclusive((release) => {
          release();
          readFor(this.#owner, effect, (reply) => {
            if (isError(reply)) asked.refuse(reply);
            else asked.answer(reply);
            asked.end();
          });
        });
        break;
      case 'barrier':
        this.#order.submit({
          type: 'barrier',
          done: () => {
            asked.answer({ type: 'barrierReply', xid: effect.xid });
            asked.end();
          },
        });
        break;
      case 'monitorRules':
        this.#owner.flowUpdates.begin(effect, from, channel, asked);
        break;
      case 'cancelMonitor':
        this.#owner.flowUpdates.cancel(effect.id, channel, asked);
        asked.end();
        break;
      case 'commitBundle':
        this.#bundles.commit(effect, from, channel, asked);
        break;
      case 'readCounters': {
        const release = this.#owner.admission.holdOf(channel);
        const told = (): void => {
          release();
          asked.end();
        };
        const answer = (received: bigint): void =>
          asked.say(() =>
            answerCounters(this.#context, this.#owner, effect, from, channel, received, told),
          );
        const done = (): void => {
          if (effect.request.kind === 'table') this.#received(answer);
          else answer(0n);
        };
        this.#order.submit({ type: 'counters', done });
        break;
      }
      default:
        this.#change(effect, from, asked);
        asked.end();
    }
  }

  /** Tells how many packets came in by the vswitch's ports: its first table was looked into. */
  #received(told: (packets: bigint) => void): void {
    const { portCounters, vswitch } = this.#owner;
    portCounters.read([...vswitch.ports.keys()], (rows) =>
      told(rows.reduce((sum, { rxPackets }) => sum + rxPackets, 0n)),
    );
  }

  /** Begins what has no answer but an error, and role requests. */
  #change(effect: Exclude<Effect, AnsweredEffect>, from: Controller, asked: Asked): void {
    switch (effect.type) {
      case 'changeRules':
        changeRules(
          this.#owner.changes,
          this.#context.world.nowMs(),
          effect.mod,
          from,
          asked,
          (out) => this.#submitPacket(out, from, asked),
        );
        break;
      case 'changeGroups':
        this.#owner.changes.groupMod(effect.mod, asked);
        break;
      case 'changeMeters':
        this.#owner.changes.meterMod(effect.mod, asked);
        break;
      case 'changeRole':
        this.#election.request(effect.request, from, this.#owner.controllers, asked);
        break;
      case 'changePort':
        this.#order.exclusive((release) => this.#owner.ports.change(effect.change, from, release));
        break;
      case 'sendPacket':
        this.#submitPacket(effect.out, from, asked);
        break;
    }
  }

  #submitPacket(out: PacketOut, from: Controller, asked: Asked): void {
    const whole = packetOf(this.#owner, out, from, this.#context.world.nowMs());
    if (isError(whole)) asked.refuse(whole);
    else this.#order.submit({ type: 'send', out: whole });
  }
}
