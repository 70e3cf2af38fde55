/**
 * Keys in the file, and which certificate somebody must show.
 */

import t from 'tap';
import { readConfig } from '../../slices/config/config.ts';
import { isUnix } from '../../slices/config/target.ts';
import { treeOf } from './networks.ts';

function read(top: string, tenant: string, datapath = '') {
  const yaml = `
listen: [pssl:6653]
${top}
datapaths: { s1: { dpid: 1${datapath} } }
tenants:
  red:
    controllers: ['ssl:192.0.2.1', 'tcp:192.0.2.2']
    vswitches: { v1: { dpid: 1, on: s1, listen: ['pssl:7000'] } }
    ${tenant}
`;
  return readConfig(treeOf(yaml), [], '/etc/limevisor');
}

const OURS = 'tls: { key: k.pem, certificate: c.pem, ca: /ca/switches.pem }';
const THEIRS = 'tls: { key: red.pem, certificate: red-cert.pem, ca: red-ca.pem, peer: c0 }';

function problems(...parts: Parameters<typeof read>): readonly string[] {
  const found = read(...parts);
  return 'problems' in found ? found.problems.map(({ path, why }) => `${path}: ${why}`) : [];
}

t.test('a tenant’s own keys, or those at the top; paths are beside the file', async (t) => {
  const both = read(OURS, THEIRS);
  if ('problems' in both) throw new Error(JSON.stringify(both.problems));
  const { listen, vswitches } = both.config;
  const top = {
    key: '/etc/limevisor/k.pem',
    certificate: '/etc/limevisor/c.pem',
    ca: '/ca/switches.pem',
  };
  const own = {
    key: '/etc/limevisor/red.pem',
    certificate: '/etc/limevisor/red-cert.pem',
    ca: '/etc/limevisor/red-ca.pem',
    peer: { type: 'name', name: 'c0' },
  };
  const tlsOf = (all: typeof listen) => all.map((one) => (isUnix(one) ? undefined : one.tls));
  t.strictSame(tlsOf(listen), [top]);
  t.strictSame(tlsOf(vswitches[0]?.controllers ?? []), [own, undefined]);
  t.strictSame(tlsOf(vswitches[0]?.listen ?? []), [own]);
  const shared = read(OURS, '');
  if ('problems' in shared) throw new Error(JSON.stringify(shared.problems));
  t.strictSame(tlsOf(shared.config.vswitches[0]?.controllers ?? []), [top, undefined]);
});

t.test('ssl without keys fails closed', async (t) => {
  t.match(problems('', ''), [
    /^listen\[0\]: "pssl:6653" needs TLS keys; add "tls: /,
    /^tenants\.red\.controllers\[0\]: "ssl:192.0.2.1" needs TLS keys/,
    /^tenants\.red\.vswitches\.v1\.listen\[0\]: "pssl:7000" needs TLS keys/,
  ]);
  t.match(problems('tls: { key: k }', THEIRS), [
    /^tls: has no "certificate"; it is needed$/,
    /^tls: has no "ca"; it is needed$/,
    /needs TLS keys/,
  ]);
  t.match(problems(OURS, 'tls: { kay: k }')[0], /unknown key "kay"/);
});

t.test('a datapath’s certificate: a common name, or a fingerprint in any spelling', async (t) => {
  const hex = 'ab'.repeat(32);
  const spelled = [hex, `sha256:${hex}`, `SHA256:${hex.toUpperCase()}`, `${'AB:'.repeat(31)}AB`];
  const wanted = (text: string) => {
    const found = read(OURS, THEIRS, `, certificate: "${text}"`);
    return 'config' in found ? found.config.datapaths[0]?.certificate : found.problems;
  };
  for (const text of spelled) t.strictSame(wanted(text), { type: 'fingerprint', hex }, text);
  t.strictSame(wanted('s1.example'), { type: 'name', name: 's1.example' });
  t.match(wanted('sha256:abcd'), [{ path: 'datapaths.s1.certificate', why: /64 hex digits/ }]);
});
