/**
 * What Limevisor does about cached flows that Open vSwitch forgets
 * (translation/entries/cache-eviction.ts) is needed and enough: without it, on switches with that
 * bug, packets go astray and migrations do not end. And rules have counted, to the packet, what
 * cached flows had not counted yet when their vswitch moved.
 */
import t from 'tap';
import { apart, type Findings, MOVES, runCached } from './cached.ts';

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

t.test('each rule has counted what was sent, whatever was not counted yet', async (t) => {
  const found = runCached(4, { cache: { hasBug: true, seesMoves: true } }, apart);
  t.ok(fits(found), textOf(found));
  t.strictSame(found.miscounted, Array(found.miscounted.length).fill(0));
  t.ok(found.miscounted.length > 8, `${found.miscounted.length} rules`);
  const given = found.migrations.map(({ handOver }) => handOver?.shared);
  t.strictSame(given, Array(MOVES).fill(0), 'by rule, and not by shares');
});

function textOf({ migrations, sent, lost, doubled, hops }: Findings): string {
  return `${migrations.length} over; of ${sent}: ${lost} lost, ${doubled} doubled, ${hops} hops`;
}
