/**
 * Trunks where there is one table: random rules of a tenant, as entries of a simulated switch that
 * knows OpenFlow 1.0, or 1.3 with one table, do to every frame what the tenant's own switch would,
 * and no frame enters or leaves with a VLAN that is not the tenant's.
 */
import t from 'tap';
import { matchOf, normalMatch, oxm } from '../../openflow/match/match.ts';
import { port as ofpp, type Version, version } from '../../openflow/values/constants.ts';
import type { Action, FlowMod, Match } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { nothingRemembered, type Snapshot, type Vswitch } from '../../slices/network/snapshot.ts';
import { trunkBlocks, vlanBlocks } from '../../slices/network/trunks.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import { addFlow } from '../../translation/entries/physical-tables.ts';
import { FlatDatapath } from '../../translation/flat/datapath.ts';
import { siteOf } from '../../translation/flat/rules.ts';
import { dropFlow, flatWiring } from '../../translation/flat/wiring.ts';
import { Random } from '../openflow/random.ts';
import { ETHERTYPE, type Frame, Tables } from '../sim/pipeline.ts';
import { datapath, snapshotOf, vport, vswitchOf } from '../slices/networks.ts';
import { applied, applying, flowMod, output } from '../slices/rules.ts';

const s1 = datapath('s1');
/** What is behind each vport of red/v1 on s1. */
const text = (encoding: string) => `
datapaths: { s1: { dpid: 1${encoding} }, s2: { dpid: 2 } }
links: [s1:3 - s2:3]
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 }, v2: { dpid: 2, on: s2 } }
    hosts:
      a: { port: 'v1:1', at: s1:1, vlans: 100-103 }
      b: { port: 'v1:2', at: s1:2, vlans: 102-109 }
      plain: { port: 'v1:3', at: s1:5 }
      access: { port: 'v1:4', at: s1:6, vlan: 7 }
    links: ['v1:9 - v2:9']
  blue:
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { a: { port: 'v1:1', at: s1:1, vlans: 104-105 }, b: { port: 'v1:2', at: s1:7 } }
`;
const ranges = new Map([
  [1, { port: 1, first: 100, last: 103 }],
  [2, { port: 2, first: 102, last: 109 }],
]);
const flood = output(ofpp.flood);
const inPort = output(ofpp.inPort);

interface Bench {
  readonly snapshot: Snapshot;
  readonly speaks: Version;
  readonly red: Vswitch;
  readonly flat: FlatDatapath;
  readonly book: Rulebook;
  readonly tables: Tables;
  /** Of the link, in either direction. */
  readonly wayTag: number;
}

function benchOf(speaks: Version): Bench {
  const isOld = speaks === version.of10;
  const encodings = new Map<DatapathName, 'flat of 1.0'>(isOld ? [[s1, 'flat of 1.0']] : []);
  const encoding = isOld ? '' : ', encoding: flat';
  const snapshot = snapshotOf(text(encoding), { ...nothingRemembered, encodings });
  const red = vswitchOf(snapshot, 'red/v1');
  const tables = new Tables(speaks);
  const wiring = flatWiring(siteOf(snapshot, s1), [red, vswitchOf(snapshot, 'blue/v1')]);
  for (const flow of [dropFlow, ...wiring]) tables.apply(addFlow(flow, true));
  const flat = new FlatDatapath(snapshot, s1);
  // Everything of blue's floods.
  const blue = flat.bodyOf(vswitchOf(snapshot, 'blue/v1'));
  const all = applied(new Rulebook(), flowMod({ instructions: applying(flood) }));
  for (const one of all) for (const mod of blue.change(one)) tables.apply(mod);
  return { snapshot, speaks, red, flat, book: new Rulebook(), tables, wayTag: 1 };
}

/** The rule goes down, if it is one that fits there. */
function put({ red, flat, book, tables, snapshot }: Bench, mod: FlowMod): boolean {
  const body = flat.bodyOf(red);
  const [one] = applied(new Rulebook(), mod);
  if (one === undefined || body.refuse(one, snapshot) !== undefined) return false;
  for (const change of applied(book, mod)) {
    for (const message of body.change(change)) tables.apply(message);
  }
  return true;
}

