/**
 * N4, in simulation: rules that send packets up and on, in every shape that OpenFlow has for it.
 *
 * LIME 4.1: "A packet-in event triggered by the response packet could reach the controller before
 * the first one—something that would never happen with a single switch." Of a frame that answers
 * another the controller must hear later; of each once, with its port, cookie, table and reason;
 * and every frame arrives once. No frame is lost for it, on datapaths of one table either.
 */
import t from 'tap';
import { reporting, type Seen, shapes, shapes10, wrongIn } from './order.ts';
import { allOver, type Options, run } from './scenario.ts';

type Shape = keyof typeof shapes;

function observe(shape: Shape, options: Options) {
  const seen: Seen[] = [];
  const result = run({ ...options, red: reporting(shape, seen) });
  const wrong = wrongIn(shape, seen, result.ledger);
  return { result, seen, wrong };
}

/** In which, without guards, every shape breaks: see the canary. */
const seeds = [3, 4, 6, 7];
const allShapes = Object.keys(shapes) as Shape[];

for (const shape of allShapes) {
  t.test(shape, async (t) => {
    for (const seed of seeds) {
      const { result, seen, wrong } = observe(shape, { seed });
      t.ok(allOver(result), `${seed}: migrations began and ended`);
      t.match(
        result.migrations[0]?.handOver?.why,
        /controller/,
        `${seed}: the operator is told why`,
      );
      t.ok(seen.length > 2_000, `${seed}: packets went up (${seen.length})`);
      t.same(wrong.slice(0, 3), [], `${seed}: what one switch could have shown`);
      t.same(result.findings.doubled.slice(0, 3), [], `${seed}: nothing arrived twice`);
      t.equal(result.lost.red, 0, `${seed}: nothing was lost`);
    }
  });
}

for (const shape of shapes10) {
  t.test(`${shape}, where datapaths have one table`, async (t) => {
    for (const seed of [1, 2, 3]) {
      const { result, seen, wrong } = observe(shape, { seed, old: seed === 1 ? 'all' : 'some' });
      t.ok(allOver(result), `${seed}: migrations began and ended`);
      t.ok(seen.length > 2_000, `${seed}: packets went up (${seen.length})`);
      t.same(wrong.slice(0, 3), [], `${seed}: what one switch could have shown`);
      t.same(result.findings.doubled.slice(0, 3), [], `${seed}: nothing arrived twice`);
      t.equal(result.lost.red, 0, `${seed}: nothing was lost`);
    }
  });
}

t.test('killed and started again in the middle', async (t) => {
  for (const [i, shape] of allShapes.entries()) {
    const { result, seen, wrong } = observe(shape, { seed: 20 + i, crash: true });
    t.ok(allOver(result), `${shape}: migrations began and ended`);
    t.ok(seen.length > 2_000, `${shape}: packets went up (${seen.length})`);
    // While nobody listens packet-ins are lost: some have no cause then, and some packets no words.
    const early = wrong.filter((one) => !one.includes('without') && !one.includes('not up'));
    t.same(early.slice(0, 3), [], `${shape}: what one switch could have shown`);
    t.same(result.findings.doubled.slice(0, 3), [], `${shape}: nothing arrived twice`);
  }
});

t.test('canary: two bodies at work, and the controller hears of effects first', async (t) => {
  for (const shape of allShapes) {
    const wrong = seeds.flatMap((seed) => observe(shape, { seed, guard: 'off' }).wrong);
    const early = wrong.filter((one) => one.includes('before its cause'));
    t.ok(early.length > 0, `${shape}: ${early.length}`);
  }
});

t.test('canary: nothing is held while the primary changes, and it hears so, too', async (t) => {
  // The moment is short: one case of all is enough.
  const wrong = allShapes.flatMap((shape) => observe(shape, { seed: 3, guard: 'unheld' }).wrong);
  t.ok(wrong.some((one) => one.includes('before its cause')));
});
