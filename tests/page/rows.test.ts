/**
 * Rules, limits and traffic as the page shows them.
 */
import t from 'tap';
import { routeIn } from '../../hypervisor/page/address.ts';
import { changesBetween, hasWords, rowOf } from '../../hypervisor/page/rows.ts';
import { alignedOf } from '../../hypervisor/page/traffic.ts';
import { barsOf, type UseDocument } from '../../hypervisor/page/use.ts';

const rule = (packets: number, out: string): string =>
  `cookie=0x1, duration=${packets}s, table=2, n_packets=${packets}, n_bytes=0, ` +
  `priority=7,in_port=1 actions=output:${out}`;

t.test('a rule is told from what it has counted', async (t) => {
  t.strictSame(rowOf(rule(5, '2')), {
    text: rule(5, '2'),
    what: 'priority=7,in_port=1 actions=output:2',
    ...{ packets: '5', table: '2' },
  });
  t.equal(rowOf(' actions=FLOOD').what, 'actions=FLOOD');
  t.ok(hasWords(rule(5, '2'), 'OUTPUT:2 in_port'));
  t.notOk(hasWords(rule(5, '2'), 'output:2 udp'));
});

t.test('two moments differ by rules, and not by counters', async (t) => {
  const changes = changesBetween([rule(1, '2'), rule(1, '3')], [rule(9, '2'), rule(0, '4')]);
  t.strictSame(
    changes.map(({ sign, text }) => sign + text.slice(-8)),
    ['-output:3', ' output:2', '+output:4'],
  );
});

const used = (atMs: number, rules: number, messages: number): UseDocument => ({
  atMs,
  tenants: [
    {
      ...{ tenant: 'red', connections: 1, outboxBytes: 0 },
      tables: { rules: { used: rules, limit: 200 }, groups: { used: 3 } },
      messages: { toControllers: { packetIns: messages, replies: 0 }, fromControllers: {} },
      rates: { 'to-controllers': { perSec: 100 } },
    },
  ],
});

t.test('use is a part of a limit, rates are between two answers', async (t) => {
  const [before, now] = [used(1_000, 40, 0), used(3_000, 50, 100)];
  const [red] = now.tenants;
  t.ok(red);
  if (red === undefined) return;
  t.strictSame(
    barsOf(red, undefined, now).map(({ title }) => title),
    ['rules', 'groups'],
  );
  t.strictSame(barsOf(red, before, now), [
    { title: 'rules', used: 50, unit: '', limit: 200, part: 0.25 },
    { title: 'groups', used: 3, unit: '' },
    { title: 'to-controllers', used: 50, unit: '/s', limit: 100, part: 0.5 },
    { title: 'from-controllers', used: 0, unit: '/s' },
  ]);
});

t.test('traffic of hosts is added up tenant by tenant', async (t) => {
  const pair = (tenant: string, from: string, to: string, agoMs: number, mean: number) => ({
    ...{ tenant, from, to, points: [{ agoMs, mean }] },
  });
  const pairs = [
    pair('red', 'red/h1', 'red/v:1', 10_000, 125_000),
    pair('red', 'red/h2', 'red/v:2', 10_000, 125_000),
    pair('red', 'red/v:1', 'red/h1', 10_000, 999_999),
    pair('blue', 'blue/b', 'blue/v:1', 5_000, 1_250_000),
  ];
  t.strictSame(alignedOf({ pairs }, ['blue', 'red'], 100_000), [
    [90, 95],
    [null, 10],
    [2, null],
  ]);
});

t.test('an address that is no text is the first view', async (t) => {
  t.strictSame(routeIn('#/rules/red%2Fv1'), ['rules', 'red/v1']);
  t.strictSame(routeIn(''), ['']);
  t.strictSame(routeIn('#/rules/%E0%A4%A'), ['']);
});
