/**
 * Makes another body the one that processes all packets, while packets flow (DESIGN 5).
 *
 * It happens while all vports are at home on one of the two bodies, before the first port moves or
 * after the last one moved back. So every packet passes that one, and the moment at which it begins
 * to lead packets on, or ends, is the moment at which another body processes them:
 *
 *   there   entry: processes      -->  leads everything to the new primary
 *   back    entry: leads on       -->  processes
 *
 *   settle    what was changed before is there on both: no rule changes from here on
 *   hold      what may go to the controller and on comes up to us instead
 *   open      the new primary processes what comes to it
 *   close     the old one leads everything to it: rules may change again when it has that
 *   release   what came up goes through the tables of the new primary
 *
 * From `close` on a cached flow of the old body does what it did until it leads to the new primary,
 * as on one switch. Rules wait for that on the way back, and where more than cached flows come one
 * by one (`InForce.isOnlyCached`). So for one acknowledgement both bodies process packets. All that
 * could be seen of it is an order of packet-ins that one switch would not show. Each of the new
 * primary waits until those are here that the old one has sent before: for a barrier of the old
 * one, and not until its last cached flow has changed, which on a busy machine may be seconds. A
 * packet-in could still overtake the one of its cause; packets that may cause such a thing are held
 * (translation/migration/punt-and-forward.ts).
 */

import { port as ofpp } from '../../openflow/values/constants.ts';
import type { Action, Match } from '../../openflow/values/values.ts';
import type { DatapathName, Vport } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot } from '../../slices/network/values.ts';
import type { Overrides } from '../../translation/wiring/overrides.ts';
import type { Ack } from '../datapath/acknowledgements.ts';
import { whyRefused } from '../datapath/error-attribution.ts';
import {
  type CountingContext,
  countOnceMore,
  countWhatPassed,
} from '../datapath/fresh-counters.ts';
import type { InForce } from '../datapath/in-force.ts';
import type { Markers } from '../datapath/markers.ts';
import type { Journal } from '../store/journal.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { Bodied } from './configured.ts';
import type { Overriding } from './overrides.ts';
import { PacketInOrder } from './packet-in-order.ts';
import type { PacketOuts } from './packet-outs.ts';
import {
  countOf,
  countRules,
  ledRulesOf,
  type RedirectedPacketsOwner,
} from './redirected-packets.ts';

export interface HandOverContext extends CountingContext {
  readonly inForce: Pick<InForce, 'isOnlyCached' | 'prove'>;
  readonly journal: Journal;
  readonly markers: Markers;
  snapshot(): Snapshot;
  /** Something to show the operator, counted. */
  alarm(what: string): void;
}

/** Whose primary body changes, and how what was held goes on. */
export interface HandOverOwner extends Bodied, RedirectedPacketsOwner {
  readonly packetOuts: Pick<PacketOuts, 'sendAt'>;
  readonly overriding: Pick<Overriding, 'lead'>;
}

/** Into the first table, as when it enters. */
const toTables: Action = { type: 'output', port: ofpp.table, maxLen: 0 };

type Diverted = { readonly inPort: Vport; readonly data: Uint8Array };

export interface Wanted {
  /** The body that is to be the primary. */
  readonly to: DatapathName;
  /** Makes it the primary, in the snapshot and on disk; with why not, when it cannot be. */
  readonly swap: (next: Next) => void;
  /** Which packets are held. */
  readonly regions: readonly Match[];
  /** Rules may change again. */
  readonly letGo: () => void;
  /** Of how many packets it is not certain which entry counted them: so many at most. */
  readonly onDoubt: (packets: number) => void;
}

type Next = (trouble?: string) => void;
/** What of a body's overrides becomes another. */
type Make = (on: DatapathName) => Partial<Overrides>;

export class HandingOver {
  readonly #context: HandOverContext;
  readonly #owner: HandOverOwner;
  /** How many packets came up in the last hand-over. */
  held = 0;
  #waiting: Diverted[] | undefined;
  #waitingBytes = 0;
  readonly #packetInOrder: PacketInOrder;
  /** What rules had counted where packets enter, before they are to process them there again. */
  #before: bigint | undefined;

  constructor(context: HandOverContext, owner: HandOverOwner) {
    this.#context = context;
    this.#owner = owner;
    this.#packetInOrder = new PacketInOrder(context, owner);
  }

