/** When the store gets what nobody waits for (hypervisor/store/commit-delay.ts). */
import t from 'tap';
import { Journal } from '../../hypervisor/store/journal.ts';
import { limits } from '../../slices/limits.ts';
import { vswitchName } from '../slices/networks.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeWorld } from './fake-world.ts';

const v1 = vswitchName('red/v1');

t.test('who asks, again and again, waits for no commit of what nobody asks for', async (t) => {
  const world = new FakeWorld();
  const store = memoryStore();
  const journal = new Journal(world, store);
  const commits = () => store.load().length;
  const write = (serial: number): void => journal.put({ type: 'accepted', vswitch: v1, serial });
  let asked = 0;
  for (let i = 1; i <= 20; i++) {
    write(2 * i);
    journal.sync(() => {
      asked += 1;
    });
    world.pass(limits.commitDelayMs / 3);
    // What follows from the answer.
    write(2 * i + 1);
    world.pass(limits.commitDelayMs / 3);
  }
  t.strictSame([asked, commits()], [20, 20]);
  world.pass(limits.commitDelayMs);
  t.equal(commits(), 21, 'the last of it leaves by itself');
  world.pass(10 * limits.commitDelayMs);
  t.equal(commits(), 21);
});
