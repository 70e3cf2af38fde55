/**
 * A tenant's controller that is Limevisor itself is refused, however its address is written.
 */

import t from 'tap';
import { parseTarget, pointsAtUs } from '../../slices/config/target.ts';
import { problemsOf } from './networks.ts';

const own = ['127.0.0.1', '::1', '192.0.2.7', 'fe80::7', '2001:db8::7'];

function isUs(target: string, host: string, port = 6653): boolean {
  const parsed = parseTarget(target);
  if (!parsed.ok) throw new Error(parsed.why);
  return pointsAtUs(parsed.value, [{ host, port }], own);
}

const loopbacks = [
  'tcp:127.0.0.1:6653',
  '127.0.0.1',
  'tcp:127.9.9.9',
  'localhost',
  'tcp:localhost:6653',
  '[::1]:6653',
  'tcp:[::1]',
  '[0:0:0:0:0:0:0:1]',
  '0.0.0.0',
  '[::]',
  '[::ffff:127.0.0.1]:6653',
  '[::ffff:7f00:1]:6653',
  '127.1',
];
const addresses = ['192.0.2.7', '[::ffff:192.0.2.7]', '[2001:db8::7]', '[2001:DB8:0:0::7]'];

t.test('a listener on every address is met by each address of this machine', async (t) => {
  for (const any of ['0.0.0.0', '::']) {
    for (const target of [...loopbacks, ...addresses, '[fe80::7%eth0]']) {
      t.ok(isUs(target, any), `${target} meets ${any}`);
    }
  }
});

t.test('a listener on one address is met by that one', async (t) => {
  t.ok(isUs('127.0.0.1', '127.0.0.1'));
  t.ok(isUs('[::ffff:127.0.0.1]', '127.0.0.1'));
  t.ok(isUs('[0:0::1]', '::1'));
  t.notOk(isUs('192.0.2.7', '127.0.0.1'));
  t.notOk(isUs('127.0.0.1', '192.0.2.7'));
});

t.test('localhost is either loopback address, in any case of letters', async (t) => {
  t.ok(isUs('localhost', '127.0.0.1'));
  t.ok(isUs('localhost', '::1'), 'localhost may be resolved to ::1');
  t.ok(isUs('LocalHost', '0.0.0.0'), 'host names ignore case');
});

t.test('another port or another machine is no problem', async (t) => {
  t.notOk(isUs('127.0.0.1:6661', '0.0.0.0'));
  t.notOk(isUs('192.0.2.8', '0.0.0.0'));
  t.notOk(isUs('[2001:db8::8]', '0.0.0.0'));
  t.notOk(isUs('controller.example', '0.0.0.0'));
});

t.test('a Unix socket is ours when its path is', async (t) => {
  const ours = [{ path: '/run/x' }, { host: '0.0.0.0', port: 6653 }];
  t.ok(pointsAtUs({ path: '/run/x' }, ours, own));
  t.notOk(pointsAtUs({ path: '/run/y' }, ours, own));
});

t.test('the configuration says so, for the tenant and for one vswitch', async (t) => {
  const why = "is Limevisor's own address; name the tenant's controller";
  const yaml = `
listen: ['ptcp:6700:0.0.0.0']
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    controllers: [tcp:localhost:6700, tcp:localhost:6701]
    vswitches: { v1: { dpid: 1, on: s1, controllers: [192.0.2.7:6700, 192.0.2.8:6700] } }
`;
  t.strictSame(problemsOf(yaml, own), [
    { path: 'tenants.red.controllers[0]', why },
    { path: 'tenants.red.vswitches.v1.controllers[0]', why },
  ]);
});

t.test('without "listen" both default ports are ours', async (t) => {
  const yaml = `
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    controllers: ['127.0.0.1:6653', '127.0.0.1:6633', '127.0.0.1:6634']
    vswitches: { v1: { dpid: 1, on: s1 } }
`;
  t.strictSame(
    problemsOf(yaml, own).map(({ path }) => path),
    ['tenants.red.controllers[0]', 'tenants.red.controllers[1]'],
  );
});
