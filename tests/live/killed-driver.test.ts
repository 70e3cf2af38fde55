/**
 * Limevisor is killed while an operator's program (`drivers: { exec: ... }`) moves a host between
 * real switches: before the program has moved it, and when it has and has not ended. The program
 * goes on, the next start waits for it and never has two at work, and the host is where the program
 * says, with its port up.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { portName, startLab } from '../../examples/lab/lab.ts';
import { reaches } from '../../examples/lab/ping.ts';
import {
  addRule,
  attempt,
  killLimevisor,
  restartLimevisor,
  startLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { triangle } from '../../examples/lab/topologies.ts';
import { until } from '../../examples/lab/wait.ts';

const lab = await startLab(triangle('s1:1', 's2:1'));
t.teardown(() => lab.stop());
const at = (name: string): string => path.join(lab.dir, name);
const cable = portName('s1:1');

// It has moved the host already: nothing is to do. It says when it begins and ends.
fs.writeFileSync(
  at('move-host'),
  `#!/bin/sh
set -e
cd ${lab.dir}
if test -e does-nothing; then exit; fi
echo "begins $2 $3" >>said
vsctl="ovs-vsctl --db=unix:${at('db.sock')}"
until test -e "may-move"; do sleep 0.05; done
to="\${3%:*}"
if test "$($vsctl iface-to-br ${cable})" != "$to"; then
  $vsctl del-port ${cable}
  $vsctl add-port "$to" ${cable} -- set interface ${cable} ofport_request="\${3#*:}"
fi
touch moved
until test -e "may-end"; do sleep 0.05; done
echo "ends $2 $3" >>said
`,
  { mode: 0o755 },
);
fs.writeFileSync(
  at('exec.yaml'),
  `control: limevisor.sock
store: ${at('limevisor.db')}
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: [s1:3 - s3:1, s2:3 - s3:2, s1:4 - s2:4]
drivers: { exec: [${at('move-host')}], limit: 60s }
tenants:
  red:
    vswitches: { v: { dpid: 1, on: s2, listen: 'punix:${at('v')}' } }
    hosts: { h1: { port: v:1, at: s1:1 }, h2: { port: v:2, at: s2:1 } }
`,
);

const said = (): readonly string[] =>
  fs.existsSync(at('said')) ? fs.readFileSync(at('said'), 'utf8').trim().split('\n') : [];

async function isReached(): Promise<true> {
  return until('an answer', 20_000, async () =>
    (await reaches(lab, 'h2', '10.0.0.1')) ? true : undefined,
  );
}

async function hostNow() {
  const { hosts, hostMoves } = await statusOf(lab);
  const own = hosts.find(({ name }) => name === 'red/h1');
  return { at: own?.at, isUp: own?.state === 'up', move: hostMoves.at(-1)?.state.type };
}

await startLimevisor(lab, at('exec.yaml'));
await untilReady(lab);
await addRule(lab, 'v');
await isReached();

for (const [when, from, to] of [
  ['before the program has moved it', 's1:1', 's3:5'],
  ['when it has, and has not ended', 's3:5', 's1:1'],
] as const) {
  t.test(`killed ${when}`, async (t) => {
    for (const name of ['said', 'may-move', 'moved', 'may-end'])
      fs.rmSync(at(name), { force: true });
    const asked = attempt(lab, ['move', 'red/h1', '--to', to, '--driver', 'exec']);
    await until('the program', 20_000, () => (said().length > 0 ? true : undefined));
    if (from === 's3:5') {
      fs.writeFileSync(at('may-move'), '');
      await until('the move', 20_000, () => (fs.existsSync(at('moved')) ? true : undefined));
    }
    await killLimevisor(lab);
    t.not((await asked).code, 0, 'nobody says that it is done');
    await restartLimevisor(lab);
    await untilReady(lab);
    t.match(await hostNow(), { move: 'run' }, 'the next start waits for it');
    t.strictSame(said(), [`begins ${from} ${to}`], 'and has begun no second one');
    fs.writeFileSync(at('may-move'), '');
    fs.writeFileSync(at('may-end'), '');
    const now = await until('the end of the move', 30_000, async () => {
      const found = await hostNow();
      return found.move === 'done' && found.isUp ? found : undefined;
    });
    t.strictSame(now.at, [to]);
    const lines = said();
    const odd = lines.filter((line, i) => line.startsWith(i % 2 === 0 ? 'ends' : 'begins'));
    t.strictSame(odd, [], `never two at a time: ${lines.join(', ')}`);
    t.ok(await isReached(), 'the host is reached where it is now');
  });
}

t.test('it says that it has moved the host, and has not: whoever asked is told', async (t) => {
  fs.writeFileSync(at('does-nothing'), '');
  const told = await attempt(lab, ['move', 'red/h1', '--to', 's3:7', '--driver', 'exec']);
  t.match(told, { code: 0, stderr: /red\/h1 is at s3:7 now, and cannot be reached there: / });
  t.match(told.stderr, /s3 has no port 7/, 'and why');
});
