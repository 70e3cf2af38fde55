/**
 * Frames on tagged ways, hop by hop: in random networks where some datapaths are flat, while ways
 * change and some datapaths are a step ahead of others, each comes to the end of its way, and no
 * tag ever means something else than before where frames arrive with it.
 */

import t from 'tap';
import { fieldOf, oxmNumber } from '../../openflow/match/match.ts';
import { port as ofpp, vlan } from '../../openflow/values/constants.ts';
import { fieldByNumber } from '../../openflow/values/fields.ts';
import type { Action } from '../../openflow/values/values.ts';
import type { DatapathName, Port } from '../../slices/ids.ts';
import { stepsTo } from '../../slices/network/drained-datapaths.ts';
import { tagAt } from '../../slices/network/hop-tags.ts';
import type { Hop } from '../../slices/network/routes.ts';
import {
  isInfeasible,
  type Placement,
  placedOn,
  placementOf,
  type Snapshot,
  withAvoiding,
  withEncoding,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import { type Wire, wiresOf } from '../../slices/network/wires.ts';
import { wiringOf } from '../../translation/datapath/wiring.ts';
import type { PhysicalFlow, Tables } from '../../translation/entries/physical-tables.ts';
import { entranceKey, entrancesOf } from '../../translation/flat/ingress.ts';
import { Random } from '../openflow/random.ts';
import { randomSnapshot } from './random-network.ts';

type Flows = Tables['flows'];
/** Between two snapshots: entries that are new are added, others changed, old ones deleted. */
type Phase = 'before' | 'made' | 'changed' | 'after';

class Walk {
  readonly #both: readonly [Snapshot, Snapshot];
  readonly #phaseOf: (name: DatapathName) => Phase;
  readonly #cables = new Map<string, { readonly to: DatapathName; readonly toPort: Port }>();
  readonly #flows = new Map<string, ReadonlyMap<string, PhysicalFlow>>();
  hops = 0;
  swaps = 0;

  constructor(both: readonly [Snapshot, Snapshot], phaseOf: (name: DatapathName) => Phase) {
    this.#both = both;
    this.#phaseOf = phaseOf;
    for (const [one, other] of both[0].config.links) {
      this.#cables.set(`${one.device}:${one.port}`, { to: other.device, toPort: other.port });
      this.#cables.set(`${other.device}:${other.port}`, { to: one.device, toPort: one.port });
    }
  }

  /** What is wrong with frames that are sent on these ways. */
  trouble(of: Snapshot): string | undefined {
    for (const wire of wiresOf(of)) {
      const [first] = wire.hops ?? [];
      if (wire.carriage !== 'tag' || wire.role === 'spare' || first === undefined) continue;
      const why = this.#walk(of, wire, first);
      if (why !== undefined) return `${wire.key}: ${why}`;
    }
    return undefined;
  }

  #walk(of: Snapshot, wire: Wire, first: Hop): string | undefined {
    let at: Pick<Hop, 'to' | 'toPort'> = first;
    let tag: number | undefined = tagAt(of, wire.key, first);
    for (let hop = 0; hop < 20; hop++) {
      if (tag === undefined) return `no tag at ${at.to}:${at.toPort}`;
      const flow = this.#flowsOn(at.to).get(`${at.toPort} ${tag}`);
      const on = flow && transit(flow, at.toPort, tag);
      const cable = on && this.#cables.get(`${at.to}:${on.port}`);
      if (on === undefined || cable === undefined) return this.#endTrouble(wire, at, tag, flow);
      this.hops += 1;
      this.swaps += on.tag === tag ? 0 : 1;
      [at, tag] = [cable, on.tag];
    }
    return 'it goes round';
  }

  #endTrouble(
    { key, to, end }: Wire,
    at: Pick<Hop, 'to' | 'toPort'>,
    tag: number,
    flow: PhysicalFlow | undefined,
  ): string | undefined {
    const where = `${at.to}:${at.toPort} tag ${tag}`;
    if (at.to !== to) return `ends at ${where}`;
    const hop: Hop = { port: 0 as Port, ...at };
    if (!this.#both.some((one) => tagAt(one, key, hop) === tag)) return `${where} is another's`;
    if (end.type === 'deliver') return flow === undefined ? `nothing at ${where}` : undefined;
    const entrance = this.#both
      .flatMap((one) => entrancesOf(one, to).get(entranceKey(at.toPort, tag)) ?? [])
      .find(({ vswitch, vport }) => vswitch.name === end.vswitch.name && vport === end.vport);
    return (flow ?? entrance) ? undefined : `no way in at ${where}`;
  }

  /** By port and tag. */
  #flowsOn(name: DatapathName): ReadonlyMap<string, PhysicalFlow> {
    const known = this.#flows.get(name);
    if (known !== undefined) return known;
    const found = new Map<string, PhysicalFlow>();
    for (const flow of flowsIn(this.#both, name, this.#phaseOf(name)).values()) {
      const [inPort, vid] = [fieldOf(flow.match, 'in_port'), fieldOf(flow.match, 'vlan_vid')];
      if (flow.tableId !== 0 || inPort === undefined || vid === undefined) continue;
      if (fieldOf(flow.match, 'vlan_pcp') !== undefined || oxmNumber(vid) === 0n) continue;
      found.set(`${oxmNumber(inPort)} ${Number(oxmNumber(vid)) & ~vlan.present}`, flow);
    }
    this.#flows.set(name, found);
    return found;
  }
}

