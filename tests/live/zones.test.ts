/**
 * A zone is vacated under traffic, on real switches: the operator's command switches its cables
 * off, and on again before anything comes back; nothing is lost, nor placed there meanwhile.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { reaches, startPing } from '../../examples/lab/ping.ts';
import {
  addRule,
  attempt,
  limevisorJson,
  startLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { diamond } from '../../examples/lab/topologies.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import type { IdleState } from '../../hypervisor/migrate/idle-watch.ts';

const lab = await startLab(diamond);
t.teardown(() => lab.stop());
const file = path.join(lab.dir, 'zones.yaml');
const program = path.join(lab.dir, 'ports');
const told = path.join(lab.dir, 'told');

/** Of each end of a cable the interface is switched off, or on. */
fs.writeFileSync(
  program,
  `#!/bin/sh
echo "$@" >>${told}
test "$1" = idle && state=down || state=up
test "$2" = link || exit 0
for end in "$3" "$4"; do ip link set "$(echo $end | sed s/:/-p/)" $state || exit 1; done
`,
  { mode: 0o755 },
);
fs.writeFileSync(
  file,
  `control: here
store: ${lab.dir}/limevisor.db
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: [${diamond.links?.map((ends) => ends.join(' - ')).join(', ')}]
zones: { north: [s3] }
on-idle: { exec: [${program}], after: 1s }
tenants:
  red:
    vswitches: { v: { dpid: 1, on: s3, listen: ['punix:DIR/red-v'] } }
    hosts: { h1: { port: v:1, at: s1:1 }, h2: { port: v:2, at: s2:1 } }
`,
);

const off = ['s1:3 - s3:1', 's2:3 - s3:2', 's3'];

async function offNow(): Promise<readonly string[]> {
  const all = await limevisorJson<readonly IdleState[]>(lab, 'idle');
  return all.flatMap(({ object, state }) => (state === 'off' ? [object] : [])).toSorted();
}

const placeOf = async () => (await statusOf(lab)).vswitches[0]?.on.join();

t.test('vacated, switched off, and back', async (t) => {
  await startLimevisor(lab, file);
  await untilReady(lab);
  await addRule(lab, 'red-v');
  await until(
    'h2 answers',
    20_000,
    async () => (await reaches(lab, 'h1', '10.0.0.2')) || undefined,
  );
  const ping = startPing(lab, 'h1', '10.0.0.2');
  const vacated = await attempt(lab, ['vacate', 'north', '--and-hold', '--no-watch']);
  t.equal(vacated.code, 0, vacated.stderr);
  t.match(vacated.stdout, /^red\/v on s[124]; ways lead around s3, and nothing is placed there; /);
  t.not(await placeOf(), 's3');
  await until('its cables off', 20_000, async () =>
    (await offNow()).join() === off.join() ? true : undefined,
  );
  const { datapaths, links } = await statusOf(lab);
  t.match(datapaths[2], { name: 's3', isDrained: true, isHeld: true });
  t.equal(links.filter(({ state }) => state === 'down').length, 2, 'they are down');
  t.notMatch((await attempt(lab, ['doctor'])).stdout, /link s/, 'which is no finding');
  const refused = await attempt(lab, ['migrate', 'red/v', '--to', 's3']);
  t.match(refused.stderr, /s3 is drained; "limevisor undrain s3" first/);
  await sleep(1_000);
  const back = await attempt(lab, ['return', 'north', '--no-watch']);
  t.equal(back.code, 0, back.stderr);
  t.equal(await placeOf(), 's3');
  t.strictSame(await offNow(), []);
  const { lost, duplicates, sent } = await ping.stop();
  t.equal(lost + duplicates, 0, `${lost} of ${sent} lost`);
  const calls = fs.readFileSync(told, 'utf8').trim().split('\n').toSorted();
  const each = ['datapath s3', 'link s1:3 s3:1', 'link s2:3 s3:2'];
  const expected = ['idle', 'needed'].flatMap((what) => each.map((one) => `${what} ${one}`));
  t.strictSame(calls, expected);
});
