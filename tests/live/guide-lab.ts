/**
 * A network with the names of docs/GUIDE.md's chapters, and its commands as they are typed there.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import {
  root,
  socketOf,
  startLimevisor,
  startTestController,
  untilReady,
} from '../../examples/lab/programs.ts';

const guide = readFileSync(path.join(root, 'docs/GUIDE.md'), 'utf8');

/** s5:5 and the like are there for what comes, s9 for copies. */
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
drivers: { netns: 'unix:DIR/db.sock' }
schedules: { red-moves: { move: red/v2, every: 24h } }
tenants:
  red:
    controllers: [tcp:127.0.0.1:6661]
    limits: { rules: 2000 }
    vswitches: { v1: { dpid: 1, on: s1 }, v2: { dpid: 2, on: s2 }, v3: { dpid: 3, on: s3 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s2:1 } }
    links: [v1:2 - v3:1, v2:2 - v3:2]
  blue:
    vswitches: { v: { dpid: 1, on: s3 } }
`;

interface Test {
  teardown(run: () => unknown): void;
  match(found: string, wanted: RegExp, what: string): unknown;
  ok(is: boolean, what: string): unknown;
}

/**
 * What is typed, what it says, its exit code if that is not 0; and, of a line that waits for it,
 * what is typed meanwhile.
 */
export type Typed = readonly [line: string, says: RegExp, code?: number, meanwhile?: string];

/** By chapters of the guide. */
export type Chapters = Readonly<Record<string, readonly Typed[]>>;

export async function guideLab(t: Test): Promise<Lab> {
  const host = (n: number) => {
    const addresses = { ip: `10.0.0.${n}/24`, mac: `02:00:00:00:00:0${n}` };
    return { name: `h${n}`, at: `s${n}:1`, ...addresses };
  };
  const lab = await startLab({
    ...{ switches: ['s1', 's2', 's3', 's4', 's5', 's9'], controller: 'tcp:127.0.0.1:6653' },
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
    hosts: [host(1), host(2)],
  });
  t.teardown(() => lab.stop());
  const file = path.join(lab.dir, 'guide.yaml');
  writeFileSync(file, network);
  await startTestController(lab, 6661);
  await startLimevisor(lab, file);
  await untilReady(lab);
  // Another file, for what compares and applies one.
  const running = readFileSync(path.join(lab.dir, 'network.yaml'), 'utf8');
  const next = running.replace('every: 24h', 'every: 12h').replace('rules: 2000', 'rules: 1000');
  writeFileSync(path.join(lab.dir, 'new.yaml'), next);
  return lab;
}

/** As it stands in its chapter. */
export async function type(t: Test, lab: Lab, chapter: string, typed: Typed): Promise<void> {
  const [line, says, code = 0, meanwhile] = typed;
  const text = guide.split('\n## ').find((one) => one.startsWith(`${chapter}\n`)) ?? '';
  t.ok(text.includes(line), `"${chapter}" has ${line}`);
  t.ok(guide.includes(meanwhile ?? line), `the guide has ${meanwhile ?? line}`);
  const home = `export XDG_CONFIG_HOME=${lab.dir}/home LIMEVISOR_SOCKET=${socketOf(lab)}`;
  const again = `until ${meanwhile} >/dev/null 2>&1; do sleep 0.1; done; wait $!`;
  const whole = meanwhile === undefined ? line : `${line} & ${again}`;
  const before = `exec 2>&1; cd ${lab.dir}; PATH=${root}:$PATH; ${home}`;
  const said = await lab.inside.run(['bash', '-c', `${before}\n${whole}; echo "exit $?"`]);
  t.match(said, new RegExp(`exit ${code}\\n$`), line);
  t.match(said.replace(/exit \d+\n$/, ''), says, line);
}
