/**
 * Tries cells: both sides start together, and each step is taken on both before the next.
 */
import { type Cell, whyOmitted } from './cells.ts';
import { type Side, startSide } from './sides.ts';
import { type Seen, type StepName, stepNames, stepOf } from './steps.ts';

export type Both = Readonly<Record<Side['kind'], Seen>>;

export interface Tried {
  readonly cell: Cell;
  readonly seen: ReadonlyMap<StepName, Both>;
}

export function isSame({ bridges, virtual }: Both): boolean {
  return bridges.compared === virtual.compared;
}

export async function tryCell(cell: Cell, names: readonly StepName[] = stepNames): Promise<Tried> {
  const kinds = ['bridges', 'virtual'] as const;
  const started = await Promise.allSettled(kinds.map((kind) => startSide(kind, cell)));
  const sides = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    for (const one of started) if (one.status === 'rejected') throw one.reason;
    const [bridges, virtual] = sides;
    if (bridges === undefined || virtual === undefined) throw new Error('a side is missing');
    const seen = new Map<StepName, Both>();
    for (const name of names) {
      if (whyOmitted(cell, name) === undefined)
        seen.set(name, await takeOnBoth(name, bridges, virtual));
    }
    return { cell, seen };
  } finally {
    await Promise.all(sides.map(({ lab }) => lab.stop()));
  }
}

async function takeOnBoth(name: StepName, bridges: Side, virtual: Side): Promise<Both> {
  if (stepOf(name).isAlone !== true) {
    const [one, other] = await Promise.all([takeOn(name, bridges), takeOn(name, virtual)]);
    return { bridges: one, virtual: other };
  }
  return { bridges: await takeOn(name, bridges), virtual: await takeOn(name, virtual) };
}

/** A step that cannot be taken is a difference like another, and no reason to stop. */
async function takeOn(name: StepName, side: Side): Promise<Seen> {
  try {
    return await stepOf(name).take(side);
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { shown: `failed: ${why}`, compared: `failed: ${why}` };
  }
}
