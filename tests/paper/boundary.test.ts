/**
 * What crosses between the two sides of an ensemble that moves, once the new body processes
 * everything and hosts move one after the other.
 *
 * LIME 3: "only gets tunneled to the other network when the destination VM is in a different
 * network"; "When the destination VM is also in the new network, the traffic does not need to
 * traverse a longer path through the old switches."
 */
import t from 'tap';
import { noOverrides, overridingFlows } from '../../translation/wiring/overrides.ts';
import { clonedOn, datapath, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { DumbNetwork } from '../translation/dumb-network.ts';

/** h1 and h2 are still on the old side, h3 and h4 have come to the new one. */
const before = snapshotOf(`
datapaths: { old: { dpid: 1 }, new: { dpid: 2 } }
links: ['old:9 - new:9']
tenants:
  red:
    vswitches: { v: { dpid: 1, on: old } }
    hosts:
      h1: { port: v:1, at: old:1 }
      h2: { port: v:2, at: old:2 }
      h3: { port: v:3, at: new:3 }
      h4: { port: v:4, at: new:4 }
`);
const [past, next] = [datapath('old'), datapath('new')];
const homes = { 1: 'old', 2: 'old', 3: 'new', 4: 'new' };
const snapshot = clonedOn(before, 'red/v', ['new', 'old'], homes);
const v = vswitchOf(snapshot, 'red/v');
const placeOf = (host: number) => ({ device: host < 3 ? past : next, port: host }) as const;

/** How often a frame from one host to another crosses the boundary; it arrives, and once. */
function crossing(t: Pick<typeof import('tap').t, 'strictSame'>, from: number, to: number): number {
  const network = new DumbNetwork(snapshot);
  for (const body of [past, next]) network.flood(v, body, to);
  const guards = overridingFlows(snapshot, v, past, { ...noOverrides, leadsTo: next });
  network.at(past).flows.push(...guards);
  const at = placeOf(from);
  const place = placeOf(to);
  const arrived = network.send(at as Parameters<typeof network.send>[0]);
  t.strictSame(arrived, [`${place.device}:${place.port}`], `h${from} to h${to}`);
  return network.crossed.length;
}

t.test('between hosts on the new side nothing crosses the boundary', async (t) => {
  t.equal(crossing(t, 3, 4), 0);
  t.equal(crossing(t, 4, 3), 0);
});

t.test('between a host here and one there it crosses once', async (t) => {
  for (const [from, to] of [
    [1, 3],
    [3, 1],
    [2, 4],
    [4, 2],
  ] as const) {
    t.equal(crossing(t, from, to), 1);
  }
});

t.test('the packets of hosts on the old side cross once, there and back', async (t) => {
  // The price of one body that processes everything, for as long as the migration lasts.
  t.equal(crossing(t, 1, 2), 2);
});
