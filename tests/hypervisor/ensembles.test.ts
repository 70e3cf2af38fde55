/**
 * A member that failed where the others can only go on is tried again: in each ensemble anew,
 * whatever became of an earlier one of the same vswitch.
 */
import t from 'tap';
import { Ensembles } from '../../hypervisor/migrate/ensembles.ts';
import type { ExecutorUser } from '../../hypervisor/migrate/executor-user.ts';
import type { Members } from '../../hypervisor/migrate/member-orders.ts';
import { limits } from '../../slices/limits.ts';
import { beginEnsemble, type Ensemble } from '../../translation/migration/ensemble.ts';
import type { VswitchMove } from '../../translation/migration/ensemble-members.ts';
import { begin, type Migration } from '../../translation/migration/migration.ts';
import { datapath, snapshotOf, twoDatapaths, vswitchName } from '../slices/networks.ts';
import { FakeWorld } from './fake-world.ts';

const [from, to] = [datapath('s1'), datapath('s2')];

function moveOf(name: string): VswitchMove {
  return { type: 'vswitch', vswitch: vswitchName(name), from, to, strategy: 'lime' };
}

/** Two of one group: the first can only go on, the second has failed. */
function halfDone(id: number): { readonly ensemble: Ensemble; readonly all: readonly Migration[] } {
  const moves = ['red/v1', 'red/v2'].map(moveOf);
  const all = moves.map(({ vswitch }, i): Migration => {
    const one = begin(id + 1 + i, vswitch, from, to, 'lime', 0, { ensemble: id });
    if (i > 0) return { ...one, state: { type: 'undone', why: 'no room' } };
    return { ...one, state: { type: 'arrived' }, aside: { body: from, why: 'full' } };
  });
  const members = moves.map((move, i) => ({ move, group: 0, migration: id + 1 + i }));
  const ensemble = beginEnsemble(id, 'red', { members, plan: [] }, 0);
  return { all, ensemble: { ...ensemble, state: { type: 'move', group: 0 } } };
}

t.test('one that ended before its time does not keep a vswitch from it later', async (t) => {
  const world = new FakeWorld();
  const snapshot = snapshotOf(twoDatapaths());
  const [early, late] = [halfDone(1), halfDone(11)];
  const migrations = new Map([...early.all, ...late.all].map((one) => [one.id, one]));
  const alarms: string[] = [];
  const begun: number[] = [];
  const run = (_: unknown, work: () => void): void => work();
  const user = {
    ...{ world, boundary: { run, chore: run }, runtime: () => undefined },
    ...{ journal: { put: () => undefined, sync: (done: () => void) => done() } },
    ...{ hostMoves: { all: () => [] }, snapshot: () => snapshot },
    ...{ onEnsemble: () => undefined, alarm: (what: string) => void alarms.push(what) },
  } as unknown as ExecutorUser;
  const end = ({ id }: Migration): void => {
    const one = migrations.get(id);
    if (one !== undefined) migrations.set(id, { ...one, state: { type: 'done' } });
  };
  const members: Members = {
    all: migrations,
    allocateId: () => 100,
    begin({ vswitch }, ensemble) {
      begun.push(ensemble);
      const one = begin(20 + begun.length, vswitch, from, to, 'lime', 0, { ensemble });
      migrations.set(one.id, one);
      return one;
    },
    go: end,
    undo: () => undefined,
  };
  const ensembles = new Ensembles(user, members, [early.ensemble, late.ensemble]);
  ensembles.look(1);
  t.equal(alarms.length, 1);
  // Another file ends it meanwhile.
  for (const one of early.all) end(one);
  ensembles.look(1);
  t.equal(ensembles.all.get(1)?.state.type, 'done');
  world.pass(limits.ensembleRetryMs);
  t.strictSame(begun, [], 'nothing is left to be tried');
  ensembles.look(11);
  world.pass(limits.ensembleRetryMs);
  t.strictSame(begun, [11]);
  t.match(alarms[1], /^migration 11: red\/v2 is tried again/);
});
