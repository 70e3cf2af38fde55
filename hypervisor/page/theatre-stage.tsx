/**
 * The common parts of animations: a stage with two sides, a caption, the slider, and the way back.
 */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { textOfError } from './client.ts';
import type { Live } from './live.ts';
import { Replay } from './replay.tsx';
import { Icon } from './symbols.tsx';

/** In units of the drawing; on each side is a place, so wide. */
export const stage = { width: 820, left: 190, middle: 410, right: 630, placeWidth: 236 } as const;

interface StageProps {
  /** What goes on. */
  readonly picture: { readonly title: string; readonly says: string };
  /** How long it takes, or took, milliseconds; how far in it is looked at, undefined: as it is. */
  readonly length: number;
  readonly at: number | undefined;
  readonly set: (change: (was: number | undefined) => number | undefined) => void;
  readonly isOver: boolean;
  readonly children: ComponentChildren;
}

export function Stage({ picture, children, ...replay }: StageProps) {
  return (
    <div class="card stage-card">
      {children}
      <p class="says" role="status">
        <b>{picture.title}</b> {picture.says}
      </p>
      <Replay {...replay} />
    </div>
  );
}

interface UndoProps {
  readonly live: Live;
  /** What is asked for, and with what. */
  readonly path: string;
  readonly body?: object;
}

export function Undo({ live, path, body }: UndoProps) {
  const [why, setWhy] = useState('');
  const undo = async (): Promise<void> => {
    try {
      await live.client.post(path, body);
    } catch (error) {
      setWhy(textOfError(error));
    }
    await live.refresh();
  };
  return (
    <div class="undo">
      <button type="button" class="danger" onClick={() => void undo()}>
        <Icon name="back" /> Undo
      </button>
      {why !== '' && <p role="alert">{why}</p>}
    </div>
  );
}