/** Where a frame comes out, and with which tags: `5 [100,8]`. */
function physical({ tables }: Bench, port: number, tags: readonly number[]): readonly string[] {
  // Which of two of a priority a frame meets is not defined (OF1.0.1 section 3.4).
  tables.entries = tables.entries.toReversed();
  const frame: Frame = { dst: 1, src: 2, id: 1, tags, type: tags.length > 1 ? 0x8100 : ETHERTYPE };
  const walk = { frame, inPort: port, metadata: 0n, reg0: 0n, reg2: 0n };
  const out = tables.walk(walk, 0);
  return out.map((one) => {
    const where = one.type === 'port' ? one.port : 'up';
    const left = one.type === 'port' ? one.frame.tags : one.walk.frame.tags;
    return `${where} [${left.map((tag) => tag & 0xfff)}]`;
  });
}

/** The same of a switch that has the tenant's rules and ports, and looks at a frame's tags. */
function meant(bench: Bench, vportIn: number, came: readonly number[]): readonly string[] {
  const met = bench.book.rules().filter(({ match }) => isMet(match, vportIn, came));
  const [rule] = met.sort((a, b) => b.priority - a.priority);
  const out: string[] = [];
  let tags = [...came];
  // Behind a tag that has come off a switch of this kind sees no other.
  let isSeen = true;
  const send = (to: number): void => {
    const range = ranges.get(to);
    const [outer = 0] = tags;
    if (range !== undefined) {
      const isIts = isSeen && tags.length > 0 && range.first <= outer && outer <= range.last;
      if (isIts) out.push(`${range.port} [${tags}]`);
    } else if (to === 3) out.push(`5 [${tags}]`);
    else if (to === 4 && tags.length === 0) out.push('6 [7]');
    else if (to === 9 && tags.length === 0) out.push(`3 [${bench.wayTag}]`);
  };
  const [only] = rule?.instructions ?? [];
  for (const action of only?.type === 'applyActions' ? only.actions : []) {
    if (action.type === 'stripVlan' || action.type === 'popVlan') {
      tags = tags.slice(1);
      isSeen = false;
    } else if (action.type === 'setVlanVid' || action.type === 'setField') {
      const vid = action.type === 'setVlanVid' ? action.vid : VID;
      tags = [vid, ...tags.slice(1)];
      isSeen = true;
    } else if (action.type === 'output') {
      if (action.port === ofpp.inPort) send(vportIn);
      else if (action.port === ofpp.flood) [1, 2, 3, 4, 9].filter((p) => p !== vportIn).map(send);
      else if (action.port !== vportIn) send(action.port);
    }
  }
  return out;
}

const VID = 103;

function isMet(match: Match, vportIn: number, [tag]: readonly number[]): boolean {
  return match.every(({ field, value, mask }) => {
    const number = value.reduce((all, byte) => all * 0x100 + byte, 0);
    if (field === 0) return number === vportIn;
    const vlan = tag === undefined ? 0 : 0x1000 + tag;
    const bits = mask?.reduce((all, byte) => all * 0x100 + byte, 0) ?? 0xffff;
    return (vlan & bits) === number;
  });
}

function randomRule(random: Random, speaks: Version, priority: number): FlowMod {
  const isOld = speaks === version.of10;
  const vids = [100, 101, 102, 103, 105, 109, 110];
  const ports = [1, 2, 3, 4, 9];
  const tag = random.number(4);
  const vlan = [
    ...(tag === 1 ? [oxm('vlan_vid', 0)] : []),
    ...(tag === 2 ? [oxm('vlan_vid', 0x1000 + random.pick(vids))] : []),
    ...(tag === 3 && !isOld ? [oxm('vlan_vid', 0x1000, 0x1000)] : []),
  ];
  const at = random.number(3) === 0 ? [oxm('in_port', random.pick(ports))] : [];
  const isTagged = tag === 2 || (tag === 3 && !isOld);
  const actions: Action[] = [];
  let strips = random.number(2);
  for (let i = 1 + random.number(4); i > 0; i -= 1) {
    const one = random.number(6);
    if (one === 0 && strips > 0 && (isOld || isTagged)) {
      strips -= 1;
      actions.push(isOld ? { type: 'stripVlan' } : { type: 'popVlan' });
      if (!isOld) break;
    } else if (one === 1 && isOld) actions.push({ type: 'setVlanVid', vid: random.pick(vids) });
    else if (one === 1 && isTagged) {
      actions.push({ type: 'setField', oxm: oxm('vlan_vid', 0x1000 + VID) });
    } else if (one === 2) actions.push(flood);
    else if (one === 3) actions.push(inPort);
    else actions.push(output(random.pick(ports)));
  }
  if (!isOld) actions.push(output(random.pick(ports)));
  const match = normalMatch([...vlan, ...at]);
  return flowMod({ match, priority, instructions: applying(...actions) });
}

