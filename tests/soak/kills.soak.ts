/**
 * kill -9 at random moments of a migration, RUNS times (SEED=1 RUNS=40): nobody's packets are lost.
 * tests/live/trouble.test.ts is the short form.
 */
import t, { type Test } from 'tap';
import { type PingResult, startPing } from '../../examples/lab/ping.ts';
import {
  killLimevisor,
  restartLimevisor,
  root,
  socketOf,
  statusOf,
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
import type { StatusReport } from '../../hypervisor/operator/report.ts';
import { Random } from '../openflow/random.ts';

/** A migration takes less than this: kills come before, in and after each of its phases. */
const WITHIN_MSEC = 2_500;

const random = new Random(Number(process.env['SEED'] ?? 1));
const runs = Number(process.env['RUNS'] ?? 40);
const speaks = process.env['OPENFLOW'] === '1.0' ? 'OpenFlow10' : 'OpenFlow13';

const lab = await startExperiment(false, speaks);
t.teardown(() => lab.stop());
await pingAll(lab);
await keepNeighbours(lab);

async function status(): Promise<StatusReport> {
  return statusOf(lab);
}

/** Which probes were lost, and what red's controller was told meanwhile. */
function explain(t: Test, result: PingResult, told: number): void {
  t.comment(`lost: ${result.lostSeqs.join(' ')}`);
  for (const line of controllerMessages(lab).slice(told)) t.comment(line);
}

for (let run = 1; run <= runs; run++) {
  const afterMs = random.number(WITHIN_MSEC);
  t.test(`killed ${afterMs} ms into it`, async (t) => {
    const pings = [startPing(lab, 'red-h1', '10.0.0.2'), startPing(lab, 'blue-h1', '10.0.0.2')];
    const told = controllerMessages(lab).length;
    await sleep(200);
    const [on] = await bodiesOf(lab, 'red/v3');
    const to = on === 's3' ? 's4' : 's3';
    const argv = [`${root}/limevisor`, 'migrate', 'red/v3', '--to', to, '--socket', socketOf(lab)];
    const command = lab.inside.start(argv);
    await sleep(afterMs);
    const phase = (await status()).migrations.at(-1)?.state.type ?? 'not begun';
    await killLimevisor(lab);
    await command.end('SIGKILL');
    await restartLimevisor(lab);
    await untilServed(lab);
    await until('the end of the migration', 60_000, async () => {
      const state = (await status()).migrations.at(-1)?.state.type;
      return state === 'done' || state === 'undone' || state === undefined ? true : undefined;
    });
    for (const [i, ping] of pings.entries()) {
      const result = await ping.stop();
      const who = `${i === 0 ? 'red' : 'blue'}, killed in ${phase}, of ${result.sent}`;
      if (!t.match(result, { lost: 0, duplicates: 0 }, who)) explain(t, result, told);
    }
  });
}
