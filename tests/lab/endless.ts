/** A test that never ends, for killed-run.test.ts: it says what runs for it, and waits. */
import fs from 'node:fs';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { spawnWithUs } from '../support/child.ts';

t.test('waits for ever', async () => {
  const lab = await startLab({
    switches: ['s1'],
    links: [],
    hosts: [],
    controller: 'tcp:127.0.0.1:6653',
  });
  const program = lab.inside.start(['sleep', '1000']);
  const child = spawnWithUs('sleep', ['1000'], { stdio: 'ignore' });
  const pids = [process.pid, lab.pid, child.pid, program.child.pid];
  fs.writeFileSync(process.env['ENDLESS_SAYS'] ?? '', JSON.stringify({ dir: lab.dir, pids }));
  await new Promise((resolve) => setTimeout(resolve, 1_000_000));
});
