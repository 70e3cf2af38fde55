/**
 * A migration as the page plays it: the lane of its phases, and what the stage shows at a moment.
 */
import t from 'tap';
import type { HostMoved, Migrated } from '../../hypervisor/page/documents.ts';
import {
  hostLaneOf,
  hostMomentOf,
  hostPictures,
  whereText,
} from '../../hypervisor/page/host-phases.ts';
import { entriesOf, membersText } from '../../hypervisor/page/migration-entries.ts';
import {
  countsOf,
  laneOf,
  mayUndo,
  mayUndoAll,
  momentOf,
  type PhaseName,
  pictures,
  spanOf,
} from '../../hypervisor/page/phases.ts';
import type { DatapathName, Port, VswitchName } from '../../slices/ids.ts';
import {
  beginHostMove,
  type HostMove,
  isHostMoveOver,
  stepHostMove,
} from '../../translation/migration/host-move.ts';
import {
  begin,
  canUndo,
  isOver,
  type Migration,
  step,
} from '../../translation/migration/migration.ts';

/** A migration that goes on until `state`, each phase 100 ms long. */
function until(
  state: string,
  strategy: 'lime' | 'freeze' = 'lime',
  undoAt = '',
  emptiesFirst = false,
): Migration {
  const [from, to] = ['s1', 's2'] as DatapathName[];
  let one = begin(
    7,
    'red/v' as VswitchName,
    from ?? ('' as DatapathName),
    to ?? ('' as DatapathName),
    strategy,
    1_000,
    { emptiesFirst },
  );
  for (let now = 1_100; one.state.type !== state && !isOver(one); now += 100) {
    const event =
      one.state.type === undoAt
        ? ({ type: 'undo', why: 'why' } as const)
        : ({ type: 'acted' } as const);
    one = step(one, event, 2, now);
  }
  return one;
}

t.test('the lane has what was, what is, and what comes', async (t) => {
  const lane = laneOf(until('move') satisfies Migrated, 1_350);
  t.strictSame(
    lane.map(({ name, when, tookMs }) => `${name} ${when} ${tookMs ?? ''}`.trim()),
    [
      ...['tunnels past 100', 'clone past 100', 'handOver past 100', 'move now 50'],
      ...['drain coming', 'retire coming', 'done coming'],
    ],
  );
});

t.test('one that is undone goes back, and another strategy has other phases', async (t) => {
  const back = laneOf(until('undoHandOver', 'lime', 'drain'), 9_000);
  t.strictSame(
    back.map(({ name }) => name),
    [
      ...['tunnels', 'clone', 'handOver', 'move', 'drain', 'undoMove'],
      ...['undoHandOver', 'undoDrain', 'undoRetire', 'undone'],
    ],
  );
  t.strictSame(
    laneOf(until('tunnels', 'freeze'), 1_000).map(({ name }) => name),
    ['tunnels', 'freeze', 'copy', 'move', 'retire', 'done'],
  );
  t.strictSame(
    laneOf(until('tunnels', 'freeze', '', true), 1_000).map(({ name }) => name),
    ['tunnels', 'freeze', 'move', 'empty', 'copy', 'retire', 'done'],
  );
  const over = laneOf(until('done'), 9_000);
  t.ok(over.every(({ when }) => when === 'past'));
});

t.test(
  'every state of a migration has a picture, and may be undone as the executor says',
  async (t) => {
    const names = new Set<string>();
    for (const strategy of ['lime', 'freeze'] as const) {
      for (const undoAt of ['', 'clone', 'freeze', 'copy', 'drain', 'move']) {
        for (const state of Object.keys(pictures)) {
          const one = until(state, strategy, undoAt);
          names.add(one.state.type);
          t.equal(mayUndo(one), canUndo(one), `${strategy} ${one.state.type}`);
        }
      }
    }
    for (const undoAt of ['', 'freeze', 'copy']) {
      for (const state of Object.keys(pictures)) {
        const one = until(state, 'freeze', undoAt, true);
        names.add(one.state.type);
        t.equal(mayUndo(one), canUndo(one), `making room: ${one.state.type}`);
      }
    }
    const waiting = ['ready', 'emptied', 'arrived'];
    t.strictSame([...names, ...waiting].sort(), Object.keys(pictures).sort());
  },
);

t.test('the same moments are shown whenever they are replayed', async (t) => {
  const one = until('done');
  const [beginMs, endMs] = spanOf(one, 99_999);
  t.strictSame([beginMs, endMs], [1_000, 1_600]);
  const shown = [0, 150, 250, 350, 450, 550, 650].map((ms) => {
    const { name, progress, picture } = momentOf(one, beginMs + ms);
    return `${name} ${progress} ${picture.from} ${picture.to} ${picture.ports}`;
  });
  t.strictSame(shown, [
    'tunnels 0 primary absent from',
    'clone 0.5 primary filling from',
    'handOver 0.5 leading primary from',
    'move 0.5 leading primary moving',
    'drain 0.5 leading primary to',
    'retire 0.5 leaving primary to',
    'done 1 absent primary to',
  ]);
  const last: PhaseName = momentOf(one, Number.POSITIVE_INFINITY).name;
  t.equal(last, 'done');
});

