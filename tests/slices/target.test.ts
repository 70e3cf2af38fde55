/**
 * Open vSwitch's grammar for addresses, to dial and to listen on.
 */

import t from 'tap';
import { listenText, parseListen, parseTarget, targetText } from '../../slices/config/target.ts';

const dialled: readonly (readonly [text: string, host: string, port: number])[] = [
  ['tcp:192.0.2.1:6633', '192.0.2.1', 6633],
  ['tcp:192.0.2.1', '192.0.2.1', 6653],
  ['192.0.2.1', '192.0.2.1', 6653],
  ['192.0.2.1:1', '192.0.2.1', 1],
  ['tcp:[2001:db8::1]:65535', '2001:db8::1', 65535],
  ['[2001:db8::1]', '2001:db8::1', 6653],
  ['tcp:[fe80::1%eth0]:6653', 'fe80::1%eth0', 6653],
  ['controller.example:6653', 'controller.example', 6653],
  ['c-1', 'c-1', 6653],
];

const refused: readonly (readonly [text: string, why: RegExp])[] = [
  ['tcp:', /is not an address/],
  ['', /is not an address/],
  ['tcp:192.0.2.1:', /is not an address/],
  ['tcp:192.0.2.1:0', /"0" is not a TCP port/],
  ['tcp:192.0.2.1:65536', /"65536" is not a TCP port/],
  ['tcp:192.0.2.1:66x', /is not an address/],
  ['tcp:192.0.2.256', /"192.0.2.256" is not an IPv4 address/],
  ['tcp:6653', /is not an IPv4 address/],
  ['2001:db8::1', /is not an address/],
  ['tcp:a_b', /neither an IP address nor a host name/],
  ['tcp:-a', /neither an IP address nor a host name/],
  ['tcp:a b', /neither an IP address nor a host name/],
  ['ssl:192.0.2.1', /needs TLS keys; add "tls: { key, certificate, ca }"/],
  ['pssl:', /is not an address of this kind/],
  ['unix:x.sock', /is not absolute; begin it with/],
  ['unix:', /is not absolute/],
  ['punix:/run/x', /is not an address of this kind/],
  [`unix:/${'x'.repeat(107)}`, /too long for a socket path: 108 bytes, at most 107/],
  ['ptcp:6653', /is not an address of this kind/],
];

t.test('to dial', async (t) => {
  for (const [text, host, port] of dialled) {
    t.strictSame(parseTarget(text), { ok: true, value: { host, port } }, text);
  }
});

t.test('refused, with why', async (t) => {
  for (const [text, why] of refused) t.match(parseTarget(text), { ok: false, why }, text);
});

t.test('to listen on', async (t) => {
  const listens = (text: string) => {
    const parsed = parseListen(text);
    return parsed.ok ? targetText(parsed.value) : parsed.why;
  };
  t.equal(listens('ptcp:'), 'tcp:0.0.0.0:6653');
  t.equal(listens('ptcp:6633'), 'tcp:0.0.0.0:6633');
  t.equal(listens('ptcp:6633:127.0.0.1'), 'tcp:127.0.0.1:6633');
  t.equal(listens('ptcp::127.0.0.1'), 'tcp:127.0.0.1:6653');
  t.equal(listens('ptcp:6633:[::]'), 'tcp:[::]:6633');
  t.equal(listens('punix:/run/x.sock'), 'unix:/run/x.sock');
  t.match(listens('unix:/run/x.sock'), /is not an address of this kind/);
  t.match(listens('punix:x.sock'), /is not absolute; begin it with/);
  t.match(listens('ptcp:0'), /is not a TCP port/);
  t.match(listens('ptcp:x'), /is not an address of this kind/);
  t.match(listens('6653'), /is not an address of this kind/);
  t.match(listens('pssl:6653'), /needs TLS keys/);
  t.match(listens('tcp:6653'), /is not an address of this kind/);
});

t.test('what is printed is read again', async (t) => {
  for (const [, host, port] of dialled) {
    t.strictSame(parseTarget(targetText({ host, port })), { ok: true, value: { host, port } });
  }
  const value = { path: '/run/x.sock' };
  t.strictSame(parseTarget('unix:/run/x.sock'), { ok: true, value });
  t.equal(targetText(value), 'unix:/run/x.sock');
});

t.test('where we listen is printed as it is written, not as others dial it', async (t) => {
  const tls = { key: '/k', certificate: '/c', ca: '/ca' };
  for (const text of [
    ...['ptcp:6653', 'ptcp:6633:127.0.0.1', 'ptcp:6633:[::1]', 'pssl:6653', 'pssl:1:[::]'],
    'punix:/run/x.sock',
  ]) {
    const parsed = parseListen(text, tls);
    t.equal(parsed.ok && listenText(parsed.value), text);
  }
});

t.test('over TLS, with the keys that there are', async (t) => {
  const tls = { key: '/k', certificate: '/c', ca: '/ca' };
  const value = { host: '192.0.2.1', port: 6653, tls };
  t.strictSame(parseTarget('ssl:192.0.2.1', tls), { ok: true, value });
  t.equal(targetText(value), 'ssl:192.0.2.1:6653');
  t.match(parseListen('pssl:6633:[::1]', tls), { value: { host: '::1', port: 6633, tls } });
  t.match(parseListen('pssl:', tls), { value: { host: '0.0.0.0', port: 6653, tls } });
  t.notOk('tls' in (parseTarget('tcp:192.0.2.1', tls) as { value: object }).value);
});
