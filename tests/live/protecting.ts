/**
 * A stateful firewall and an intrusion detection on os-ken (examples/controllers/protecting.py)
 * while their two vswitches move together, from one pair of datapaths to another and back.
 *
 * LIME 4.1: what happens must be "handled in a way that could have happened in a migration-free
 * setting". Open vSwitch's caches are off, so a barrier means what it says.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type t from 'tap';
import { droppedFrames } from '../../examples/lab/dropped-frames.ts';
import { type Lab, type Spoken, startLab } from '../../examples/lab/lab.ts';
import { lastLineOf, type Running } from '../../examples/lab/processes.ts';
import {
  limevisorJson,
  root,
  startLimevisor,
  startOsken,
  untilReady,
} from '../../examples/lab/programs.ts';
import { square } from '../../examples/lab/topologies.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import type { MigrateResult } from '../../hypervisor/operator/migration-asked.ts';

const network = `
control: here
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
zones: { near: [s1, s2], far: [s3, s4] }
links: ['s1:3 - s2:3', 's2:4 - s3:3', 's1:4 - s4:1', 's4:2 - s3:4']
tenants:
  red:
    controllers: [tcp:127.0.0.1:6661]
    vswitches: { firewall: { dpid: 1, on: s1 }, detection: { dpid: 2, on: s2 } }
    hosts:
      h1: { port: firewall:1, at: s1:1 }
      h2: { port: firewall:2, at: s3:1 }
      h3: { port: detection:1, at: s2:1 }
      h4: { port: detection:2, at: s4:3 }
      h5: { port: detection:3, at: s1:2 }
`;
const places = ['s1:1', 's3:1', 's2:1', 's4:3', 's1:2'];
const all = ['s1', 's2', 's3', 's4'];

interface Said {
  readonly asked: number;
  readonly answered: number;
  readonly twice: number;
  readonly uninvited: number;
  readonly sent: number;
  readonly intruders: readonly (readonly [port: number, sentSec: number])[];
}

/** What came of it. */
interface Judged {
  readonly firewall: Pick<Said, 'asked' | 'answered' | 'twice' | 'uninvited'>;
  /** Answers that nobody asked for, as they were sent. */
  readonly uninvitedSent: number;
  readonly detection: Pick<Said, 'asked' | 'answered' | 'twice'>;
  readonly misjudged: number;
  readonly blocked: number;
  /** Of intruders, frames that were sent after the block's barrier and passed. */
  readonly passed: number;
  /** What came of them before. */
  readonly came: number;
  readonly errors: number;
  /** Frames that the machine lost (dropped-frames.ts). */
  readonly dropped: number;
  readonly ends: readonly (string | undefined)[];
}

async function judged(moves: number, speaks: Spoken, everyMs: number): Promise<Judged> {
  const spoken = Object.fromEntries(all.map((one) => [one, speaks]));
  const lab = await startLab({ ...square(...places), exact: true, speaks: spoken });
  try {
    return await judgedIn(lab, moves, everyMs);
  } finally {
    await lab.stop();
  }
}

async function judgedIn(lab: Lab, moves: number, everyMs: number): Promise<Judged> {
  const file = path.join(lab.dir, 'protecting.yaml');
  fs.writeFileSync(file, network);
  const log = 'protecting.log';
  const logged = (): readonly string[] =>
    fs.readFileSync(path.join(lab.dir, log), 'utf8').split('\n');
  const said = (what: string) => logged().filter((line) => line.startsWith(`${what} `));
  await startOsken(lab, 6661, log, ['protecting.py']);
  await startLimevisor(lab, file);
  await untilReady(lab);
  await until('both vswitches', 20_000, () => (said('connected').length === 2 ? true : undefined));
  const talks = {
    h2: await talking(lab, 'answer', 'h2', 'h1', everyMs),
    h4: await talking(lab, 'answer', 'h4', 'h3', 0),
    h1: await talking(lab, 'ask', 'h1', 'h2', everyMs),
    h3: await talking(lab, 'ask', 'h3', 'h4', everyMs),
    h5: await talking(lab, 'attack', 'h5', 'h4', everyMs / 4),
  };
  await sleep(500);
  const ends: (string | undefined)[] = [];
  for (let i = 0; i < moves; i += 1) {
    const to = i % 2 === 0 ? 'far' : 'near';
    const asked = ['migrate', 'red', '--to', to, '--no-watch'];
    const { ensemble } = await limevisorJson<MigrateResult>(lab, ...asked);
    ends.push(ensemble?.state.type);
  }
  await talks.h5();
  const [h1, h3] = [await talks.h1(), await talks.h3()];
  const [h2, h4] = [await talks.h2(), await talks.h4()];
  const blocks = new Map(
    said('blocked').map((line) => {
      const [, port, sec] = line.split(' ');
      return [Number(port), Number(sec)] as const;
    }),
  );
  const passed = h4.intruders.filter(([port, sec]) => sec > (blocks.get(port) ?? Infinity));
  return {
    firewall: withoutIntruders(h1),
    uninvitedSent: h2.sent,
    detection: withoutIntruders(h3),
    misjudged: said('misjudged').length,
    blocked: blocks.size,
    passed: passed.length,
    came: h4.intruders.length,
    errors: said('error').length,
    dropped: await droppedFrames(lab.inside),
    ends,
  };
}

function withoutIntruders({ asked, answered, twice, uninvited }: Said) {
  return { asked, answered, twice, uninvited };
}

const script = path.join(root, 'examples/lab/questions.py');
const macOf = (host: string): string => `02:00:00:00:00:0${host.slice(1)}`;

/** Starts a host's part; ends it, with what it says. */
async function talking(
  lab: Lab,
  how: string,
  host: string,
  other: string,
  everyMs: number,
): Promise<() => Promise<Said>> {
  const args = [how, 'eth0', macOf(host), macOf(other), String(everyMs)];
  const running: Running = lab.inside.start(lab.on(host, ['/usr/bin/python3', script, ...args]));
  const said = lastLineOf(running);
  if (running.child.stdout !== null) await once(running.child.stdout, 'data');
  return async () => {
    await running.end('SIGINT');
    return JSON.parse(said()) as Said;
  };
}

type Tap = Pick<typeof t, 'ok' | 'equal' | 'comment'>;

/** Moves so often, with a question every so many ms, and holds what was judged. */
export async function mustJudge(
  t: Tap,
  moves: number,
  everyMs: number,
  speaks: Spoken,
): Promise<void> {
  const found = await judged(moves, speaks, everyMs);
  const { firewall, detection } = found;
  t.comment(JSON.stringify(found));
  t.ok(
    found.ends.every((one) => one === 'done'),
    `it moved: ${found.ends}`,
  );
  t.ok(firewall.asked > 20 && found.uninvitedSent > 20, 'there was something to judge');
  const unanswered = firewall.asked - firewall.answered + detection.asked - detection.answered;
  const lost = `but for ${found.dropped} that the machine lost`;
  t.ok(unanswered <= found.dropped, `each answer was let in, ${lost}: ${unanswered} were not`);
  t.equal(firewall.uninvited, 0, 'and nothing that nobody had asked for');
  t.equal(found.misjudged, 0, 'no answer was heard before its question');
  t.ok(found.blocked > 1 && found.came > 0, `${found.blocked} intruders were found`);
  t.equal(found.passed, 0, 'nothing of theirs passed that was sent after the barrier');
  t.equal(firewall.twice + detection.twice, 0, 'nothing came twice');
  t.equal(found.errors, 0, 'the controller got no error');
}
