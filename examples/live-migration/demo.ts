/**
 * `make demo`: a live migration between real switches, with two tenants above.
 *
 * Starts everything by itself (experiment.ts), measures, prints the paper's Table 1 with our rows
 * beside it, and exits 0 only if LIME lost and duplicated nothing, freeze-and-copy lost something,
 * and the other tenant lost nothing. Leaves nothing behind, unless KEEP=1.
 */

import type { FlowsReport } from '../../hypervisor/operator/report.ts';
import { table } from '../../hypervisor/operator/report-text.ts';
import type { Lab, Spoken } from '../lab/lab.ts';
import { reaches } from '../lab/ping.ts';
import { attempt, limevisorJson, socketOf } from '../lab/programs.ts';
import {
  bodiesOf,
  controllerMessages,
  pingAll,
  type Run,
  runOnce,
  startExperiment,
  summarize,
  withoutCounters,
} from './experiment.ts';

const REPEATS = Number(process.env['REPEATS'] ?? 10);
/** What the switches and the controllers speak. */
const OPENFLOW = process.env['OPENFLOW'] || '1.3';
const keep = process.env['KEEP'] === '1';
const VSWITCH = 'red/v3';

/** LIME, Table 1: packets lost, of pings whose interval the paper does not state. */
const paper = [
  ['LIME (clone)', 'the paper', '10', '0', '0', '0', '0', '-', '-'],
  ['freeze-and-copy', 'the paper', '10', '32', '4.22', '40', '30', '-', '-'],
];

function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

function heading(text: string): void {
  say(`\n== ${text}`);
}

async function showIsolation(lab: Lab): Promise<void> {
  heading('Two tenants, the same addresses, the same switches');
  await pingAll(lab);
  say('red-h1 <-> red-h2 and blue-h1 <-> blue-h2: every host reaches its own.');
  // An address that only red has: blue's hosts must not find it, by any way.
  const alias = ['ip', 'addr', 'add', '10.0.0.99/24', 'dev', 'eth0'];
  await lab.inside.run(lab.on('red-h2', alias));
  const own = await reaches(lab, 'red-h1', '10.0.0.99');
  const other = await reaches(lab, 'blue-h1', '10.0.0.99');
  say(`10.0.0.99 exists in red only: red-h1 reaches it: ${own}; blue-h1 reaches it: ${other}`);
  if (!own || other) throw new Error('the tenants are not isolated');
}

async function flowsOf(lab: Lab): Promise<FlowsReport> {
  return limevisorJson<FlowsReport>(lab, 'flows', VSWITCH, '--physical');
}

/** Cookies of tenants' rules (translation/entries/pipeline.ts). */
const RULE_COOKIE = /cookie=0x4c0[27]/;

function showFlows(when: string, report: FlowsReport): void {
  say(`${when}, as red sees it:`);
  for (const flow of withoutCounters(report.flows)) say(`   ${flow}`);
  for (const one of report.physical) {
    const rules = one.flows.filter((flow) => RULE_COOKIE.test(flow));
    say(`${when}, on ${one.datapath} (its rules; ${one.flows.length} entries in all):`);
    for (const flow of withoutCounters(rules)) say(`   ${flow}`);
  }
}

/** One quiet migration, to look at: what red and its controller can tell of it. */
async function showQuietMove(lab: Lab): Promise<void> {
  heading(`Moving ${VSWITCH} from s3 to s4, while nothing else happens`);
  const before = await flowsOf(lab);
  showFlows('before', before);
  const seen = controllerMessages(lab).length;
  const run = await runOnce(lab, { vswitch: VSWITCH, to: 's4', strategy: 'lime', busy: false });
  const messages = controllerMessages(lab).slice(seen);
  const after = await flowsOf(lab);
  showFlows('after', after);
  const same =
    JSON.stringify(withoutCounters(before.flows)) === JSON.stringify(withoutCounters(after.flows));
  say(`${VSWITCH} lives on ${(await bodiesOf(lab, VSWITCH)).join(', ')}; ${phasesOf([run])}`);
  say(`red's flow table is the same: ${same}`);
  say(`messages that red's controller received meanwhile: ${messages.length}`);
  for (const line of messages) say(`   ${line}`);
  if (!same) throw new Error("red's virtual flow table has changed");
  if (messages.length > 0) throw new Error("red's controller noticed the move");
  if (run.red.lost + run.red.duplicates > 0) throw new Error('the quiet move lost packets');
}

async function measure(lab: Lab): Promise<readonly Run[]> {
  heading(`${REPEATS} x LIME there and back, ${REPEATS} x freeze-and-copy, pings every 10 ms`);
  say('Meanwhile red begins a new conversation every 100 ms, so its controller changes rules.');
  const runs: Run[] = [];
  const once = async (strategy: Run['strategy']): Promise<void> => {
    const [on] = await bodiesOf(lab, VSWITCH);
    const to = on === 's4' ? 's3' : 's4';
    const run = await runOnce(lab, { vswitch: VSWITCH, to, strategy, busy: true });
    runs.push(run);
    const { red, blue, fresh } = run;
    say(
      `${run.strategy.padEnd(6)} ${run.from} -> ${run.to}: red lost ${red.lost} of ${red.sent}, ` +
        `blue ${blue.lost} of ${blue.sent}, new conversations ${fresh.lost} of ${fresh.sent}; ` +
        `duplicates ${red.duplicates + blue.duplicates + fresh.duplicates}`,
    );
  };
  for (let i = 0; i < REPEATS; i += 1) {
    await once('lime');
    await once('lime');
  }
  for (let i = 0; i < REPEATS; i += 1) await once('freeze');
  return runs;
}

