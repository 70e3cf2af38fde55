/**
 * Three tenants on a ring of six switches, all their virtual switches moving at the same time,
 * while every host pings another: nothing is lost, and nobody's traffic reaches anybody else.
 *
 * There and back; tests/soak/many.soak.ts goes on, with twice the pings.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type HostSpec, type Lab, startLab } from '../../examples/lab/lab.ts';
import { reaches, startPing } from '../../examples/lab/ping.ts';
import {
  socketOf,
  startLimevisor,
  startOsken,
  startTestController,
} from '../../examples/lab/programs.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import { keepNeighbours, untilServed } from '../../examples/live-migration/experiment.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { MigrateResult } from '../../hypervisor/operator/migration-asked.ts';
import type { StatusReport } from '../../hypervisor/operator/report.ts';

const tenants = ['red', 'blue', 'green'] as const;
const ring = [1, 2, 3, 4, 5, 6];
const pairs = [
  [1, 2],
  [2, 3],
  [3, 1],
] as const;

const hosts: readonly HostSpec[] = tenants.flatMap((tenant, i) =>
  [1, 2, 3].map((n) => {
    const mac = `02:00:00:00:00:0${n}`;
    return { name: `${tenant}-h${n}`, at: `s${2 * n - 1}:${i + 1}`, ip: `10.0.0.${n}/24`, mac };
  }),
);

const config = `
control: x
store: limevisor.db
datapaths: { ${ring.map((n) => `s${n}: { dpid: ${n} }`).join(', ')} }
links: [${ring.map((n) => `s${n}:11 - s${(n % 6) + 1}:12`).join(', ')}]
tenants:
${tenants
  .map(
    (tenant, i) => `  ${tenant}:
    controllers: [tcp:127.0.0.1:${6661 + i}]
    vswitches: { a: { dpid: 1, on: s1 }, b: { dpid: 2, on: s3 }, c: { dpid: 3, on: s5 } }
    hosts:
      h1: { port: 'a:1', at: 's1:${i + 1}' }
      h2: { port: 'b:1', at: 's3:${i + 1}' }
      h3: { port: 'c:1', at: 's5:${i + 1}' }
    links: [a:2 - b:2, b:3 - c:2]`,
  )
  .join('\n')}
`;

/** Of each vswitch, one after the other. */
const MOVES = Number(process.env['MOVES'] ?? 2);
const PING_MS = Number(process.env['EVERY_MS'] ?? 20);

const DEVIATES = /other programs?/;

/** `done`, or all that is known of it. */
async function moved(lab: Lab, vswitch: string, to: string): Promise<string> {
  const asked = { vswitch, to, strategy: 'lime', noWatch: true };
  const result = await ask<MigrateResult>(socketOf(lab), 'migrate', asked, () => undefined);
  return result.migration?.state.type === 'done' ? 'done' : JSON.stringify(result);
}

/** A lab whose switches of these numbers speak OpenFlow 1.0. */
async function start(old: readonly number[]): Promise<Lab> {
  const lab = await startLab({
    switches: ring.map((n) => `s${n}`),
    links: ring.map((n) => [`s${n}:11`, `s${(n % 6) + 1}:12`] as const),
    hosts,
    controller: 'tcp:127.0.0.1:6653',
    speaks: Object.fromEntries(old.map((n) => [`s${n}`, 'OpenFlow10'])),
  });
  t.teardown(() => lab.stop());
  await startOsken(lab, 6661, 'red.log');
  // Their rules last a second unused, so they change all the time.
  await startTestController(lab, 6662, 1);
  await startTestController(lab, 6663, 1);
  const file = path.join(lab.dir, 'ring.yaml');
  fs.writeFileSync(file, config);
  await startLimevisor(lab, file);
  await untilServed(lab);
  return lab;
}

for (const old of [[], [2, 4, 6]]) {
  const speak = old.length === 0 ? 'all speak 1.3' : `s${old.join(', s')} speak 1.0`;
  t.test(`nine migrations at once, ${MOVES} times over; ${speak}`, async (t) => {
    const lab = await start(old);
    for (const tenant of tenants) {
      for (const [from, to] of pairs) {
        await until(`${tenant}-h${from} reaching h${to}`, 10_000, async () =>
          (await reaches(lab, `${tenant}-h${from}`, `10.0.0.${to}`)) ? true : undefined,
        );
      }
    }
    // On a busy machine controllers answer too late for ARP, and hosts would wait for that.
    await keepNeighbours(lab);
    const pings = tenants.flatMap((tenant) =>
      pairs.map(([from, to]) => startPing(lab, `${tenant}-h${from}`, `10.0.0.${to}`, PING_MS)),
    );
    const places = [
      ['s4', 's6', 's1'],
      ['s3', 's5', 's2'],
    ] as const;
    for (let i = 0; i < MOVES; i++) {
      const [a, b, c] = places[i % 2] ?? [];
      await sleep(500);
      const moves = tenants.flatMap((tenant) =>
        Object.entries({ a, b, c }).map(([name, to = '']) => moved(lab, `${tenant}/${name}`, to)),
      );
      t.strictSame(await Promise.all(moves), Array(9).fill('done'));
    }
    await sleep(500);
    for (const ping of pings) t.match(await ping.stop(), { lost: 0, duplicates: 0, errors: 0 });
    // Every 10 s each switch was compared with what it should hold (hypervisor/datapath/audit.ts).
    const { datapaths } = await ask<StatusReport>(socketOf(lab), 'status', {});
    const odd = datapaths.flatMap(({ warnings }) => warnings.filter((why) => DEVIATES.test(why)));
    t.strictSame(odd, [], 'nothing had to be repaired');
    await lab.stop();
  });
}
