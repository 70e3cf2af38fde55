/**
 * VLAN tags belong to a link's direction: how many ways fit, what is said when one more does not,
 * and what a store of before becomes, which had one tag for the whole of a way.
 */

import t from 'tap';
import type { Tag, WayNumber } from '../../slices/ids.ts';
import { FreedNumbers } from '../../slices/network/freed-numbers.ts';
import { arrivalOf, tagAt } from '../../slices/network/hop-tags.ts';
import {
  compile,
  isInfeasible,
  nothingRemembered,
  placedOn,
  type Snapshot,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import { wiresOf } from '../../slices/network/wires.ts';
import { wiringOf } from '../../translation/datapath/wiring.ts';
import { Random } from '../openflow/random.ts';
import { configOf, datapath, snapshotOf, vswitchOf } from './networks.ts';

/** Switches in a row, all flat, and tenants with so many cables between two vswitches each. */
function row(
  datapaths: number,
  tenants: readonly { readonly on: readonly [number, number]; readonly cables: number }[],
): string {
  const all = Array.from({ length: datapaths }, (_, i) => i);
  const datapathOf = (i: number) => `  s${i}: { dpid: ${i + 1}, encoding: flat }`;
  const linkOf = (i: number) => `  - s${i}:1 - s${i + 1}:2`;
  const tenantOf = (i: number) => {
    const { on, cables } = tenants[i] ?? { on: [0, 0], cables: 0 };
    const links = Array.from({ length: cables }, (_, k) => `      - v0:${k + 1} - v1:${k + 1}`);
    return [
      `  t${i}:`,
      '    vswitches:',
      ...on.map((where, k) => `      v${k}: { dpid: ${k + 1}, on: s${where} }`),
      ...['    links:', ...links],
    ].join('\n');
  };
  const datapathLines = all.map(datapathOf);
  const links = all.slice(1).map((i) => linkOf(i - 1));
  const blocks = tenants.map((_, i) => tenantOf(i));
  return ['datapaths:', ...datapathLines, 'links:', ...links, 'tenants:', ...blocks].join('\n');
}

/** As a square whose edges are joined: every datapath has four neighbours. */
function torus(side: number, virtualLinks: number): string {
  const random = new Random(1);
  const name = (x: number, y: number) => `s${(x % side) * side + (y % side)}`;
  const at = Array.from(
    { length: side * side },
    (_, i) => [Math.floor(i / side), i % side] as const,
  );
  const links = at.flatMap(([x, y]) => [
    `  - ${name(x, y)}:1 - ${name(x + 1, y)}:2`,
    `  - ${name(x, y)}:3 - ${name(x, y + 1)}:4`,
  ]);
  const tenants = Array.from({ length: virtualLinks / 100 }, (_, i) => {
    const [one, other] = [random.pick(at), random.pick(at)].map(([x, y]) => name(x, y));
    const cables = Array.from({ length: 100 }, (_, k) => `v:${k + 1} - w:${k + 1}`);
    return [
      `  t${i}:`,
      `    vswitches: { v: { dpid: 1, on: ${one} }, w: { dpid: 2, on: ${other} } }`,
      `    links: [${cables.join(', ')}]`,
    ].join('\n');
  });
  const names = at.map(([x, y], i) => `  ${name(x, y)}: { dpid: ${i + 1}, encoding: flat }`);
  return ['datapaths:', ...names, 'links:', ...links, 'tenants:', ...tenants].join('\n');
}

/** Every tagged way's tag on each of its hops, and whether one is there twice. */
function tagsIn(snapshot: Snapshot) {
  const ways = new Map<string, string>();
  let highest = 0;
  for (const { key, hops = [], carriage } of wiresOf(snapshot)) {
    for (const hop of carriage === 'tag' ? hops : []) {
      const tag = tagAt(snapshot, key, hop);
      const name = `${arrivalOf(hop)} ${tag}`;
      if (tag === undefined || (ways.get(name) ?? key) !== key) throw new Error(`${key}: ${name}`);
      ways.set(name, key);
      highest = Math.max(highest, tag);
    }
  }
  return { count: ways.size, highest };
}

/** 20,000 in tests/soak/hop-tags.soak.ts; the network's tags were enough for 2,047. */
const VIRTUAL_LINKS = Number(process.env['VIRTUAL_LINKS'] ?? 5_000);

t.test(`${VIRTUAL_LINKS} virtual links over 100 flat datapaths`, async (t) => {
  const config = configOf(torus(10, VIRTUAL_LINKS));
  const snapshot = compile(config, nothingRemembered);
  if (isInfeasible(snapshot)) throw new Error(snapshot.why);
  const { count, highest } = tagsIn(snapshot);
  t.equal(snapshot.taggedWays.byKey.size, 2 * VIRTUAL_LINKS, 'in both directions');
  t.ok(count > 5 * VIRTUAL_LINKS, `${count} tags on hops`);
  t.ok(highest <= 4_094, `${highest} on one`);
  t.comment(`${count} tags on hops, ${highest} on one`);
});

t.test('a link’s direction that is full: the link is named, and who goes without', async (t) => {
  const full = [1_365, 1_365, 1_364].map((cables) => ({ on: [0, 1] as const, cables }));
  const config = configOf(row(3, full));
  const snapshot = compile(config, nothingRemembered);
  if (isInfeasible(snapshot)) throw new Error(snapshot.why);
  t.equal(tagsIn(snapshot).highest, 4_094);

  const beside = snapshotOf(row(3, [...full, { on: [1, 2], cables: 1 }]));
  t.equal(beside.taggedWays.byKey.size, 2 * 4_095, 'other links have room');
  const refused = withPlacement(
    beside,
    vswitchOf(beside, 't3/v1').name,
    placedOn(vswitchOf(beside, 't3/v1'), datapath('s0')),
  );
  t.match(refused, {
    why: /^4095 ways from s[01]:\d to s[01]:\d need a VLAN id there.*has 4094 in each direction/,
    lacking: [{ vport: { port: 1 } }, { vport: { port: 1 } }],
  });
});

t.test('a store of before: ways keep the tag that was the whole network’s', async (t) => {
  const text = row(4, [
    { on: [0, 3], cables: 3 },
    { on: [1, 2], cables: 2 },
  ]);
  const wires = wiresOf(snapshotOf(text));
  const byKey = new Map(wires.map(({ goal }, i) => [goal, (20 + i) as WayNumber]));
  const freed = FreedNumbers.from([3, 19, 1].map((number) => number as WayNumber));
  const taggedWays = { byKey, last: 40, freed };
  const before = { ...nothingRemembered, taggedWays, hopTags: undefined };
  const snapshot = snapshotOf(text, before);
  for (const { key, goal, hops = [] } of wires) {
    for (const hop of hops) {
      t.equal(tagAt(snapshot, key, hop), byKey.get(goal), `${key} at ${arrivalOf(hop)}`);
    }
  }
  const flows = [...wiringOf(snapshot, datapath('s1')).flows.values()];
  const rewritten = flows.filter(({ instructions }) =>
    JSON.stringify(instructions).includes('set'),
  );
  t.same(rewritten, [], 'and no datapath puts another on');

  const more = row(4, [
    { on: [0, 3], cables: 3 },
    { on: [1, 2], cables: 4 },
  ]);
  const again = snapshotOf(more, before);
  const fresh = [...(again.hopTags.get('s2:2')?.byKey.values() ?? [])].filter(
    (tag) => !snapshot.hopTags.get('s2:2')?.byKey.values().toArray().includes(tag),
  );
  t.same(fresh.sort(), [41, 42], 'new ways have tags that were nobody’s');
  t.same([...(snapshot.hopTags.get('s2:2')?.freed ?? [])].slice(-3), [3, 19, 1] as Tag[]);
});

t.test('a datapath that sends to itself by a neighbour, the same link both ways', async (t) => {
  const snapshot = snapshotOf(row(2, [{ on: [0, 0], cables: 2 }]));
  const hops = wiresOf(snapshot).map((way) => way.hops?.map(arrivalOf));
  t.same(hops[0], ['s1:2', 's0:1']);
  t.equal(tagsIn(snapshot).count, 8, 'four ways, two hops each');
});
