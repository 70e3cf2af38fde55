/**
 * Hosts move at random while frames flow, rules change and vswitches migrate; drivers fail, hang
 * and are taken back, and processes are killed meanwhile: each move ends where the driver says that
 * the host is, nothing is lost but what comes while a host is nowhere, and nothing comes twice.
 */
import t from 'tap';
import { isOver } from '../../translation/migration/migration.ts';
import { type Options, run } from './scenario.ts';

const sum = { begun: 0, arrived: 0, failed: 0, stopped: 0 };
const runs: readonly Options[] = [
  { seed: 301, hostMoves: true },
  { seed: 302, hostMoves: true, crash: true },
  // A driver says at the start that its host is there: datapaths come one by one.
  { seed: 300, hostMoves: true, crash: true },
  // Killed when datapaths were being told to use the new place only.
  { seed: 311, hostMoves: true, crash: true },
  // A driver fails beside one that an earlier process had begun.
  { seed: 316, hostMoves: true, crash: true },
  // Killed while ways turn: each datapath was led on as it came.
  { seed: 4200004, hostMoves: true, crash: true },
  // The same where each datapath has one table.
  { seed: 18300000, ensembles: true, old: 'all', crash: true, hostMoves: true },
  { seed: 303, hostMoves: true, old: 'some' },
];
for (const options of runs) {
  t.test(JSON.stringify(options), async (t) => {
    const { findings, lost, hosts, redSaw, migrations } = run(options);
    t.same(hosts.troubles, [], 'each host is where it should be');
    t.same(findings.foreign, [], 'no frame reached another tenant');
    t.same(findings.doubled, [], 'none came twice');
    if (options.old === undefined) t.same(findings.broken, [], 'no frame met an older rule');
    t.equal(lost.red, 0);
    // Blue's rules end by themselves: while its controller is away, packets have to wait for it.
    if (options.crash !== true) t.equal(lost.blue, 0);
    if (options.crash !== true) t.same(redSaw, [], 'the tenant hears nothing');
    t.ok(migrations.length > 0 && migrations.every(isOver), 'migrations end');
    for (const key of ['begun', 'arrived', 'failed', 'stopped'] as const)
      sum[key] += hosts.counts[key];
  });
}

t.test('hosts moved, and some did not', async (t) => {
  t.ok(sum.arrived > 3 && sum.failed > 0, JSON.stringify(sum));
});
