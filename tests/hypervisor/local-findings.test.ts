/**
 * What doctor finds in the Open vSwitch of its own machine: bridges that would join tenants, a tag
 * limit that mixes frames up, versions that are too old; and nothing where all is well.
 */
import t from 'tap';
import {
  bridgeFindings,
  switchFindings,
  versionFindings,
} from '../../hypervisor/operator/local-findings.ts';

const datapaths = [
  { name: 's1', dpid: '0000000000000001', software: 'Open vSwitch 3.1.0' },
  { name: 's2', dpid: '0000000000000002', software: 'Open vSwitch 2.5.9' },
  { name: 's3', dpid: '0000000000000003', software: 'something else 1.0' },
];

t.test('bridges of datapaths that are no learning switches', async (t) => {
  const table = {
    headings: ['name', 'datapath_id', 'fail_mode'],
    data: [
      ['br1', '0000000000000001', ['set', []]],
      ['br2', '0000000000000002', 'secure'],
      ['br3', '0000000000000003', 'standalone'],
      ['other', '0000000000000009', ['set', []]],
    ],
  };
  const found = bridgeFindings(table, datapaths);
  t.same(
    found.map(({ object, next }) => [object, next]),
    [
      ['datapath s1', 'ovs-vsctl set-fail-mode br1 secure'],
      ['datapath s3', 'ovs-vsctl set-fail-mode br3 secure'],
    ],
  );
});

t.test('a limit of tags that is not the usual one', async (t) => {
  const table = (config: unknown) => ({ headings: ['other_config'], data: [[config]] });
  t.match(switchFindings(table(['map', [['vlan-limit', '2']]])), [{ what: /vlan-limit is 2/ }]);
  t.same(switchFindings(table(['map', [['vlan-limit', '1']]])), []);
  t.same(switchFindings(table(['map', []])), []);
});

t.test('a version that cannot wrap frames', async (t) => {
  const found = versionFindings(datapaths);
  t.match(found, [{ object: 'datapath s2', what: /2\.5\.9.*older than 2\.8/ }]);
  t.equal(found.length, 1);
});
