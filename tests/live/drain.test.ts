/**
 * A switch is to be taken down: status says what it carries, ways are led around it while traffic
 * flows, and then its cables may go. On datapaths of one table, too; and a kill in the middle.
 *
 * With switches of 1.0, too, in tests/soak/drain.soak.ts.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type Lab, portName, type Spoken, startLab } from '../../examples/lab/lab.ts';
import { startPing } from '../../examples/lab/ping.ts';
import type { Running } from '../../examples/lab/processes.ts';
import {
  addRule,
  attempt,
  restartLimevisor,
  socketOf,
  startLimevisor,
  untilReady,
} from '../../examples/lab/programs.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { DrainResult } from '../../hypervisor/operator/control-drain.ts';
import type { StatusReport } from '../../hypervisor/operator/report.ts';
import { partsOf } from './parts.ts';

const links = [
  ['s1:3', 's3:1'],
  ['s3:2', 's2:3'],
  ['s1:4', 's4:1'],
  ['s4:2', 's2:4'],
] as const;

const network = `
control: here
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: [${links.map((ends) => ends.join(' - ')).join(', ')}]
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, listen: ['punix:DIR/v1'] }
      v2: { dpid: 2, on: s2, listen: ['punix:DIR/v2'] }
      v4: { dpid: 4, on: s4 }
    hosts:
      h1: { port: v1:1, at: s1:1 }
      h2: { port: v2:1, at: s2:1 }
      h3: { port: v2:3, at: s1:2 }
      h4: { port: v4:1, at: s4:9 }
    links: [v1:2 - v2:2]
`;

async function started(speaks: Spoken): Promise<{ lab: Lab; limevisor: Running }> {
  const switches = ['s1', 's2', 's3', 's4'];
  const lab = await startLab({
    switches,
    links,
    hosts: [
      { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
      { name: 'h2', at: 's2:1', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
      { name: 'h3', at: 's1:2', ip: '10.0.0.3/24', mac: '02:00:00:00:00:03' },
    ],
    controller: 'tcp:127.0.0.1:6653',
    speaks: Object.fromEntries(switches.map((name) => [name, speaks])),
  });
  const file = path.join(lab.dir, 'drain.yaml');
  writeFileSync(file, network);
  const limevisor = await startLimevisor(lab, file);
  await untilReady(lab);
  for (const one of ['v1', 'v2']) await addRule(lab, one, undefined, speaks);
  return { lab, limevisor };
}

const status = (lab: Lab) => ask<StatusReport>(socketOf(lab), 'status', {});

async function carried(lab: Lab, name: string) {
  const one = (await status(lab)).datapaths.find((datapath) => datapath.name === name);
  if (one === undefined) throw new Error(`${name} is there`);
  return one;
}

const lead = (lab: Lab, method: 'drain' | 'undrain', datapath: string) =>
  ask<DrainResult>(socketOf(lab), method, { datapath });

async function cables(lab: Lab, of: string, state: 'up' | 'down'): Promise<void> {
  for (const end of links.flat().filter((one) => one.startsWith(`${of}:`))) {
    await lab.inside.run(['ip', 'link', 'set', portName(end), state]);
  }
}

const bothPings = (lab: Lab) => [
  startPing(lab, 'h1', '10.0.0.2', 20),
  startPing(lab, 'h3', '10.0.0.2', 20),
];

const versions: readonly Spoken[] = ['OpenFlow13', 'OpenFlow10'];

for (const speaks of partsOf<Spoken>(versions, ['OpenFlow13'])) {
  t.test(`switches of ${speaks}`, async (t) => {
    const { lab } = await started(speaks);
    t.teardown(() => lab.stop());
    const before = await carried(lab, 's3');
    t.same([before.bodies, before.hosts], [[], []]);
    t.match(before.through[0], { tenant: 'red', from: /s[12]/, to: /s[12]/ });
    const shown = await attempt(lab, ['status']);
    t.match(shown.stdout, /s3 .* ways through\n/);
    t.match(shown.stdout, /THROUGH +TENANT +WAY +TO REACH +PACKETS/);

    const pings = bothPings(lab);
    await sleep(500);
    const { plan, text } = await lead(lab, 'drain', 's3');
    t.equal(plan.type, 'plan');
    t.match(text, /led around s3; it carries nothing now, and its cables can be unplugged/);
    t.same((await carried(lab, 's3')).through, []);
    t.ok((await carried(lab, 's4')).through.length > 0);
    t.same((await carried(lab, 's3')).carried, [], 'and nothing is counted any more');
    await until('packets of both through s4', 20_000, async () => {
      const { through, carried: all } = await carried(lab, 's4');
      const red = all.find((one) => one.tenant === 'red');
      const most = Math.max(...through.map(({ packets = 0 }) => packets));
      const isSummed = red !== undefined && red.packets >= most && red.bytes > red.packets * 40;
      return most > 20 && isSummed ? true : undefined;
    });
    await cables(lab, 's3', 'down');
    await sleep(500);
    for (const ping of pings) t.match(await ping.stop(), { lost: 0, duplicates: 0 });

    const stuck = await attempt(lab, ['drain', 's4']);
    t.equal(stuck.code, 4, 'there is no other way any more');
    t.match(
      stuck.stderr,
      /cannot drain:\n.*the ways through s4 cannot lead elsewhere|would lose its link/,
    );
    const there = await attempt(lab, ['migrate', 'red/v4', '--to', 's3', '--no-watch']);
    t.match(there.stderr, /s3 is drained; "limevisor undrain s3" first/);

    await cables(lab, 's3', 'up');
    await until('the cables', 30_000, async () => {
      const { stdout } = await attempt(lab, ['undrain', 's3']);
      return /s3 carries ways again/.test(stdout) ? true : undefined;
    });
    const again = bothPings(lab);
    const rest = await lead(lab, 'drain', 's4');
    t.match(rest.text, /red\/v4 lives there: limevisor migrate red\/v4 --to s\d/);
    t.match(rest.text, /red\/h4 is plugged in there/);
    t.ok((await carried(lab, 's3')).through.length > 0);
    for (const ping of again) t.match(await ping.stop(), { lost: 0, duplicates: 0 });
  });
}

t.test(
  'limevisor is killed in the middle: it goes on where it was, and nothing is lost',
  async (t) => {
    const { lab, limevisor } = await started('OpenFlow13');
    t.teardown(() => lab.stop());
    let running = limevisor;
    const pings = bothPings(lab);
    await sleep(500);
    for (const [i, name] of ['s3', 's3', 's3', 's3'].entries()) {
      const method = i % 2 === 0 ? 'drain' : 'undrain';
      const begun = lead(lab, method, name).catch(() => undefined);
      await sleep(60 * i);
      await lab.inside.run(['pkill', '-9', '-f', `main.[jt]s run ${lab.dir}`]);
      await begun;
      await running.end('SIGKILL');
      running = await restartLimevisor(lab);
      await untilReady(lab);
      await until(`the end of ${method}`, 60_000, async () => {
        const { isDrained, through } = await carried(lab, name);
        if (isDrained !== (method === 'drain')) {
          // It was killed before it had written anything down.
          await lead(lab, method, name);
          return undefined;
        }
        return isDrained === (through.length === 0) ? true : undefined;
      });
    }
    for (const ping of pings) t.match(await ping.stop(), { lost: 0, duplicates: 0 });
  },
);
