/**
 * The oracle of order.test.ts must be able to fail.
 */
import t from 'tap';
import { allShapes, observe, type Shape, seeds } from './order.ts';
import type { Options } from './scenario.ts';

/** Switches that take their time to change, so that there is a moment in which it can go wrong. */
const slow = { lieMs: 60 } as const;

/** Whether a controller hears of an effect before its cause, with any of the seeds. */
function hearsEarly(shape: Shape, options: Omit<Options, 'seed'>): boolean {
  return seeds.some((seed) =>
    observe(shape, { seed, ...slow, ...options }).wrong.some((one) =>
      one.includes('before its cause'),
    ),
  );
}

t.test('canary: two bodies at work, and the controller hears of effects first', async (t) => {
  for (const shape of allShapes) t.ok(hearsEarly(shape, { guard: 'off' }), shape);
});

t.test('canary: nothing is held while the primary changes, and it hears so, too', async (t) => {
  // The moment is short: one case of all is enough.
  t.ok(allShapes.some((shape) => hearsEarly(shape, { guard: 'unheld' })));
});
