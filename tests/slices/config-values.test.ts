/**
 * What a good configuration means: defaults, acknowledgement levels, and whose controllers.
 */

import t from 'tap';
import { targetText } from '../../slices/config/target.ts';
import { configOf, datapath, problemsOf } from './networks.ts';

const head = 'datapaths: { s1: { dpid: 1 } }\n';
const tenants = 'tenants: { red: { vswitches: { v1: { dpid: 1, on: s1 } } } }\n';

t.test('what is left out', async (t) => {
  const config = configOf(head + tenants);
  t.strictSame(config.listen, [
    { host: '0.0.0.0', port: 6653 },
    { host: '0.0.0.0', port: 6633 },
  ]);
  t.equal(config.control, '/run/limevisor.sock');
  t.equal(config.store, 'limevisor.db');
  t.strictSame([config.links, config.hosts, config.vlinks], [[], [], []]);
});

t.test('the control socket is beside the file, unless its path is absolute', async (t) => {
  const control = (path: string) => configOf(`control: ${path}\n${head}${tenants}`).control;
  t.equal(control('red.sock'), './red.sock');
  t.equal(control('/tmp/red.sock'), '/tmp/red.sock');
});

t.test('when the store is synced', async (t) => {
  const stored = (text: string) => {
    const { store, storeSync } = configOf(`store: ${text}\n${head}${tenants}`);
    return [store, storeSync];
  };
  t.strictSame(stored('a.db'), ['a.db', 'always']);
  t.strictSame(stored('{ path: a.db }'), ['a.db', 'always']);
  t.strictSame(stored('{ sync: background }'), ['limevisor.db', 'background']);
  t.strictSame(stored('{ path: a.db, sync: always }'), ['a.db', 'always']);
  const found = (text: string) => problemsOf(`store: ${text}\n${head}${tenants}`);
  t.strictSame(found('{ sync: never }'), [
    { path: 'store.sync', why: '"never" is not when; write always or background' },
  ]);
  t.strictSame(
    found('{ file: a.db }').map(({ path, why }) => [path, why]),
    [['store', 'has the unknown key "file"; known: path, sync']],
  );
});

t.test('a certificate that nobody could show is a problem', async (t) => {
  const file = `datapaths: { s1: { dpid: 1, certificate: s1 } }\n${tenants}`;
  const why = 'requires a certificate, but "listen" has no pssl:PORT; add one';
  t.strictSame(problemsOf(file), [{ path: 'datapaths.s1', why }]);
  t.strictSame(
    problemsOf(`listen: ['pssl:6653']\n${file}`).map(({ path }) => path),
    ['listen[0]'],
  );
});

t.test('acknowledgement levels', async (t) => {
  const ack = (text: string) =>
    configOf(`datapaths: { s1: { dpid: 1, ack: ${text} } }\n${tenants}`).datapaths[0]?.ack;
  t.strictSame(ack('barrier'), { type: 'barrier' });
  t.strictSame(ack('settle 60ms'), { type: 'settle', settleMs: 60 });
  t.strictSame(ack('settle 5 ms'), { type: 'settle', settleMs: 5 });
  t.strictSame(ack('proof /run/ovs/x.ctl'), { type: 'proof', unixctl: '/run/ovs/x.ctl' });
  for (const type of ['automatic', 'barrier', 'canary']) t.strictSame(ack(type), { type });
  t.strictSame(configOf(head + tenants).datapaths[0]?.ack, { type: 'automatic' });
});

t.test('a settle time in another unit is told apart; so is a dpid of zeros', async (t) => {
  const told = (datapath: string) =>
    problemsOf(`datapaths: { s1: { ${datapath} } }\n${tenants}`).map(({ why }) => why);
  t.strictSame(told('dpid: 1, ack: settle 60s'), [
    '"settle 60s" is not a settle time; use ms: settle 60ms (at most 60000ms)',
  ]);
  const zeros = ['0', '0x0', '0000000000000000'];
  for (const dpid of zeros) {
    t.strictSame(told(`dpid: ${dpid}`), [`"${dpid}" is not usable as a dpid; write 1 or more`]);
  }
});

t.test('a settle time that no timer can wait for is refused', async (t) => {
  // Node's timers take 2^31 - 1 ms; what is longer fires at once, and nothing would have settled.
  const yaml = `datapaths: { s1: { dpid: 1, ack: settle 2147483648ms } }\n${tenants}`;
  t.strictSame(
    problemsOf(yaml).map(({ path }) => path),
    ['datapaths.s1.ack'],
  );
});

t.test("a vswitch's own controllers are instead of the tenant's", async (t) => {
  const config = configOf(`${head}
tenants:
  red:
    controllers: [192.0.2.1, 192.0.2.2]
    vswitches:
      v1: { dpid: 1, on: s1 }
      v2: { dpid: 2, on: s1, controllers: ['192.0.2.3:6661'] }
      v3: { dpid: 3, on: s1, controllers: [] }
`);
  t.strictSame(
    config.vswitches.map(({ name, controllers }) => [name, controllers.map(targetText)]),
    [
      ['red/v1', ['tcp:192.0.2.1:6653', 'tcp:192.0.2.2:6653']],
      ['red/v2', ['tcp:192.0.2.3:6661']],
      ['red/v3', []],
    ],
  );
});

t.test('a scalar is a list of one wherever a list is meant', async (t) => {
  const lists = configOf(`
listen: ptcp:6653
drivers: { exec: /bin/move }
zones: { z: s1 }
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3, encoding: flat } }
links: s1:9 - s2:9
tenants:
  red:
    controllers: tcp:192.0.2.1
    openflow: 1.3
    vswitches:
      v1: { dpid: 1, on: s1, listen: ptcp:6701 }
      v2: { dpid: 2, on: s2, controllers: tcp:192.0.2.2 }
    hosts: { h1: { port: v1:1, at: s3:70000 } }
    links: v1:2 - v2:2
`);
  t.strictSame(lists.listen.map(targetText), ['tcp:0.0.0.0:6653']);
  t.strictSame(lists.drivers.exec, ['/bin/move']);
  t.strictSame(lists.zones.get('z'), ['s1']);
  t.equal(lists.links.length + lists.vlinks.length, 2);
  const [v1, v2] = lists.vswitches;
  t.strictSame(v1?.listen.map(targetText), ['tcp:0.0.0.0:6701']);
  t.strictSame(v1?.controllers.map(targetText), ['tcp:192.0.2.1:6653']);
  t.strictSame(v2?.controllers.map(targetText), ['tcp:192.0.2.2:6653']);
  t.equal(lists.hosts[0]?.at.port, 70_000, 'a flat datapath of OpenFlow 1.3 may have such ports');
});

t.test('dpids are read in every notation', async (t) => {
  const notations = ['0000000000000010', '00:00:00:00:00:00:00:10', '0x10', 'of:0000000000000010'];
  for (const notation of [...notations, '16']) {
    const config = configOf(`datapaths: { s1: { dpid: '${notation}' } }\n${tenants}`);
    t.strictSame(config.datapaths[0]?.dpid, 16n, notation);
    t.equal(config.datapaths[0]?.name, datapath('s1'));
  }
});
