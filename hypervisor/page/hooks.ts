/**
 * Hooks that components share: the network's state, the address behind `#`, keys, the size of an
 * element, a clock while something is under way, and whether motion is wanted.
 *
 * Who listens does so as soon as it is drawn (layout effects): other effects come a frame later,
 * and what happens before that is missed.
 */
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { routeIn } from './address.ts';
import { between, GLIDE_MS, hasMoved } from './glide.ts';
import type { Known, Live } from './live.ts';
import type { Scene } from './scene.ts';

export function useKnown(live: Live): Known {
  const [known, set] = useState(live.known);
  useLayoutEffect(() => live.subscribe(() => set(live.known)), [live]);
  return known;
}

/** What can be linked to. */
export function useRoute(): readonly string[] {
  const read = (): readonly string[] => routeIn(location.hash);
  const [route, set] = useState(read);
  useLayoutEffect(() => {
    const changed = (): void => set(read());
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return route;
}

export function goTo(...route: readonly string[]): void {
  location.hash = `/${route.map(encodeURIComponent).join('/')}`;
}

/** `pressed` is told of every key, wherever the cursor is. */
export function useKeyDown(pressed: (event: KeyboardEvent) => void): void {
  const last = useRef(pressed);
  last.current = pressed;
  useLayoutEffect(() => {
    const told = (event: KeyboardEvent): void => last.current(event);
    addEventListener('keydown', told);
    return () => removeEventListener('keydown', told);
  }, []);
}

/** Whether a key that is pressed there is text. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches('input:not([type=range]), textarea, select');
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export function useSize<T extends HTMLElement>(): [RefObject<T | null>, Size] {
  const ref = useRef<T>(null);
  const [size, set] = useState<Size>({ width: 800, height: 600 });
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      const box = entry?.contentRect;
      if (box !== undefined && box.width > 0) set({ width: box.width, height: box.height });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, size];
}

/** Milliseconds since 1970, again and again while `isRunning`. */
export function useNow(isRunning: boolean, everyMs = 100): number {
  const [now, set] = useState(Date.now());
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => set(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [isRunning, everyMs]);
  return now;
}

export function wantsMotion(): boolean {
  return !matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/** The scene with bodies on their way; at once where no motion is wanted. */
export function useGlide(scene: Scene): Scene {
  const [shown, show] = useState(scene);
  const last = useRef(scene);
  useEffect(() => {
    const before = last.current;
    last.current = scene;
    if (!wantsMotion() || !hasMoved(before, scene)) {
      show(scene);
      return undefined;
    }
    const began = performance.now();
    let frame = requestAnimationFrame(function draw(now) {
      const part = (now - began) / GLIDE_MS;
      last.current = between(before, scene, part);
      show(last.current);
      if (part < 1) frame = requestAnimationFrame(draw);
      else last.current = scene;
    });
    return () => cancelAnimationFrame(frame);
  }, [scene]);
  return shown;
}
