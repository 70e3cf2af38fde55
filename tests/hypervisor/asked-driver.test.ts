/**
 * A driver that says that it has failed: it is looked where the host is, and that counts
 * (hypervisor/drivers/asked-driver.ts).
 */
import t from 'tap';
import { limits } from '../../slices/limits.ts';
import { twoDatapaths } from '../slices/networks.ts';
import { failing } from '../support/faults.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import { started, TestDrivers } from './host-moves.ts';

t.test('a driver that fails when the host has gone: it is looked where that is', async (t) => {
  const { net, drivers, move, until, at } = started();
  drivers.finds = ['later', 'later', 'to'];
  move();
  until('run');
  drivers.ends({ type: 'failed', why: 'no answer in 5 s' });
  until('done');
  t.equal(at(), 's2:4');
  const said = net.hypervisor.hostMoves.all().at(-1)?.said;
  t.strictSame(said, ['red/h1 is at s2:4 all the same: no answer in 5 s']);
  t.equal(drivers.users.length, 1, 'it is not asked again to move it');
});

t.test('what a driver says while it is looked counts, once', async (t) => {
  const { drivers, move, until, at } = started();
  drivers.finds = ['later'];
  move();
  until('run');
  drivers.ends({ type: 'failed', why: 'busy' });
  drivers.ends({ type: 'failed', why: 'busy' });
  drivers.ends({ type: 'arrived' });
  until('done');
  drivers.ends({ type: 'failed', why: 'no' });
  t.equal(at(), 's2:4');
});

t.test('a driver that never finds the host: its word counts, and the operator hears', async (t) => {
  const { net, drivers, move, state, until, at } = started();
  drivers.finds = ['later'];
  move();
  until('run');
  drivers.ends({ type: 'failed', why: 'no answer in 5 s' });
  net.run(limits.hostLooksMs / 2);
  t.match(state(), { type: 'run' }, 'both places are its own until then');
  t.equal(at(), 's1:1 and s2:4');
  until('undone');
  t.match(state(), { why: 'no answer in 5 s' });
  t.equal(at(), 's1:1');
});

t.test(
  'taken back at once after a restart: whom the earlier process had asked may be done',
  async (t) => {
    const store = memoryStore();
    const first = started(store);
    first.move();
    first.until('run');
    first.net.world.pass(0);
    const second = new TestDrivers();
    second.finds = ['to'];
    const net = new FakeNetwork(twoDatapaths(), store, failing, { drivers: second });
    const { hostMoves } = net.hypervisor;
    t.equal(hostMoves.abort('red/h1', 'the operator asked for it'), undefined);
    net.up();
    net.run(1_000);
    t.strictSame(second.again, [true], 'it is asked all the same');
    t.strictSame(second.stopped, ['the operator asked for it']);
    t.match(hostMoves.all().at(-1)?.state, { type: 'done' }, 'the host has gone');
    t.strictSame(first.drivers.again, [false]);
  },
);
