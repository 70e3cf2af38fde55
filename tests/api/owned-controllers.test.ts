/**
 * Controllers of networks that owners make, over TLS: with the operator's keys for them, or not.
 */
import t from 'tap';
import { memoryStore } from '../support/memory-store.ts';
import { type Owned, offering, owned, physical } from './owned.ts';

t.test('controllers over TLS, with the keys that the quota has for them', async (t) => {
  const tls = 'tls: { key: /qx-keys/k.pem, certificate: /qx-keys/c.pem, ca: /qx-keys/ca.pem }';
  const store = memoryStore();
  const first = await owned(t, { store, text: offering.replace('lab: {', `lab: { ${tls},`) });
  const target = 'ssl:192.0.2.9:6653';
  const template = { shape: 'linear', hosts: ['a', 'b'], controllers: [target] };
  const made = await first.as('ann', 'POST', '/networks', { name: 'lab', template });
  t.equal(made.status, 201, made.text);
  t.ok(first.lab.world.dialled.some(({ peer }) => peer.peer === target));
  const keysOf = ({ lab }: Owned) =>
    lab.hypervisor
      .snapshot()
      .tenants.get('lab@ann')
      ?.flatMap(({ controllers }) => controllers);
  t.match(keysOf(first), [{ tls: { key: '/qx-keys/k.pem' } }, { tls: { ca: '/qx-keys/ca.pem' } }]);
  t.match((await first.as('ann', 'GET', '/networks/lab')).value.missing, [
    /controller ssl:/,
    /ssl/,
  ]);
  const { text } = await first.as('ann', 'GET', '/networks/lab');
  t.notMatch(text, physical, 'no name of a key');
  first.lab.hypervisor.stop('restart');
  const again = await owned(t, { store, text: offering.replace('lab: {', `lab: { ${tls},`) });
  t.strictSame(keysOf(again), keysOf(first), 'after a restart');
  const without = await again.as('cat', 'POST', '/networks', {
    name: 'lab',
    template: { ...template, hosts: ['b'] },
  });
  t.match(without, { status: 409, value: { detail: /ssl:.* over TLS, for which your quota has/ } });
});
