/**
 * Ways: which frames take them, whose entries they are, and what becomes of the tags of stores that
 * knew no labels.
 */
import t from 'tap';
import { ownWays, wayTexts } from '../../hypervisor/operator/physical-ways.ts';
import { fieldOf, oxmNumber } from '../../openflow/match/match.ts';
import { printInstructions } from '../../openflow/print/print.ts';
import type { WayNumber } from '../../slices/ids.ts';
import { FreedNumbers } from '../../slices/network/freed-numbers.ts';
import {
  compile,
  isInfeasible,
  nothingRemembered,
  type Snapshot,
} from '../../slices/network/snapshot.ts';
import { carriageOf, wiresOf } from '../../slices/network/wires.ts';
import { wiringOf } from '../../translation/datapath/wiring.ts';
import { tables } from '../../translation/entries/pipeline.ts';
import { configOf, datapath, snapshotOf, vswitchOf } from '../slices/networks.ts';

const network = (encoding: string): string => `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2${encoding} }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: ['s1:9 - s2:9', 's2:8 - s3:8', 's1:7 - s4:7']
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 }, v3: { dpid: 3, on: s3 }, v4: { dpid: 4, on: s4 } }
    links: ['v1:2 - v3:2', 'v1:4 - v4:4']
    hosts:
      h1: { port: 'v1:1', at: 's1:1' }
      h3: { port: 'v3:1', at: 's3:1' }
      h4: { port: 'v4:1', at: 's4:1' }
`;
const plain = snapshotOf(network(''));
const mixed = snapshotOf(network(', encoding: flat'));

function sent(snapshot: Snapshot, name: string) {
  const flows = [...wiringOf(snapshot, datapath(name)).flows.values()];
  return flows.filter((flow) => flow.tableId === tables.ways);
}

t.test('labels where every datapath has several tables, tags over a flat one', async (t) => {
  t.equal(plain.taggedWays.byKey.size, 0);
  t.equal(plain.labels.byKey.size, wiresOf(plain).length);
  t.equal(mixed.taggedWays.byKey.size, 2, 'v1 to v3, and back');
  t.equal(mixed.labels.byKey.size, 2, 'v1 to v4, and back');
  const way = mixed.routes.way(datapath('s1'), datapath('s3'))?.hops;
  t.equal(carriageOf(mixed, datapath('s1'), way), 'tag');
  t.equal(carriageOf(plain, datapath('s1'), way), 'label');
});

t.test('only what has no tag of its own goes where ours is a tag', async (t) => {
  const all = sent(mixed, 's1');
  const tagged = all.filter((flow) =>
    printInstructions(flow.instructions).includes('push_vlan:0x8100'),
  );
  t.equal(tagged.length, 1);
  for (const { match } of tagged) {
    const vid = fieldOf(match, 'vlan_vid');
    t.equal(vid && oxmNumber(vid), 0n, 'others meet no entry, and are dropped');
    t.equal(vid?.mask, undefined);
  }
  const labelled = all.filter((flow) => !tagged.includes(flow));
  t.ok(labelled.every((flow) => fieldOf(flow.match, 'vlan_vid') === undefined));
});

t.test('a store of before, whose ways all had tags, starts: they get labels', async (t) => {
  const keys = wiresOf(plain).map(({ key }) => key);
  const byKey = new Map(keys.map((key, i) => [key, (i + 1) as WayNumber]));
  const taggedWays = { byKey, last: keys.length, freed: FreedNumbers.from<WayNumber>([]) };
  const again = compile(configOf(network('')), {
    ...nothingRemembered,
    taggedWays,
    hopTags: undefined,
  });
  if (isInfeasible(again)) throw new Error(again.why);
  t.equal(again.taggedWays.byKey.size, 0);
  t.same([...again.taggedWays.freed], [...byKey.values()], 'given up, and used last');
  t.equal(again.hopTags.size, 0);
  t.same([...again.labels.byKey.keys()].sort(), keys.sort());
});

t.test('a vswitch’s entries: the ways that end or begin at its ports', async (t) => {
  const codes = (name: string, on: string) => {
    const own = ownWays(plain, vswitchOf(plain, name));
    const there = own.filter(({ places }) => places.includes(datapath(on)));
    return [...new Set(there.map(({ code }) => code))].sort();
  };
  const label = (key: string) => {
    const found = [...plain.labels.byKey].find(([one]) => one === key)?.[1];
    return found as number;
  };
  const [there, back] = ['s1:9>s2:9 s2:8>s3:8', 's3:8>s2:8 s2:9>s1:9'];
  const [v1, v3] = [vswitchOf(plain, 'red/v1').id, vswitchOf(plain, 'red/v3').id];
  const ends = [label(`enter/${v1}/2/s1@${back}`), label(`enter/${v3}/2/s3@${there}`)];
  t.notOk(ends.includes(undefined as never), 'both have labels');
  t.same(codes('red/v3', 's3'), ends.sort());
  t.same(codes('red/v3', 's2'), ends.sort(), 'and those that pass');
  t.same(codes('red/v1', 's3'), ends.sort());
  t.equal(codes('red/v1', 's1').length, 4, 'and those to and from red/v4');
  const texts = wayTexts(ownWays(plain, vswitchOf(plain, 'red/v3')));
  const passing = [...(texts.get('s2')?.values() ?? [])];
  t.ok(passing.length === 2 && passing.every((one) => / of red\/v[13] passes$/.test(one)));
  const ending = [...(texts.get('s3')?.values() ?? [])].sort();
  t.match(ending, [/ of red\/v1 begins here$/, / of red\/v3 ends here$/]);
});
