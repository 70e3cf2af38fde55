/**
 * Datapaths of OpenFlow 1.0, and networks where only some speak 1.3: the demo's scenario, with
 * unmodified controllers of both versions. Issue 3: "`limevisor migrate` works on flat datapaths
 * too".
 *
 * Each network has some of the parts; tests/soak/flat.soak.ts has all of them in each, and 1.3 with
 * one table, of which flat-tags.test.ts and big-switch.test.ts have others.
 */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { type Lab, type Spoken, startLab } from '../../examples/lab/lab.ts';
import {
  attempt,
  restartLimevisor,
  startLimevisor,
  startOsken,
  startTestController,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import {
  bodiesOf,
  configFile,
  figure3,
  keepNeighbours,
  pingAll,
  runOnce,
  untilServed,
} from '../../examples/live-migration/experiment.ts';

async function start(speaks: Readonly<Record<string, Spoken>>): Promise<Lab> {
  const lab = await startLab({ ...figure3, speaks });
  // Red's controller speaks 1.3 whatever the datapaths do: everything that it uses fits.
  await startOsken(lab, 6661, 'red-controller.log');
  await startTestController(lab, 6662, 5, 'OpenFlow10');
  return lab;
}

const old = 'OpenFlow10';
const isWhole = process.env['ALL_PARTS'] !== undefined;

type Part = 'hosts' | 'killed';
interface Network {
  readonly speaks: Readonly<Record<string, Spoken>>;
  /** Datapaths of 1.3 of which the file says that they have one table. */
  readonly flat: readonly string[];
  /** Where `red/v3` goes, one after the other. */
  readonly to: readonly ('s3' | 's4')[];
  readonly parts: readonly Part[];
}

const networks: Readonly<Record<string, Network>> = {
  'all speak 1.0': {
    speaks: { s1: old, s2: old, s3: old, s4: old },
    flat: [],
    to: ['s4'],
    parts: ['hosts'],
  },
  'from 1.0 to 1.3 and back': {
    speaks: { s1: old, s3: old },
    flat: [],
    to: ['s4'],
    parts: ['killed'],
  },
  ...(isWhole && {
    '1.3 with one table': { speaks: {}, flat: ['s1', 's2', 's3', 's4'], to: ['s4'], parts: [] },
  }),
};

/** The demo's file, which says of some datapaths that they have one table. */
function fileFor(lab: Lab, { flat }: Network): string {
  const file = path.join(lab.dir, 'flat.yaml');
  let text = fs.readFileSync(configFile, 'utf8');
  for (const name of flat)
    text = text.replace(`  ${name}: { dpid`, `  ${name}: { encoding: flat, dpid`);
  fs.writeFileSync(file, text);
  return file;
}

/** Which packet-ins were dropped on their way to controllers, and by whom; empty when none. */
async function droppedPacketIns(lab: Lab): Promise<string> {
  const counters = await lab.appctl('coverage/show');
  const below = counters.match(/^(packet_in|rconn)_overflow .*/gm) ?? [];
  const { vswitches } = await statusOf(lab);
  const ours = vswitches.flatMap(({ name, controllers }) =>
    controllers.flatMap(({ droppedPacketIns: dropped }) =>
      dropped > 0 ? [`${name}: ${dropped} by Limevisor`] : [],
    ),
  );
  const all = [...below.map((one) => `Open vSwitch: ${one}`), ...ours];
  return all.length === 0 ? '' : `; packet-ins dropped: ${all.join('; ')}`;
}

for (const [name, network] of Object.entries(networks)) {
  t.test(name, async (t) => {
    const { speaks, flat } = network;
    const has = (part: Part): boolean => isWhole || network.parts.includes(part);
    const lab = await start(speaks);
    t.teardown(() => lab.stop());
    let limevisor = await startLimevisor(lab, fileFor(lab, network));
    await untilServed(lab);
    await pingAll(lab);
    await keepNeighbours(lab);
    const { datapaths } = await statusOf(lab);
    for (const one of datapaths) {
      const isOld = speaks[one.name] !== undefined;
      const encoding = isOld || flat.includes(one.name) ? 'flat' : 'pipeline';
      t.match(one, { version: isOld ? '1.0' : '1.3', encoding });
    }

    await t.test('moves under traffic and rule changes lose nothing', async (t) => {
      const all = isWhole ? (['s4', 's3'] as const) : network.to;
      for (const to of all) {
        const run = await runOnce(lab, { vswitch: 'red/v3', to, strategy: 'lime', busy: true });
        t.match(run.red, { lost: 0, duplicates: 0 }, `red of ${run.red.sent}`);
        const fresh = `new conversations of ${run.fresh.sent}${await droppedPacketIns(lab)}`;
        t.match(run.fresh, { lost: 0, duplicates: 0 }, fresh);
        t.match(run.blue, { lost: 0, duplicates: 0 }, `blue of ${run.blue.sent}`);
      }
      t.strictSame(await bodiesOf(lab, 'red/v3'), all.slice(-1));
    });

    const hosts = async (t: Test) => {
      for (const to of ['s3', 's1']) {
        const run = await runOnce(lab, { vswitch: 'red/v1', to, strategy: 'lime', busy: false });
        t.match(run.red, { lost: 0, duplicates: 0 }, `red of ${run.red.sent}, v1 to ${to}`);
        t.match(run.blue, { lost: 0, duplicates: 0 }, `blue of ${run.blue.sent}`);
      }
    };
    if (has('hosts')) await t.test('a vswitch with hosts moves away from them, and back', hosts);

    const killed = async (t: Test) => {
      await limevisor.end('SIGKILL');
      limevisor = await restartLimevisor(lab);
      await untilServed(lab);
      await pingAll(lab);
      const { alarms } = await statusOf(lab);
      t.strictSame(Object.keys(alarms), []);
    };
    if (has('killed')) await t.test('killed and started again: no entry is other', killed);
  });
}

t.test('what a datapath of 1.0 cannot hold is named, and refused', async (t) => {
  const lab = await startLab({ ...figure3, speaks: { s4: old } });
  t.teardown(() => lab.stop());
  const file = path.join(lab.dir, 'listening.yaml');
  const [from, to] = ['on: s3 }', 'on: s3, listen: [ptcp:6641:127.0.0.1] }'];
  fs.writeFileSync(file, fs.readFileSync(configFile, 'utf8').replace(from, to));
  await startLimevisor(lab, file);
  await untilReady(lab);
  const ofctl = (command: string, flow: string) =>
    lab.inside.attempt(['ovs-ofctl', '-O', 'OpenFlow13', command, 'tcp:127.0.0.1:6641', flow]);
  const migrate = (to: string) => attempt(lab, ['migrate', 'red/v3', '--to', to, '--no-watch']);
  await ofctl('add-flow', 'table=1,priority=7,ip,actions=drop');
  const refused = await migrate('s4');
  t.match(refused, { code: 4, stderr: /red\/v3 has the rule table=1,priority=7.*s4 cannot hold/ });
  await ofctl('del-flows', 'table=1');
  await ofctl('add-flow', 'priority=7,ip,actions=output:1');
  const moved = await migrate('s4');
  t.equal(moved.code, 0, moved.stderr);
  t.match(await ofctl('add-flow', 'table=1,actions=drop'), { stderr: /OFPFMFC_BAD_TABLE_ID/ });
  t.match(await ofctl('add-flow', 'ipv6,actions=set_field:fe80::1->ipv6_src,output:1'), {
    stderr: /OFPT_ERROR/,
  });
  const { stdout } = await lab.inside.attempt([
    ...['ovs-ofctl', '-O', 'OpenFlow13', 'dump-flows', 'tcp:127.0.0.1:6641'],
  ]);
  t.match(
    stdout.split('\n').filter((line) => line.includes('cookie')),
    [/priority=7,ip/],
  );
});
