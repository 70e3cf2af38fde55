/**
 * The oracle of order.test.ts must be able to fail.
 */
import t from 'tap';
import { allShapes, fewShapes } from './order.ts';
import { hearsEarly } from './order-oracle.ts';

/**
 * The first that shows it is enough; which one that is changes with every message more or less.
 * Those that showed it last are tried before all others.
 */
const seeds = [...new Set([2, 11, 5, ...Array.from({ length: 20 }, (_, i) => i + 1)])];

t.test('canary: two bodies at work, and the controller hears of effects first', async (t) => {
  for (const shape of fewShapes) t.ok(hearsEarly(shape, seeds, { guard: 'off' }), shape);
});

t.test('canary: nothing is held while the primary changes, and it hears so, too', async (t) => {
  // The moment is short: one case of all is enough.
  t.ok(allShapes.some((shape) => hearsEarly(shape, seeds, { guard: 'unheld' })));
});
