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
  /** Behind entries that drop, or at once. */
  readonly changes: 'two phases' | 'at once';
  /** Those that came together: as they were asked for, or as each switch comes to them. */
  readonly order: 'kept' | 'any';
  /** A barrier is answered when all switches have done what was before it, or the first has. */
  readonly barriers: 'all' | 'first';
  readonly removals: 'once' | 'each';
  readonly idle: 'all' | 'each';
  /** Whether what a switch has counted stays when it is left. */
  readonly counters: 'kept' | 'present';
  readonly arriving: 'delivered' | 'processed';
  readonly upAndOn: 'serialized' | 'each';
}

export const twoPhases = {
  changes: 'two phases',
  order: 'kept',
  barriers: 'all',
  removals: 'once',
  idle: 'all',
  counters: 'kept',
  arriving: 'delivered',
  upAndOn: 'serialized',
} as const satisfies Ways;

export interface ClonedOptions extends ClonedPorts {
  readonly ways: Ways;
  /** How long to wait behind a barrier's reply. */
  readonly settleMs: number;
  /** When the first of the switches is left. */
  readonly leftMs?: number;
}

const POLL_MS = 20;

export class Cloned implements ConnectionUser {
  readonly #world: SimWorld;
  readonly #options: ClonedOptions;
  readonly #bodies: Body[] = [];
  readonly #waiting: Message[] = [];
  readonly #rules: ClonedRules;
  #framer = new Framer({ frameBytesMax: 65_535 });
  #north: Connection | undefined;
  #isBusy = false;
  /** One of the switches is done with the change, and the others are not yet. */
  #isFirstDone = false;
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
    if (this.#isFirstDone && this.#options.ways.barriers === 'first') this.#answerEarly();
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
    this.#all(
      (body, then) => body.barrier(then),
      () => this.#tell({ type: 'barrierReply', xid }),
    );
  }

  /** Barriers that wait for the others only. */
  #answerEarly(): void {
    for (let [next] = this.#waiting; next?.type === 'barrierRequest'; [next] = this.#waiting) {
      this.#waiting.shift();
      this.#tell({ type: 'barrierReply', xid: next.xid });
    }
  }

  #change(first: FlowMod): void {
    const mods = [first];
    if (this.#options.ways.changes === 'at once') {
      this.#rules.note(first);
      for (const body of this.#bodies) body.change(first);
      this.#next();
      return;
    }
    while (this.#waiting[0]?.type === 'flowMod') mods.push(this.#waiting.shift() as FlowMod);
    for (const mod of mods) this.#rules.note(mod);
    this.#isBusy = true;
    const phase = (act: (body: Body) => void, done: () => void, one = () => undefined): void => {
      this.#all((body, then) => {
        act(body);
        const settled = (): void => {
          one();
          then();
        };
        body.barrier(() => this.#world.after(this.#options.settleMs, settled));
      }, done);
    };
    const over = (): void => {
      this.#isBusy = false;
      this.#isFirstDone = false;
      this.#next();
    };
    const firstDone = (): undefined => {
      this.#isFirstDone = true;
      this.#next();
    };
    phase(
      (body) => body.guard(mods, true),
      () =>
        phase(
          (body) => this.#apply(body, mods),
          () => phase((body) => body.guard(mods, false), over, firstDone),
        ),
    );
  }

  #apply(body: Body, mods: readonly FlowMod[]): void {
    const left = [...mods];
    while (left.length > 0) {
      const isKept = this.#options.ways.order === 'kept';
      const next = isKept ? 0 : Math.floor(this.#world.random() * left.length);
      for (const mod of left.splice(next, 1)) body.change(mod);
    }
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
