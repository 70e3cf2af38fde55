/**
 * What Limevisor does about cached flows that Open vSwitch forgets
 * (translation/entries/cache-eviction.ts) is needed and enough: without it, on switches with that
 * bug, packets go astray and migrations do not end.
 */
import t from 'tap';
import { type Findings, MOVES, runCached } from './cached.ts';

const fits = ({ migrations, lost, doubled, hops }: Findings): boolean =>
  migrations.length === MOVES && lost === 0 && doubled === 0 && hops < 10;

t.test('with the bug no packet is lost or goes round', async (t) => {
  // Where connections of switches are slow, as with 6, a move takes longer.
  for (const seed of [1, 2, 6]) {
    const found = runCached(seed, { cache: { hasBug: true, seesMoves: true } });
    t.ok(fits(found), `${seed}: ${textOf(found)}`);
  }
});

// Its moves are not looks, and it says that it is repaired: so neither of the two is done to it.
t.test('without looks and heals some are, or migrations do not end', async (t) => {
  const blind = { cache: { hasBug: true, seesMoves: false }, software: '3.1.3' };
  const all: Findings[] = [];
  const isShown = (): boolean => all.some(({ lost, hops }) => lost > 0 || hops >= 10);
  for (let seed = 2; seed < 20 && !isShown(); seed += 1) all.push(runCached(seed, blind));
  t.ok(isShown(), all.map(textOf).join('; '));
});

t.test('it is the bug: a switch that modifies what is meant needs neither', async (t) => {
  const right = { cache: { hasBug: false, seesMoves: false }, software: '3.1.3' };
  for (const seed of [2, 5]) {
    const found = runCached(seed, right);
    t.ok(fits(found), `${seed}: ${textOf(found)}`);
  }
});

function textOf({ migrations, sent, lost, doubled, hops }: Findings): string {
  return `${migrations.length} over; of ${sent}: ${lost} lost, ${doubled} doubled, ${hops} hops`;
}
