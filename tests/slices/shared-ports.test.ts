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

t.test('a range of VLANs crosses no link of a flat datapath', async (t) => {
  const flat = compile(configOf(text(', encoding: flat', range)), nothingRemembered);
  const why =
    'VLANs 100-199 of s1:1, whose frames keep their tags, and between s1 and s2 there is room ' +
    'for one, which is ours (the flat encoding): the vswitch has to live where such a host is ' +
    'plugged in, or each VLAN be a host ("vlan")';
  const lacking = [{ vport: { device: vswitchName('red/v1'), port: vport(1) }, why }];
  t.strictSame(flat, { why: `vport 1 of red/v1 is ${why}`, lacking });
  t.notOk(isInfeasible(compile(configOf(text(', encoding: flat')), nothingRemembered)), 'one VLAN');
  const beside = text(', encoding: flat', range).replace('on: s2', 'on: s1');
  t.notOk(isInfeasible(compile(configOf(beside), nothingRemembered)), 'where it lives');
});

t.test(
  'where there are no masks a range is one match for each VLAN, and has a limit',
  async (t) => {
    const encodings = new Map([[datapath('s1'), 'flat of 1.0' as const]]);
    const of = (vlans: string) => {
      const here = text('', `vlans: ${vlans}`).replace('on: s2', 'on: s1');
      return compile(configOf(here), { ...nothingRemembered, encodings });
    };
    t.notOk(isInfeasible(of('100-163')));
    t.match(of('100-164'), {
      why: /VLANs 100-164 of s1:1, and on s1 each rule would be 65 entries .* may be 64: OpenF/,
    });
  },
);

t.test('one that comes back as 1.0 is refused', async (t) => {
  const before = snapshotOf(text('', range));
  const after = withEncoding(before, datapath('s1'), 'flat of 1.0');
  t.ok(isInfeasible(after), 'with a reason');
  const other = withEncoding(before, datapath('s2'), 'flat of 1.0');
  t.ok(isInfeasible(other), 'nor do its frames get to one that does');
  const single = withEncoding(snapshotOf(text('')), datapath('s2'), 'flat of 1.0');
  t.notOk(isInfeasible(single), 'one VLAN does');
});
