/**
 * What a datapath tells of its ports is bounded, and costs nobody: ports that were never there,
 * numbers that change for ever. The ports of the file are known whatever else is told.
 */

import t from 'tap';
import { limits } from '../../slices/limits.ts';
import { FakeNetwork } from './fake-switches.ts';

const text = `
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h9: { port: v1:9, at: s1:9999 } }
`;

function started() {
  const network = FakeNetwork.started(text);
  const [datapath] = network.hypervisor.datapaths();
  if (datapath === undefined) throw new Error('s1 is there');
  const s1 = network.switch('s1');
  return { network, datapath, s1 };
}

t.test('ports without an end', async (t) => {
  const { network, datapath, s1 } = started();
  for (let i = 0; i < 2 * limits.portsPerDatapathMax; i++) s1.setPort(20_000 + i, true);
  network.run();
  t.equal(datapath.ports.size, limits.portsPerDatapathMax);
  t.match(datapath.warnings.get('ports'), /more than 4096 ports/);
  s1.setPort(9999, true);
  t.equal(datapath.isPortUp(9999), true, 'a host’s port is known all the same');
  s1.setPort(1, false);
  t.equal(datapath.isPortUp(1), false, 'and what happens to it');
  s1.peer.user?.onClose('gone');
  network.connect('s1');
  t.equal(datapath.warnings.get('ports'), undefined, 'anew when it comes back');
});

t.test('numbers that change for ever', async (t) => {
  const { network, datapath, s1 } = started();
  const before = datapath.ports.size;
  for (let i = 0; i < 2 * limits.portsPerDatapathMax; i++) {
    s1.setPort(20_000 + i, true);
    s1.deletePort(20_000 + i);
  }
  network.run();
  t.equal(datapath.ports.size, before);
  t.equal(datapath.warnings.get('ports'), undefined);
});
