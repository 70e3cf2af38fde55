/**
 * Matches of our entries are canonical: a switch shows an entry's fields in their order, and it is
 * compared with what was sent by a key that is made of them (hypervisor/datapath/audit.ts).
 */
import t from 'tap';
import { matchOf } from '../../openflow/match/match.ts';
import { wiringOf } from '../../translation/datapath/wiring.ts';
import { Random } from '../openflow/random.ts';
import { exampleText, snapshotOf } from '../slices/networks.ts';
import { randomSnapshot } from './random-network.ts';

const withBandwidth = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:3 - s2:3]
tenants:
  red:
    limits: { bandwidth: { v1:1: 10M, v1:2: 2M } }
    vswitches: { v1: { dpid: 1, on: s1 }, v2: { dpid: 2, on: s2 } }
    links: [v1:2 - v2:2]
    hosts:
      h1: { port: v1:1, at: s1:1, vlan: 10 }
      h2: { port: v2:1, at: s1:1, vlans: 100-199 }
`;

t.test('of a network with limits and shared ports, and of random ones', async (t) => {
  const random = Array.from({ length: 20 }, (_, i) => randomSnapshot(new Random(i), 6, true));
  for (const snapshot of [snapshotOf(exampleText()), snapshotOf(withBandwidth), ...random]) {
    for (const name of snapshot.datapaths.keys()) {
      for (const { match, tableId } of wiringOf(snapshot, name).flows.values()) {
        const canonical = matchOf(...match);
        if (JSON.stringify(match) !== JSON.stringify(canonical))
          t.fail(`${name}: table ${tableId}`);
      }
    }
  }
  t.pass('all');
});
