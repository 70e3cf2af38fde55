/**
 * A vswitch's flow-mods that stay bytes on their way: into the rulebook, the store, and down
 * (translation/flow-mod-bytes.ts says which). All others are values, and changes.ts's.
 */
import { flowFlag } from '../openflow/constants.ts';
import { isError } from '../openflow/errors.ts';
import { flowMod } from '../openflow/messages.ts';
import { Writer } from '../openflow/writer.ts';
import { limits } from '../slices/limits.ts';
import { copyOf } from '../slices/rule-record.ts';
import type { Placed, Said } from '../slices/rulebook.ts';
import { plainFlowMod, writeFlowMod } from '../translation/flow-mod-bytes.ts';
import type { Outcome } from './acks.ts';
import type { Channel } from './channel.ts';
import { originOf } from './controller.ts';
import type { Datapath } from './datapath.ts';
import { settleRefusal } from './rounds.ts';
import type { Hub, VswitchRuntime } from './vswitch.ts';

const { get } = flowMod;

export class FlowMods {
  readonly #hub: Hub;
  readonly #owner: VswitchRuntime;
  /** What was sent last: more may join it. */
  #sent: Sent | undefined;

  constructor(hub: Hub, owner: VswitchRuntime) {
    this.#hub = hub;
    this.#owner = owner;
  }

  /** Takes a flow-mod, if it is of the plain kind and the vswitch has one body, a pipeline. Hot. */
  relay(from: Channel, dv: DataView, at: number, length: number): boolean {
    const { bodies } = this.#owner.placement;
    const [on] = bodies;
    if (on === undefined || bodies.length > 1) return false;
    const datapath = this.#hub.datapath(on);
    const { channel } = datapath;
    if (channel === undefined || !datapath.takesChanges || datapath.flat !== undefined)
      return false;
    const body = plainFlowMod(dv, at, length);
    if (body === undefined) return false;
    const { rulebook, vswitch } = this.#owner;
    const said = saidBy(dv, at);
    const resets = (said.flags & flowFlag.resetCounts) !== 0;
    const placed = rulebook.place(said, body, resets, this.#hub.world.nowMs());
    if (isError(placed)) {
      from.refuse(dv, at, length, placed);
      return true;
    }
    // A rule that goes on counting is stored with what its forerunner has counted.
    const kept = placed.resets ? undefined : rulebook.bySerial(placed.head.serial);
    if (kept !== undefined) this.#hub.ledger.putRule(vswitch.name, kept);
    else this.#hub.ledger.putNewRule(vswitch.name, placed.head, body);
    if (placed.replaced !== undefined) this.#bury(placed);
    if (said.idleTimeoutSec > 0 || said.hardTimeoutSec > 0) this.#owner.counters.start();
    const xid = channel.nextXid();
    const { serial } = placed.head;
    writeFlowMod(channel.writer(), dv, at, body, { xid, vswitch, serial, resets: placed.resets });
    const sent = this.#batch(from, datapath, xid);
    sent.add(placed, dv, at, length);
    datapath.pushed(xid, sent.done);
    return true;
  }

  #bury({ replaced }: Placed): void {
    if (replaced === undefined) return;
    this.#hub.ledger.dropRule(this.#owner.vswitch.name, replaced.serial);
    this.#owner.packetIns.bury(replaced);
  }

  #batch(from: Channel, datapath: Datapath, xid: number): Sent {
    if (this.#sent?.isJoinedBy(from, datapath, xid)) return this.#sent;
    this.#sent = new Sent(this.#hub, this.#owner, from, datapath, xid);
    return this.#sent;
  }
}

function saidBy(dv: DataView, at: number): Said {
  return {
    tableId: get.tableId(dv, at),
    priority: get.priority(dv, at),
    cookie: get.cookie(dv, at),
    flags: get.flags(dv, at),
    idleTimeoutSec: get.idleTimeoutSec(dv, at),
    hardTimeoutSec: get.hardTimeoutSec(dv, at),
  };
}

/** Flow-mods of one controller to one datapath, ids in a row, until they are acknowledged. */
class Sent {
  readonly #hub: Hub;
  readonly #owner: VswitchRuntime;
  readonly #from: Channel;
  readonly #datapath: Datapath;
  readonly #firstXid: number;
  readonly #placed: Placed[] = [];
  /** The frames as they came, for errors, and where each begins. */
  readonly #frames = new Writer(limits.outboxBytesAtFirst);
  readonly #starts: number[] = [];
  #isOver = false;

  constructor(
    hub: Hub,
    owner: VswitchRuntime,
    from: Channel,
    datapath: Datapath,
    firstXid: number,
  ) {
    this.#hub = hub;
    this.#owner = owner;
    this.#from = from;
    this.#datapath = datapath;
    this.#firstXid = firstXid;
  }

  isJoinedBy(from: Channel, datapath: Datapath, xid: number): boolean {
    if (this.#isOver || this.#placed.length >= limits.batchMax) return false;
    const next = this.#firstXid + this.#placed.length;
    return this.#from === from && this.#datapath === datapath && next === xid;
  }

  add(placed: Placed, dv: DataView, at: number, length: number): void {
    this.#placed.push(placed);
    this.#starts.push(this.#frames.at);
    this.#frames.putFrom(dv, at, length);
  }

  /** The datapath has acknowledged them: what it refused never was, and the tenant is told. */
  readonly done = (outcome: Outcome): void => {
    this.#isOver = true;
    if (outcome.type === 'lost') return;
    for (const refusal of outcome.refusals) {
      const i = refusal.xid - this.#firstXid;
      const placed = this.#placed[i];
      const from = this.#starts[i];
      if (placed === undefined || from === undefined) continue;
      const { replaced, resets } = placed;
      const { dv } = this.#frames;
      const end = this.#starts[i + 1] ?? this.#frames.at;
      const body = plainFlowMod(dv, from, end - from);
      if (body === undefined) continue;
      const origin = originOf(this.#from, dv, from, end - from);
      const rule = this.#owner.rulebook.made(placed, { body: copyOf(body) });
      const change = { type: 'add', rule, replaced, resets } as const;
      settleRefusal(this.#hub, this.#owner, this.#datapath.name, { change, origin }, refusal);
    }
  };
}
