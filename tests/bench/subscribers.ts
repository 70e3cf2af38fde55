/**
 * What listeners to events cost everybody else: the same load through two Limevisors at the same
 * time, of which one has 10,000 who listen over HTTP, while both have something to tell.
 *
 * Half of them read, a third read slowly, and the others do not read at all (subscribers-peer.ts).
 * Budget: at least 0.95 of the rate without them, and at most 50 ms of processor time in a second
 * for them while no message passes. Their process has the lowest priority, since it is other
 * machines' work. On a machine that does other work the rates say nothing; the times do.
 * Run with `node tests/bench/subscribers.ts`; SUBSCRIBERS=1000 REPEATS=3 RUN=250 KINDS=barrier for
 * less. Each side needs a file descriptor for each of them (`ulimit -n`).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { version } from '../../openflow/values/constants.ts';
import { compare } from './bench.ts';
import { isKindName, kinds } from './kinds.ts';
import { closedLoop } from './load.ts';
import { type ServedApi, startLimevisor } from './middle.ts';
import { fixed, judge, table, thousands } from './report.ts';
import { Sandwich, SWITCHES } from './sandwich.ts';

const SUBSCRIBERS = Number(process.env['SUBSCRIBERS'] ?? 10_000);
const REPEATS = Number(process.env['REPEATS'] ?? 15);
const RUN_MS = Number(process.env['RUN'] ?? 600);
const LEAST = 0.95;
const MOST_MS = 50;
/** Longer than it takes to tell all of them something, and the pause behind that. */
const TIMES_MS = Number(process.env['TIMES'] ?? 30_000);
const WINDOW = 16;
/** So often both tell something. */
const EVENT_MS = 100;
/** As many as a token may ask for at once. */
const PER_TOKEN = 150;
const names = (process.env['KINDS'] ?? 'packet-in,flow-mod,barrier').split(',').filter(isKindName);

async function open(name: string): Promise<Sandwich> {
  const start = (controllerPort: number) =>
    startLimevisor({
      ...{ tenants: 1, switches: SWITCHES, controllerPort, profileTo: undefined },
      hasApi: true,
    });
  const sandwich = await Sandwich.open(name, 1, start, true, version.of13);
  for (const kind of [kinds.barrier, kinds['packet-in']]) {
    await closedLoop(sandwich, kind, sandwich.lanes, 1, 0);
  }
  return sandwich;
}

function apiOf({ middle }: Sandwich): ServedApi {
  if (middle.api === undefined) throw new Error('it serves no API');
  return middle.api;
}

async function askOf({ url, token }: ServedApi, method: string, path: string, body: object) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { readonly token?: string };
}

interface Listening {
  readonly process: ChildProcess;
  readonly lines: Interface;
}

/** All listen when this is over. */
async function listeners(api: ServedApi, count: number): Promise<Listening> {
  const tokens: string[] = [];
  for (let i = 0; i * PER_TOKEN < count; i++) {
    const made = await askOf(api, 'POST', '/api/v1/tokens', { name: `l${i}`, role: 'viewer' });
    tokens.push(made.token ?? '');
  }
  const program = join(import.meta.dirname, 'subscribers-peer.ts');
  const argv = ['--pdeathsig', 'KILL', '--', 'nice', '-n', '19', process.execPath, program];
  const child = spawn('setpriv', argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  child.stdin.write(`${JSON.stringify({ port: Number(new URL(api.url).port), tokens, count })}\n`);
  const ended = once(child, 'exit').then(() => {
    throw new Error('those who listen ended');
  });
  ended.catch((error: unknown) => error); // It ends some day.
  await Promise.race([once(lines, 'line'), ended]);
  return { process: child, lines };
}

async function readBy({ process: child, lines }: Listening) {
  child.stdin?.write('count\n');
  const [text] = (await once(lines, 'line')) as [string];
  const [events = 0, connected = 0] = text.split(' ').map(Number);
  return { events, connected };
}

function rssMb({ middle }: Sandwich): number {
  const status = fs.readFileSync(`/proc/${middle.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Pages of memory that TCP has of the kernel, as megabytes. */
function tcpMb(): number {
  return Number(/TCP: .*mem (\d+)/.exec(fs.readFileSync('/proc/net/sockstat', 'utf8'))?.[1]) / 256;
}

const quiet = await open('nobody listens');
const heard = await open('many listen');
const beforeMb = [rssMb(heard), tcpMb()];
const beganMs = performance.now();
const listening = await listeners(apiOf(heard), SUBSCRIBERS);
const openedMs = performance.now() - beganMs;
const telling = setInterval(() => {
  for (const one of [quiet, heard]) {
    const told = askOf(apiOf(one), 'PUT', '/api/v1/log', { level: 'info' });
    told.catch((error: Error) => console.error(error.message));
  }
}, EVENT_MS);
const cases = [quiet, heard].map((sandwich) => {
  return { sandwich, lanes: sandwich.lanes, window: WINDOW };
});
/** Milliseconds of processor time in a second, for whoever listens. */
async function ownTimes(): Promise<readonly number[]> {
  const now = () => cases.map(({ sandwich }) => sandwich.middle.cpuNs() / 1e6);
  const [before, fromMs] = [now(), performance.now()];
  await new Promise((done) => setTimeout(done, TIMES_MS));
  const seconds = (performance.now() - fromMs) / 1_000;
  return now().map((ms, i) => (ms - (before[i] ?? 0)) / seconds);
}

const [quietMs = 0, heardMs = 0] = await ownTimes();
const options = { repeats: REPEATS, runMs: RUN_MS } as Parameters<typeof compare>[0];
const rows = [['messages/s', 'nobody listens', `${SUBSCRIBERS} listen`, 'of that', 'CPU us', '']];
const times = judge(heardMs - quietMs, MOST_MS, 'most');
let { isMissed } = times;
for (const name of names) {
  const [without, having] = await compare(options, name, cases);
  if (without === undefined || having === undefined) continue;
  const verdict = judge(having.of(0), LEAST, 'least');
  isMissed ||= verdict.isMissed;
  rows.push([
    ...[name, thousands(without.perSecond), thousands(having.perSecond), fixed(having.of(0), 3)],
    ...[`${fixed(without.cpuUs, 2)} -> ${fixed(having.cpuUs, 2)}`, verdict.text],
  ]);
}
clearInterval(telling);
console.log(`${SUBSCRIBERS} listen after ${fixed(openedMs / 1000, 1)} s`);
console.log(`${fixed(heardMs - quietMs, 1)} ms of processor time a second for them ${times.text}`);
if (rows.length > 1) console.log(table(rows));
const { events, connected } = await readBy(listening);
const [rss, tcp] = [rssMb(heard) - (beforeMb[0] ?? 0), tcpMb() - (beforeMb[1] ?? 0)];
console.log(`${thousands(events)} events were read, ${thousands(connected)} are connected;`);
console.log(
  `${fixed((rss * 1024) / SUBSCRIBERS, 1)} kB of Limevisor for each, ${fixed(tcp, 0)} MB of TCP`,
);
listening.process.stdin?.end();
await quiet.close();
await heard.close();
process.exit(isMissed && process.argv.includes('--strict') ? 1 : 0);
