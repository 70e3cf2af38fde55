/**
 * The event stream for many listeners (server-sent events): each listener has a position in the log
 * of events (world/event-log.ts), and nothing waits for it.
 *
 * Who reads slowly falls behind; what is no longer kept when it reads again is told as a `gap`. One
 * who does not read at all is passed over, and costs what its socket holds. All are visited in
 * turns, and after a visit of all there is a pause of so many times its length, so whoever listens
 * takes no more than a small share of the time that messages need.
 */
import { limits } from '../../slices/limits.ts';
import type { Event, EventLog } from '../world/event-log.ts';
import type { Scheduler } from '../world/scheduler.ts';
import type { World } from '../world/world.ts';
import type { EventStream } from './requests.ts';

/** What one sees of an event; undefined: nothing. */
export type Sight = (event: Event) => Event | undefined;

interface Listener {
  readonly stream: EventStream;
  readonly sight: Sight;
  /** The number of the last event that it was sent, or passed over. */
  last: number;
  /** When anything was written to it last. */
  writtenMs: number;
}

export interface FeedContext {
  readonly world: World;
  readonly scheduler: Scheduler;
}

export class EventFeed {
  readonly #context: FeedContext;
  readonly #log: EventLog | undefined;
  /** Numbers of events are of one process: this tells it from those before. */
  readonly #process: string;
  readonly #listeners = new Set<Listener>();
  readonly #texts = new WeakMap<Event, string>();
  #isVisiting = false;
  #isStale = false;
  #hasHeartbeat = false;

  constructor(context: FeedContext, log: EventLog | undefined) {
    this.#context = context;
    this.#log = log;
    this.#process = Math.floor(context.world.wallClockMs()).toString(36);
    log?.follow(() => this.#visitAll());
  }

  get count(): number {
    return this.#listeners.size;
  }

  /** The place behind an event, for `Last-Event-ID`. */
  idOf(event: Event): string {
    return this.idAt(event.id);
  }

  idAt(id: number): string {
    return `${this.#process}-${id}`;
  }

  /**
   * Sends what is behind `lastId` (the empty text: what happens from now on), and each event as it
   * happens. What to call when the other end is gone; undefined: too many listen.
   */
  listen(stream: EventStream, lastId: string, sight: Sight): (() => void) | undefined {
    if (this.#listeners.size >= limits.eventListenersMax) return undefined;
    const { last, isOther } = this.#placeOf(lastId);
    const listener: Listener = { stream, sight, last, writtenMs: this.#context.world.nowMs() };
    this.#listeners.add(listener);
    stream.write(isOther ? gapText(undefined) : ': hello\n\n');
    this.#visit(listener);
    this.#beat();
    return () => this.#listeners.delete(listener);
  }

  #placeOf(lastId: string): { readonly last: number; readonly isOther: boolean } {
    const newest = this.#log?.last ?? 0;
    if (lastId === '') return { last: newest, isOther: false };
    const [, process = '', id = '0'] = /^([0-9a-z]*)-([0-9]{1,15})$/.exec(lastId) ?? [];
    // Of another process: whatever came between is unknown, and all that is kept is new.
    if (process !== this.#process) return { last: 0, isOther: lastId !== '0' };
    return { last: Math.min(Number(id), newest), isOther: false };
  }

  /** A pass over all; another follows if something came meanwhile. */
  #visitAll(): void {
    this.#isStale = true;
    if (this.#isVisiting || this.#listeners.size === 0) return;
    this.#isVisiting = true;
    this.#isStale = false;
    const { world } = this.#context;
    const beganMs = world.nowMs();
    const longestMs = limits.listenersPauseMsMax;
    const visited = (): void => {
      // What sockets do behind our back counts, too.
      const tookMs = world.nowMs() - beganMs;
      const pauseMs = Math.min(Math.ceil(tookMs * limits.listenersPauseFactor), longestMs);
      world.after(pauseMs, () => {
        this.#isVisiting = false;
        if (this.#isStale) this.#visitAll();
      });
    };
    this.#each((one) => this.#visit(one), visited);
  }

  #visit(listener: Listener): void {
    const { stream, sight } = listener;
    const log = this.#log;
    if (log === undefined || log.last <= listener.last) return;
    if (stream.pendingBytes() > limits.listenerUnreadBytesMax) return;
    const missed = log.first - 1 - listener.last;
    let text = missed > 0 ? gapText(missed) : '';
    let sent = Math.max(listener.last, log.first - 1);
    for (const event of log.since(sent, limits.eventsAtOnce)) {
      const seen = sight(event);
      if (seen !== undefined) text += this.#textOf(seen);
      sent = event.id;
    }
    listener.last = sent;
    // Whoever may not see it has its place behind it all the same.
    if (text === '') return;
    listener.writtenMs = this.#context.world.nowMs();
    stream.write(text);
    if (log.last > sent) this.#isStale = true;
  }

  /** Made once for all who see the same of it. */
  #textOf(event: Event): string {
    const known = this.#texts.get(event);
    if (known !== undefined) return known;
    const text = `id: ${this.idOf(event)}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`;
    this.#texts.set(event, text);
    return text;
  }

  /** Where nothing happens, a word now and then: who is gone is found out by it. */
  #beat(): void {
    if (this.#hasHeartbeat) return;
    this.#hasHeartbeat = true;
    const { world } = this.#context;
    world.after(limits.heartbeatMs, () => {
      const seen = { nowMs: world.nowMs(), cutOff: 0 };
      this.#each(
        (one) => this.#greet(one, seen),
        () => {
          this.#hasHeartbeat = false;
          if (seen.cutOff > 0) this.#tellCutOff(seen.cutOff);
          if (this.#isStale) this.#visitAll();
          if (this.#listeners.size > 0) this.#beat();
        },
      );
    });
  }

  /** One that reads again goes on; one that reads nothing does not keep what it has not read. */
  #greet(listener: Listener, seen: { readonly nowMs: number; cutOff: number }): void {
    this.#visit(listener);
    const { stream, writtenMs } = listener;
    if (stream.pendingBytes() > 0) {
      if (seen.nowMs - writtenMs <= limits.listenerStuckMs) return;
      seen.cutOff += 1;
      this.#listeners.delete(listener);
      stream.close();
    } else if (writtenMs <= seen.nowMs - limits.heartbeatMs) {
      listener.writtenMs = seen.nowMs;
      stream.write(': still here\n\n');
    }
  }

  #tellCutOff(count: number): void {
    const forSec = limits.listenerStuckMs / 1_000;
    const hint = 'who listens has to read; "Last-Event-ID" goes on where one was';
    const left = this.#listeners.size;
    this.#log?.warn({ count, left, forSec, hint }, 'listeners that read nothing were cut off');
  }

  /** Some of them in a turn. */
  #each(visit: (listener: Listener) => void, done: () => void): void {
    const all = this.#listeners.values();
    const step = (): boolean => {
      for (let i = 0; i < limits.listenersAtOnce; i++) {
        const { value, done: isOver } = all.next();
        if (isOver === true) return false;
        visit(value);
      }
      return true;
    };
    this.#context.scheduler.run({ step }, done);
  }
}

function gapText(missed: number | undefined): string {
  return `event: gap\ndata: ${JSON.stringify(missed === undefined ? {} : { missed })}\n\n`;
}
