/**
 * Zooming and panning by wheel, by fingers, by keys. All of the network is shown until the user
 * zooms.
 */
import { select } from 'd3-selection';
import { type D3ZoomEvent, zoom, zoomIdentity } from 'd3-zoom';
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isTyping, type Size, useKeyDown } from './hooks.ts';
import type { Box } from './scene.ts';

export interface Transform {
  readonly x: number;
  readonly y: number;
  /** How many pixels a unit of the scene takes. */
  readonly k: number;
}

export interface Zoom {
  readonly transform: Transform;
  by(factor: number): void;
  fit(): void;
}

const MARGIN = 28;
const NEAREST = 8;
const STEP = 1.4;

export function useZoom(ref: RefObject<HTMLElement | null>, box: Box, size: Size): Zoom {
  const [transform, set] = useState<Transform>({ x: 0, y: 0, k: 1 });
  const isOwn = useRef(false);
  const behaviour = useMemo(() => {
    return zoom<HTMLElement, unknown>().on(
      'zoom',
      ({ transform: now, sourceEvent }: D3ZoomEvent<HTMLElement, unknown>) => {
        if (sourceEvent !== null) isOwn.current = true;
        set({ x: now.x, y: now.y, k: now.k });
      },
    );
  }, []);
  const whole = fitted(box, size);
  const show = ({ x, y, k }: Transform): void => {
    const element = ref.current;
    if (element === null) return;
    behaviour.transform(select(element), zoomIdentity.translate(x, y).scale(k));
  };
  useEffect(() => {
    if (ref.current !== null) select(ref.current).call(behaviour).on('dblclick.zoom', null);
  }, [behaviour]);
  useEffect(() => {
    behaviour.scaleExtent([Math.min(0.6, whole.k) / 2, NEAREST]);
    if (!isOwn.current) show(whole);
  }, [whole.x, whole.y, whole.k]);
  return {
    transform,
    by(factor) {
      isOwn.current = true;
      if (ref.current !== null) behaviour.scaleBy(select(ref.current), factor);
    },
    fit() {
      isOwn.current = false;
      show(whole);
    },
  };
}

function fitted({ left, top, right, bottom }: Box, { width, height }: Size): Transform {
  const [w, h] = [right - left, bottom - top];
  const k = Math.min(1.5, (width - 2 * MARGIN) / w, (height - 2 * MARGIN) / h);
  return { k, x: width / 2 - ((left + right) / 2) * k, y: height / 2 - ((top + bottom) / 2) * k };
}

/** `+`, `-` and `0`, but not while somebody types. */
export function useZoomKeys({ by, fit }: Zoom): void {
  useKeyDown(({ key, target }) => {
    if (isTyping(target)) return;
    if (key === '+' || key === '=') by(STEP);
    else if (key === '-') by(1 / STEP);
    else if (key === '0') fit();
  });
}