/** Each vport, by the port and tag where its frames enter. */
const entrances = [
  ...[1, 2, 3].map((port) => ({ port: port === 3 ? 5 : port, outer: [], vportIn: port })),
  { port: 6, outer: [7], vportIn: 4 },
  { port: 3, outer: [1], vportIn: 9 },
];

for (const speaks of [version.of10, version.of13]) {
  t.test(`random rules over OpenFlow ${speaks === version.of10 ? '1.0' : '1.3'}`, async (t) => {
    let [left, kept] = [0, 0];
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = new Random(seed);
      const bench = benchOf(speaks);
      // Side by side, so that what needs more levels pushes others.
      const mods = Array.from({ length: 5 }, (_, i) => randomRule(random, speaks, 10 + i));
      kept += mods.filter((mod) => put(bench, mod)).length;
      if (random.number(2) === 0) put(bench, { ...(mods[0] as FlowMod), command: 4 });
      for (const { port, outer, vportIn } of entrances) {
        const range = ranges.get(vportIn);
        for (const own of [
          [],
          [99],
          [100],
          [102],
          [103],
          [104],
          [109],
          [110],
          [101, 102],
          [102, 5],
        ]) {
          if (outer.length > 0 && own.length > 0) continue;
          const [first = 0] = own;
          // What enters by a trunk with another VLAN is blue's, or nobody's.
          const isRed = range === undefined || (range.first <= first && first <= range.last);
          if (!isRed) continue;
          const want = meant(bench, vportIn, own).toSorted();
          left += want.length;
          for (let i = 0; i < 2; i += 1) {
            const got = physical(bench, port, [...outer, ...own]).toSorted();
            if (want.join() === got.join()) continue;
            t.strictSame(got, want, `seed ${seed}: into ${port} with [${[...outer, ...own]}]`);
          }
        }
      }
      for (const vid of [104, 105]) {
        t.strictSame(physical(bench, 1, [vid]), [`7 [${vid}]`], "blue's goes to blue");
      }
      for (const tags of [[], [99], [106], [99, 100]]) {
        t.strictSame(physical(bench, 1, tags), [], 'what is nobody’s goes nowhere');
      }
    }
    t.ok(left > 1_000 && kept > 150, `${left} frames left, ${kept} rules`);
  });
}

t.test('a packet-in is known by the tag, any of its part', async (t) => {
  for (const speaks of [version.of10, version.of13]) {
    const { flat } = benchOf(speaks);
    for (const vid of [100, 101, 102, 103]) {
      t.equal(flat.entrance(1, vid)?.vswitch.name, 'red/v1');
      t.equal(flat.entrance(1, vid)?.vport, vport(1));
    }
    t.equal(flat.entrance(1, 104)?.vswitch.name, 'blue/v1');
    for (const vid of [undefined, 99, 106]) t.equal(flat.entrance(1, vid), undefined);
  }
});

t.test('what would come up with another tag is refused: it could be another’s', async (t) => {
  const up = output(ofpp.controller);
  const bench = benchOf(version.of10);
  const strip = { type: 'stripVlan' } as const;
  const to = (vid: number) => applying({ type: 'setVlanVid', vid }, up);
  t.equal(put(bench, flowMod({ instructions: to(105) })), false);
  t.equal(put(bench, flowMod({ instructions: applying(strip, up) })), false);
  t.equal(put(bench, flowMod({ instructions: to(101), match: matchOf(oxm('in_port', 1)) })), true);
  t.equal(put(bench, flowMod({ instructions: applying(up) })), true);
});

t.test('ranges are parts that are one match each', async (t) => {
  t.strictSame(vlanBlocks({ first: 100, last: 103 }, true), [{ first: 100, last: 103 }]);
  t.equal(vlanBlocks({ first: 100, last: 103 }, false).length, 4);
  t.strictSame(
    vlanBlocks({ first: 1, last: 4 }, true).map(({ first }) => first),
    [1, 2, 4],
  );
  const { snapshot, red } = benchOf(version.of13);
  t.strictSame(trunkBlocks(snapshot, s1, red), [
    { first: 100, last: 101 },
    { first: 102, last: 103 },
    { first: 104, last: 107 },
    { first: 108, last: 109 },
  ]);
});