function phasesOf(runs: readonly Run[]): string {
  const names = new Set(runs.flatMap((run) => [...run.phases.keys()]));
  return [...names]
    .map((name) => {
      const { average } = summarize(runs.map((run) => run.phases.get(name) ?? 0));
      return `${name} ${average.toFixed(0)} ms`;
    })
    .join(', ');
}

function showTable(lime: readonly Run[], freeze: readonly Run[]): void {
  heading('Table 1 of the paper, and ours: packets lost while one migration ran');
  const row = (name: string, runs: readonly Run[]): string[] => {
    const { average, deviation, max, min } = summarize(runs.map((run) => run.red.lost));
    const duplicates = sum(runs, (run) => run.red.duplicates);
    const blue = sum(runs, (run) => run.blue.lost);
    const numbers = [average.toFixed(1), deviation.toFixed(2), max, min, duplicates, blue];
    return [name, 'here', String(runs.length), ...numbers.map(String)];
  };
  const columns = ['runs', 'average', 'std dev', 'max', 'min', 'duplicates', "blue's losses"];
  say(
    table([
      ['approach', 'measured', ...columns],
      ...paper,
      row('LIME (clone)', lime),
      row('freeze-and-copy', freeze),
    ]),
  );
  say(`\nphases of LIME, averages:            ${phasesOf(lime)}`);
  say(`phases of freeze-and-copy, averages: ${phasesOf(freeze)}`);
  const fresh = sum(lime, (run) => run.fresh.sent);
  const freshLost = sum(lime, (run) => run.fresh.lost + run.fresh.duplicates);
  say(`new conversations during LIME: ${fresh}, lost or doubled: ${freshLost}`);
}

function sum(runs: readonly Run[], of: (run: Run) => number): number {
  return runs.reduce((total, run) => total + of(run), 0);
}

/** What stands against calling the demo a success. */
function failures(lime: readonly Run[], freeze: readonly Run[]): readonly string[] {
  const failed: string[] = [];
  const lost = sum(lime, (run) => run.red.lost + run.fresh.lost);
  const doubled = sum(lime, (run) => run.red.duplicates + run.fresh.duplicates);
  const blue = sum([...lime, ...freeze], (run) => run.blue.lost + run.blue.duplicates);
  if (lost > 0) failed.push(`LIME lost ${lost} packets`);
  if (doubled > 0) failed.push(`LIME duplicated ${doubled} packets`);
  if (sum(freeze, (run) => run.red.lost) === 0) {
    failed.push('freeze-and-copy lost nothing, so this measured nothing');
  }
  if (blue > 0) failed.push(`blue, which did not move, lost or doubled ${blue} packets`);
  return failed;
}

function spokenVersion(): Spoken {
  if (OPENFLOW === '1.0') return 'OpenFlow10';
  if (OPENFLOW === '1.3') return 'OpenFlow13';
  say(`OPENFLOW=${OPENFLOW} is not a version that the demo knows; write OPENFLOW=1.0 or 1.3`);
  process.exit(2);
}

async function sayWhatNext(lab: Lab): Promise<void> {
  const enter = `nsenter -t ${lab.pid} --net --mount --pid`;
  const [on = 's3'] = await bodiesOf(lab, VSWITCH).catch(() => []);
  heading('Left running (KEEP=1)');
  say(`./limevisor status --socket ${socketOf(lab)}`);
  say(`./limevisor flows red/v3 --physical --socket ${socketOf(lab)}`);
  say(`./limevisor migrate red/v3 --to ${on === 's3' ? 's4' : 's3'} --socket ${socketOf(lab)}`);
  say(`${enter} ip netns exec red-h1 ping 10.0.0.2`);
  say(`${enter} ovs-ofctl -O ${spoken} dump-flows ${lab.dir}/${on}.mgmt`);
  say(`the end:  kill -9 ${lab.pid}; rm -r ${lab.dir}`);
}

const spoken = spokenVersion();
heading(`Starting four switches of OpenFlow ${OPENFLOW}, four hosts, two controllers, Limevisor`);
const lab = await startExperiment(keep, spoken);
try {
  say((await attempt(lab, ['status'])).stdout);
  await showIsolation(lab);
  await showQuietMove(lab);
  const runs = await measure(lab);
  const lime = runs.filter((run) => run.strategy === 'lime');
  const freeze = runs.filter((run) => run.strategy === 'freeze');
  showTable(lime, freeze);
  const failed = failures(lime, freeze);
  for (const why of failed) say(`FAILED: ${why}`);
  if (failed.length === 0) say('\nOK: LIME lost 0 and duplicated 0; blue lost 0.');
  process.exitCode = failed.length === 0 ? 0 : 1;
} catch (error) {
  say(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  if (keep) await sayWhatNext(lab);
  else await lab.stop();
}