function flowsIn(
  [one, next]: readonly [Snapshot, Snapshot],
  on: DatapathName,
  phase: Phase,
): Flows {
  const [old, fresh] = [wiringOf(one, on).flows, wiringOf(next, on).flows];
  switch (phase) {
    case 'before':
      return old;
    case 'made':
      return new Map([...fresh, ...old]);
    case 'changed':
      return new Map([...old, ...fresh]);
    case 'after':
      return fresh;
  }
}

/** Where an entry passes a frame on, if it does no more, and with which tag. */
function transit({ instructions }: PhysicalFlow, came: Port, tag: number) {
  const [only, ...more] = instructions;
  if (only?.type !== 'applyActions' || more.length > 0) return undefined;
  let now = tag;
  for (const action of only.actions) {
    if (action.type === 'output') {
      return { tag: now, port: action.port === ofpp.inPort ? came : action.port };
    }
    const vid = vidIn(action);
    if (vid === undefined) return undefined;
    now = vid;
  }
  return undefined;
}

function vidIn(action: Action): number | undefined {
  if (action.type === 'setVlanVid') return action.vid;
  if (action.type !== 'setField') return undefined;
  const { oxmClass, field } = action.oxm;
  if (fieldByNumber(oxmClass, field)?.name !== 'vlan_vid') return undefined;
  return Number(oxmNumber(action.oxm)) & ~vlan.present;
}

/** Two ways with one tag where they arrive, in one snapshot or in both. */
function sharedTag(both: readonly [Snapshot, Snapshot]): string | undefined {
  const keys = new Map<string, string>();
  for (const { hopTags } of both) {
    for (const [arrival, { byKey }] of hopTags) {
      for (const [key, tag] of byKey) {
        const name = `${arrival} tag ${tag}`;
        const other = keys.get(name) ?? key;
        if (other !== key) return `${name} is ${other} and ${key}`;
        keys.set(name, key);
      }
    }
  }
  return undefined;
}

const phases: readonly (readonly [Phase, Phase, 'old' | 'both' | 'new'])[] = [
  ['before', 'made', 'old'],
  ['made', 'changed', 'both'],
  // What is deleted has no frames on it any more.
  ['changed', 'after', 'new'],
];

/** A vport after the other, as a migration does; or all ways around a datapath. */
function changesOf(random: Random, before: Snapshot): readonly ((last: Snapshot) => unknown)[] {
  const names = [...before.datapaths.keys()];
  if (random.number(3) === 0) {
    const goal = new Set(random.number(2) === 0 ? [] : [random.pick(names)]);
    return stepsTo(before.avoiding, goal).map((step) => (last) => withAvoiding(last, step));
  }
  const vswitch = random.pick([...before.vswitches.values()]);
  const { primary } = placementOf(before, vswitch.name);
  const to = random.pick(names);
  const homes = (here: DatapathName) =>
    new Map([...vswitch.ports.keys()].map((one) => [one, here]));
  const bodies = [...new Set([primary, to])];
  const steps: readonly Placement[] = [
    { bodies, primary, homes: homes(primary) },
    { bodies, primary: to, homes: homes(primary) },
    { bodies, primary: to, homes: homes(to) },
    placedOn(vswitch, to),
  ];
  return steps.map((step) => (last) => withPlacement(last, vswitch.name, step));
}

t.test('each frame comes to the end of its way, whatever changes', async (t) => {
  const counts = { hops: 0, swaps: 0, steps: 0 };
  for (let seed = 0; seed < 25; seed++) {
    const random = new Random(seed);
    let last = randomSnapshot(random, random.pick([3, 6]));
    for (const name of last.datapaths.keys()) {
      const kind = random.pick(['pipeline', 'flat of 1.0', 'flat of 1.3'] as const);
      const next = withEncoding(last, name, kind);
      if (!isInfeasible(next)) last = next;
    }
    for (let i = 0; i < 3; i++) {
      for (const change of changesOf(random, last)) {
        const next = change(last) as ReturnType<typeof withPlacement>;
        if (isInfeasible(next)) break;
        const both = [last, next] as const;
        const wrong = sharedTag(both);
        if (wrong !== undefined) t.fail(`seed ${seed}: ${wrong}`);
        for (const [one, other, whose] of phases) {
          const ahead = new Set([...last.datapaths.keys()].filter(() => random.number(2) === 0));
          const walk = new Walk(both, (name) => (ahead.has(name) ? other : one));
          const why =
            (whose === 'new' ? undefined : walk.trouble(last)) ??
            (whose === 'old' ? undefined : walk.trouble(next));
          if (why !== undefined) t.fail(`seed ${seed}, ${one} to ${other}: ${why}`);
          counts.hops += walk.hops;
          counts.swaps += walk.swaps;
        }
        counts.steps += 1;
        last = next;
      }
    }
  }
  t.ok(counts.swaps > 300, JSON.stringify(counts));
});
