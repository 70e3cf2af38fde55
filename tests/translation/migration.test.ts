/**
 * Every path of a migration: both strategies, undone or failed in every state (DESIGN 7).
 */

import t from 'tap';
import type { Vport } from '../../slices/ids.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import {
  begin,
  canUndo,
  type Event,
  isOver,
  type Migration,
  type Strategy,
  step,
  strategies,
} from '../../translation/migration/migration.ts';
import {
  actionsIn,
  emptyIn,
  frozenIn,
  leavingIn,
  placementIn,
} from '../../translation/migration/migration-states.ts';
import { datapath, exampleText, snapshotOf, vswitchName, vswitchOf } from '../slices/networks.ts';

const v3 = vswitchOf(snapshotOf(exampleText()), 'red/v3');
const [s3, s4] = [datapath('s3'), datapath('s4')];
const bare: Vswitch = { ...v3, ports: new Map() };

/** Its ports move one by one: every state that there may be is seen. */
const start = (strategy: Strategy, portsAtOnce?: number): Migration => {
  const more = portsAtOnce === undefined ? {} : { portsAtOnce };
  return begin(1, vswitchName('red/v3'), s3, s4, strategy, 1_000, more);
};

const acted: Event = { type: 'acted' };
const undo: Event = { type: 'undo', why: 'x' };

/** The migration in each of its states when `event` comes after `acts` states. */
function path(
  strategy: Strategy,
  vswitch: Vswitch,
  acts = 99,
  event = undo,
  first = start(strategy, 1),
): Migration[] {
  const states = [first];
  for (let i = 1; i < 40; i++) {
    const at = states.at(-1);
    if (at === undefined || isOver(at)) break;
    const next = step(at, i === acts ? event : acted, vswitch.ports.size, 1_000 + i);
    if (next !== at) states.push(next);
  }
  return states;
}

const nameOf = ({ state }: Migration) =>
  state.type === 'move' ? `move ${state.moved}` : state.type;
const names = (states: readonly Migration[]) => states.map(nameOf).join(' ');

/** One that makes room before it is filled, alone. */
const emptying: Migration = begin(1, vswitchName('red/v3'), s3, s4, 'freeze', 1_000, {
  emptiesFirst: true,
});

/** Every migration in every state of every path. */
function everyState(vswitch: Vswitch): readonly Migration[] {
  const moments = [99, 1, 2, 3, 4, 5, 6, 7, 8];
  return [
    ...strategies.flatMap((strategy) => moments.flatMap((acts) => path(strategy, vswitch, acts))),
    ...moments.flatMap((acts) => path('freeze', vswitch, acts, undo, emptying)),
  ];
}

t.test('the way through, by both strategies', async (t) => {
  t.equal(names(path('lime', v3)), 'tunnels clone handOver move 1 move 2 drain retire done');
  t.equal(names(path('freeze', v3)), 'tunnels freeze copy move 2 retire done');
  t.equal(names(path('lime', bare)), 'tunnels clone handOver drain retire done');
  t.equal(names(path('freeze', bare)), 'tunnels freeze copy move 0 retire done');
});

t.test(
  'where there is no room for two: the old body is emptied before the new one is filled',
  async (t) => {
    const way = path('freeze', v3, 99, undo, emptying);
    t.equal(names(way), 'tunnels freeze move 2 empty copy retire done');
    const back = (acts: number) => names(path('freeze', v3, acts, undo, emptying));
    t.equal(back(1), 'tunnels undoRetire undone');
    const refilled = 'undoEmpty undoMove undoCopy undoDrain undoRetire undone';
    t.equal(back(2), `tunnels freeze ${refilled}`);
    t.equal(back(5), `tunnels freeze move 2 empty copy ${refilled}`);
    t.equal(back(6), names(way), 'too late');
    const part = { ...emptying, ensemble: 7 };
    const go = (one: Migration) => step(one, { type: 'go' }, 2, 0);
    const waits = (one: Migration) => path('freeze', v3, 99, undo, one).slice(0, 9).map(nameOf);
    const ready = path('freeze', v3, 99, undo, part).find(({ state }) => state.type === 'ready');
    if (ready === undefined) throw new Error('it waits');
    t.match(waits(go(ready)).join(' '), /^freeze move 2 empty emptied/);
    t.equal(nameOf(step(ready, undo, 2, 0)), 'undoHandOver', 'packets meet its rules yet');
  },
);

