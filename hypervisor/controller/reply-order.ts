/**
 * The order of one connection's replies: that of its requests, as from a switch that does one thing
 * after the other, and as barriers demand (OF1.3.5 section 6.2: messages before a barrier are
 * answered before it, messages behind it afterwards).
 *
 * Requests are begun as they come, and some wait for a datapath or for the disk. Each has a place
 * from when it came until it has said all; what is to be said earlier than that waits for its turn.
 * Not in this order are echoes (liveness waits for nobody), events, and a datapath's refusal of a
 * change that was begun long ago.
 */
import type { Message } from '../../openflow/values/values.ts';
import type { ErrorNumbers, Origin } from '../../translation/controllers/verdict.ts';

/** How the connection is spoken to. */
export interface Speaker {
  send(message: Message): void;
}

/** A request that was begun. `end` says that its place is no longer needed. */
export interface Asked extends Origin {
  answer(message: Message): void;
  /** Says something, when its turn is; at once, if the connection is gone. */
  say(run: () => void): void;
  end(): void;
}

/** What is to be said at this place, and whether that is all. */
interface Place {
  readonly waiting: (() => void)[];
  isOver: boolean;
}

export class ReplyOrder {
  readonly #speaker: Speaker;
  #places: Place[] = [];
  #isGone = false;

  constructor(speaker: Speaker) {
    this.#speaker = speaker;
  }

  /** Requests that have not said all, and what waits behind them. */
  get length(): number {
    return this.#places.length;
  }

  /** Says what needs no more than its turn. */
  now(run: () => void): void {
    if (this.#places.length === 0) run();
    else this.#places.push({ waiting: [run], isOver: true });
  }

  /** A place for a request whose error would be told to `origin`; `over` when all is said. */
  begin(origin: Origin, over: () => void = () => undefined): Asked {
    const place: Place = { waiting: [], isOver: false };
    this.#places.push(place);
    const say = (run: () => void): void => this.#say(place, run);
    return {
      asker: origin.asker,
      say,
      answer: (message) => say(() => this.#answer(message)),
      refuse: (error: ErrorNumbers) => say(() => origin.refuse(error)),
      end: () => {
        over();
        place.isOver = true;
        this.#advance();
      },
    };
  }

  /** The connection is gone: what waits to be said ends, and nobody hears of it. */
  drop(): void {
    this.#isGone = true;
    const places = this.#places;
    this.#places = [];
    for (const { waiting } of places) for (const run of waiting) run();
  }

  #answer(message: Message): void {
    if (!this.#isGone) this.#speaker.send(message);
  }

  #say(place: Place, run: () => void): void {
    // Of a place that was given up: a refusal that came late.
    if (this.#isGone || place.isOver || this.#places[0] === place) run();
    else place.waiting.push(run);
  }

  /** What is at the front speaks; what has said all is gone. */
  #advance(): void {
    while (this.#places[0]?.isOver === true) {
      this.#places.shift();
      for (const run of this.#places[0]?.waiting.splice(0) ?? []) run();
    }
  }
}
