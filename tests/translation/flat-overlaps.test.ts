/**
 * Vswitches in a row that move from one datapath of the flat encoding to another at once, in random
 * order, while cables are cut and whole again: each step of a move is taken on all datapaths,
 * between steps of others. Whatever overlaps, every step can be taken, and when all have ended each
 * datapath holds what one holds that was made for where they are now.
 *
 * (A move that ended first left an entrance of its vswitch to another's that began earlier, and
 * what rules say there needs ways that were gone: `make sim KIND=together SEED=4200029`. One that
 * ended while another was being begun lost tags of ways that were used: SEED=6100038.)
 */
import t from 'tap';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { withPeers } from '../../slices/network/changed-ways.ts';
import { noFailures } from '../../slices/network/failures.ts';
import {
  type Infeasible,
  isInfeasible,
  nothingRemembered,
  placementOf,
  type Snapshot,
  withFailures,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import { FlatDatapath } from '../../translation/flat/datapath.ts';
import type { Move } from '../../translation/flat/move.ts';
import { Random } from '../openflow/random.ts';
import { datapath, snapshotOf } from '../slices/networks.ts';
import { outputs, ruleOf } from '../slices/rules.ts';
import { flowsOf } from '../support/flat-flows.ts';

const names = ['s1', 's2', 's3'].map(datapath);
const cables = ['s1:1 - s2:1', 's2:2 - s3:2', 's3:1 - s1:2'] as const;
const text = `
control: /run/limevisor.sock
store: limevisor.db
datapaths:
${names.map((name, i) => `  ${name}: { dpid: ${i + 1} }`).join('\n')}
links: [${cables.join(', ')}]
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
  isPlanning: boolean;
  /** How far moves have come, in the order in which they began. */
  readonly moves: { stage: Stage }[];
  readonly datapaths: readonly (readonly [DatapathName, FlatDatapath])[];
}

const netOf = (now: Snapshot): Net => ({
  now,
  isPlanning: false,
  moves: [],
  datapaths: names.map((name) => {
    const made = new FlatDatapath(now, name);
    for (const [, vswitch] of now.vswitches) {
      if (placementOf(now, vswitch.name).bodies.includes(name)) made.bodyOf(vswitch).fill(rules);
    }
    return [name, made] as const;
  }),
});

/**
 * The steps by which the datapaths come to what `find` makes of the snapshot of then. One move is
 * begun at a time, on one datapath after the other, and made everywhere before the next is begun;
 * what others have begun before goes on meanwhile.
 */
function* moving(
  net: Net,
  name: VswitchName | undefined,
  isWhole: boolean,
  find: (now: Snapshot) => Snapshot | Infeasible,
): Generator<undefined, void> {
  while (net.isPlanning) yield;
  net.isPlanning = true;
  const next = find(net.now);
  if (isInfeasible(next)) throw new Error(next.why);
  net.now = next;
  const vswitch = name && next.vswitches.get(name);
  const concerned = name === undefined ? next.vswitches.keys() : withPeers(next, [name]);
  const touched = [...new Set(concerned)].flatMap((one) => next.vswitches.get(one) ?? []);
  const parts: (readonly [FlatDatapath, Move])[] = [];
  for (const [, one] of net.datapaths) {
    parts.push([one, one.begin(next, vswitch, isWhole, touched)]);
    yield;
  }
  net.isPlanning = false;
  const own: Net['moves'][number] = { stage: 'begun' };
  const earlier = [...net.moves];
  net.moves.push(own);
  // As changes on several datapaths wait for each other (hypervisor/datapath/changeovers.ts).
  const arePast = (stage: Stage): boolean =>
    earlier.every((one) => stages.indexOf(one.stage) >= stages.indexOf(stage));
  for (const step of stages.slice(1, isWhole ? 4 : 3) as Exclude<Stage, 'begun'>[]) {
    if (step !== 'make') {
      do yield;
      while (!arePast(step === 'change' ? 'make' : 'change'));
    }
    for (const [one, move] of parts) one[step](move);
    own.stage = step;
  }
  if (!isWhole) own.stage = 'break';
}

/** A cable is cut, and whole again: ways are led around it, and back. */
function* failing(net: Net, random: Random): Generator<undefined, void> {
  const down = new Set(random.pick(cables).split(' - '));
  yield* moving(net, undefined, true, (now) => withFailures(now, { ...noFailures, down }));
  yield;
  yield* moving(net, undefined, true, (now) => withFailures(now, noFailures));
}

/** It is cloned, handed over, and its original goes; or, now and then, the clone does. */
function* migrating(net: Net, name: VswitchName, random: Random): Generator<undefined, void> {
  const vswitch = net.now.vswitches.get(name);
  const { primary: from } = placementOf(net.now, name);
  const to = random.pick(names.filter((one) => one !== from));
  const [old, other] = [from, to].map((one) => net.datapaths.find(([known]) => known === one)?.[1]);
  if (vswitch === undefined || old === undefined || other === undefined) throw new Error('nowhere');
  const homes = new Map();
  const at = (bodies: readonly DatapathName[], primary: DatapathName) => (now: Snapshot) =>
    withPlacement(now, name, { bodies, primary, homes });
  yield* moving(net, name, false, at([from, to], from));
  other.bodyOf(vswitch).fill(rules);
  yield;
  const isBack = random.number(4) === 0;
  if (!isBack) yield* moving(net, name, false, at([from, to], to));
  const [stays, goes] = isBack ? [from, old] : [to, other];
  yield* moving(net, name, true, at([stays], stays));
  (goes === old ? other : old).bodyOf(vswitch).empty();
}

for (let seed = 1; seed <= Number(process.env['SEEDS'] ?? 60); seed += 1) {
  t.test(`seed ${seed}`, async (t) => {
    const random = new Random(seed);
    const net = netOf(first);
    let under: { readonly name: string; readonly steps: Generator<undefined, void> }[] = [];
    let begun = 0;
    while (begun < 16 || under.length > 0) {
      const idle = [...net.now.vswitches.keys()].filter((one) =>
        under.every(({ name }) => name !== one),
      );
      if (begun < 16 && idle.length > 0 && random.number(3) === 0) {
        const name = random.pick(idle);
        under.push({ name, steps: migrating(net, name, random) });
        begun += 1;
      }
      const isCut = under.some(({ name }) => name === 'a cable');
      if (begun < 16 && !isCut && random.number(12) === 0) {
        under.push({ name: 'a cable', steps: failing(net, random) });
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
