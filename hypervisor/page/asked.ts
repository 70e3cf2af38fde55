/**
 * What a view asks the API for by itself, once or again and again.
 */
import { useEffect, useState } from 'preact/hooks';
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

/** `path` undefined: nothing is asked. */
export function useAsked<T>(live: Live, path: string | undefined, how: How = {}): Asked<T> {
  const [value, setValue] = useState<T>();
  const [why, setWhy] = useState('');
  const [times, setTimes] = useState(0);
  const { everyMs, mark } = how;
  useEffect(() => {
    if (path === undefined) return undefined;
    let isWanted = true;
    const ask = async (): Promise<void> => {
      try {
        const answer = await live.client.get<T>(path);
        if (!isWanted) return;
        setValue(answer);
        setWhy('');
      } catch (error) {
        if (isWanted) setWhy(textOfError(error));
      }
    };
    void ask();
    const timer = everyMs === undefined ? undefined : setInterval(() => void ask(), everyMs);
    return () => {
      isWanted = false;
      clearInterval(timer);
    };
  }, [live, path, everyMs, mark, times]);
  return { value, why, again: () => setTimes((was) => was + 1) };
}
