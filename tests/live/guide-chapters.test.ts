/**
 * docs/GUIDE.md's chapters about a network that is there, typed: each command as it stands in its
 * chapter, in this order, on one network whose names are the guide's. (tests/live/guide.test.ts
 * types the chapters that make a network; documented.test.ts holds all others to the command line.)
 *
 * Moves that a dozen live tests make, and that take seconds each, are planned here (`--dry-run` is
 * typed behind them).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import {
  root,
  socketOf,
  startLimevisor,
  startTestController,
  untilReady,
} from '../../examples/lab/programs.ts';

const guide = readFileSync(path.join(root, 'docs/GUIDE.md'), 'utf8');

/** The names that the guide's chapters speak of; s9 and port 5 are there for what comes. */
const network = `
control: here
store: DIR/limevisor.db
listen: ['ptcp:6653:127.0.0.1']
api: { listen: [ptcp:8640:127.0.0.1] }
datapaths:
  s1: { dpid: 1 }
  s2: { dpid: 2 }
  s3: { dpid: 3 }
  s4: { dpid: 4 }
  s5: { dpid: 5 }
  s9: { dpid: 6 }
links: [s1:11 - s3:11, s2:11 - s3:12, s1:12 - s4:11, s2:12 - s4:12, s1:13 - s5:11, s1:14 - s9:11]
zones: { zone-a: [s3], zone-b: [s4, s5] }
drivers: { netns: 'unix:DIR/db.sock', exec: [/bin/true] }
quotas: { student: { networks: 2, controllers: [127.0.0.0/8] } }
schedules: { red-moves: { move: red/v2, every: 24h } }
tenants:
  red:
    controllers: [tcp:127.0.0.1:6661]
    limits: { rules: 2000 }
    vswitches:
      v1: { dpid: 1, on: s1 }
      v2: { dpid: 2, on: s2 }
      v3: { dpid: 3, on: s3 }
    hosts:
      h1: { port: v1:1, at: s1:1 }
      h2: { port: v2:1, at: s2:1 }
    links: [v1:2 - v3:1, v2:2 - v3:2]
  blue:
    vswitches: { v: { dpid: 1, on: s3 } }
`;

/** What is typed, what it says, and its exit code if that is not 0. */
type Typed = readonly [line: string, says: RegExp, code?: number];

const chapters: Readonly<Record<string, readonly Typed[]>> = {
  'What runs, and how a file differs from it': [
    ['limevisor show', /^datapaths:[\s\S]*h1: *\{ port: "?v1:1"?, at: "?s1:1/m],
    ['limevisor show red blue', /^tenants:[\s\S]*blue:/m],
    ['limevisor diff new.yaml', /host h2[\s\S]*1 to change/, 2],
  ],
  'Changing the network while it runs': [
    ['limevisor apply --dry-run new.yaml', /host h2[\s\S]*what tenants will see/],
    ['limevisor apply new.yaml', /host h2/],
  ],
  Packages: [
    ['limevisor export red > red.lime', /^$/],
    [
      'limevisor deploy red.lime --as red2 --hosts h1=s1:5,h2=s2:5 --controller tcp:192.0.2.8:6653',
      /red2\/v1/,
    ],
  ],
  'Limits of a tenant': [
    ['limevisor top', /red +\d+ of 2000/],
    ['limevisor flows red/v1 --physical', /s1/],
  ],
  'What passes': [['limevisor traffic red', /TENANT +FROM +TO[\s\S]*red\/h1/]],
  'Better places': [['limevisor optimize red --for load', /for load/]],
  'Moving targets': [
    ['limevisor schedules', /red-moves/],
    ['limevisor mtd report', /red/],
  ],
  'Nobody has to type the cables': [
    ['limevisor discover', /s1:11 - s3:11/],
    ['limevisor links', /s1:11 - s3:11 +up/],
  ],
  'Moving a vswitch': [
    ['limevisor migrate red/v3 --to s4 --dry-run', /tunnels/],
    ['limevisor migrate red/v1 --to s5 --strategy partial', /s5/],
    ['limevisor move red/h1 --to s5:1', /h1/],
    ['limevisor migrate red/v1 --from s1', /s5/],
    ['limevisor migrate red/v1 red/v3 --to s5', /done/],
    ['limevisor migrate red --to zone-b', /done/],
    ['limevisor migrate red/v1 red/v2', /done/],
    ['limevisor migrations', /red\/v1/],
  ],
  'Running it': [
    ['limevisor wait red', /ready/],
    ['limevisor events', /migration over/],
    ['limevisor status red', /red\/v1/],
    ['limevisor audit red/v1', /migrate/],
  ],
};

t.test('each command of the guide, typed', async (t) => {
  const ends = ['s1', 's2', 's3', 's4', 's5', 's9'];
  const lab = await startLab({
    ...{ switches: ends, controller: 'tcp:127.0.0.1:6653' },
    links: [
      ...([
        ['s1:11', 's3:11'],
        ['s2:11', 's3:12'],
        ['s1:12', 's4:11'],
      ] as const),
      ...([
        ['s2:12', 's4:12'],
        ['s1:13', 's5:11'],
        ['s1:14', 's9:11'],
      ] as const),
    ],
    hosts: [
      { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
      { name: 'h2', at: 's2:1', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
    ],
  });
  t.teardown(() => lab.stop());
  const file = path.join(lab.dir, 'guide.yaml');
  writeFileSync(file, network);
  await startTestController(lab, 6661);
  await startLimevisor(lab, file);
  await untilReady(lab);
  const running = readFileSync(path.join(lab.dir, 'network.yaml'), 'utf8');
  writeFileSync(path.join(lab.dir, 'new.yaml'), running.replace('at: s2:1', 'at: s2:2'));
  const home = `export XDG_CONFIG_HOME=${lab.dir}/home LIMEVISOR_SOCKET=${socketOf(lab)}`;
  const before = `exec 2>&1; cd ${lab.dir}; PATH=${root}:$PATH; ${home}`;
  for (const [chapter, all] of Object.entries(chapters)) {
    const text = guide.split('\n## ').find((one) => one.startsWith(`${chapter}\n`)) ?? '';
    for (const [line, says, code = 0] of all) {
      t.ok(text.includes(line), `"${chapter}" has ${line}`);
      const began = Date.now();
      const said = await lab.inside.run(['bash', '-c', `${before}\n${line}; echo "exit $?"`]);
      console.error(`=== ${line} (${Date.now() - began} ms)\n${said}`);
      t.match(said, new RegExp(`exit ${code}\\n$`), line);
      t.match(said.replace(/exit \d+\n$/, ''), says, line);
    }
  }
});
