/**
 * A hypervisor for simulations only: one vswitch that is on several switches at once, as the paper
 * has it (LIME 4), with each part of that as it should be, or done without a thought.
 *
 * `twoPhases` is the paper's: rules change behind entries that drop, packets that go up and on are
 * serialized, time-outs and counters are of all switches. The ten named cases of naive cloning
 * (named-cases.ts) take one part of that away each.
 */
import type { Connection, ConnectionUser } from '../../hypervisor/world/world.ts';
import { decode, encode, encodeMultipartReply } from '../../openflow/messages/codec.ts';
import { Framer } from '../../openflow/messages/framer.ts';
import { version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { FlowMod, Message } from '../../openflow/values/values.ts';
import { Body } from './cloned-body.ts';
import { type ClonedPorts, goesUpAndOn, isOurs } from './cloned-entries.ts';
import { ClonedRules } from './cloned-rules.ts';
import type { SimWorld } from './world.ts';

/** How each part is done. */
export interface Ways {
  /** Behind entries that drop; at once; or each at each switch when it comes to it. */
  readonly changes: 'two phases' | 'at once' | 'in any order';
  readonly barriers: 'all' | 'first';
  readonly removals: 'once' | 'each';
  readonly idle: 'all' | 'each';
  /** Whether what a switch has counted stays when it is left. */
  readonly counters: 'kept' | 'present';
  readonly arriving: 'delivered' | 'processed';
  readonly upAndOn: 'serialized' | 'each';
}

export const twoPhases: Ways = {
  changes: 'two phases',
  barriers: 'all',
  removals: 'once',
  idle: 'all',
  counters: 'kept',
  arriving: 'delivered',
  upAndOn: 'serialized',
};

export interface ClonedOptions extends ClonedPorts {
  readonly ways: Ways;
  /** How long to wait behind a barrier's reply. */
  readonly settleMs: number;
  /** When the first of the switches is left. */
  readonly leftMs?: number;
}

const POLL_MS = 20;
const ANY_ORDER_MS = 30;

export class Cloned implements ConnectionUser {
  readonly #world: SimWorld;
  readonly #options: ClonedOptions;
  readonly #bodies: Body[] = [];
  readonly #waiting: Message[] = [];
  readonly #rules: ClonedRules;
  #framer = new Framer({ frameBytesMax: 65_535 });
  #north: Connection | undefined;
  #isBusy = false;
  #isLeft = false;

  constructor(world: SimWorld, options: ClonedOptions) {
    this.#world = world;
    this.#options = options;
    this.#rules = new ClonedRules(world, options.ways, this.#bodies);
    const never = (why: string): never => {
      throw new Error(why);
    };
    world.listen(
      { host: '127.0.0.1', port: 6653 },
      {
        accept: (connection) => new Body(connection, options, this),
        refused: never,
        failed: never,
      },
    );
    if (options.leftMs !== undefined) world.after(options.leftMs, () => this.#leave());
    this.#poll();
  }

  /** A switch is there. */
  joined(body: Body): void {
    this.#bodies.push(body);
    if (this.#bodies.length < this.#options.bodyCount) return;
    this.#bodies.sort((a, b) => a.index - b.index);
    const target = { host: '127.0.0.1', port: 6661 };
    this.#all(
      (one, then) => one.barrier(then),
      () => {
        this.#north = this.#world.dial(target, this);
      },
    );
  }

  onOpen(): void {
    this.#tell({ type: 'hello', xid: 0, versions: [4] });
  }

  onClose(): void {
    throw new Error('the controller never hangs up');
  }

  onBytes(chunk: Uint8Array): void {
    this.#framer.push(chunk, (dv, at, length) => {
      const message = decode(version.of13, dv, at, length);
      if (isError(message)) throw new Error(message.why);
      const { xid } = message;
      if (message.type === 'featuresRequest') {
        const rest = { bufferCount: 0, tableCount: 254, auxiliaryId: 0, capabilities: 0 };
        this.#tell({ type: 'featuresReply', xid, dpid: 1n, ...rest });
      } else if (message.type !== 'hello') {
        this.#waiting.push(message);
        this.#next();
      }
    });
  }

  #tell(message: Message): void {
    this.#north?.write(encode(version.of13, message));
  }

  /** Asks all, and goes on when all have answered. */
  #all(each: (body: Body, then: () => void) => void, done: () => void): void {
    let left = this.#bodies.length;
    for (const body of this.#bodies) {
      each(body, () => {
        left -= 1;
        if (left === 0) done();
      });
    }
  }

  #next(): void {
    if (this.#isBusy) return;
    const message = this.#waiting.shift();
    if (message === undefined) return;
    switch (message.type) {
      case 'flowMod':
        this.#change(message);
        break;
      case 'packetOut':
        (this.#bodies.find((one) => one.has(message.inPort)) ?? this.#bodies[0])?.put(message);
        this.#next();
        break;
      case 'barrierRequest':
        this.#barrier(message.xid);
        this.#next();
        break;
      case 'multipartRequest':
        this.#count(() => this.#tellCounters(message.xid));
        this.#next();
        break;
      default:
        throw new Error(`no application sends ${message.type}`);
    }
  }

  #barrier(xid: number): void {
    const reply = (): void => this.#tell({ type: 'barrierReply', xid });
    if (this.#options.ways.barriers === 'all') {
      this.#all((body, then) => body.barrier(then), reply);
      return;
    }
    let isFirst = true;
    for (const body of this.#bodies) {
      body.barrier(() => {
        if (isFirst) reply();
        isFirst = false;
      });
    }
  }

  #change(first: FlowMod): void {
    const { changes } = this.#options.ways;
    const mods = [first];
    if (changes === 'two phases') {
      while (this.#waiting[0]?.type === 'flowMod') mods.push(this.#waiting.shift() as FlowMod);
    }
    for (const mod of mods) this.#rules.note(mod);
    const apply = (body: Body): void => {
      for (const mod of mods) body.change(mod);
    };
    if (changes === 'at once') for (const body of this.#bodies) apply(body);
    else if (changes === 'in any order') {
      for (const body of this.#bodies) {
        this.#world.after(this.#world.random() * ANY_ORDER_MS, () => apply(body));
      }
    } else {
      this.#isBusy = true;
      const settled = (body: Body, then: () => void): void => {
        body.barrier(() => this.#world.after(this.#options.settleMs, then));
      };
      const phase = (act: (body: Body) => void, done: () => void): void => {
        this.#all((body, then) => {
          act(body);
          settled(body, then);
        }, done);
      };
      const over = (): void => {
        this.#isBusy = false;
        this.#next();
      };
      const open = (body: Body): void => body.guard(mods, false);
      phase(
        (body) => body.guard(mods, true),
        () => phase(apply, () => phase(open, over)),
      );
      return;
    }
    this.#next();
  }

  /** A switch says something. */
  heard(body: Body, message: Message): void {
    if (message.type === 'packetIn') {
      const rule = this.#rules.at(message.cookie);
      this.#tell({ ...message, match: body.northMatch(message.match) });
      const isHeld = this.#options.ways.upAndOn === 'serialized';
      if (isHeld && rule !== undefined && goesUpAndOn(rule)) body.goOn(rule, message);
    }
    if (message.type !== 'flowRemoved' || isOurs(message.cookie)) return;
    const told = this.#rules.removed(message);
    if (told !== undefined) this.#tell(told);
  }

  #poll(): void {
    this.#world.after(POLL_MS, () => {
      if (this.#rules.hasTimed) {
        this.#count(() => {
          this.#waiting.push(...this.#rules.expired());
          this.#next();
        });
      }
      this.#poll();
    });
  }

  /** Reads all counters. */
  #count(done: () => void): void {
    const present = this.#isLeft ? this.#bodies.slice(1) : this.#bodies;
    let left = present.length;
    for (const body of present) {
      body.count((rows) => {
        this.#read(body, rows);
        left -= 1;
        if (left === 0) done();
      });
    }
  }

  #read(body: Body, rows: ReadonlyMap<bigint, number>): void {
    // Asked before it was left.
    if (this.#isLeft && body === this.#bodies[0]) return;
    this.#rules.read(body, rows);
  }

  #tellCounters(xid: number): void {
    const reply = { kind: 'flow', flows: this.#rules.rows() } as const;
    for (const frame of encodeMultipartReply(version.of13, xid, reply)) this.#north?.write(frame);
  }

  /** The first switch is left: nobody asks it any more. */
  #leave(): void {
    this.#count(() => {
      this.#isLeft = true;
      const [first] = this.#bodies;
      if (first === undefined || this.#options.ways.counters === 'kept') return;
      this.#rules.forget(first);
    });
  }
}
