/** Tunnel ports as links (examples/tunnels/): full-size packets by each kind, and each its own. */
import t from 'tap';
import { isWhole, run } from '../../examples/tunnels/tunnels.ts';

t.test('VXLAN, Geneve and GRE between switches in namespaces of their own', async (t) => {
  const all = await run();
  t.strictSame(
    all.map(({ type }) => type),
    ['vxlan', 'geneve', 'gre'],
  );
  for (const one of all) t.ok(isWhole(one), JSON.stringify(one));
});
