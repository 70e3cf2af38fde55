/**
 * Mininet, unmodified, on top of which two tenants have networks of their own: `pingall` reaches
 * every host of the same tenant and no other.
 */
import t from 'tap';
import { reachedIn, runMininet, startMininetLab } from '../../examples/mininet/mininet.ts';

const lab = await startMininetLab();
t.teardown(() => lab.stop());

t.test('pingall: everybody of one’s own tenant, nobody else', async (t) => {
  const output = await runMininet(lab, ['pingall 0.2', 'pingall 1']);
  const reached = reachedIn(output);
  for (const prefix of ['h1', 'h2']) {
    const own = ['s1', 's2', 's3'].map((at) => prefix + at);
    for (const host of own) {
      t.same(
        reached.get(host),
        own.filter((other) => other !== host),
        host,
      );
    }
  }
  t.match(output, /12\/30 received/);
});

t.test('frames of full size pass the links between switches', async (t) => {
  const big = 'h1s1 ping -c 3 -i 0.3 -M do -s 1472 h1s3';
  t.match(await runMininet(lab, ['pingall 0.2', big]), /1472[\s\S]*3 packets transmitted, 3 rec/);
});