t.test(
  'what is to be empty is frozen, or was left: no packet meets half of the rules',
  async (t) => {
    for (const one of everyState(v3).filter(({ emptiesFirst }) => emptiesFirst)) {
      const { primary, homes } = placementIn(one, v3);
      const frozen = frozenIn(one);
      for (const on of emptyIn(one)) {
        const isMet = on === primary || [...homes.values()].includes(on);
        t.ok(!isMet || frozen.includes(on), `${nameOf(one)}: ${on}`);
      }
      const copied = actionsIn(one).flatMap((a) => (a.type === 'copyRules' ? [a.on] : []));
      for (const on of copied) t.notOk(emptyIn(one).includes(on), `${nameOf(one)}: fills ${on}`);
    }
  },
);

t.test('ports move together, or in groups', async (t) => {
  const [port] = v3.ports.values();
  if (port === undefined) throw new Error('v3 has ports');
  const numbers = Array.from({ length: 7 }, (_, i) => (i + 1) as Vport);
  const wide: Vswitch = { ...v3, ports: new Map(numbers.map((number) => [number, port])) };
  const moves = (portsAtOnce?: number) =>
    names(
      path('lime', wide, 99, undo, start('lime', portsAtOnce)).filter(
        ({ state }) => state.type === 'move',
      ),
    );
  t.equal(moves(), 'move 7', 'all at once, unless somebody wants it otherwise');
  t.equal(moves(3), 'move 3 move 6 move 7');
  t.equal(moves(7), 'move 7');
  t.equal(moves(100), 'move 7');
  t.equal(names(path('lime', bare, 99, undo, start('lime'))), names(path('lime', bare)));
});

t.test('undone or failed in any state before retire: back, and nowhere else', async (t) => {
  for (const strategy of strategies) {
    const way = path(strategy, v3).map(nameOf);
    const retire = way.indexOf('retire');
    for (const event of [undo, { type: 'failed', why: 'x' } as const]) {
      for (let acts = 1; acts < way.length; acts++) {
        const done = way.slice(0, acts);
        const hasMoved = strategy === 'freeze' || acts > way.indexOf('move 1');
        const isLed = acts > 1 ? ['undoHandOver', 'undoDrain'] : [];
        const rest = [...(hasMoved && acts > 1 ? ['undoMove'] : []), ...isLed];
        const back = acts <= retire ? [...done, ...rest, 'undoRetire', 'undone'] : way;
        t.equal(names(path(strategy, v3, acts, event)), back.join(' '), `${strategy} ${acts}`);
      }
    }
  }
});

t.test('an undo while it is being undone changes nothing', async (t) => {
  for (const one of everyState(v3).filter((m) => m.state.type.startsWith('undo'))) {
    t.equal(step(one, undo, 2, 0), one);
    t.notOk(canUndo(one));
  }
});

t.test('what is over stays over', async (t) => {
  for (const one of everyState(v3).filter(isOver)) {
    for (const event of [acted, undo]) t.equal(step(one, event, 2, 0), one, nameOf(one));
    t.strictSame(actionsIn(one), []);
  }
});

t.test('retire is the first state that cannot be undone', async (t) => {
  for (const strategy of strategies) {
    const states = path(strategy, v3);
    const firstFinal = states.findIndex((one) => !canUndo(one));
    t.equal(states[firstFinal]?.state.type, 'retire');
    t.ok(states.slice(firstFinal).every((one) => !canUndo(one)));
  }
});

