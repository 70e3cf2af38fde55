/**
 * What is fuzzed: each target takes a seed, does the same every time, and throws what it finds.
 */
import { fuzzDecoders, fuzzFramer } from './codec.ts';
import { fuzzControllerSide } from './controller-side.ts';
import { fuzzDatapathSide, fuzzStranger } from './datapath-side.ts';
import { fuzzLongMessages } from './long-messages.ts';

export const targets = {
  framer: fuzzFramer,
  decoders: fuzzDecoders,
  controller: (seed) => fuzzControllerSide(seed),
  long: fuzzLongMessages,
  datapath: fuzzDatapathSide,
  stranger: fuzzStranger,
} as const satisfies Record<string, (seed: number) => void>;

export type TargetName = keyof typeof targets;

export const targetNames = Object.keys(targets) as readonly TargetName[];

/** What a target found under this seed, for people; undefined when it found nothing. */
export function findingOf(name: TargetName, seed: number): string | undefined {
  try {
    targets[name](seed);
    return undefined;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
    const stack = (cause ?? error) instanceof Error ? (cause ?? (error as Error)).stack : '';
    return `${String(error)}\n${stack}`;
  }
}
