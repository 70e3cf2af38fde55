/**
 * Numbers of vswitches that left: free again when nobody can hold entries of them, used last, and a
 * full space said clearly. And what a person decides without a Limevisor that runs.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { checkStart, checkWith } from '../../hypervisor/operator/check.ts';
import { offline } from '../../hypervisor/operator/offline.ts';
import { openStore } from '../../hypervisor/store/store.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import type { VswitchId, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { idsFor } from '../../slices/network/vswitch-ids.ts';
import { cookieOf } from '../../translation/entries/pipeline.ts';
import { configOf } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { vswitchIn } from './edited.ts';
import { FakeNetwork } from './fake-switches.ts';
import { shortDir } from './running.ts';

const tenant = (name: string, port: number, at: number) => `
  ${name}:
    controllers: [tcp:127.0.0.1:${port}]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:${at} } }`;
const file = (...tenants: readonly string[]) => `
datapaths: { s1: { dpid: 1, ack: barrier }, s2: { dpid: 2, ack: barrier } }
links: [s1:11 - s2:11]
tenants:${tenants.join('')}
`;
const [red, blue, green] = [
  tenant('red', 7001, 1),
  tenant('blue', 7002, 2),
  tenant('green', 7003, 3),
];

function started(text: string, store: Store, ...connected: readonly string[]): FakeNetwork {
  const net = new FakeNetwork(text, store);
  for (const name of connected) net.connect(name);
  net.run(300);
  return net;
}

const idOf = (net: FakeNetwork, name: string): number | undefined =>
  vswitchIn(net, name)?.vswitch.id;

t.test('what is said of one that left before a start is no news', async (t) => {
  const store = memoryStore();
  const before = started(file(red, blue), store, 's1', 's2');
  const red1 = idOf(before, 'red/v1') ?? 0;
  const { alarms } = before.hypervisor;
  before.hypervisor.stop('end of the test');
  const net = started(file(blue), store, 's1');
  const what = { cookie: cookieOf('egress', red1, 1), priority: 1, tableId: 250, match: [] };
  const times = { durationSec: 0, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 };
  const counts = { reason: 2, packetCount: 7n, byteCount: 700n };
  const removed = { type: 'flowRemoved', xid: 0, ...what, ...times, ...counts } as const;
  net.switch('s1').peer.says(removed);
  net.run();
  t.strictSame([...alarms, ...net.hypervisor.alarms], []);
  net.switch('s1').peer.says({ ...removed, cookie: cookieOf('egress', 999, 1) });
  net.run();
  t.strictSame([...net.hypervisor.alarms.keys()], ['flow-removed of an unknown rule from s1']);
});

t.test('a number is nobody else’s while a datapath may hold entries of it', async (t) => {
  const store = memoryStore();
  started(file(red, blue), store, 's1', 's2');
  const away = started(file(blue), store, 's1');
  t.strictSame(
    away.hypervisor.departures.all().map((one) => one.vswitch),
    ['red/v1'],
  );
  const green3 = started(file(blue, green), store, 's1');
  t.equal(idOf(green3, 'green/v1'), 3, 's2 has not been there: red’s 1 is kept');
  green3.connect('s2');
  green3.run(300);
  t.strictSame(green3.hypervisor.departures.all(), [], 'now nobody holds anything of red');
  const again = started(file(blue, green, red), store, 's1', 's2');
  t.equal(idOf(again, 'red/v1'), 4, 'numbers that were never given out come first');
});

t.test('free numbers come last, the longest free first; a full space is said', async (t) => {
  const names = (count: number, what: string) =>
    Array.from({ length: count }, (_, i) => `${what}${i}/v` as VswitchName);
  const all = names(limits.vswitchesMax, 'old');
  const ids = new Map(all.map((name, i) => [name, (i + 1) as VswitchId]));
  const kept = new Map([...ids].slice(2));
  const freedIds = [2, 1] as VswitchId[];
  const found = idsFor(names(2, 'new'), { ids: kept, freedIds });
  t.strictSame([...('why' in found ? [] : found.values())], [2, 1]);
  const full = idsFor(names(3, 'new'), { ids: kept, freedIds });
  t.match(full, { why: /no number below is left for new2\/v.*limevisor purge --left/ });
  const wild = new Map([['a/v' as VswitchName, 0xff00 as VswitchId]]);
  const renamed = idsFor(['a/v' as VswitchName], { ids: wild, freedIds: [] });
  t.strictSame([...('why' in renamed ? [] : renamed.values())], [1], 'none among tenants’ groups');
});

t.test('a store on the disk: checked without a change, purged and restored', async (t) => {
  const dir = shortDir(t);
  const path = join(dir, 'limevisor.db');
  const config = (text: string) => ({ ...configOf(text), store: path });
  t.match(checkStart(config(file(red)), join(dir, 'none/limevisor.db')).problem, /no folder/);
  t.strictSame(checkStart(config(file(red)), path), { remedies: [] });
  t.match(checkWith(config(file(red)), path).problem, /does not exist/, 'one that was named');
  t.notOk(existsSync(path), 'nothing is made');
  const made = memoryStore();
  const one = FakeNetwork.started(file(red, blue), made);
  one.controller(7001).says(flowMod({ instructions: outputs(1) as never }));
  one.run(300);
  const store = openStore(path, () => 0.5);
  for (const commit of made.load()) await new Promise<void>((done) => store.append(commit, done));
  const next = config(file(blue));
  t.match(checkStart(next, path).remedies, [{ type: 'left', object: 'red/v1' }], 'while it runs');
  t.match(offline(next, 'purge', { vswitch: 'red' }), { whyNot: /another limevisor uses it/ });
  store.close();
  const before = readFileSync(path);
  checkStart(next, path);
  t.ok(before.equals(readFileSync(path)), 'check writes nothing');
  t.match(offline(next, 'purge', { vswitch: 'blue/v1' }), { whyNot: /has not left the file/ });
  t.match(offline(next, 'restore', { vswitch: 'blue/v1' }), { whyNot: /no kept rules/ });
  const purged = offline(next, 'purge', { vswitch: 'red' });
  t.match(purged, { done: [/red\/v1: 1 rule deleted/] });
  t.ok(statSync(path).size > 0);
  const back = checkStart(config(file(blue, tenant('red', 7999, 1))), path);
  t.strictSame(back.remedies, [], 'another red is nobody’s heir');
});
