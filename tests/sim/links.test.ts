/**
 * What the hypervisor says of links, in random networks with migrations, kills and connections that
 * are lost: two cables that were swapped are named within seconds, with both sides, and nobody says
 * anything of links that are as the file says.
 */
import t from 'tap';
import { linkText, stateText } from '../../slices/network/link-states.ts';
import { swapped } from './links.ts';
import { randomNetwork, type Shape } from './networks.ts';
import { allOver, type Options, type Result, run } from './scenario.ts';
import { randomFrom } from './world.ts';

/** In which probes have been sent and heard again on every cable, and small and long ones. */
const SECONDS_MS = 10_000;
const shape = { datapathCount: 4, extraCount: 2, middleCount: 1 };
const some = <T>(count: number, make: (i: number) => T) =>
  Array.from({ length: count }, (_, i) => make(i));

function options(seed: number): Options & { readonly shape: Shape } {
  const lieMs = some(shape.datapathCount, () => 5);
  const isFlat = some(shape.datapathCount, (i) => (seed + i) % 3 === 0);
  const old = seed % 2 === 0 ? 'some' : 'none';
  return { seed, shape: { ...shape, lieMs, isFlat }, old };
}

const texts = ({ links }: Result): readonly string[] =>
  links.map(({ ends, state }) => `${linkText(ends)}: ${stateText(state)}`);

for (const seed of [1, 2, 3, 4]) {
  t.test(`seed ${seed}: all cables are where the file says`, async (t) => {
    const result = run({
      ...options(seed),
      crash: seed % 2 === 0,
      hangUps: seed > 2,
      cuts: seed % 3,
      linksUpMs: SECONDS_MS,
    });
    t.strictSame(result.linkWarnings, [], 'no warning');
    t.ok(allOver(result), 'nothing moves any more');
    const all = result.links.map(({ ends }) => `${linkText(ends)}: up`);
    t.ok(all.length >= shape.datapathCount, `${all.length} links`);
    t.strictSame(texts(result), all, 'whatever has failed is whole again, and seen so');
  });
}

for (const seed of [5, 6]) {
  t.test(`seed ${seed}: two cables are swapped`, async (t) => {
    const all = options(seed);
    const network = randomNetwork(randomFrom(seed), 0, all.shape);
    const [first, second, ...rest] = network.links;
    if (first === undefined || second === undefined) throw new Error('there are two');
    const leads = new Map(swapped(network.links).flatMap(([a, b]) => [[a, b] as const, [b, a]]));
    const said = ([one, other]: readonly [string, string]): string =>
      `${one} - ${other}: miswired: ${[one, other]
        .map((end) => `${end} leads to ${leads.get(end)}`)
        .join(', ')}`;
    const result = run({ ...all, swaps: true, moves: 1 });
    t.strictSame(texts(result), [
      ...[said(first), said(second)],
      ...rest.map(([one, other]) => `${one} - ${other}: up`),
    ]);
    t.ok(result.linkWarnings.length >= 2, 'the log has it');
  });
}
