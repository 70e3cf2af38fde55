/**
 * What vswitches and hosts exchange, and what follows from it: who moves next, how, what crosses
 * meanwhile, and how long it will take.
 */
import t from 'tap';
import type { Port } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { beginEnsemble } from '../../translation/migration/ensemble.ts';
import type { Member } from '../../translation/migration/ensemble-members.ts';
import { regrouped } from '../../translation/migration/ensemble-order.ts';
import { strategyOf } from '../../translation/migration/ensemble-plan.ts';
import { estimateOf } from '../../translation/migration/estimate.ts';
import { beginHostMove } from '../../translation/migration/host-move.ts';
import { begin, type Migration } from '../../translation/migration/migration.ts';
import { costOfOrder, greedy, groupsOf, improved } from '../../translation/migration/move-order.ts';
import {
  countingPorts,
  crossingNow,
  isThereIn,
  type Sample,
  trafficBetween,
} from '../../translation/migration/traffic.ts';
import { Random } from '../openflow/random.ts';
import { datapath, snapshotOf, vswitchName } from '../slices/networks.ts';

const network = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: [s1:9 - s2:9]
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 }, v2: { dpid: 2, on: s1 }, v3: { dpid: 3, on: s2 } }
    hosts:
      h1: { port: v1:1, at: s1:1 }
      h2: { port: v1:2, at: s1:2 }
      h3: { port: v2:1, at: s1:3 }
    links: [v1:9 - v2:9, v2:8 - v3:8]
