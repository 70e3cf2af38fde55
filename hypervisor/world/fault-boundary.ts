/**
 * The fault boundary: an exception in our own code closes the part for which it ran, and nothing
 * else.
 *
 * Code runs for somebody: a vswitch, a datapath's connection, or nobody. An exception is our own
 * mistake (a peer's is a value), and what it left unfinished concerns only the one for whom it ran:
 * that one is closed, loudly, and everybody else goes on. What runs for nobody ends the process;
 * what can be left undone without harm is a chore, and only that is given up.
 *
 *   call, run     somebody's work begins: a chunk, a turn, a timer, an acknowledgement
 *   enter, leave  the same on the path of every frame, without a `try`: who catches it looks who it
 *                 was
 *   bind          what is called later runs for whom it is bound now
 *   world, worldOf  the world (world.ts), whose callbacks are bound: to whom they were registered
 *                 for, or to one for whom a part is
 *
 * Parts that all share (journal, turns) register for nobody, and call others back for whom they
 * asked: nothing of theirs may be lost with a party that is closed.
 */
import type { Connection, ConnectionUser, ListeningUser, World } from './world.ts';

/** For whom code runs. */
export interface Party {
  /** For people: `vswitch red/v3`. */
  readonly title: string;
  /** Nothing runs for it any more. */
  readonly isClosed: boolean;
  /** Whose it is; all that is done in turns for one tenant has one share (scheduler.ts). */
  readonly tenant?: object;
  /** Takes it out of service, without what threw. */
  close(fault: Fault): void;
}

export interface Fault {
  readonly why: string;
  readonly stack: string;
  /** The beginning of the message that was being handled, in hex; empty when there was none. */
  readonly message: string;
}

/** Something that is everybody's and may fail: a command, a new log. */
export class Chore implements Party {
  readonly title: string;
  isClosed = false;
  readonly #onFault: (why: string) => void;

  constructor(title: string, onFault: (why: string) => void = () => undefined) {
    this.title = title;
    this.#onFault = onFault;
  }

  close({ why }: Fault): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#onFault(why);
  }
}

/** What was written to, and says whether only whole messages were. */
export interface Written {
  /** Why not; what was written since the last look is then gone. */
  verify(): string | undefined;
}

/** What is told of each fault, first of all. */
export type OnFault = (party: Party, fault: Fault, error: unknown) => void;

export class Boundary {
  readonly #onFault: OnFault;
  #serving: Party | undefined;
  /** Chores that were given up, with the last reason. */
  readonly givenUp = new Map<string, string>();
  #written: Written[] = [];

  constructor(onFault: OnFault) {
    this.#onFault = onFault;
  }

  /** For whom code runs now. */
  get serving(): Party | undefined {
    return this.#serving;
  }

  /** Works for a party, unless it is closed. What throws closes it; the caller goes on. */
  run(party: Party | undefined, work: () => void): void {
    this.call(party, work, undefined);
  }

  /** The same with an argument: no closure for each chunk. */
  call<A>(party: Party | undefined, work: (argument: A) => void, argument: A): void {
    if (party?.isClosed === true) return;
    const before = this.#serving;
    this.#serving = party;
    if (party === undefined) {
      try {
        work(argument);
      } finally {
        this.#serving = before;
      }
      return;
    }
    try {
      work(argument);
      if (this.#written.length > 0) this.verify();
    } catch (error) {
      const isOthers = this.#serving !== party;
      this.caught(error, party);
      // It was in the middle of something, whosever fault that was.
      if (isOthers && !party.isClosed) this.#close(party, error, '');
    } finally {
      this.#serving = before;
    }
  }

  /** Does what can be given up. */
  chore(title: string, work: () => void): void {
    this.run(new Chore(title), work);
  }

  /** A world for what can be given up: one fault of it ends all of it. */
  choreWorld(title: string, world: World): World {
    return this.worldOf(new Chore(title), world);
  }

  /** From here on it is for this party, until `leave` gets what this answers. Hot. */
  enter(party: Party): Party | undefined {
    const before = this.#serving;
    this.#serving = party;
    return before;
  }

  leave(before: Party | undefined): void {
    this.#serving = before;
  }

  /** What is called later runs for whom it is now. */
  bind<A extends readonly unknown[]>(work: (...args: A) => void): (...args: A) => void {
    const party = this.#serving;
    return (...args) => this.run(party, () => work(...args));
  }

  /**
   * An exception on the way of a message that somebody else caught, who goes on for `party`: closes
   * for whom it was.
   */
  caught(error: unknown, party: Party, message = ''): void {
    const guilty = this.#serving ?? party;
    this.#serving = party;
    this.#close(guilty, error, message);
  }

  /** Makes something of what a party has left behind, closed or not; undefined when it throws. */
  attempt<T>(party: Party | undefined, make: () => T): T | undefined {
    if (party === undefined) return make();
    const before = this.enter(party);
    try {
      return make();
    } catch (error) {
      this.caught(error, party);
      return undefined;
    } finally {
      this.leave(before);
    }
  }

  /** A connection's user, for one party. */
  userOf(party: Party, use: ConnectionUser): ConnectionUser {
    return new GuardedUser(this, party, use);
  }

  /** Something was written to that `verify` is to look at. */
  wrote(to: Written): void {
    this.#written.push(to);
  }

  /** Throws when what was written is not what should have been. */
  verify(): void {
    const written = this.#written;
    this.#written = [];
    let wrong: string | undefined;
    for (const one of written) wrong = one.verify() ?? wrong;
    if (wrong !== undefined) throw new Error(wrong);
  }

  #close(party: Party, error: unknown, message: string): void {
    const why = error instanceof Error ? error.message : String(error);
    const stack = (error instanceof Error && error.stack) || '';
    const fault = { why, stack, message };
    if (party instanceof Chore) this.givenUp.set(party.title, why);
    this.#onFault(party, fault, error);
    try {
      party.close(fault);
    } catch (second) {
      const { message: whyNot, stack: more = '' } = second as Error;
      this.#onFault(party, { why: `while it was closed: ${whyNot}`, stack: more, message }, second);
    }
  }

