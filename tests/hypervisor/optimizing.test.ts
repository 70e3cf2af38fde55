/**
 * Better placements are looked for again and again: taken when the gain is there twice, within what
 * the file says, and never of tenants that are exempt.
 */
import t from 'tap';
import type { PortStats } from '../../openflow/values/values.ts';
import { noCounts } from '../../slices/port-counters.ts';
import { FakeNetwork } from './fake-switches.ts';

const file = (optimize: string) => `
datapaths:
  s1: { dpid: 1, ack: barrier }
  s2: { dpid: 2, ack: barrier }
  s3: { dpid: 3, ack: barrier }
links: [{ ends: s1:3 - s2:3, bandwidth: 10M }, { ends: s2:4 - s3:3, bandwidth: 10M }]
${optimize}
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s3 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s1:2 } }
`;

/** Its hosts exchange 1 MB/s. */
function traffic(network: FakeNetwork, seconds: number): void {
  const row = (portNo: number, bytes: bigint): PortStats => {
    return { portNo, durationSec: 0, durationNsec: 0, ...noCounts, rxBytes: bytes, txBytes: bytes };
  };
  for (let i = 0; i < seconds; i++) {
    const one = network.switch('s1');
    const { ports } = one.counters as { ports: readonly PortStats[] };
    const bytes = (ports[0]?.rxBytes ?? 0n) + 1_000_000n;
    one.counters = { kind: 'portStats', ports: [1, 2].map((port) => row(port, bytes)) };
    network.run(1_000);
  }
}

const placeOf = ({ hypervisor }: FakeNetwork): string | undefined =>
  hypervisor.snapshot().placements.get('red/v1' as never)?.primary;

const lastOf = ({ hypervisor }: FakeNetwork): string | undefined =>
  hypervisor.remaps.optimizing.state?.last;

t.test('a gain that is there twice is taken', async (t) => {
  const network = FakeNetwork.started(file('optimize: { for: load, every: 60s, over: 60s }'));
  traffic(network, 90);
  t.equal(placeOf(network), 's3');
  t.match(lastOf(network), /^would gain \d+ %; it moves if that is so once more$/);
  traffic(network, 60);
  t.equal(placeOf(network), 's1');
  t.match(lastOf(network), /^red\/v1 to s1 in \d+ ms, to gain \d+ %$/);
  traffic(network, 120);
  t.equal(network.hypervisor.executor.all().length, 1, 'there is nothing better');
});

const stays: readonly (readonly [string, string, RegExp])[] = [
  ['exempt tenants', 'exempt: red', /^nothing passed$/],
  ['quiet hours', 'quiet: 00:00-23:59', /^quiet hours$/],
  ['a budget', 'at-most: 0', /^would gain \d+ %; 0 of 0 moves in this hour are made$/],
];

for (const [what, more, last] of stays) {
  t.test(`it stays: ${what}`, async (t) => {
    const network = FakeNetwork.started(
      file(`optimize: { for: load, every: 60s, over: 60s, ${more} }`),
    );
    traffic(network, 200);
    t.equal(placeOf(network), 's3');
    t.match(lastOf(network), last);
  });
}

t.test('another file ends it', async (t) => {
  const network = FakeNetwork.started(file('optimize: { for: load, every: 60s, over: 60s }'));
  network.apply(file(''));
  traffic(network, 200);
  t.equal(placeOf(network), 's3');
  t.equal(network.hypervisor.remaps.optimizing.state, undefined);
});
