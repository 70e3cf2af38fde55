/**
 * Missing and unknown keys of the configuration: named, with the key that was probably meant.
 */

import t from 'tap';
import { problemsOf } from './networks.ts';

const good = `
datapaths: { s1: { dpid: 1 } }
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 } }
`;

function found(from: string, to: string): readonly string[] {
  return problemsOf(good.replace(from, to)).map(({ path, why }) => `${path}: ${why}`);
}

t.test('an unknown key gets a suggestion, or the list of what is known', async (t) => {
  t.strictSame(found('datapaths:', 'contrl: x\ndatapaths:'), [
    '(top): has the unknown key "contrl"; did you mean "control"?',
  ]);
  t.strictSame(found('datapaths:', 'zebra: x\ndatapaths:'), [
    '(top): has the unknown key "zebra"; known: ' +
      'listen, control, store, tls, api, offers, quotas, datapaths, links, failover, drivers, ' +
      'zones, migrations, traffic, schedules, on-idle, evacuate-on, optimize, tenants',
  ]);
  t.strictSame(found('hosts:', 'host: {}\n    hosts:'), [
    'tenants.red: has the unknown key "host"; did you mean "hosts"?',
  ]);
  t.strictSame(found('{ dpid: 1 }', '{ dpid: 1, dpidd: 2 }'), [
    'datapaths.s1: has the unknown key "dpidd"; did you mean "dpid"?',
  ]);
});

t.test('each missing key is one problem', async (t) => {
  t.strictSame(found('datapaths: { s1: { dpid: 1 } }', ''), [
    '(top): has no "datapaths"; it is needed',
  ]);
  t.strictSame(found('vswitches: { v1: { dpid: 1, on: s1 } }', ''), [
    'tenants.red: has no "vswitches"; it is needed',
  ]);
  t.strictSame(found('vswitches: { v1: { dpid: 1, on: s1 } }', 'vswitches: [v1]'), [
    'tenants.red.vswitches: must be a map, not a list',
  ]);
});

t.test('another case, or the same letters in another order, is a near miss', async (t) => {
  t.match(found('{ dpid: 1 }', '{ dpdi: 1 }'), [/unknown key "dpdi"; did you mean "dpid"\?/]);
  t.match(found('{ dpid: 1 }', '{ DPID: 1 }'), [/unknown key "DPID"; did you mean "dpid"\?/]);
});

t.test('a key and its value need a space between them', async (t) => {
  t.strictSame(found('{ dpid: 1 }', '{ dpid:1 }'), [
    'datapaths.s1: has the unknown key "dpid:1"; did you mean "dpid: 1", with a space?',
    'datapaths.s1: has no "dpid"; it is needed',
  ]);
});

t.test('a scalar where a map belongs is not passed over', async (t) => {
  t.strictSame(found('    vswitches', '    redial: 5s\n    vswitches'), [
    'tenants.red.redial: must be a map, not "5s"',
  ]);
  t.strictSame(found('on: s1', 'on: s1, ports: { 1: trunk }'), [
    'tenants.red.vswitches.v1.ports.1: must be a map, not "trunk"',
  ]);
});

t.test('a value that is left empty is one problem, not two', async (t) => {
  t.strictSame(found('{ dpid: 1, on: s1 }', '{ dpid: 1, on: "" }'), [
    'tenants.red.vswitches.v1: has no "on"; it is needed',
  ]);
});

t.test('a host without its port is one problem, not two', async (t) => {
  t.strictSame(found('port: v1:1, at', 'at'), [
    'tenants.red.hosts.h1: has no "port"; it is needed',
  ]);
});

t.test('all problems of a file come at once', async (t) => {
  const bad = good
    .replace('dpid: 1 }', 'dpid: no }')
    .replace('on: s1', 'off: s1')
    .replace('v1:1', 'v1:x');
  t.strictSame(
    problemsOf(`nonsense: 1\n${bad}`).map(({ path }) => path),
    [
      '(top)',
      'datapaths.s1.dpid',
      'tenants.red.vswitches.v1',
      'tenants.red.vswitches.v1',
      'tenants.red.hosts.h1.port',
    ],
  );
});
