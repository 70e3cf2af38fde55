/**
 * A change computes anew only what it concerns. On random networks, flat and pipeline mixed, with
 * clones, drains and neighbours, after each of many random changes: what was computed a little at a
 * time is what a look at everything gives, and whoever was not touched has the wiring, and needs
 * the ports, that it had and needed before.
 */

import t from 'tap';
import type { PhysicalEnd } from '../../slices/config/config.ts';
import { type DatapathName, endText, type Port } from '../../slices/ids.ts';
import { datapathsTouched, touchedBy } from '../../slices/network/affected.ts';
import { withHostAt } from '../../slices/network/changed-config.ts';
import { allWays } from '../../slices/network/changed-ways.ts';
import type { Failures } from '../../slices/network/failures.ts';
import { bodyNamesOn, namesAt, namesAtPort } from '../../slices/network/places.ts';
import { withPortConfig } from '../../slices/network/port-configs.ts';
import { requiredPortsOf } from '../../slices/network/required-ports.ts';
import {
  bodiesOn,
  type Infeasible,
  isInfeasible,
  type Placement,
  placedOn,
  placementOf,
  type Snapshot,
  type Vswitch,
  withAvoiding,
  withEncoding,
  withFailures,
  withMisses,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import type { WayNumbers } from '../../slices/network/tags.ts';
import { atOnce } from '../../slices/steps.ts';
import { wiringOfThese } from '../../translation/datapath/wiring.ts';
import { Random } from '../openflow/random.ts';
import { randomSnapshot } from './random-network.ts';

type Changed = Snapshot | Infeasible;

const changes: readonly ((random: Random, before: Snapshot) => Changed)[] = [
  (random, before) => {
    const vswitch = anyOf(random, before);
    return withPlacement(before, vswitch.name, randomPlacement(random, before, vswitch));
  },
  // A vport moves, as in a migration: nothing else does.
  (random, before) => {
    const vswitch = anyOf(random, before);
    const placement = placementOf(before, vswitch.name);
    const homes = new Map(placement.homes);
    for (const vport of vswitch.ports.keys()) homes.set(vport, random.pick(placement.bodies));
    return withPlacement(before, vswitch.name, { ...placement, homes });
  },
  (random, before) => {
    const datapath = random.pick([...before.datapaths.keys()]);
    return withEncoding(before, datapath, random.pick(['pipeline', 'flat of 1.0', 'flat of 1.3']));
  },
  (random, before) => {
    const set = () =>
      new Set(random.number(2) === 0 ? [] : [random.pick([...before.datapaths.keys()])]);
    const spare = random.number(2) === 0 ? {} : { spare: set() };
    return withAvoiding(before, { now: set(), goal: set(), ...spare });
  },
  (random, before) => withFailures(before, randomFailures(random, before)),
  // A host moves: it has two places, or another one.
  (random, before) => {
    const host = random.pick(before.config.hosts);
    if (host === undefined) return before;
    const end = (): PhysicalEnd => {
      const device = random.pick([...before.datapaths.keys()]);
      return { device, port: (100 + random.number(50)) as Port };
    };
    return withHostAt(
      before,
      host.name,
      random.pick([{ at: host.at, also: end() }, { at: end() }]),
    );
  },
  (random, before) => withMisses(before, anyOf(random, before).name, random.number(2) === 0),
  (random, before) => {
    const vswitch = anyOf(random, before);
    const vport = random.pick([...vswitch.ports.keys()]);
    if (vport === undefined) return before;
    const configs = withPortConfig(before.portConfigs, vswitch.name, vport, random.number(128));
    return { ...before, portConfigs: configs };
  },
];

function anyOf(random: Random, { vswitches }: Snapshot): Vswitch {
  return random.pick([...vswitches.values()]);
}

/** Cables and datapaths that fail, and come back. */
function randomFailures(random: Random, { config, datapaths, failures }: Snapshot): Failures {
  const flipped = <T>(set: ReadonlySet<T>, some: readonly T[]): ReadonlySet<T> => {
    const next = new Set(set);
    const isThere = some.some((one) => next.has(one));
    for (const one of some) if (isThere) next.delete(one);
    if (!isThere) for (const one of some) next.add(one);
    return next;
  };
  const cable = config.links.length === 0 ? [] : random.pick(config.links).map(endText);
  const name = random.pick([...datapaths.keys()]);
  return random.pick([
    { ...failures, down: flipped(failures.down, cable) },
    { ...failures, held: flipped(failures.held, cable) },
    { ...failures, away: flipped(failures.away, [name]) },
    { ...failures, lost: flipped(failures.lost, [name]) },
  ]);
}

function randomPlacement(random: Random, before: Snapshot, vswitch: Vswitch): Placement {
  const names = [...before.datapaths.keys()];
  if (random.number(2) === 0) return placedOn(vswitch, random.pick(names));
  const { primary } = placementOf(before, vswitch.name);
  const bodies: DatapathName[] = [...new Set([primary, random.pick(names)])];
  const homes = new Map([...vswitch.ports.keys()].map((vport) => [vport, random.pick(bodies)]));
  return { bodies, primary: random.pick(bodies), homes };
}

const sorted = <K, V>(map: Iterable<readonly [K, V]>): readonly (readonly [K, V])[] =>
  [...map].sort(([one], [other]) => (String(one) < String(other) ? -1 : 1));

function waysIn({ outside, wires, detoured, taggedWays, hopTags, labels, places }: Snapshot) {
  const numbers = ({ byKey, last, freed }: WayNumbers<number>) => [sorted(byKey), last, [...freed]];
  return {
    detoured: sorted(detoured),
    outside: sorted(outside).map(([key, ends]) => [key, [...ends].sort()]),
    wires: sorted(wires).map(([name, own]) => [name, own.map(({ end: _, ...wire }) => wire)]),
    numbers: [taggedWays, labels].map(numbers),
    hopTags: sorted(hopTags).map(([arrival, table]) => [arrival, numbers(table)]),
    places: sorted(places)
      .map(
        ([name, ports]) => [name, sorted(ports).map(([port, at]) => [port, sorted(at)])] as const,
      )
      .filter(([, ports]) => ports.length > 0),
  };
}

/** As the index says it, from everything. */
function placesTrouble(snapshot: Snapshot): string | undefined {
  for (const datapath of snapshot.datapaths.keys()) {
    const bodies = [...snapshot.vswitches.values()].filter(({ name }) =>
      placementOf(snapshot, name).bodies.includes(datapath),
    );
    const found = bodiesOn(snapshot, datapath);
    if (bodies.some((one, i) => one !== found[i])) return `bodies on ${datapath}`;
    if ([...bodyNamesOn(snapshot, datapath)].length !== bodies.length)
      return `names on ${datapath}`;
  }
  for (const vswitch of snapshot.vswitches.values()) {
    const peers = [...vswitch.ports.values()].flatMap((one) => {
      return one.type === 'link' ? [one.peer.device] : [];
    });
    for (const vport of vswitch.ports.keys()) {
      for (const { device, port } of requiredPortsOf(snapshot, vswitch, vport)) {
        const there = new Set(namesAtPort(snapshot, device, port));
        const isThere = [vswitch.name, ...peers].some((name) => there.has(name));
        if (!isThere) return `port ${vport} of ${vswitch.name} needs ${device}:${port}`;
      }
    }
  }
  return undefined;
}

function untouchedTrouble(before: Snapshot, after: Snapshot): string | undefined {
  const touched = new Set(touchedBy(before, after));
  for (const vswitch of after.vswitches.values()) {
    const where = datapathsTouched(before, after, vswitch);
    for (const datapath of after.datapaths.keys()) {
      if (touched.has(vswitch) && where.has(datapath)) continue;
      const [had, has] = [before, after].map((one) => {
        return JSON.stringify(wiringOfThese(one, datapath, [vswitch]), bigints);
      });
      if (had !== has) return `${vswitch.name} on ${datapath}`;
    }
    if (touched.has(vswitch)) continue;
    for (const vport of vswitch.ports.keys()) {
      const [needed, needs] = [before, after].map((one) => {
        return JSON.stringify(requiredPortsOf(one, vswitch, vport));
      });
      if (needed !== needs) return `port ${vport} of ${vswitch.name}`;
    }
  }
  return undefined;
}

const bigints = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

t.test('a little at a time, and everything at once', async (t) => {
  const counts = { changed: 0, refused: 0, touched: 0, all: 0, outside: 0, both: 0, detoured: 0 };
  for (let seed = 0; seed < 120; seed++) {
    const random = new Random(seed);
    const backups = random.number(3);
    let last = randomSnapshot(random, random.pick([3, 3, 14]), false, seed % 4 === 3, backups);
    for (let i = 0; i < 8; i++) {
      const change = random.pick(changes);
      const next = change(random, last);
      if (isInfeasible(next)) {
        counts.refused += 1;
        continue;
      }
      const { taggedWays, hopTags, labels } = last;
      const whole = atOnce(allWays({ ...next, taggedWays, hopTags, labels }));
      if (isInfeasible(whole)) throw new Error(`seed ${seed}: ${whole.why}`);
      if (!t.same(waysIn(next), waysIn(whole), `seed ${seed}, change ${i}`)) return;
      const trouble = placesTrouble(next) ?? untouchedTrouble(last, next);
      if (trouble !== undefined) t.fail(`seed ${seed}, change ${i}: ${trouble}`);
      counts.changed += 1;
      counts.touched += touchedBy(last, next).length;
      counts.all += next.vswitches.size;
      counts.detoured += next.detoured.size;
      counts.outside += next.outside.size;
      if (next.taggedWays.byKey.size > 0 && next.labels.byKey.size > 0) counts.both += 1;
      last = next;
    }
  }
  t.ok(counts.changed > 500, JSON.stringify(counts));
  t.ok(counts.touched < counts.all / 2, 'most are left alone');
  t.ok(counts.detoured > 20, 'ways led around failures');
  t.ok(counts.outside > 20, 'links led outside');
  t.ok(counts.both > 50, 'tags and labels');
});

t.test('nobody is touched by nothing', async (t) => {
  const snapshot = randomSnapshot(new Random(1));
  t.same(touchedBy(snapshot, snapshot), []);
  const [datapath] = snapshot.datapaths.keys();
  t.ok(datapath !== undefined && namesAt(snapshot, datapath).size >= 0);
});
