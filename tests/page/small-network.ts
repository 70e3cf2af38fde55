/**
 * A network of three datapaths in a row and two tenants, as the API's document has it.
 */
import type { TopologyDocument } from '../../hypervisor/page/documents.ts';
import type { Network } from '../../hypervisor/page/network.ts';
import { networkOf } from '../../hypervisor/page/network-documents.ts';

const port = (number: string, leadsTo: string, state = 'up') => ({
  ...{ port: number, name: `eth${number}`, leadsTo, state },
});

export const small: TopologyDocument = {
  atMs: 0,
  datapaths: ['s1', 's2', 's3'].map((name, i) => ({
    ...{ name, dpid: `000000000000000${i + 1}`, state: 'ready', why: '' },
    ...{ encoding: 'pipeline', isDrained: false },
  })),
  links: [
    {
      ...{ ends: ['s1:9', 's2:8'], state: 'up', text: 'up, 0.2 ms', kbps: 10_000 },
      load: { there: 125_000, back: 625_000 },
    },
    { ends: ['s2:9', 's3:8'], state: 'down', text: 'no cable in s2:9', load: {} },
    { ends: ['s2:7', 's3:7'], state: 'up', text: 'up', load: {} },
  ],
  hosts: [
    { name: 'red/h1', vport: 'red/v1:1', at: ['s1:1'], state: 'up', why: '' },
    { name: 'red/h2', vport: 'red/v2:1', at: ['s3:1'], state: 'down', why: 'no cable' },
    { name: 'blue/b1', vport: 'blue/v:1', at: ['s2:1'], state: 'up', why: '' },
  ],
  tenants: [
    {
      name: 'red',
      vswitches: [
        {
          ...{ name: 'red/v1', dpid: '1', on: ['s2', 's1'], primary: 's1', rules: 3 },
          ports: [port('1', 'host red/h1 at s1:1'), port('2', 'red/v2:2')],
          controllers: [{ target: 'tcp:10.0.0.7:6653', state: 'up' }],
        },
        {
          ...{ name: 'red/v2', dpid: '2', on: ['s3'], primary: 's3', rules: 1, down: 's3 is away' },
          ports: [port('1', 'host red/h2 at s3:1', 'down'), port('2', 'red/v1:2')],
          controllers: [],
        },
      ],
      links: [{ ends: ['red/v1:2', 'red/v2:2'] }],
      ways: [
        { of: 'red/v1:2', role: 'used', path: ['s1', 's2', 's3'], links: ['s1:9', 's2:7'] },
        { of: 'red/v1:2', role: 'backup', path: ['s1', 's2', 's3'], links: ['s1:9', 's2:9'] },
      ],
    },
    {
      name: 'blue',
      vswitches: [
        {
          ...{ name: 'blue/v', dpid: '1', on: ['s2'], primary: 's2', rules: 0 },
          ports: [port('1', 'host blue/b1 at s2:1')],
          controllers: [],
        },
      ],
      links: [],
      ways: [],
    },
  ],
};

export const network: Network = networkOf(small);
