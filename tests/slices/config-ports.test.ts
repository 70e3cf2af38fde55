/**
 * One port, one user: physical ports across links and hosts, vports across hosts and links.
 */

import t from 'tap';
import { problemsOf } from './networks.ts';

function found(links: string, hosts: string, vlinks: string): readonly string[] {
  const yaml = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: [${links}]
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 }, v2: { dpid: 2, on: s2 } }
    hosts: { ${hosts} }
    links: [${vlinks}]
`;
  return problemsOf(yaml).map(({ path, why }) => `${path}: ${why}`);
}

t.test('a port of a datapath twice', async (t) => {
  t.strictSame(found('s1:1 - s2:1, s1:1 - s3:1', '', ''), [
    'links[1]: uses the port s1:1, which links[0] uses already; choose another',
  ]);
  t.strictSame(found('s1:1 - s2:1, s2:1 - s1:1', '', '').length, 2, 'a link written twice');
  t.match(found('s1:1 - s2:1', 'h1: { port: v1:1, at: s1:1 }', ''), [
    /h1.*: uses the port s1:1, which links\[0\] uses already; choose another$/,
  ]);
  const two = 'h1: { port: v1:1, at: s1:5 }, h2: { port: v1:2, at: s1:5 }';
  t.match(found('', two, ''), [
    /h2.*: uses the port s1:5, which .*h1 uses already; choose another$/,
  ]);
});

t.test('hosts that share a port have VLANs of their own', async (t) => {
  const h1 = 'h1: { port: v1:1, at: s1:5, vlan: 10 }';
  t.strictSame(found('', `${h1}, h2: { port: v1:2, at: s1:5, vlan: 11 }`, ''), []);
  t.match(found('', `${h1}, h2: { port: v1:2, at: s1:5, vlan: 10 }`, ''), [
    /h2: uses the VLAN 10 of port s1:5, which .*h1 uses already; choose another$/,
  ]);
  const whole = /h1: uses a VLAN of the port s1:5, which .* uses whole/;
  t.match(found('', `${h1}, h2: { port: v1:2, at: s1:5 }`, ''), [whole]);
  t.match(found('s1:5 - s2:1', h1, ''), [whole]);
  for (const vlan of ['0', '4095', 'ten', '-1', '1.5']) {
    t.match(found('', `h1: { port: v1:1, at: s1:5, vlan: ${vlan} }`, ''), [
      /not a VLAN id; write 1/,
    ]);
  }
  const both = 'h1: { port: v1:1, at: s1:5, vlan: 1, queues: { 1: 5 } }';
  t.match(found('', both, ''), [/h1: has a VLAN and "queues"/]);
  const trunk = 'h2: { port: v1:2, at: s1:5, vlans: 11-20 }';
  t.strictSame(found('', `${h1}, ${trunk}`, ''), []);
  t.match(found('', `${trunk}, h3: { port: v1:3, at: s1:5, vlans: 15-30 }`, ''), [
    /h3: uses the VLAN 15 of port s1:5, which .*h2 uses already; choose another$/,
  ]);
  for (const vlans of ['0-5', '5-4', '1-4095', 'all', '5-']) {
    const range = `h1: { port: v1:1, at: s1:5, vlans: ${vlans} }`;
    t.match(found('', range, ''), [/not a range of VLANs; write 100-199/], vlans);
  }
  t.match(found('', 'h1: { port: v1:1, at: s1:5, vlan: 1, vlans: 2-3 }', ''), [
    /"vlan" and "vlans"/,
  ]);
});

t.test('a link is named by its place in the file, also behind a bad one', async (t) => {
  const all = found('rubbish, s1:1 - s2:1, s1:1 - s3:1', '', '');
  t.strictSame(all.slice(1), [
    'links[2]: uses the port s1:1, which links[1] uses already; choose another',
  ]);
});

t.test('a port of a vswitch twice', async (t) => {
  const two = 'h1: { port: v1:1, at: s1:5 }, h2: { port: v1:1, at: s1:6 }';
  t.match(found('', two, ''), [
    /h2.*: uses the vport red\/v1:1, which .*h1 uses already; choose another$/,
  ]);
  t.match(found('', 'h1: { port: v1:1, at: s1:5 }', 'v1:1 - v2:1'), [
    /: uses the vport red\/v1:1, which .*h1 uses already; choose another$/,
  ]);
  t.match(found('', '', 'v1:1 - v2:1, v2:1 - v1:2'), [/: uses the vport red\/v2:1, which/]);
});