  /** `onDoubt` runs when it is known how many packets entered meanwhile (`#measure`). */
  run({ to, swap, regions, letGo, onDoubt }: Wanted, done: Next): void {
    const { homes, primary: from, bodies } = this.#owner.placement;
    const isBack = homes.size > 0 && [...homes.values()].every((home) => home === to);
    const entry = isBack ? to : from;
    this.held = 0;
    this.#waiting = [];
    // On the way back a packet may be on its way to the old one, where it will come up.
    this.#packetInOrder.begin({ name: to, former: from, isLed: isBack });
    const opening: Make = () => ({ passes: true, leadsTo: undefined });
    const open = (ack: Ack) => (next: Next) => this.#send([to], opening, ack, entry, next);
    let isCounted = false;
    const count = (next: Next): void => countOnceMore(this.#context, entry, isCounted, next);
    // Cached flows of the old primary are looked at as on one switch; on the way back all of them.
    const settled = (on: DatapathName): Ack => (isBack && on === from ? 'full' : 'round');
    const prove = (next: Next): void =>
      this.#context.inForce.prove(this.#context.datapath(entry), (isProved) => {
        isCounted = isProved;
        next();
      });
    const send = (next: Next): void => this.#send(bodies, none, settled, entry, next);
    const settle = (next: Next): void => whenAll([prove, send], (one, ended) => one(ended), next);
    const read = (next: Next): void => this.#readRules(entry, next);
    const measure = (next: Next): void => {
      this.#measure(entry, isBack, onDoubt);
      next();
    };
    const hold = (next: Next): void => this.#hold(entry, regions, next);
    // In the store before the old one leads packets on: both must not, after a restart either.
    const close = (next: Next): void => this.#send([from], this.#leading, 'barrier', entry, next);
    const follow = (next: Next): void => {
      const { inForce } = this.#context;
      if (!isBack && inForce.isOnlyCached(this.#context.datapath(from))) letGo();
      this.#send([from], none, 'full', entry, next);
    };
    // What it sent up before its last cached flow had changed is in front of this.
    const last = (next: Next): void => this.#send([from], none, 'barrier', entry, next);
    // Nothing enters at a body that is new; one that gets its work back is where all enters.
    const tellApart = (next: Next): void => this.#tellApart([from, to], next);
    const steps = isBack
      ? [read, settle, hold, count, open('full'), measure, swap, close, follow, last]
      : [tellApart, open('barrier'), settle, hold, swap, count, close, follow, measure, last];
    inTurn(steps, (trouble) => {
      this.#packetInOrder.end();
      this.#end(entry, trouble, done);
    });
  }

  /** What is led is counted by the rule that it would have met, where there is room for that. */
  #tellApart(bodies: readonly DatapathName[], next: () => void): void {
    const ledRules = ledRulesOf(this.#context, this.#owner, bodies);
    let isRefused = false;
    const put = (rules: typeof ledRules) => (on: DatapathName, ended: Ended) =>
      this.#owner.overriding.lead(on, { ledRules: rules }, 'barrier', (outcome) => {
        isRefused ||= whyRefused(on, outcome, '') !== undefined;
        ended();
      });
    whenAll(bodies, put(ledRules), () => {
      if (isRefused && ledRules.length > 0) whenAll(bodies, put([]), () => next());
      else next();
    });
  }

  /** Nothing meets a rule there now, so this stays what it is until packets are processed there. */
  #readRules(entry: DatapathName, next: () => void): void {
    countRules(this.#owner, this.#context.datapath(entry), (packets) => {
      this.#before = packets;
      next();
    });
  }

  /**
   * How many packets may have been credited to the wrong entries: at most those that have entered
   * since the last look at the cached flows (fresh-counters.ts). What the old ones of these flows
   * still did is counted where the new ones count, so what is counted there, when all is in force
   * and was looked at once more, is all of it, and what came since. Nobody waits for that.
   */
  #measure(entry: DatapathName, isBack: boolean, onDoubt: Wanted['onDoubt']): void {
    const datapath = this.#context.datapath(entry);
    const before = this.#before;
    countWhatPassed(this.#context, entry, () => {
      if (isBack) {
        countRules(this.#owner, datapath, (now) => {
          if (now !== undefined && before !== undefined) onDoubt(Number(now - before));
        });
      } else {
        countOf(this.#context, this.#owner, entry, 'guard', (led) => {
          if (led !== undefined) onDoubt(Number(led));
        });
      }
    });
  }

  /** Whether packet-ins from there have to wait now. Hot. */
  isEarly(from: DatapathName): boolean {
    return this.#packetInOrder.isEarly(from);
  }

  wait(bytes: number, deliver: () => void): void {
    this.#packetInOrder.wait(bytes, deliver);
  }

  /** A packet that no rule has seen yet. */
  take(packet: Diverted): void {
    this.held += 1;
    if (this.#waiting === undefined) this.#put(packet);
    else if (this.#waitingBytes + packet.data.length > limits.divertedBytesMax) {
      this.#context.alarm(
        `packets of ${this.#owner.vswitch.name} dropped: its primary body changes`,
      );
    } else {
      this.#waitingBytes += packet.data.length;
      this.#waiting.push(packet);
    }
  }

  /** Then the barrier: packet-ins of before are all here. */
  #hold(entry: DatapathName, regions: readonly Match[], next: Next): void {
    if (regions.length === 0) {
      next();
      return;
    }
    const { bodies } = this.#owner.placement;
    const mark = this.#owner.bodyOn(entry).chooseMark();
    const clear = (then: Next): void => {
      if (mark === undefined) then();
      else this.#send([entry], () => ({ keepsOut: mark }), 'full', entry, then);
    };
    const divert: Make = () => ({ diverts: regions, mark });
    const steps = [
      clear,
      (then: Next): void => this.#send([entry], divert, 'full', entry, then),
      (then: Next): void => this.#send(bodies, none, 'barrier', entry, then),
    ];
    inTurn(steps, next);
  }

  /** What waited goes first; what still comes up afterwards follows it at once. */
  #end(entry: DatapathName, trouble: string | undefined, done: Next): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    this.#waitingBytes = 0;
    for (const one of waiting) this.#put(one);
    // Whatever it has come to, all are led to the primary.
    const toUndo: Make = (on) => ({
      ...this.#leading(on),
      ...(on === entry && { passes: true, diverts: [] }),
    });
    // What was marked before the last cached flow changed is in front of the acknowledgement.
    const isMarked = this.#owner.bodyOn(entry).mark !== undefined;
    const { bodies } = this.#owner.placement;
    this.#send(bodies, toUndo, isMarked ? 'full' : 'barrier', entry, (lost) => {
      const last = trouble ?? lost;
      if (!isMarked) done(last);
      else {
        const letIn: Make = () => ({ keepsOut: undefined, mark: undefined });
        this.#send([entry], letIn, 'barrier', entry, (gone) => done(last ?? gone));
      }
    });
  }

  #put(packet: Diverted): void {
    const { packetOuts, placement } = this.#owner;
    packetOuts.sendAt(this.#context.datapath(placement.primary), {
      ...packet,
      actions: [toTables],
    });
  }

  readonly #leading: Make = (on) => {
    const { primary } = this.#owner.placement;
    return { leadsTo: on === primary ? undefined : primary };
  };

  /** To all of these; it is in vain when the body where packets enter is away. */
  #send(
    bodies: readonly DatapathName[],
    make: Make,
    ack: Ack | ((on: DatapathName) => Ack),
    entry: DatapathName,
    next: Next,
  ): void {
    const ackOf = typeof ack === 'function' ? ack : () => ack;
    const send = (on: DatapathName, ended: Ended): void =>
      this.#owner.overriding.lead(on, make(on), ackOf(on), (outcome) => {
        const isVain = outcome.type === 'lost' && on === entry;
        const away = isVain ? `datapath ${on} is away` : undefined;
        ended(away ?? whyRefused(on, outcome, 'an entry of the hand-over'));
      });
    whenAll(bodies, send, next);
  }
}

const none: Make = () => ({});

/** One after the other, until one is in trouble. */
function inTurn(steps: readonly ((next: Next) => void)[], done: Next): void {
  const [step, ...rest] = steps;
  if (step === undefined) done();
  else step((trouble) => (trouble === undefined ? inTurn(rest, done) : done(trouble)));
}
