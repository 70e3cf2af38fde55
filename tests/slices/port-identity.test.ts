/**
 * Names and MACs of vports: chosen in the file, or from what the tenant knows.
 */

import t from 'tap';
import { macText, portIdentityOf } from '../../slices/config/port-identity.ts';
import { LOCAL } from '../../slices/ids.ts';
import { configOf, exampleText, problemsOf, snapshotOf, vport, vswitchOf } from './networks.ts';

function network(v1: string, v2 = ''): string {
  return `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:9 - s2:9]
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1${v1} }
      v2: { dpid: 2, on: s2${v2} }
    hosts: { h1: { port: v1:1, at: s1:1 } }
    links: [v1:2 - v2:7]
`;
}

const found = (v1: string, v2 = '') =>
  problemsOf(network(v1, v2)).map(({ path, why }) => `${path}: ${why}`);
const PATH = 'tenants.red.vswitches';

t.test('what nobody chose: the vswitch and the number; LOCAL is the vswitch', async (t) => {
  const { portIdentities } = vswitchOf(snapshotOf(network('')), 'red/v1');
  t.strictSame(
    [...portIdentities].map(([port, { name, hwAddr }]) => [port, name, macText(hwAddr)]),
    [
      [LOCAL, 'v1', '02:00:00:01:ff:fe'],
      [1, 'v1-eth1', '02:00:00:01:00:01'],
      [2, 'v1-eth2', '02:00:00:01:00:02'],
    ],
  );
});

t.test('what was chosen, of hosts, of links and of LOCAL', async (t) => {
  const ports =
    ', ports: { 1: { name: eth0 }, 2: { mac: 0A:00:00:00:00:07 }, LOCAL: { name: br0 } }';
  const { portIdentities } = vswitchOf(snapshotOf(network(ports)), 'red/v1');
  t.strictSame(
    [...portIdentities].map(([port, { name, hwAddr }]) => [port, name, macText(hwAddr)]),
    [
      [LOCAL, 'br0', '02:00:00:01:ff:fe'],
      [1, 'eth0', '02:00:00:01:00:01'],
      [2, 'v1-eth2', '0a:00:00:00:00:07'],
    ],
  );
});

t.test('each mistake with its path and what to do', async (t) => {
  t.match(found(', ports: { 3: { name: a } }'), [
    `${PATH}.v1: "ports" names port 3, which no host and no link uses; remove it`,
  ]);
  t.match(found(', ports: { x: { name: a } }'), [/v1\.ports\.x: "x" is not a port; write 1 to/]);
  t.match(found(', ports: { 1: { nam: a } }'), [/unknown key "nam"; did you mean "name"\?/]);
  t.match(found(', ports: { 1: { name: "a b" } }'), [/ports\.1\.name: "a b" is not a port's name/]);
  t.match(found(', ports: { 1: { name: sixteen-letters- } }'), [/is not a port's name; use/]);
  for (const mac of ['01:00:00:00:00:01', '00:00:00:00:00:00', '2:0:0:0:0:1', 'nonsense']) {
    t.match(found(`, ports: { 1: { mac: "${mac}" } }`), [/ports\.1\.mac: .* is not a port's MAC/]);
  }
});

t.test('two ports never have one name on a vswitch, nor one MAC in a tenant', async (t) => {
  t.strictSame(found(', ports: { 1: { name: v1-eth2 } }'), [
    `${PATH}.v1: port v1:2 has the name "v1-eth2" of v1:1; choose one under "ports"`,
  ]);
  t.strictSame(found(', ports: { 1: { name: v1 } }'), [
    `${PATH}.v1: port v1:1 has the name "v1" of v1:LOCAL; choose one under "ports"`,
  ]);
  const mac = ', ports: { 7: { mac: 02:00:00:01:00:01 } }';
  t.strictSame(found('', mac), [
    `${PATH}.v2: port v2:7 has the MAC 02:00:00:01:00:01 of v1:1; choose one under "ports"`,
  ]);
  t.strictSame(found('', ', ports: { 7: { name: v1-eth1 } }'), [], 'names are a vswitch’s own');
});

t.test('a vswitch of another tenant may have the same', async (t) => {
  const { vswitches } = configOf(exampleText());
  const [red, blue] = ['red/v1', 'blue/v1'].map((n) => vswitches.find((one) => one.name === n));
  if (red === undefined || blue === undefined) throw new Error('the example has both');
  t.strictSame(portIdentityOf(red, vport(1)), portIdentityOf(blue, vport(1)));
});
