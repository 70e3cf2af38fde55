/**
 * A cloned vswitch all of whose packets are processed by one body, because what its tenant made
 * needs that (translation/together.ts): every other body redirects everything to the primary.
 *
 *   apart --a rule needs it--> gathered --the primary is to be another--> handing over
 *     ^ <----one body left------- | ^ <------------------------------------------'
 *
 * Handing over takes a moment in which no body processes anything: packet-ins of the old primary
 * are all here before the new one can send any. What enters meanwhile comes up to us and is put
 * into the tables of the new primary then. (From datapaths of one table it cannot be told from a
 * rule's packet-in; there it is dropped.)
 */
import { port as ofpp } from '../openflow/constants.ts';
import type { Action, Message } from '../openflow/values.ts';
import { newCursor } from '../slices/cursor.ts';
import type { DatapathName, Vport } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import type { Placement } from '../slices/snapshot.ts';
import { senderOf } from '../translation/packet-out.ts';
import { Together } from '../translation/together.ts';
import type { Ack } from './acks.ts';
import type { RoundChange } from './rounds.ts';
import type { Hub, VswitchRuntime } from './vswitch.ts';

/** Into the first table, as when it enters. */
const toTables: Action = { type: 'output', port: ofpp.table, maxLen: 0 };

interface Diverted {
  readonly inPort: Vport;
  readonly data: Uint8Array;
}

export class Gathering {
  readonly #hub: Hub;
  readonly #owner: VswitchRuntime;
  /** What was found since there are several bodies. */
  #together: Together | undefined;
  #why: string | undefined;
  /** What came up while handing over. */
  #held: Diverted[] | undefined;
  #heldBytes = 0;

  constructor(hub: Hub, owner: VswitchRuntime) {
    this.#hub = hub;
    this.#owner = owner;
  }

  /** Why one body processes everything; undefined when each processes what enters there. */
  get why(): string | undefined {
    return this.#why;
  }

  /** Where a packet that a controller sends is sent. Hot. */
  senderOf(placement: Placement, inPort: number): DatapathName {
    return this.#why === undefined ? senderOf(placement, inPort) : placement.primary;
  }

  /** The new body has its rules, and nothing enters there yet. */
  begin(done: () => void): void {
    this.#owner.exclusive((release) => {
      const together = this.#look();
      const cursor = newCursor();
      const step = (): boolean => {
        for (const rule of this.#owner.rulebook.some(cursor)) together.noteRule(rule);
        return !cursor.isOver;
      };
      this.#hub.turns.run({ step }, () => {
        this.#decide();
        const toOthers = this.#why === undefined ? [] : this.#others();
        const guard = (on: DatapathName) => this.#guard(on);
        this.#sendAll(toOthers, guard, 'full', () => {
          release();
          done();
        });
      });
    });
  }

  /** After a restart in the middle of a migration, before any datapath is looked at. */
  restore(): void {
    const together = this.#look();
    for (const rule of this.#owner.rulebook.rules()) together.noteRule(rule);
    this.#decide();
  }

  /** One body is left. */
  end(): void {
    this.#together = undefined;
    this.#why = undefined;
  }

  /** What a round with these changes has to do about it (round.ts). */
  before(changes: readonly RoundChange[]): 'no' | 'begins' | 'yes' {
    if (this.#why !== undefined) return 'yes';
    for (const { change } of changes) this.#together?.note(change);
    this.#decide();
    return this.#why === undefined ? 'no' : 'begins';
  }

  /** `swap` makes another body the primary. Nothing of the tenant's may come in between. */
  handOver(swap: () => string | undefined, done: (trouble?: string) => void): void {
    const { bodies } = this.#owner.placement;
    this.#held = [];
    const divert = (on: DatapathName) => this.#owner.bodyOn(on).divert();
    this.#sendAll(bodies, divert, 'full', () => {
      // What came up before the last cached flow was gone is in front of this.
      this.#sendAll(
        bodies,
        () => [],
        'barrier',
        () => {
          const trouble = swap();
          this.#goOn(() => done(trouble));
        },
      );
    });
  }

  /** The new primary first: the others must not redirect to one that redirects to them. */
  #goOn(done: () => void): void {
    const open = (on: DatapathName) => {
      const body = this.#owner.bodyOn(on);
      const isPrimary = on === this.#owner.placement.primary;
      return [...body.unguard(), ...(isPrimary ? [] : this.#guard(on)), ...body.undivert()];
    };
    this.#sendAll([this.#owner.placement.primary], open, 'barrier', () => {
      this.#release();
      this.#sendAll(this.#others(), open, 'barrier', done);
    });
  }

  /** A packet that no rule has seen yet. */
  take(inPort: Vport, data: Uint8Array): void {
    if (this.#held === undefined) this.#put({ inPort, data });
    else if (this.#heldBytes + data.length > limits.divertedBytesMax) {
      this.#hub.alarm(`packets of ${this.#owner.vswitch.name} dropped: its primary body changes`);
    } else {
      this.#heldBytes += data.length;
      this.#held.push({ inPort, data });
    }
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#heldBytes = 0;
    for (const one of held) this.#put(one);
  }

  #put(packet: Diverted): void {
    const { packetOuts, placement } = this.#owner;
    packetOuts.sendAt(this.#hub.datapath(placement.primary), { ...packet, actions: [toTables] });
  }

  #look(): Together {
    const together = new Together();
    for (const group of this.#owner.groups.book.groups()) together.noteGroup(group);
    this.#together = together;
    return together;
  }

  #decide(): void {
    if (this.#hub.guard !== 'off') this.#why = this.#together?.why;
  }

  #others(): readonly DatapathName[] {
    const { bodies, primary } = this.#owner.placement;
    return bodies.filter((body) => body !== primary);
  }

  #guard(on: DatapathName): readonly Message[] {
    return this.#owner.bodyOn(on).guard([[]], this.#owner.placement);
  }

  #sendAll(
    bodies: readonly DatapathName[],
    make: (on: DatapathName) => readonly Message[],
    ack: Ack,
    done: () => void,
  ): void {
    let left = bodies.length;
    if (left === 0) done();
    for (const on of bodies) {
      this.#hub.datapath(on).applyWhenReady(make(on), ack, () => {
        left -= 1;
        if (left === 0) done();
      });
    }
  }
}
