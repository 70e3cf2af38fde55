/**
 * N4, in simulation: rules that send packets up and on, in every shape that OpenFlow has for it.
 *
 * LIME 4.1: "A packet-in event triggered by the response packet could reach the controller before
 * the first one—something that would never happen with a single switch." Of a frame that answers
 * another the controller must hear later; of each once, with its port, cookie, table and reason;
 * and every frame arrives once. No frame is lost for it, on datapaths of one table either.
 */
import t from 'tap';
import { allShapes, observe, seeds, shapes10 } from './order.ts';
import { allOver } from './scenario.ts';

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
