/**
 * Hosts that share a port where that cannot be: said by whom it concerns, and the others live on.
 */
import t from 'tap';
import {
  compile,
  isInfeasible,
  nothingRemembered,
  withEncoding,
} from '../../slices/network/snapshot.ts';
import { configOf, datapath, snapshotOf, vport, vswitchName } from './networks.ts';

const text = (encoding: string, tags = 'vlan: 10') => `
datapaths: { s1: { dpid: 1${encoding} }, s2: { dpid: 2 } }
links: [s1:3 - s2:3]
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s2 } }
    hosts: { h1: { port: v1:1, at: s1:1, ${tags} }, h2: { port: v1:2, at: s2:1 } }
`;
const range = 'vlans: 100-199';

t.test('a flat datapath has no ranges of VLANs', async (t) => {
  const flat = compile(configOf(text(', encoding: flat', range)), nothingRemembered);
  const why =
    'VLANs 100-199 of s1:1, but s1 has the flat encoding, which knows whole ports and single ' +
    'VLANs ("vlan") only';
  const lacking = [{ vport: { device: vswitchName('red/v1'), port: vport(1) }, why }];
  t.strictSame(flat, { why: `vport 1 of red/v1 is ${why}`, lacking });
  t.notOk(isInfeasible(compile(configOf(text(', encoding: flat')), nothingRemembered)), 'one VLAN');
});

t.test('one that comes back as 1.0 is refused', async (t) => {
  const before = snapshotOf(text('', range));
  const after = withEncoding(before, datapath('s1'), 'flat of 1.0');
  t.ok(isInfeasible(after), 'with a reason');
  t.notOk(isInfeasible(withEncoding(before, datapath('s2'), 'flat of 1.0')), 'the other may');
});