t.test('placements: both bodies until retire, homes move in the order of the ports', async (t) => {
  const homes = (one: Migration) => [...placementIn(one, v3).homes.values()].join();
  t.strictSame(
    path('lime', v3).map((one) => `${nameOf(one)}: ${placementIn(one, v3).bodies} ${homes(one)}`),
    [
      'tunnels: s3,s4 s3,s3',
      'clone: s3,s4 s3,s3',
      'handOver: s3,s4 s3,s3',
      'move 1: s3,s4 s4,s3',
      'move 2: s3,s4 s4,s4',
      'drain: s3,s4 s4,s4',
      'retire: s4 s4,s4',
      'done: s4 s4,s4',
    ],
  );
});

t.test('in every state the parts fit together', async (t) => {
  for (const vswitch of [v3, bare]) {
    for (const one of everyState(vswitch)) {
      const { bodies, primary, homes } = placementIn(one, vswitch);
      const name = `${one.strategy} ${nameOf(one)}`;
      t.ok(bodies.includes(primary), `${name}: the primary is a body`);
      t.strictSame([...homes.keys()], [...vswitch.ports.keys()], `${name}: a home for each port`);
      t.ok(
        [...homes.values()].every((home) => bodies.includes(home)),
        `${name}: homes are bodies`,
      );
      for (const action of actionsIn(one)) {
        if (action.type === 'copyRules' || action.type === 'drain') {
          t.ok(bodies.includes(action.on), `${name}: ${action.type} on a body`);
        }
        if (action.type === 'leave') t.notOk(bodies.includes(action.on), `${name}: leaves`);
        if (action.type === 'leave') t.equal(action.on, leavingIn(one), `${name}: the leaving one`);
      }
    }
  }
});

t.test('one body is the primary, and it changes while all ports are on one body', async (t) => {
  const primaries = (states: readonly Migration[]) =>
    states.map((one) => `${nameOf(one)}: ${placementIn(one, v3).primary}`);
  const way = path('lime', v3);
  t.strictSame(primaries(way).slice(1, 5), [
    'clone: s3',
    'handOver: s4',
    'move 1: s4',
    'move 2: s4',
  ]);
  t.strictSame(primaries(path('lime', v3, 4)).slice(4), [
    'undoMove: s4',
    'undoHandOver: s3',
    'undoDrain: s3',
    'undoRetire: s3',
    'undone: s3',
  ]);
  for (const acts of [99, 1, 2, 3, 4, 5, 6]) {
    const states = path('lime', v3, acts).map((one) => placementIn(one, v3));
    for (const [i, now] of states.entries()) {
      const before = states[i - 1];
      if (before === undefined || before.primary === now.primary) continue;
      t.equal(new Set([...before.homes.values(), ...now.homes.values()]).size, 1, `${acts} ${i}`);
    }
  }
});

t.test('only freeze freezes, only the old body, and thaws on every way out', async (t) => {
  for (const one of path('lime', v3, 4)) t.strictSame(frozenIn(one), [], nameOf(one));
  t.strictSame(
    path('freeze', v3).map((one) => frozenIn(one).join() || '-'),
    ['-', 's3', 's3', 's3', 's3', '-'],
  );
  for (let acts = 1; acts < 9; acts++) {
    const states = path('freeze', v3, acts);
    const isFrozen = states.some((one) => actionsIn(one).some((a) => a.type === 'freeze'));
    const thawed = states.some((one) => actionsIn(one).some((a) => a.type === 'thaw'));
    t.ok(!isFrozen || thawed, `after ${acts} states`);
  }
});

t.test('phases: each finished state once, without gaps', async (t) => {
  for (const acts of [99, 3]) {
    const states = path('lime', v3, acts);
    const last = states.at(-1);
    t.strictSame(
      last?.phases.map((phase) => phase.name),
      states.slice(0, -1).map((m) => m.state.type),
    );
    let at = 1_000;
    for (const { startedMs, endedMs } of last?.phases ?? []) {
      t.equal(startedMs, at);
      at = endedMs;
    }
    t.equal(last?.stateSinceMs, at);
  }
});

t.test('it is a plain value: what the store gives back acts the same', async (t) => {
  for (const one of everyState(v3)) {
    const again = JSON.parse(JSON.stringify(one)) as Migration;
    t.strictSame(actionsIn(again), actionsIn(one));
    t.strictSame(step(again, acted, 2, 5), step(one, acted, 2, 5));
  }
});
