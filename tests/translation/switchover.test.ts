/**
 * A migration's wiring, message by message: at no moment does a frame go astray (LIME 3).
 *
 * Make, change and break are each acknowledged everywhere before the next; within one, datapaths
 * take their messages in any order. After every single message all hosts send.
 */

import t from 'tap';
import type { Message } from '../../openflow/values/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import {
  isInfeasible,
  type Placement,
  placementOf,
  type Snapshot,
  type Vswitch,
  withPlacement,
} from '../../slices/network/snapshot.ts';
import { wiringOf } from '../../translation/datapath/wiring.ts';
import { type Difference, difference } from '../../translation/entries/difference.ts';
import { begin, type Migration, step } from '../../translation/migration/migration.ts';
import { actionsIn, placementIn } from '../../translation/migration/migration-states.ts';
import { Random } from '../openflow/random.ts';
import { DumbNetwork, floodTrouble } from './dumb-network.ts';
import { randomSnapshot } from './random-network.ts';

type Part = keyof Difference;

interface Scene {
  readonly network: DumbNetwork;
  readonly random: Random;
  snapshot: Snapshot;
}

function placed(snapshot: Snapshot, vswitch: Vswitch, placement: Placement): Snapshot {
  const next = withPlacement(snapshot, vswitch.name, placement);
  if (isInfeasible(next)) throw new Error(next.why);
  return next;
}

/** Carries out one part on all datapaths, interleaved at random; looks after each message. */
function applyPart(scene: Scene, parts: ReadonlyMap<DatapathName, Difference>, part: Part): void {
  const queues = [...parts].map(([name, all]): [DatapathName, Message[]] => [name, [...all[part]]]);
  for (let left = queues.filter(([, q]) => q.length > 0); left.length > 0; ) {
    const [name, queue] = scene.random.pick(left);
    const message = queue.shift();
    if (message !== undefined) scene.network.at(name).apply(message);
    const trouble = floodTrouble(scene.network, scene.snapshot);
    if (trouble !== undefined) throw new Error(`${part} on ${name}: ${trouble}`);
    left = queues.filter(([, q]) => q.length > 0);
  }
}

function rewire(scene: Scene, next: Snapshot, wanted: 'makeAndChange' | 'all'): void {
  const wired = [...next.datapaths.keys()].map((name) => {
    const { flows, groups } = wiringOf(next, name);
    const have = scene.network.at(name).tables();
    // Tenants' rules are not the wiring's affair.
    const rules = [...have.flows].filter(([, flow]) => flow.tableId === 2);
    const want = { flows: new Map([...flows, ...rules]), groups, meters: have.meters };
    return [name, difference(have, want)] as const;
  });
  const parts = new Map(wired);
  const names: readonly Part[] = ['make', 'change', 'break'];
  for (const part of wanted === 'all' ? names : names.slice(0, 2)) applyPart(scene, parts, part);
  scene.snapshot = next;
}

/** One state of a migration, as the executor does it (hypervisor/migrate/executor.ts). */
function enact(scene: Scene, migration: Migration, vswitch: Vswitch): void {
  for (const action of actionsIn(migration)) {
    if (action.type === 'place') {
      const next = placed(scene.snapshot, vswitch, placementIn(migration, vswitch));
      rewire(scene, next, action.parts);
    }
    if (action.type === 'copyRules') scene.network.flood(vswitch, action.on);
    if (action.type === 'leave') {
      const left = scene.network.at(action.on);
      const id = BigInt(vswitch.id);
      left.flows = left.flows.filter(
        (f) => f.tableId !== 2 || ((f.cookie >> 32n) & 0xffffn) !== id,
      );
    }
  }
}

/** A random migration on a random network, undone when `undoAfter` states are done. */
function migrate(seed: number, undoAfter: number): string {
  const random = new Random(seed);
  const snapshot = randomSnapshot(random);
  const network = new DumbNetwork(snapshot);
  for (const one of snapshot.vswitches.values()) {
    for (const body of placementOf(snapshot, one.name).bodies) network.flood(one, body);
  }
  const scene: Scene = { network, random, snapshot };
  const vswitch = random.pick([...snapshot.vswitches.values()]);
  const { primary: from } = placementOf(snapshot, vswitch.name);
  const to = random.pick([...snapshot.datapaths.keys()].filter((name) => name !== from));
  const together = random.pick([{}, { portsAtOnce: 1 }, { portsAtOnce: 2 }]);
  let migration = begin(1, vswitch.name, from, to, 'lime', 0, together);
  for (let states = 1; states < 30; states++) {
    if (migration.state.type === 'done' || migration.state.type === 'undone') break;
    enact(scene, migration, vswitch);
    const event =
      states === undoAfter
        ? ({ type: 'undo', why: 'test' } as const)
        : ({ type: 'acted' } as const);
    migration = step(migration, event, vswitch.ports.size, 0);
  }
  const end = placementOf(scene.snapshot, vswitch.name);
  const want = migration.state.type === 'done' ? to : from;
  if (end.bodies.join() !== want) throw new Error(`ends on ${end.bodies.join()}`);
  for (const name of scene.snapshot.datapaths.keys()) {
    const clean = wiringOf(scene.snapshot, name);
    const extra = network.at(name).flows.filter((f) => f.tableId !== 2).length - clean.flows.size;
    if (extra !== 0) throw new Error(`${extra} entries too many on ${name}`);
  }
  return migration.state.type;
}

function migrateMany(seeds: number, undoAfter: number): readonly string[] {
  const ends: string[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    try {
      ends.push(migrate(seed, undoAfter));
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return [...new Set(ends)];
}

/** Everything moves in one difference: the new body's wiring is new, and used at once. */
function moveAtOnce(seed: number): void {
  const random = new Random(seed);
  const snapshot = randomSnapshot(random);
  const scene: Scene = { network: new DumbNetwork(snapshot), random, snapshot };
  const vswitch = random.pick([...snapshot.vswitches.values()]);
  for (const one of snapshot.vswitches.values()) {
    for (const body of placementOf(snapshot, one.name).bodies) scene.network.flood(one, body);
  }
  const { primary: from } = placementOf(snapshot, vswitch.name);
  const to = random.pick([...snapshot.datapaths.keys()].filter((name) => name !== from));
  scene.network.flood(vswitch, to);
  const homes = new Map([...vswitch.ports.keys()].map((vport) => [vport, to]));
  rewire(scene, placed(snapshot, vswitch, { bodies: [from, to], primary: from, homes }), 'all');
  rewire(scene, placed(scene.snapshot, vswitch, { bodies: [to], primary: to, homes }), 'all');
}

t.test('make before change before break is safe even when all moves at once', async (t) => {
  for (let seed = 0; seed < 40; seed++) {
    t.doesNotThrow(() => moveAtOnce(seed), `seed ${seed}`);
  }
});

t.test('no frame goes astray while a vswitch migrates', async (t) => {
  t.strictSame(migrateMany(40, 0), ['done']);
});

for (const states of [1, 2, 3, 4]) {
  t.test(`nor when it is undone after ${states} states`, async (t) => {
    t.ok(migrateMany(12, states).includes('undone'));
  });
}