`;
const snapshot = snapshotOf(network);
const [v1, v2] = ['red/v1', 'red/v2'].map(vswitchName) as [never, never];
const [s1, s2] = [datapath('s1'), datapath('s2')];

t.test('each vport of a host counts, and of each virtual link one end', async (t) => {
  const all = countingPorts(snapshot, [v1, v2]).map(({ vswitch, vport, ends }) => {
    return `${vswitch}:${vport} ${ends.join(' - ')}`;
  });
  t.strictSame(all, [
    'red/v1:1 red/h1 - red/v1',
    'red/v1:2 red/h2 - red/v1',
    'red/v1:9 red/v1 - red/v2',
    'red/v2:1 red/h3 - red/v2',
    'red/v2:8 red/v2 - red/v3',
  ]);
  t.strictSame(
    countingPorts(snapshot, [v2]).map(({ vport }) => vport),
    [1, 8, 9],
    'the only end that is looked at',
  );
});

const ends = ['red/h1', 'red/v1'] as const;
const sampleAt = (atMs: number, bytes: bigint): Sample => {
  return { atMs, counts: new Map([['red/v1:1', { ends, bytes }]]) };
};

t.test('two readings make rates; one that began anew says nothing', async (t) => {
  t.strictSame(trafficBetween(sampleAt(0, 100n), sampleAt(500, 600n)), [{ ends, rate: 1_000 }]);
  t.strictSame(trafficBetween(sampleAt(0, 600n), sampleAt(500, 100n)), []);
  t.equal(trafficBetween(sampleAt(0, 1n), sampleAt(0, 1n)), undefined);
  t.strictSame(trafficBetween({ atMs: 0, counts: new Map() }, sampleAt(1_000, 5n)), []);
});

const traffic = [
  { ends: ['red/h1', 'red/v1'], rate: 100 },
  { ends: ['red/h2', 'red/v1'], rate: 900 },
  { ends: ['red/v1', 'red/v2'], rate: 50 },
  { ends: ['red/h3', 'red/v2'], rate: 0 },
] as const;

t.test('auto: freeze where nothing flows, and where it is not known, lime', async (t) => {
  const quiet = [{ ends: ['red/h3', 'red/v2'], rate: 0 }] as const;
  const of = (...args: Parameters<typeof strategyOf>) => {
    const { strategy, emptiesFirst = false, whyStrategy } = strategyOf(...args);
    return `${strategy}${emptiesFirst ? ', emptied' : ''}: ${whyStrategy ?? 'asked for'}`;
  };
  t.equal(of(v2, 'auto', quiet), 'freeze: nothing flows');
  t.equal(of(v2, 'auto', traffic), 'lime: 0.4 kbit/s flow', 'its link is used');
  t.equal(of(v2, 'auto', undefined), 'lime: what flows is not known');
  t.equal(of(v2, 'freeze', traffic), 'freeze: asked for');
  const full = new Map([[v2, 's2 is full']]);
  for (const asked of ['auto', 'freeze'] as const) {
    t.equal(of(v2, asked, traffic, full), 'freeze, emptied: s2 is full');
  }
});

function hostMember(host: string, port: number, group: number): Member {
  const [from, to] = [s1, s2].map((device) => ({ device, port: port as Port }));
  if (from === undefined || to === undefined) throw new Error('two ends');
  const what = { host, vswitch: v1, vport: port, driver: 'exec', from, to } as const;
  return { group, move: { type: 'host', ...what } };
}

const members: readonly Member[] = [
  hostMember('red/h1', 1, 0),
  hostMember('red/h2', 2, 1),
  {
    group: 2,
    migration: 2,
    move: { type: 'vswitch', vswitch: v1, from: s1, to: s2, strategy: 'lime' },
  },
];
const parts = { members, plan: [], groupMax: 1 };
const whole = { ...beginEnsemble(1, 'red', parts, 0), state: { type: 'move', group: 1 } } as const;

t.test('what crosses is between those that are there and those that are not', async (t) => {
  const isThere = isThereIn(whole, snapshot);
  t.notOk(isThere('red/v1'));
  t.ok(isThere('red/v3'), 'it lives where the others go');
  const others = { ends: ['red/v1', 'red/v3'], rate: 7 } as const;
  t.equal(crossingNow([...traffic, others], isThere), 7);
});

t.test(
  'those that have not moved are ordered anew, and the others keep their groups',
  async (t) => {
    const isThere = (name: string): boolean => name === 'red/h1';
    const next = regrouped(whole, traffic, isThere);
    // When h1 has moved, it is cheaper that v1 follows than that the busy h2 is apart from it.
    const order = next.members.map((one) => {
      return `${one.move.type === 'host' ? one.move.host : one.move.vswitch} ${one.group}`;
    });
    t.equal(order[0], 'red/h1 0');
    t.strictSame(
      order.slice(1).map((text) => text.split(' ')[1]),
      ['1', '2'],
    );
    t.equal(regrouped({ ...whole, state: { type: 'retire' } }, traffic, isThere).members, members);
    const { groupMax: _, ...asked } = whole;
    t.equal(regrouped(asked, traffic, isThere), asked, 'in the order that was asked for');
  },
);

t.test('vswitches and hosts are in groups of their own kind', async (t) => {
  const names = ['red/v1', 'red/v2', 'red/h1', 'red/h2', 'red/h3'];
  const kindOf = (name: string): string => name.slice(4, 5);
  for (const known of [undefined, traffic]) {
    const { groups } = groupsOf(names, known, 8, { kindOf });
    t.strictSame(groups.flat().toSorted(), names.toSorted(), 'each once');
    for (const group of groups) t.equal(new Set(group.map(kindOf)).size, 1, group.join());
  }
  const { groups, peak } = groupsOf(names, traffic, 1, { kindOf });
  const place = (name: string): number => groups.flat().indexOf(name);
  t.ok(Math.abs(place('red/h2') - place('red/v1')) === 1, 'the busy host moves beside its vswitch');
  t.ok((peak ?? Number.NaN) <= 900, `${peak}`);
});

t.test('what is there already, and what stays, draws its own', async (t) => {
  const random = new Random(3);
  for (let i = 0; i < 30; i += 1) {
    const rates = [0, 1, 2, 3].map((a) => {
      return [0, 1, 2, 3].map((b) => (a === b ? 0 : (a + b) * 10));
    });
    const around = {
      moved: [0, 1, 2, 3].map(() => random.number(100)),
      stays: [0, 1, 2, 3].map(() => random.number(100)),
    };
    const order = improved(greedy(4, rates, around), rates, 1, around);
    const byName = costOfOrder([0, 1, 2, 3], rates, 1, around);
    t.ok(costOfOrder(order, rates, 1, around) <= byName);
  }
});

const phase = (name: Migration['phases'][number]['name'], startedMs: number, endedMs: number) => {
  return { name, startedMs, endedMs };
};

t.test('how long it will take: by those of before, or by what is typical', async (t) => {
  const groups = [[whole.members[2]?.move], [whole.members[0]?.move]].map((group) =>
    group.flatMap((one) => one ?? []),
  );
  const nothing = { migrations: [], hostMoves: [] };
  const typical = estimateOf(groups, () => 10, nothing);
  t.equal(typical.by, 0);
  t.ok(typical.ms > 500 && typical.ms < 3_000, `${typical.ms}`);
  const slow: Migration = {
    ...begin(1, v1, s1, s2, 'lime', 0),
    state: { type: 'done' },
    rules: 2_000,
    phases: [
      phase('tunnels', 0, 1_000),
      phase('clone', 1_000, 2_000),
      phase('drain', 2_000, 5_000),
    ],
  };
  const known = estimateOf(groups, () => 10, { ...nothing, migrations: [slow] });
  t.equal(known.by, 1);
  t.ok(known.ms > typical.ms + 3_000, 'as slow as the last one');
  const many = estimateOf(groups, () => 20_000, { ...nothing, migrations: [slow] });
  t.equal(many.ms - known.ms, 9_000, '2 rules a millisecond');
  const what = hostMember('red/h1', 1, 0).move;
  if (what.type !== 'host') throw new Error('a host');
  const moved = { ...beginHostMove(1, what, 0), state: { type: 'done' } as const };
  const ran = [{ name: 'run', startedMs: 0, endedMs: 60_000 } as const];
  const driven = estimateOf(groups, () => 10, {
    ...nothing,
    hostMoves: [{ ...moved, phases: ran }],
  });
  t.ok(driven.ms > 60_000, 'the driver took a minute');
  const byHand = estimateOf([[{ ...what, driver: 'manual' }]], () => 10, nothing);
  t.equal(byHand.byPerson, 1);
  t.ok(limits.trafficMeasureMs <= 2_000);
});
