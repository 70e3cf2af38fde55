/**
 * Queues in the configuration file.
 */

import t from 'tap';
import { problemsOf, snapshotOf, vport, vswitchOf } from './networks.ts';

const file = (queues: string): string => `
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1${queues} } }
`;

function read(queues: string) {
  const attachment = vswitchOf(snapshotOf(file(queues)), 'red/v1').ports.get(vport(1));
  return attachment?.type === 'host' ? [...attachment.queues] : undefined;
}

t.test('the tenant’s number, then the datapath’s; none unless the file says so', async (t) => {
  t.strictSame(read(', queues: { 1: 5, 0: 4294967294 }')?.sort(), [
    [0, 4294967294],
    [1, 5],
  ]);
  t.strictSame(read(''), []);
});

function why(queues: string): readonly string[] {
  return problemsOf(file(queues)).map((one) => `${one.path}: ${one.why}`);
}

t.test('what is no queue', async (t) => {
  const at = 'tenants.red.hosts.h1.queues';
  const instead = 'write a number from 0 to 4294967294';
  t.strictSame(why(', queues: { one: 5 }'), [`${at}.one: "one" is not a queue; ${instead}`]);
  t.strictSame(why(', queues: { 1: -5 }'), [`${at}.1: "-5" is not a queue; ${instead}`]);
  t.strictSame(why(', queues: { 4294967295: 1 }'), [
    `${at}.4294967295: "4294967295" is not a queue; ${instead}`,
  ]);
  t.strictSame(why(', queues: [1]'), [`${at}: must be a map, not a list`]);
  const eight = Array.from({ length: 8 }, (_, i) => `${i}: ${i}`).join(', ');
  t.strictSame(why(`, queues: { ${eight} }`), [`${at}: has 8 queues; the limit is 7 for a port`]);
});
