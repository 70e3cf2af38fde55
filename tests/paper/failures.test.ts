/**
 * LIME 4.2: "if either switch instance fails, LIME should report a switch failure": of a switch, a
 * controller hears that by its connection.
 */
import t from 'tap';
import { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { datapath, twoDatapaths } from '../slices/networks.ts';

t.test('a body that carries traffic goes away: the tenant is told', async (t) => {
  const net = FakeNetwork.started(twoDatapaths());
  const red = net.controller(7001);
  const [runtime] = net.hypervisor.runtimes();
  if (runtime === undefined) throw new Error('there is one vswitch');
  const { executor } = net.hypervisor;
  executor.start(runtime.vswitch, datapath('s1'), datapath('s2'), 'lime');
  for (let i = 0; executor.all()[0]?.state.type !== 'move' && i < 5_000; i += 1) net.run(1);
  t.equal(runtime.placement.primary, 's2', 'the new body processes everything');
  t.notOk(red.isClosed, 'of all that its controller has heard nothing');
  net.switch('s2').peer.user?.onClose('gone');
  net.run(200);
  t.ok(red.isClosed, 'and of this it has');
});
