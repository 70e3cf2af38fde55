/**
 * Bandwidths are held by meters, which a datapath that turns out to speak OpenFlow 1.0 has not: it
 * cannot carry a vswitch with such a limit, and says so; nor does it hold a host plugged in there.
 */
import t from 'tap';
import type { DatapathName } from '../../slices/ids.ts';
import { isInfeasible, withEncoding } from '../../slices/network/snapshot.ts';
import { misfit, unlimitedAt } from '../../translation/datapath/flat-fit.ts';
import { snapshotOf, vswitchOf } from '../slices/networks.ts';

const before = snapshotOf(`
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:3 - s2:3]
tenants:
  red:
    limits: { bandwidth: { v:1: 10M } }
    vswitches: { v: { dpid: 1, on: s1 }, w: { dpid: 2, on: s1 } }
    hosts: { h1: { port: v:1, at: s2:1 }, h2: { port: w:1, at: s2:2 } }
`);
const [s1, s2] = ['s1', 's2'] as DatapathName[] as [DatapathName, DatapathName];

function in10(datapath: DatapathName) {
  const snapshot = withEncoding(before, datapath, 'flat of 1.0');
  if (isInfeasible(snapshot)) throw new Error(snapshot.why);
  return snapshot;
}

/** Nothing of a tenant's is looked at before that. */
const noTables = {} as Parameters<typeof misfit>[3];

t.test('where such a vswitch lives', async (t) => {
  const why = misfit(in10(s1), s1, vswitchOf(before, 'red/v'), noTables);
  t.match(why, /bandwidth of red\/v port 1 is held by meters, and s1 has OpenFlow 1.0, without/);
});

t.test('where only its host is plugged in', async (t) => {
  const flat = in10(s2);
  const why = unlimitedAt(flat, s2, vswitchOf(flat, 'red/v'));
  t.match(why, /^what enters red\/v port 1 at s2 is held to no bandwidth: s2 has OpenFlow 1.0/);
  t.equal(unlimitedAt(flat, s2, vswitchOf(flat, 'red/w')), undefined);
  t.equal(unlimitedAt(before, s2, vswitchOf(before, 'red/v')), undefined);
});
