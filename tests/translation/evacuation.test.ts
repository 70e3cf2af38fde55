/**
 * Who leaves first, who is frozen, and who is said at once not to be away in time.
 */
import t from 'tap';
import { limits } from '../../slices/limits.ts';
import { atOnce } from '../../slices/steps.ts';
import { awayMs } from '../../translation/migration/estimate.ts';
import {
  type Leaving,
  lateIn,
  leavingFrom,
  stepsInTime,
} from '../../translation/migration/evacuation.ts';
import type { Strategy } from '../../translation/migration/migration.ts';
import { datapath, snapshotOf, vswitchName } from '../slices/networks.ts';

function leaving(name: string, importance: number, limeMs: number, freezeMs = limeMs / 2): Leaving {
  const rest = { rules: 0, to: datapath('s2'), limeMs, freezeMs };
  return { vswitch: vswitchName(name), importance, ...rest };
}

const shown = (all: readonly Leaving[], withinMs: number, lanes: number) =>
  stepsInTime(all, withinMs, lanes).map(({ vswitch, strategy, startMs, endMs, isInTime }) => {
    return `${vswitch} ${strategy} ${startMs}-${endMs}${isInTime ? '' : ' late'}`;
  });

t.test('the most important first, then those that are quick', async (t) => {
  const all = [leaving('a/v', 0, 500), leaving('b/v', 9, 900), leaving('a/w', 0, 100)];
  t.strictSame(shown(all, 10_000, 1), [
    'b/v lime 0-900',
    'a/w lime 900-1000',
    'a/v lime 1000-1500',
  ]);
  t.strictSame(shown(all, 10_000, 2), ['b/v lime 0-900', 'a/w lime 0-100', 'a/v lime 100-600']);
});

t.test('what cloning would not have away is frozen; what is late goes last', async (t) => {
  const all = [
    leaving('a/v', 9, 5_000, 4_000),
    leaving('b/v', 8, 900),
    leaving('c/v', 7, 900, 300),
    leaving('d/v', 6, 900, 800),
    leaving('e/v', 5, 50),
  ];
  t.strictSame(shown(all, 1_300, 1), [
    'b/v lime 0-900',
    'c/v freeze 900-1200',
    'e/v lime 1200-1250',
    'a/v freeze 1250-5250 late',
    'd/v lime 5250-6150 late',
  ]);
  const steps = stepsInTime(all, 1_300, 1);
  const stuck = [{ vswitch: vswitchName('f/v'), importance: 7, why: 'no place' }];
  const rest = {
    type: 'evacuationPlan',
    what: 's1',
    datapaths: [],
    members: [],
    byHand: [],
  } as const;
  const late = lateIn({ ...rest, withinMs: 1_300, steps, stuck });
  t.strictSame(
    late.map(({ vswitch, why }) => `${vswitch}: ${why}`),
    ['a/v: it would be away after 5.3 s', 'f/v: no place', 'd/v: it would be away after 6.2 s'],
  );
});

t.test(
  'a datapath that answers slowly takes as much longer, and freezing gains little',
  async (t) => {
    const remembered = { migrations: [] };
    const away = (strategy: Strategy, answerMs: number, isByCanary = true): number =>
      awayMs(strategy, 10, { ...remembered, answerMs, isByCanary });
    t.equal(away('lime', 0), awayMs('lime', 10, remembered));
    t.ok(away('lime', 500) > 60_000, 'each flip of a canary takes an answer');
    t.ok(away('lime', 500, false) < 20_000);
    const [limeMs, freezeMs] = [away('lime', 500), away('freeze', 500)];
    t.strictSame(shown([leaving('a/v', 0, limeMs, freezeMs)], 30_000, 1), [
      `a/v lime 0-${limeMs} late`,
    ]);
  },
);

/** Room for two on s2, and for none elsewhere. */
const file = (importance: string) => `
datapaths:
  s1: { dpid: 1 }
  s2: { dpid: 2, capacity: { rules: 20 } }
links: [s1:3 - s2:3]
tenants:
  red: { ${importance} vswitches: { v1: { dpid: 1, on: s1, reserve: { rules: 9 } } } }
  blue: { importance: 2, vswitches: { v1: { dpid: 1, on: s1, reserve: { rules: 9 } } } }
  green: { importance: 1, vswitches: { v1: { dpid: 1, on: s1, reserve: { rules: 9 } } } }
  huge: { importance: 9, vswitches: { v1: { dpid: 1, on: s1, reserve: { rules: 90 } } } }
`;

t.test('where room is short those have a place that are worth most', async (t) => {
  const now = {
    isReady: () => true,
    hasPort: () => false,
    remembered: { migrations: [] },
    rulesOf: () => 5,
    memberTo: () => undefined,
  };
  const from = (text: string) => {
    const snapshot = snapshotOf(text);
    return atOnce(leavingFrom(snapshot, [datapath('s1')], [], now));
  };
  const poor = from(file(''));
  t.strictSame(poor.all.map(({ vswitch, to }) => `${vswitch} ${to}`).toSorted(), [
    'blue/v1 s2',
    'green/v1 s2',
  ]);
  t.strictSame(
    poor.stuck.map(({ vswitch }) => vswitch),
    ['huge/v1', 'red/v1'],
  );
  t.match(poor.stuck[0]?.why, /90 rules/);
  const rich = from(file('importance: 3,'));
  t.strictSame(rich.all.map(({ vswitch }) => vswitch).toSorted(), ['blue/v1', 'red/v1']);
  t.ok(rich.all.every(({ freezeMs, limeMs }) => freezeMs < limeMs));
  t.ok(limits.movesAtOnce > 1);
});
