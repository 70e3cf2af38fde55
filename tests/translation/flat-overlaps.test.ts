/**
 * Vswitches in a row that move from one datapath of the flat encoding to another at once, in random
 * order: each step of a move is taken on all datapaths, between steps of others. Whatever overlaps,
 * every step can be taken, and when all have ended each datapath holds what one holds that was
 * made for where they are now.
 *
 * (A move that ended first left an entrance of its vswitch to another's that began earlier, and
 * what rules say there needs ways that were gone: `make sim KIND=together SEED=4200029`.)
 */
import t from 'tap';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { withPeers } from '../../slices/network/changed-ways.ts';
import {
  isInfeasible,
  nothingRemembered,
  type Placement,
  placementOf,
  type Snapshot,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import { FlatDatapath } from '../../translation/flat/datapath.ts';
import { Random } from '../openflow/random.ts';
import { datapath, snapshotOf } from '../slices/networks.ts';
import { outputs, ruleOf } from '../slices/rules.ts';
import { flowsOf } from '../support/flat-flows.ts';

const names = ['s1', 's2', 's3'].map(datapath);
const text = `
control: /run/limevisor.sock
store: limevisor.db
datapaths:
${names.map((name, i) => `  ${name}: { dpid: ${i + 1} }`).join('\n')}
links: ['s1:1 - s2:1', 's2:2 - s3:2', 's3:1 - s1:2']
tenants:
  red:
    controllers: [tcp:127.0.0.1:6661]
    vswitches:
      v1: { dpid: 1, on: s1 }
      v2: { dpid: 2, on: s2 }
      v3: { dpid: 3, on: s3 }
      v4: { dpid: 4, on: s1 }
    links: ['v1:2 - v2:1', 'v2:2 - v3:1', 'v3:2 - v4:1']
    hosts:
      h1: { port: v1:1, at: s1:9 }
      h2: { port: v4:2, at: s1:10 }
`;
const encodings = new Map(names.map((name) => [name, 'flat of 1.0' as const]));
const first = snapshotOf(text, { ...nothingRemembered, encodings });
const rules = [ruleOf({ instructions: outputs(1, 2) })];

const stages = ['begun', 'make', 'change', 'break'] as const;
type Stage = (typeof stages)[number];

/** The datapaths, and what was asked of them last. */
interface Net {
  now: Snapshot;
  /** How far moves have come, in the order in which they began. */
  readonly moves: { stage: Stage }[];
  readonly datapaths: readonly (readonly [DatapathName, FlatDatapath])[];
}

const netOf = (now: Snapshot): Net => ({
  now,
  moves: [],
  datapaths: names.map((name) => {
    const made = new FlatDatapath(now, name);
    for (const [, vswitch] of now.vswitches) {
      if (placementOf(now, vswitch.name).bodies.includes(name)) made.bodyOf(vswitch).fill(rules);
    }
    return [name, made] as const;
  }),
});

/** The steps by which a vswitch comes to a place: what is between two of them takes no time. */
function* moving(net: Net, name: VswitchName, placement: Placement, isWhole: boolean) {
  const next = withPlacement(net.now, name, placement);
  if (isInfeasible(next)) throw new Error(next.why);
  net.now = next;
  const vswitch = next.vswitches.get(name);
  const touched = [...new Set(withPeers(next, [name]))].flatMap(
    (one) => next.vswitches.get(one) ?? [],
  );
  const parts = net.datapaths.map(
    ([, one]) => [one, one.begin(next, vswitch, isWhole, touched)] as const,
  );
  const own: Net['moves'][number] = { stage: 'begun' };
  const earlier = [...net.moves];
  net.moves.push(own);
  // As changes on several datapaths wait for each other (hypervisor/datapath/changeovers.ts).
  const arePast = (stage: Stage): boolean =>
    earlier.every((one) => stages.indexOf(one.stage) >= stages.indexOf(stage));
  for (const step of stages.slice(1, isWhole ? 4 : 3) as Exclude<Stage, 'begun'>[]) {
    // A move is begun and made in one turn.
    if (step !== 'make') {
      do yield;
      while (!arePast(step === 'change' ? 'make' : 'change'));
    }
    for (const [one, move] of parts) one[step](move);
    own.stage = step;
  }
  if (!isWhole) own.stage = 'break';
}

/** It is cloned, handed over, and its original goes; or, now and then, the clone does. */
function* migrating(net: Net, name: VswitchName, random: Random) {
  const vswitch = net.now.vswitches.get(name);
  const { primary: from } = placementOf(net.now, name);
  const to = random.pick(names.filter((one) => one !== from));
  const [old, other] = [from, to].map((one) => net.datapaths.find(([known]) => known === one)?.[1]);
  if (vswitch === undefined || old === undefined || other === undefined) throw new Error('nowhere');
  const homes = new Map();
  yield* moving(net, name, { bodies: [from, to], primary: from, homes }, false);
  other.bodyOf(vswitch).fill(rules);
  yield;
  const isBack = random.number(4) === 0;
  if (!isBack) yield* moving(net, name, { bodies: [from, to], primary: to, homes }, false);
  const [stays, goes] = isBack ? [from, old] : [to, other];
  yield* moving(net, name, { bodies: [stays], primary: stays, homes }, true);
  (goes === old ? other : old).bodyOf(vswitch).empty();
}

for (let seed = 1; seed <= 100; seed += 1) {
  t.test(`seed ${seed}`, async (t) => {
    const random = new Random(seed);
    const net = netOf(first);
    let under: { readonly name: VswitchName; readonly steps: Generator<undefined, void> }[] = [];
    let begun = 0;
    while (begun < 16 || under.length > 0) {
      const idle = [...net.now.vswitches.keys()].filter((one) =>
        under.every(({ name }) => name !== one),
      );
      if (begun < 16 && idle.length > 0 && random.number(3) === 0) {
        const name = random.pick(idle);
        under.push({ name, steps: migrating(net, name, random) as Generator<undefined, void> });
        begun += 1;
      }
      if (under.length === 0) continue;
      const one = random.pick(under);
      if (one.steps.next().done === true) under = under.filter((other) => other !== one);
    }
    for (const [i, [name, one]] of net.datapaths.entries()) {
      const fresh = netOf(net.now).datapaths[i]?.[1];
      t.strictSame(textsOf(one), fresh && textsOf(fresh), `${name} holds what it should`);
    }
  });
}

function textsOf(one: FlatDatapath): readonly string[] {
  const texts = flowsOf(one).map(({ match, instructions, priority }) =>
    JSON.stringify([priority, match, instructions], (_, value) =>
      typeof value === 'bigint' ? `${value}` : value,
    ),
  );
  return texts.sort();
}
