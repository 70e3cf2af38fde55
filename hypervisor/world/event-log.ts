/**
 * The last events of the log, kept for later requests and passed on to followers (`limevisor
 * events`): each has a number, so that a follower who comes again notices a gap.
 */
import { limits } from '../../slices/limits.ts';
import type { Log } from './log.ts';
import type { LogLevels, LogModule } from './log-levels.ts';

export interface Event {
  /** From 1, in this process. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly level: 'info' | 'warn' | 'error';
  readonly what: string;
  /** Who and why, as the log has it. */
  readonly about: Readonly<Record<string, unknown>>;
}

type Follower = (event: Event) => void;

export class EventLog implements Log {
  readonly #log: Log;
  readonly #wallClockMs: () => number;
  /** The last ones; the place of one follows from its number. */
  readonly #kept: Event[] = [];
  readonly #followers = new Set<Follower>();
  #last = 0;

  constructor(log: Log, wallClockMs: () => number) {
    this.#log = log;
    this.#wallClockMs = wallClockMs;
  }

  get events(): this {
    return this;
  }

  get logLevels(): LogLevels | undefined {
    return this.#log.logLevels;
  }

  info(about: Event['about'], what: string, module?: LogModule): void {
    this.#log.info(about, what, module);
    this.#note('info', about, what);
  }

  warn(about: Event['about'], what: string, module?: LogModule): void {
    this.#log.warn(about, what, module);
    this.#note('warn', about, what);
  }

  error(about: Event['about'], what: string, module?: LogModule): void {
    this.#log.error(about, what, module);
    this.#note('error', about, what);
  }

  /** The numbers of the first that is kept, and of the last; 1 and 0 when there is none. */
  get first(): number {
    return Math.max(1, this.#last - limits.eventsKept + 1);
  }

  get last(): number {
    return this.#last;
  }

  /** Those behind number `id`, as far as they are kept; the first `max` of them. */
  since(id: number, max: number = limits.eventsKept): readonly Event[] {
    const from = Math.max(id + 1, this.first);
    const count = Math.max(0, Math.min(max, this.#last - from + 1));
    return Array.from({ length: count }, (_, i) => {
      return this.#kept[(from + i) % limits.eventsKept];
    }).filter((one) => one !== undefined);
  }

  /** `follower` is told until the returned function is called; undefined when too many follow. */
  follow(follower: Follower): (() => void) | undefined {
    if (this.#followers.size >= limits.followersMax) return undefined;
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  #note(level: Event['level'], about: Event['about'], what: string): void {
    this.#last += 1;
    const own = { level, what, about: asSaid(about) };
    const event = { id: this.#last, atMs: this.#wallClockMs(), ...own };
    this.#kept[this.#last % limits.eventsKept] = event;
    for (const follower of this.#followers) follower(event);
  }
}

/** As the log writes it: what it is about may become another later. */
function asSaid(about: Event['about']): Event['about'] {
  const text = JSON.stringify(about, (_, value: unknown) => {
    return typeof value === 'bigint' ? String(value) : value;
  });
  return JSON.parse(text) as Event['about'];
}
