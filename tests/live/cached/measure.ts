/**
 * How many packets meet an older rule after a change was taken for being in force, with many flows
 * cached and Open vSwitch's caches as they are by default.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { type Lab, startLab } from '../../../examples/lab/lab.ts';
import type { Running } from '../../../examples/lab/processes.ts';
import { root } from '../../../examples/lab/programs.ts';

export interface Change {
  /** The level that was used, and why no other. */
  readonly used: string;
  readonly why: string;
  /** From the barrier's reply to when it was taken for being in force. */
  readonly tookMs: number;
  /** Packets that were sent after each of the two moments, and still met the older rule. */
  readonly afterBarrier: number;
  readonly afterFull: number;
}

/** Two datapaths and a cable; both hosts at the first. */
export const pair = {
  switches: ['s1', 's2'],
  links: [['s1:3', 's2:3']] as const,
  hosts: [
    { name: 'h1', at: 's1:1', ip: '10.9.9.9/24', mac: '02:00:00:00:00:01' },
    { name: 'h2', at: 's1:2', ip: '10.9.9.8/24', mac: '02:00:00:00:00:02' },
  ],
  controller: 'tcp:127.0.0.1:6653',
};

const folder = path.join(root, 'tests/live/cached');
/** Sent so long after a change, a packet is one of it: before it is taken back. */
const WINDOW_SEC = 0.35;

interface Said {
  readonly barrierSec: number;
  readonly fullSec: number;
  readonly used: string;
  readonly why: string;
}

/** Lines of a program, one after the other. */
async function* linesOf({ child }: Running): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of child.stdout ?? []) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}

async function next(lines: AsyncGenerator<string>, who: string): Promise<string> {
  const { value, done } = await lines.next();
  if (done === true) throw new Error(`${who} ended early`);
  return value;
}

/** `trials` changes while `flows` are cached, at a level as the file has it. */
export async function changesWith(
  lab: Lab,
  level: string,
  flows: number,
  trials: number,
): Promise<readonly Change[]> {
  const limevisor = lab.inside.start([
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    path.join(folder, 'acknowledging.ts'),
    level,
    String(trials),
  ]);
  const said = linesOf(limevisor);
  await next(said, 'acknowledging.ts');
  // Each flow has a cached flow of its own if a rule asks for its port.
  const rules = path.join(lab.dir, 'rules.txt');
  const lines = Array.from({ length: Math.min(flows, 60_000) }, (_, i) => {
    return `table=0,priority=9,in_port=1,udp,tp_src=${i + 1},actions=output:2`;
  });
  const far = `table=0,priority=10,in_port=1,udp,tp_dst=9,tp_src=60001,actions=output:2`;
  fs.writeFileSync(rules, [...lines, far].join('\n'));
  await lab.ofctl('add-flows', 's1', rules);
  const python = (host: string, ...args: readonly string[]): Running =>
    lab.inside.start(lab.on(host, ['/usr/bin/python3', path.join(folder, 'flows.py'), ...args]));
  const receiver = python('h2', 'receive', 'eth0');
  const came = linesOf(receiver);
  await next(came, 'the receiver');
  const sender = python('h1', 'send', 'eth0', '02:00:00:00:00:02', String(flows));
  await next(linesOf(sender), 'the sender');
  await limevisor.signal('SIGUSR2');
  const found: Said[] = [];
  for (let i = 0; i < trials; i += 1) found.push(JSON.parse(await next(said, 'acknowledging.ts')));
  await once(limevisor.child, 'exit');
  await sender.end('SIGINT');
  await receiver.signal('SIGINT');
  const sentSec: readonly number[] = JSON.parse(await next(came, 'the receiver'));
  return found.map(({ barrierSec, fullSec, used, why }) => {
    const between = (fromSec: number): number =>
      sentSec.filter((one) => one > fromSec && one < fullSec + WINDOW_SEC).length;
    const tookMs = (fullSec - barrierSec) * 1_000;
    return { used, why, tookMs, afterBarrier: between(barrierSec), afterFull: between(fullSec) };
  });
}

/** So many changes meet nothing older when a canary has shown them; or it is said that none did. */
export async function provesChanges(t: Test, flows: number, trials: number): Promise<void> {
  const lab = await startLab(pair);
  t.teardown(() => lab.stop());
  const changes = await changesWith(lab, 'automatic', flows, trials);
  for (const one of changes) t.comment(JSON.stringify(one));
  for (const { used, why, afterFull } of changes) {
    if (why === '') t.strictSame([used, afterFull], ['canary', 0], 'nothing met the older rule');
    else t.match(used, /^settle /, why);
  }
  t.equal(changes.length, trials);
}
