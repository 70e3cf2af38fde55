/**
 * What goes wrong in the middle of a migration, on real switches: nobody's packets are lost.
 *
 * DESIGN 8: "kill -9 at any instant: switches keep forwarding, a restart reconciles, and resumes
 * or undoes the migration".
 *
 * Killed at other moments, too, in tests/soak/trouble.soak.ts.
 */
import t from 'tap';
import type { Lab } from '../../examples/lab/lab.ts';
import { startPing } from '../../examples/lab/ping.ts';
import {
  attempt,
  killLimevisor,
  restartLimevisor,
  root,
  socketOf,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import {
  bodiesOf,
  controllerMessages,
  keepNeighbours,
  pingAll,
  startExperiment,
  untilServed,
} from '../../examples/live-migration/experiment.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import { partsOf } from './parts.ts';

const lab = await startExperiment(false, 'OpenFlow13');
t.teardown(() => lab.stop());
await pingAll(lab);
await keepNeighbours(lab);

/** Begins to migrate red's v3 to the other of s3 and s4, without waiting for the end. */
async function beginMove(lab: Lab): Promise<string> {
  const [on] = await bodiesOf(lab, 'red/v3');
  const to = on === 's3' ? 's4' : 's3';
  const argv = [`${root}/limevisor`, 'migrate', 'red/v3', '--to', to, '--socket', socketOf(lab)];
  const before = (await migrations(lab)).length;
  const command = lab.inside.start(argv);
  await until('the migration beginning', 30_000, async () =>
    (await migrations(lab)).length > before ? true : undefined,
  );
  // The command is killed half-way, each time: whoever asked does not matter.
  await command.end('SIGKILL');
  return to;
}

async function migrations(lab: Lab): Promise<readonly Migration[]> {
  return (await statusOf(lab)).migrations;
}

async function endOfMove(lab: Lab): Promise<string> {
  return until('the end of the migration', 30_000, async () => {
    const state = (await migrations(lab)).at(-1)?.state.type;
    return state === 'done' || state === 'undone' ? state : undefined;
  });
}

t.test('the command is killed half-way: the migration goes on', async (t) => {
  const ping = startPing(lab, 'red-h1', '10.0.0.2');
  const to = await beginMove(lab);
  t.equal(await endOfMove(lab), 'done');
  t.same(await bodiesOf(lab, 'red/v3'), [to]);
  t.match(await ping.stop(), { lost: 0, duplicates: 0 });
});

for (const afterMs of partsOf([0, 150, 600], [150])) {
  t.test(`limevisor is killed ${afterMs} ms into it: a restart finishes it`, async (t) => {
    const ping = startPing(lab, 'red-h1', '10.0.0.2');
    await sleep(200);
    await beginMove(lab);
    await sleep(afterMs);
    await killLimevisor(lab);
    await restartLimevisor(lab);
    await untilServed(lab);
    const end = await endOfMove(lab);
    const result = await ping.stop();
    t.match(end, /done|undone/);
    t.match(result, { lost: 0, duplicates: 0 }, `red lost nothing of ${result.sent}`);
  });
}

t.test('an operator changes his mind: undo brings it back, and nobody notices', async (t) => {
  const [home] = await bodiesOf(lab, 'red/v3');
  const to = home === 's3' ? 's4' : 's3';
  const ping = startPing(lab, 'red-h1', '10.0.0.2');
  await sleep(500);
  const seen = controllerMessages(lab).length;
  let id = 0;
  // Over the socket: a command takes as long to start as the migration lasts.
  await ask(socketOf(lab), 'migrate', { vswitch: 'red/v3', to, noWatch: true }, (event) => {
    const migration = event as Migration;
    if (migration.state.type !== 'move' || id !== 0) return;
    id = migration.id;
    void ask(socketOf(lab), 'undo', { migration: id });
  });
  t.equal(await endOfMove(lab), 'undone');
  t.same(await bodiesOf(lab, 'red/v3'), [home]);
  t.match(await ping.stop(), { lost: 0, duplicates: 0 });
  t.same(controllerMessages(lab).slice(seen), []);
  const late = await attempt(lab, ['undo', String(id)]);
  t.equal(late.code, 4, 'what is over cannot be undone');
});

t.test('the connection of the new switch is cut: it comes back, and nothing is lost', async (t) => {
  const [home] = await bodiesOf(lab, 'red/v3');
  const ping = startPing(lab, 'red-h1', '10.0.0.2');
  await sleep(500);
  const seen = controllerMessages(lab).length;
  const to = await beginMove(lab);
  // A port where nobody listens: the switch keeps its rules, as `del-controller` would not.
  await lab.vsctl('set-controller', to, 'tcp:127.0.0.1:9');
  const end = await endOfMove(lab);
  const result = await ping.stop();
  t.match(result, { lost: 0, duplicates: 0 }, `${end}: red lost nothing of ${result.sent}`);
  const last = (await migrations(lab)).at(-1);
  if (end === 'undone') {
    t.same(await bodiesOf(lab, 'red/v3'), [home]);
    // LIME 4.2: "if either switch instance fails, LIME should report a switch failure"; but a
    // clone that carried nothing yet was never a part of the switch. It processes everything from
    // the hand-over on, before the first port moves (docs/DESIGN.md section 5).
    const carried = last?.phases.some(({ name }) => name === 'handOver' || name === 'move');
    if (!carried) t.same(controllerMessages(lab).slice(seen), [], 'its controller saw nothing');
  }
  await lab.vsctl('set-controller', to, lab.spec.controller);
  await untilReady(lab);
  await untilServed(lab);
});

t.test('what cannot work is refused before anything changes', async (t) => {
  const [home] = await bodiesOf(lab, 'red/v3');
  const cases: readonly (readonly [string[], RegExp])[] = [
    [['migrate', 'red/v3', '--to', home ?? ''], /lives on s\d already/],
    [['migrate', 'red/v9', '--to', 's4'], /no vswitch or host "red\/v9"; known: red\/v1/],
    [['migrate', 'red/v3', '--to', 's9'], /no datapath "s9"; known: s1/],
  ];
  for (const [args, why] of cases) {
    const ended = await attempt(lab, args);
    t.equal(ended.code, 4);
    t.match(ended.stderr, why);
  }
  const dry = await attempt(lab, ['migrate', 'red/v1', '--to', 's4', '--dry-run']);
  t.equal(dry.code, 0);
  t.match(dry.stdout, /tunnels: .*\n.*clone: copy \d+ rules? to s4/);
  t.same(await bodiesOf(lab, 'red/v1'), ['s1']);
});
