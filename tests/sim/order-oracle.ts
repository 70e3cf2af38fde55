/**
 * N4, in simulation: rules that send packets up and on, in every shape that OpenFlow has for it.
 *
 * LIME 4.1: "A packet-in event triggered by the response packet could reach the controller before
 * the first one—something that would never happen with a single switch." Of a frame that answers
 * another the controller must hear later; of each once, with its port, cookie, table and reason;
 * and every frame arrives once. No frame is lost for it, on datapaths of one table either.
 */
import type { Test } from 'tap';
import { observe, type Shape } from './order.ts';
import { allOver, type Options } from './scenario.ts';

export function holdsOrder(t: Test, shape: Shape, options: Options): void {
  const { seed, old } = options;
  const { result, seen, wrong } = observe(shape, options);
  t.ok(allOver(result), `${seed}: migrations began and ended`);
  if (old === undefined) {
    const why = result.migrations[0]?.handOver?.why;
    t.match(why, /controller/, `${seed}: the operator is told why`);
  }
  t.ok(seen.length > 2_000, `${seed}: packets went up (${seen.length})`);
  t.same(wrong.slice(0, 3), [], `${seed}: what one switch could have shown`);
  t.same(result.findings.doubled.slice(0, 3), [], `${seed}: nothing arrived twice`);
  t.equal(result.lost.red, 0, `${seed}: nothing was lost`);
}

/** As `holdsOrder`, with a process that dies and starts again in the middle. */
export function holdsOrderKilled(t: Test, shape: Shape, seed: number): void {
  const { result, seen, wrong } = observe(shape, { seed, crash: true });
  t.ok(allOver(result), `${shape} ${seed}: migrations began and ended`);
  t.ok(seen.length > 2_000, `${shape} ${seed}: packets went up (${seen.length})`);
  // While nobody listens packet-ins are lost: some have no cause then, and some packets no words.
  const early = wrong.filter((one) => !one.includes('without') && !one.includes('not up'));
  t.same(early.slice(0, 3), [], `${shape} ${seed}: what one switch could have shown`);
  t.same(result.findings.doubled.slice(0, 3), [], `${shape} ${seed}: nothing arrived twice`);
}

/** Switches that take their time to change, so that there is a moment in which it can go wrong. */
const slow = { lieMs: 60 } as const;

/** Whether a controller hears of an effect before its cause, with any of the seeds. */
export function hearsEarly(
  shape: Shape,
  seeds: readonly number[],
  options: Omit<Options, 'seed'>,
): boolean {
  return seeds.some((seed) =>
    observe(shape, { seed, ...slow, ...options }).wrong.some((one) =>
      one.includes('before its cause'),
    ),
  );
}
