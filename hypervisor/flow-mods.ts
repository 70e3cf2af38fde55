/**
 * A vswitch's flow-mods that stay bytes on their way: into the rulebook, the store, and down
 * (translation/flow-mod-bytes.ts says which). All others are values, and changes.ts's.
 */
import { flowFlag } from '../openflow/constants.ts';
import { isError } from '../openflow/errors.ts';
import { layout, u32 } from '../openflow/layout.ts';
import { flowMod, header } from '../openflow/messages.ts';
import { limits } from '../slices/limits.ts';
import { copyOf } from '../slices/rule-record.ts';
import type { Placed, Said } from '../slices/rulebook.ts';
import { plainFlowMod, writeFlowMod } from '../translation/flow-mod-bytes.ts';
import type { Outcome, Refusal } from './acks.ts';
import type { Channel } from './channel.ts';
import { originOf } from './controller.ts';
import type { Datapath } from './datapath.ts';
import type { RuleShelf } from './ledger.ts';
import { borrowOutbox, returnOutbox } from './outbox.ts';
import { settleRefusal } from './rounds.ts';
import type { Hub, VswitchRuntime } from './vswitch.ts';

const { get } = flowMod;

export class FlowMods {
  readonly #hub: Hub;
  readonly #owner: VswitchRuntime;
  readonly #shelf: RuleShelf;
  /** What was sent last: more may join it. */
  #sent: Sent | undefined;

  constructor(hub: Hub, owner: VswitchRuntime) {
    this.#hub = hub;
    this.#owner = owner;
    this.#shelf = hub.ledger.shelfOf(owner.vswitch.name);
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
    this.#hub.ledger.putPlaced(this.#shelf, rulebook, placed);
    if (said.idleTimeoutSec > 0 || said.hardTimeoutSec > 0) this.#owner.counters.start();
    const xid = channel.nextXid();
    const { serial, resets: isReset } = placed;
    writeFlowMod(channel.writer(), dv, at, body, { xid, vswitch, serial, resets: isReset });
    const sent = this.#batch(from, datapath, xid);
    sent.add(placed, dv, at, length);
    datapath.pushed(xid, sent.done);
    return true;
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

/** What is kept of a flow-mod until it is acknowledged: what `place` did; then its frame. */
const sentHead = layout('Sent', { serial: u32, revision: u32, replaced: u32, resets: u32 });

/** Flow-mods of one controller to one datapath, ids in a row, until they are acknowledged. */
class Sent {
  readonly #owner: VswitchRuntime;
  readonly #hub: Hub;
  readonly #from: Channel;
  readonly #datapath: Datapath;
  readonly #firstXid: number;
  #count = 0;
  /** For each its head and its frame as it came, for errors. */
  readonly #kept = borrowOutbox();
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
    if (this.#isOver || this.#count >= limits.batchMax) return false;
    return (
      this.#from === from && this.#datapath === datapath && this.#firstXid + this.#count === xid
    );
  }

  add(placed: Placed, dv: DataView, at: number, length: number): void {
    const { arena } = this.#owner.rulebook;
    const kept = this.#kept;
    const head = kept.claim(sentHead.size);
    sentHead.set.serial(kept.dv, head, placed.serial);
    sentHead.set.revision(kept.dv, head, placed.revision);
    sentHead.set.replaced(kept.dv, head, placed.replaced);
    sentHead.set.resets(kept.dv, head, placed.resets ? 1 : 0);
    kept.putFrom(dv, at, length);
    if (placed.replaced !== 0) arena.hold(arena.goneBySerial(placed.replaced));
    this.#count += 1;
  }

  /** The datapath has acknowledged them: what it refused never was, and the tenant is told. */
  readonly done = (outcome: Outcome): void => {
    this.#isOver = true;
    const refusals = outcome.type === 'lost' ? [] : outcome.refusals;
    const { dv, at: end } = this.#kept;
    const refused = new Map(refusals.map((one) => [one.xid - this.#firstXid, one]));
    for (let i = 0, at = 0; at < end; i++) {
      const frameAt = at + sentHead.size;
      const length = header.get.length(dv, frameAt);
      const refusal = refused.get(i);
      if (refusal !== undefined) this.#takeBack(at, length, refusal);
      const replaced = sentHead.get.replaced(dv, at);
      if (replaced !== 0) this.#owner.rulebook.arena.release(replaced);
      at = frameAt + length;
    }
    returnOutbox(this.#kept);
  };

  #takeBack(at: number, length: number, refusal: Refusal): void {
    const { dv } = this.#kept;
    const frameAt = at + sentHead.size;
    const body = plainFlowMod(dv, frameAt, length);
    if (body === undefined) throw new Error('a flow-mod that was plain is so no more');
    const { resets, ...placed } = sentHead.read(dv, at);
    const change = this.#owner.rulebook.placed(
      { ...placed, resets: resets === 1 },
      saidBy(dv, frameAt),
      { body: copyOf(body) },
      this.#hub.world.nowMs(),
    );
    const origin = originOf(this.#from, dv, frameAt, length);
    settleRefusal(this.#hub, this.#owner, this.#datapath.name, { change, origin }, refusal);
  }
}
