/**
 * Networks of both kinds of datapaths: what certainly sends a frame with a tag of its own by a way
 * that knows one is refused, when it is asked for and when a way becomes such a one.
 */
import t from 'tap';
import { matchOf, normalMatch, oxm } from '../../openflow/match/match.ts';
import type { Action } from '../../openflow/values/values.ts';
import { nothingRemembered } from '../../slices/network/snapshot.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import { PipelineBody } from '../../translation/datapath/pipeline-body.ts';
import { refuseTaggedPacket, tagWays } from '../../translation/datapath/tag-ways.ts';
import { planMigration } from '../../translation/migration/plan.ts';
import { datapath, exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { applying, change, flowMod, output, outputs, ruleOf } from '../slices/rules.ts';

/** All have tables but s4, which has one; no way but those to it leads through it. */
const encodings = new Map([[datapath('s4'), 'flat of 1.0' as const]]);
const at = (home: string) =>
  snapshotOf(
    exampleText().replace('v3: { dpid: 0000000000000003, on: s3 }', `v3: { dpid: 3, on: ${home} }`),
    { ...nothingRemembered, encodings },
  );
const beside = at('s4');
const v1 = vswitchOf(beside, 'red/v1');
const five = matchOf(oxm('vlan_vid', 0x1005));
const any = matchOf(oxm('vlan_vid', 0x1000, 0x1000));
const push: Action = { type: 'pushVlan', ethertype: 0x8100 };
const pop: Action = { type: 'popVlan' };
const flood = output(0xfffffffb);

/** v1 lives on s1; its vport 1 has a host there, vport 2 a link to v3. */
const refused = (parts: Parameters<typeof ruleOf>[0], snapshot = beside): string => {
  const body = new PipelineBody(v1, { datapath: datapath('s1'), isLive: () => true });
  const rule = ruleOf(parts);
  const why = body.refuse({ type: 'add', rule, replaced: undefined, resets: true }, snapshot);
  return why === undefined ? 'fits' : `${why.errorType} ${why.errorCode}`;
};

t.test('which vports lead to a flat datapath', async (t) => {
  const ways = (snapshot: typeof beside) => [...tagWays(snapshot, v1, datapath('s1'))];
  t.strictSame(ways(beside), [2]);
  t.strictSame(ways(at('s3')), []);
});

t.test('what certainly has a tag does not go there', async (t) => {
  const lost = '2 11';
  const cases: readonly (readonly [Parameters<typeof ruleOf>[0], string])[] = [
    [{ match: five, instructions: outputs(2) }, lost],
    [{ match: any, instructions: outputs(1, 2) }, lost],
    [{ match: any, instructions: applying(flood) }, lost],
    [{ match: any, instructions: outputs(1) }, 'fits'],
    [{ match: any, instructions: applying(pop, output(2)) }, 'fits'],
    [{ match: any, instructions: applying(output(2), pop, output(2)) }, lost],
    [{ instructions: outputs(2) }, 'fits'],
    [{ instructions: applying(push, output(2)) }, lost],
    [{ instructions: applying(push, pop, output(2)) }, 'fits'],
    [{ match: normalMatch([oxm('in_port', 2)]), instructions: applying(push, flood) }, 'fits'],
    [{ match: normalMatch([...five, oxm('eth_type', 0x8100)]), instructions: outputs(2) }, lost],
    [
      {
        match: normalMatch([...five, oxm('eth_type', 0x88a8)]),
        instructions: applying(pop, output(2)),
      },
      lost,
    ],
    [{ instructions: [{ type: 'writeActions', actions: [push, output(2)] }] }, lost],
    [{ match: five, instructions: [{ type: 'writeActions', actions: [output(2)] }] }, lost],
    [{ match: five, instructions: [{ type: 'writeActions', actions: [pop, output(2)] }] }, 'fits'],
    [
      {
        match: five,
        instructions: [
          { type: 'writeActions', actions: [output(2)] },
          { type: 'gotoTable', table: 1 },
        ],
      },
      'fits',
    ],
  ];
  for (const [parts, what] of cases) {
    t.equal(refused(parts), what, JSON.stringify(parts));
    t.equal(refused(parts, at('s3')), 'fits', 'where nothing flat is on the way');
  }
});

t.test('a packet-out with a tag does not go there, whatever it is to do besides', async (t) => {
  const ways = tagWays(beside, v1, datapath('s1'));
  const said = (actions: readonly Action[], ...types: readonly number[]) => {
    const data = new Uint8Array(64);
    for (const [i, type] of types.entries()) data.set([type >> 8, type & 0xff], 12 + 4 * i);
    return refuseTaggedPacket(ways, v1, 0xfffffffd, actions, data) === undefined ? 'fits' : 'lost';
  };
  t.equal(said([output(2)]), 'fits');
  t.equal(said([output(2)], 0x8100), 'lost');
  t.equal(said([pop, output(2)], 0x8100), 'fits');
  t.equal(said([pop, output(1), output(2)], 0x88a8, 0x8100), 'lost');
  t.equal(said([push, output(1)], 0x8100), 'fits');
});

t.test('a neighbour does not move where a rule of this one could not reach it', async (t) => {
  const snapshot = at('s3');
  const book = new Rulebook();
  change(book, flowMod({ priority: 7, match: five, instructions: outputs(2) }));
  const books = {
    rulebook: book,
    groups: { table: { groups: () => [] } },
    meters: { table: { meters: () => [] } },
  } as never;
  const plan = (to: string) =>
    planMigration(snapshot, 'red/v3', to, 'lime', {
      tables: undefined,
      tablesOf: (name) => (name === 'red/v1' ? books : undefined),
      isReady: () => true,
      isUp: () => true,
      underWay: undefined,
    });
  t.match(plan('s4'), {
    problems: [/^red\/v1 has the rule table=0,priority=7,.*dl_vlan=5, which sends tagged frames/],
  });
  t.match(plan('s2'), { type: 'plan' });
});
