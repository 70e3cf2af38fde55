/**
 * The slider of an animation: it shows any moment, or plays all of it again.
 */
import { useEffect, useState } from 'preact/hooks';
import { wantsMotion } from './hooks.ts';
import { tookText } from './lane.tsx';
import { Icon } from './symbols.tsx';

interface ReplayProps {
  readonly length: number;
  /** Milliseconds behind its beginning; undefined: as it is now. */
  readonly at: number | undefined;
  readonly set: (change: (was: number | undefined) => number | undefined) => void;
  readonly isOver: boolean;
}

/** However long it was, it is replayed in so much. */
const REPLAY_MS = 6_000;
const FRAME_MS = 50;

export function Replay({ length, at, set, isOver }: ReplayProps) {
  const [plays, setPlays] = useState(false);
  useEffect(() => {
    if (!plays) return undefined;
    const timer = setInterval(() => {
      set((was) => {
        // One tick more than there are frames may come before the timer is stopped.
        const next = (was ?? length) + (length * FRAME_MS) / REPLAY_MS;
        if (next < length) return next;
        setPlays(false);
        return undefined;
      });
    }, FRAME_MS);
    return () => clearInterval(timer);
  }, [plays, length]);
  const play = (): void => {
    set((was) => was ?? 0);
    setPlays(!plays);
  };
  return (
    <div class="replay">
      <button type="button" onClick={play} disabled={!isOver || !wantsMotion()}>
        <Icon name="play" /> {plays ? 'Pause' : 'Replay'}
      </button>
      <input
        type="range"
        aria-label="Moment of the migration"
        min={0}
        max={length}
        step="any"
        value={at ?? length}
        onInput={({ currentTarget }) => {
          const value = Number(currentTarget.value);
          set(() => (value >= length ? undefined : value));
        }}
      />
      <output>{at === undefined ? (isOver ? 'end' : 'now') : `+${tookText(at)}`}</output>
    </div>
  );
}
