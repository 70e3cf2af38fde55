/**
 * Frames over the wiring: on random networks and placements each comes out where it should, once.
 */

import t from 'tap';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { isBig, placedOver } from '../../slices/network/members.ts';
import {
  isInfeasible,
  placementOf,
  type Snapshot,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import { emptyTags } from '../../slices/network/tags.ts';
import { Random } from '../openflow/random.ts';
import { clonedOn, exampleText, snapshotOf } from '../slices/networks.ts';
import { DumbNetwork, floodTrouble } from './dumb-network.ts';
import { randomSnapshot } from './random-network.ts';

/** Every vswitch floods on each of its bodies. */
function flooding(snapshot: Snapshot): DumbNetwork {
  const network = new DumbNetwork(snapshot);
  for (const vswitch of snapshot.vswitches.values()) {
    for (const body of placementOf(snapshot, vswitch.name).bodies) network.flood(vswitch, body);
  }
  return network;
}

/** Some vswitches get a second body, and each vport a home on one of the two. */
function scattered(snapshot: Snapshot, random: Random): Snapshot {
  let placed = snapshot;
  for (const { name, ports } of snapshot.vswitches.values()) {
    if (random.number(2) === 0) continue;
    const { primary } = placementOf(placed, name);
    const others = [...snapshot.datapaths.keys()].filter((one) => one !== primary);
    const bodies: readonly DatapathName[] = [primary, random.pick(others)];
    const homes = new Map([...ports.keys()].map((vport) => [vport, random.pick(bodies)]));
    const next = withPlacement(placed, name, { bodies, primary, homes });
    if (isInfeasible(next)) throw new Error(next.why);
    placed = next;
  }
  return placed;
}

t.test('the example: a flooded frame reaches its tenant, and nobody else', async (t) => {
  const snapshot = snapshotOf(exampleText());
  t.equal(floodTrouble(flooding(snapshot), snapshot), undefined);
  const network = flooding(snapshot);
  const [red] = snapshot.config.hosts;
  t.strictSame(red && network.send(red.at), ['s2:1'], 'red/h1 to red/h2');
});

t.test('the example, while red/v3 is on two bodies', async (t) => {
  for (const homes of [{}, { 1: 's4' }, { 1: 's4', 2: 's4' }]) {
    const snapshot = clonedOn(snapshotOf(exampleText()), 'red/v3', ['s3', 's4'], homes);
    t.equal(floodTrouble(flooding(snapshot), snapshot), undefined, JSON.stringify(homes));
  }
});

t.test('random networks, each vswitch on one body', async (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const snapshot = randomSnapshot(new Random(seed));
    const trouble = floodTrouble(flooding(snapshot), snapshot);
    if (trouble !== undefined) t.fail(`seed ${seed}: ${trouble}`);
  }
  t.pass('300 networks');
});

t.test('random networks with ports that hosts share, cloned vswitches among them', async (t) => {
  let shared = 0;
  for (let seed = 0; seed < 150; seed++) {
    const random = new Random(seed);
    const snapshot = scattered(randomSnapshot(random, 3, true), random);
    shared += snapshot.config.hosts.filter(({ vlan }) => vlan !== undefined).length;
    const trouble = floodTrouble(flooding(snapshot), snapshot);
    if (trouble !== undefined) t.fail(`seed ${seed}: ${trouble}`);
  }
  t.ok(shared > 100, `${shared} hosts share ports`);
});

t.test('random networks, cloned vswitches, every vport at home on some body', async (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const random = new Random(seed);
    const snapshot = scattered(randomSnapshot(random), random);
    const trouble = floodTrouble(flooding(snapshot), snapshot);
    if (trouble !== undefined) t.fail(`seed ${seed}: ${trouble}`);
  }
  t.pass('300 networks');
});

t.test('random networks of many vswitches on few datapaths, cloned ones among them', async (t) => {
  let outside = 0;
  for (let seed = 0; seed < 60; seed++) {
    const random = new Random(seed);
    const one = randomSnapshot(random, 14);
    for (const snapshot of [one, scattered(one, random)]) {
      outside += snapshot.outside.size;
      const trouble = floodTrouble(flooding(snapshot), snapshot);
      if (trouble !== undefined) t.fail(`seed ${seed}: ${trouble}`);
    }
  }
  t.ok(outside > 100, `${outside} virtual links led outside`);
});

/** Some members of each big switch are away. */
function without(snapshot: Snapshot, random: Random): Snapshot {
  let placed = snapshot;
  for (const vswitch of snapshot.vswitches.values()) {
    if (!isBig(vswitch)) continue;
    const away = new Set(vswitch.members.filter(() => random.number(3) === 0));
    const present = { isUp: () => true, isUsable: (one: DatapathName) => !away.has(one) };
    const primaryOf = (name: VswitchName) => placementOf(placed, name).primary;
    const around = { routes: snapshot.routes, primaryOf };
    const before = placementOf(placed, vswitch.name);
    const next = withPlacement(placed, vswitch.name, placedOver(around, vswitch, before, present));
    if (isInfeasible(next)) throw new Error(next.why);
    placed = next;
  }
  return placed;
}

t.test('random networks with big switches, with all members and without some', async (t) => {
  let big = 0;
  for (let seed = 0; seed < 150; seed++) {
    const random = new Random(seed);
    const one = randomSnapshot(random, 3, false, true);
    for (const snapshot of [one, without(one, random)]) {
      big += [...snapshot.vswitches.values()].filter(isBig).length;
      const trouble = floodTrouble(flooding(snapshot), snapshot);
      if (trouble !== undefined) t.fail(`seed ${seed}: ${trouble}`);
    }
  }
  t.ok(big > 150, `${big} big switches`);
});

t.test('a frame that comes from a link with a tag that nobody uses goes nowhere', async (t) => {
  const snapshot = snapshotOf(exampleText());
  const network = flooding(snapshot);
  for (const [one, other] of snapshot.config.links) {
    for (const end of [one, other]) {
      const { byKey } = snapshot.hopTags.get(`${end.device}:${end.port}`) ?? emptyTags;
      const used = new Set<number>(byKey.values());
      t.strictSame(network.send(end), [], 'no tag');
      for (let tag = 0; tag < 4096; tag += 1) {
        if (!used.has(tag) && network.send(end, [tag]).length > 0) t.fail(`tag ${tag}`);
      }
    }
  }
});