t.test('an ensemble stands above its members, the newest first', async (t) => {
  const ensemble = { id: 8, what: 'red to s2', plan: [], stateSinceMs: 0, startedMs: 1_000 };
  const one = (id: number, more: Partial<Migration> = {}) => ({ ...until('done'), id, ...more });
  const migrations = [one(7), one(9, { ensemble: 8 }), one(10, { ensemble: 8 }), one(11)];
  const entries = entriesOf(migrations, [{ ...ensemble, state: { type: 'move' } }]);
  t.strictSame(
    entries.map(
      ({ id, title, isMember, state }) => `${isMember ? '  ' : ''}${id} ${title} ${state}`,
    ),
    ['11 red/v done', '8 red to s2 move', '  9 red/v done', '  10 red/v done', '7 red/v done'],
  );
  t.equal(entries[1]?.says, '2 vswitches as one');
  t.equal(membersText(8, [], [{ ensemble: 8 } as HostMoved]), '1 host');
  t.equal(mayUndoAll({ state: { type: 'move' } }), true);
  t.equal(mayUndoAll({ state: { type: 'retire' } }), false);
});

t.test('only what was counted is said', async (t) => {
  t.strictSame(countsOf(until('clone')), []);
  const counted = {
    ...until('done'),
    ...{
      rules: 1_200,
      handOver: { tookMs: 3, held: 0, redirected: 41, dropped: 5 },
      watched: { stale: 2, heals: 1 },
    },
  };
  t.strictSame(
    countsOf(counted).map(({ label, value, isBad }) => [label, value, isBad]),
    [
      ['rules copied', '1,200', false],
      ['redirected', '41', false],
      ['dropped', '5', true],
      ['held', '0', false],
      ['lost', '2', true],
    ],
  );
});

/** A host of `red/v1` that moves as part of ensemble 9, its states 100 ms long. */
function hostUntil(state: string, undo = false): HostMove {
  const [s1, s5] = ['s1', 's5'] as DatapathName[];
  const what = {
    ...{ host: 'red/h1', vswitch: 'red/v1' as VswitchName, vport: 1, driver: 'netns' as const },
    ...{ from: { device: s1, port: 1 as Port }, to: { device: s5, port: 4 as Port } },
  };
  let one = beginHostMove(3, what as Parameters<typeof beginHostMove>[1], 1_000, {
    ensemble: 9,
  });
  for (let now = 1_100; one.state.type !== state && !isHostMoveOver(one); now += 100) {
    const isBack = undo && one.state.type === 'run';
    one = stepHostMove(one, isBack ? { type: 'undo', why: 'why' } : { type: 'acted' }, now);
  }
  return one;
}

t.test('a host that moves has a lane and a place at each moment', async (t) => {
  const words = (move: HostMove) =>
    hostLaneOf(move satisfies HostMoved, 1_250).map(({ name, when }) => `${name} ${when}`);
  t.strictSame(words(hostUntil('run')), ['open past', 'run now', 'close coming', 'done coming']);
  t.strictSame(words(hostUntil('undo', true)), [
    ...['open past', 'run past', 'undo now', 'undone coming'],
  ]);
  t.strictSame(words(hostUntil('done')), ['open past', 'run past', 'close past', 'done past']);
  const done = hostUntil('done');
  const where = (atMs: number) => whereText(done, hostMomentOf(done, atMs));
  t.strictSame([900, 1_050, 1_150, 1_250, Number.POSITIVE_INFINITY].map(where), [
    's1:1',
    's1:1, and s5:4 opened',
    's1:1 → s5:4',
    's5:4',
    's5:4',
  ]);
  const back = hostUntil('undone', true);
  t.equal(whereText(back, hostMomentOf(back, Number.POSITIVE_INFINITY)), 's1:1');
  t.ok(Object.keys(hostPictures).includes(done.state.type));
});

t.test('hosts stand in the list by themselves, and below what they are part of', async (t) => {
  const alone = { ...hostUntil('run'), id: 4, startedMs: 5_000 };
  const { ensemble: _, ...bare } = alone;
  const whole = {
    ...{ id: 9, what: 'red', plan: [], state: { type: 'move' } },
    ...{ stateSinceMs: 1_000, startedMs: 1_000 },
  };
  const member: Migrated = { ...until('move'), ensemble: 9 };
  const found = entriesOf([member], [whole], [hostUntil('run'), bare]);
  t.strictSame(
    found.map(({ id, isMember }) => `${id} ${isMember}`),
    ['move-4 false', '9 false', '7 true', 'move-3 true'],
  );
  t.equal(found[3]?.says, 's1:1 → s5:4');
});