  /** A world whose callbacks run for whom they were registered. */
  world(world: World): World {
    return this.#guarded(world, () => this.#serving);
  }

  /** A world whose callbacks run for one party, whoever registers them. */
  worldOf(party: Party, world: World): World {
    return this.#guarded(world, () => party);
  }

  #guarded(world: World, party: () => Party | undefined): World {
    const told =
      <A extends readonly unknown[]>(done: (...args: A) => void, forWhom = party()) =>
      (...args: A): void =>
        this.run(forWhom, () => done(...args));
    const bound =
      (run: () => void, forWhom = party()) =>
      (): void =>
        this.run(forWhom, run);
    return {
      nowMs: () => world.nowMs(),
      wallClockMs: () => world.wallClockMs(),
      random: () => world.random(),
      after: (delayMs, run) => world.after(delayMs, bound(run)),
      soon: (run) => world.soon(bound(run)),
      dial: (target, use) => world.dial(target, new GuardedUser(this, party(), use)),
      listen: (target, use) => world.listen(target, guardedListening(this, party(), use)),
      proveRevalidated: (unixctl, done) => world.proveRevalidated(unixctl, told(done)),
      ovsdb: (ovsdb, args, done) => world.ovsdb(ovsdb, args, told(done)),
      findUnixctl: (bridge, flow, shows, done) =>
        world.findUnixctl(bridge, flow, shows, told(done)),
      askUnixctl: (unixctl, method, params, done) =>
        world.askUnixctl(unixctl, method, params, told(done)),
    };
  }
}

function guardedListening(
  boundary: Boundary,
  party: Party | undefined,
  use: ListeningUser,
): ListeningUser {
  return {
    accept: (connection) => {
      let user = nobody(connection);
      boundary.run(party, () => {
        user = new GuardedUser(boundary, party, use.accept(connection));
      });
      return user;
    },
    refused: (peer, why) => boundary.run(party, () => use.refused(peer, why)),
    failed: (why) => boundary.run(party, () => use.failed(why)),
  };
}

/** There is one of each connection. */
class GuardedUser implements ConnectionUser {
  readonly #boundary: Boundary;
  readonly #party: Party | undefined;
  readonly #use: ConnectionUser;

  constructor(boundary: Boundary, party: Party | undefined, use: ConnectionUser) {
    this.#boundary = boundary;
    this.#party = party;
    this.#use = use;
  }

  onOpen(): void {
    this.#boundary.run(this.#party, () => this.#use.onOpen());
  }

  onBytes(chunk: Uint8Array): void {
    this.#boundary.call(this.#party, this.#take, chunk);
  }

  readonly #take = (chunk: Uint8Array): void => this.#use.onBytes(chunk);

  onClose(why: string): void {
    this.#boundary.run(this.#party, () => this.#use.onClose(why));
  }
}

/** Nobody took the connection. */
export function nobody(connection: Connection): ConnectionUser {
  return {
    onOpen: () => connection.close(),
    onBytes: () => undefined,
    onClose: () => undefined,
  };
}

/** No boundary: what throws, throws. For parts that are used without a hypervisor. */
export const unbounded = new Boundary((_party, _fault, error) => {
  throw error;
});
