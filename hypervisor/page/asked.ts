/**
 * The requests that a view sends to the API by itself, once or again and again.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import { textOfError } from './client.ts';
import type { Live } from './live.ts';

export interface Asked<T> {
  /** The last answer; undefined: none yet. */
  readonly value: T | undefined;
  /** Why the last time there was none; else empty. */
  readonly why: string;
  again(): void;
}

interface How {
  /** Milliseconds; absent: only when the path is another. */
  readonly everyMs?: number;
  /** As this changes, it is asked again. */
  readonly mark?: string | number;
}

/**
 * One request at a time: what is asked for meanwhile is asked once more behind it. However often
 * something changes, each answer is seen, and the server is asked no faster than it answers.
 */
export class Asking {
  readonly #ask: () => Promise<void>;
  #isUnderWay = false;
  #isWanted = false;

  /** `ask` ends when there is an answer, or none. */
  constructor(ask: () => Promise<void>) {
    this.#ask = ask;
  }

  now(): void {
    this.#isWanted = true;
    if (!this.#isUnderWay) void this.#askOn();
  }

  /** Nothing is asked any more. */
  end(): void {
    this.#isWanted = false;
  }

  async #askOn(): Promise<void> {
    this.#isUnderWay = true;
    while (this.#isWanted) {
      this.#isWanted = false;
      await this.#ask();
    }
    this.#isUnderWay = false;
  }
}

/** `path` undefined: nothing is asked. */
export function useAsked<T>(live: Live, path: string | undefined, how: How = {}): Asked<T> {
  const [value, setValue] = useState<T>();
  const [why, setWhy] = useState('');
  const [times, setTimes] = useState(0);
  const asking = useRef<Asking>(undefined);
  const { everyMs, mark } = how;
  // Where the path is another, too, that is asked below.
  useEffect(() => asking.current?.now(), [mark, times]);
  useEffect(() => {
    if (path === undefined) return undefined;
    let isShown = true;
    const own = new Asking(async () => {
      try {
        const answer = await live.client.get<T>(path);
        if (!isShown) return;
        setValue(answer);
        setWhy('');
      } catch (error) {
        if (isShown) setWhy(textOfError(error));
      }
    });
    asking.current = own;
    own.now();
    const timer = everyMs === undefined ? undefined : setInterval(() => own.now(), everyMs);
    return () => {
      isShown = false;
      asking.current = undefined;
      own.end();
      clearInterval(timer);
    };
  }, [live, path, everyMs]);
  return { value, why, again: () => setTimes((was) => was + 1) };
}
