/**
 * The lab itself: it carries traffic, its pings tell the truth, and it leaves nothing behind.
 *
 * tests/live/ and the demo rest on what the lab measures ("packet loss is 0% with LIME", LIME 5),
 * so here its instruments are shown what they must see: losses, duplicates, and their own absence.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { droppedFrames } from '../../examples/lab/dropped-frames.ts';
import { type Lab, type LabSpec, startLab } from '../../examples/lab/lab.ts';
import { reaches, startPing } from '../../examples/lab/ping.ts';
import { root, startOsken, startTestController } from '../../examples/lab/programs.ts';
import { sleep, until } from '../../examples/lab/wait.ts';

const spec: LabSpec = {
  switches: ['s1', 's2'],
  links: [['s1:3', 's2:3']],
  hosts: [
    { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '00:00:00:00:00:01' },
    { name: 'h2', at: 's2:1', ip: '10.0.0.2/24', mac: '00:00:00:00:00:02' },
  ],
  controller: 'tcp:127.0.0.1:6653',
};

/** Probes at 10 ms: enough that a lost or doubled one would show. */
const PROBES_MS = 1000;

async function carriesTraffic(t: Tap, lab: Lab): Promise<void> {
  await until('the first ping', 10_000, async () =>
    (await reaches(lab, 'h1', '10.0.0.2')) ? true : undefined,
  );
  const ping = startPing(lab, 'h1', '10.0.0.2');
  await sleep(PROBES_MS);
  const result = await ping.stop();
  t.match(result, { lost: 0, duplicates: 0, errors: 0 }, JSON.stringify(result));
  t.ok(result.sent >= PROBES_MS / 10, `${result.sent} probes were sent`);
  const fullSize = ['ping', '-c', '3', '-i', '0.2', '-W', '1', '-M', 'do', '-s', '1472'];
  const full = await lab.inside.attempt(lab.on('h1', [...fullSize, '10.0.0.2']));
  t.match(full.stdout, ' 0% packet loss', 'a frame of 1500 bytes arrives whole');
  t.equal(await sendByTcp(lab), `${TCP_BYTES}\n`, 'TCP arrives, so checksums are real');
}

const TCP_BYTES = 5_000_000;

/** What h2 says it received over a TCP connection from h1. */
async function sendByTcp(lab: Lab): Promise<string> {
  const python = (host: string, script: string) =>
    lab.on(host, ['/usr/bin/python3', '-uc', `import socket as s\n${script}`]);
  const server = lab.inside.start(
    python(
      'h2',
      `c = s.create_server(("10.0.0.2", 5001)).accept()[0]
print(sum(len(d) for d in iter(lambda: c.recv(65536), b"")))`,
    ),
  );
  let said = '';
  server.child.stdout?.on('data', (chunk) => {
    said += String(chunk);
  });
  await until('the TCP server listening', 5_000, async () =>
    (await lab.inside.run(lab.on('h2', ['ss', '-Hltn']))) === '' ? undefined : true,
  );
  const send = `c = s.create_connection(("10.0.0.2", 5001), 5); c.sendall(bytes(${TCP_BYTES}))`;
  await lab.inside.run(python('h1', send));
  await until('the end of the TCP connection', 10_000, () => (said === '' ? undefined : true));
  return said;
}

t.test('ovs-testcontroller: hosts reach each other, without loss or duplicate', async (t) => {
  const lab = await startLab(spec);
  t.teardown(() => lab.stop());
  await startTestController(lab, 6653);
  await carriesTraffic(t, lab);
});

t.test('os-ken with our learning switch: the same, and it says what it received', async (t) => {
  const lab = await startLab(spec);
  t.teardown(() => lab.stop());
  await startOsken(lab, 6653, 'osken.log');
  await carriesTraffic(t, lab);
  const log = fs.readFileSync(path.join(lab.dir, 'osken.log'), 'utf8');
  t.match(log, /^[\d.]+ connected dpid=0000000000000001$/m);
  t.match(log, /^[\d.]+ packet-in dpid=0000000000000002 port=3 00:00:00:00:00:01 > /m);
  t.notMatch(log, /error|disconnected|33:33:/, 'no error, no noise of IPv6');
});

/** A lab whose switches flood, without any controller. */
async function startFlooding(t: Tap): Promise<Lab> {
  const lab = await startLab(spec);
  t.teardown(() => lab.stop());
  for (const name of spec.switches) await lab.ofctl('add-flow', name, 'priority=1,actions=FLOOD');
  return lab;
}

/** For 200 ms or more, s2 treats what h1 sends to h2 as `actions` say; how long at most. */
async function disturb(lab: Lab, actions: string): Promise<number> {
  const beganMs = performance.now();
  await lab.ofctl('add-flow', 's2', `priority=9,in_port=3,icmp,actions=${actions}`);
  await sleep(200);
  await lab.ofctl('del-flows', 's2', 'in_port=3,icmp');
  return performance.now() - beganMs;
}

t.test('pings see what goes wrong', async (t) => {
  const lab = await startFlooding(t);
  const during = async (disturbance: () => Promise<unknown>, afterMs = 300) => {
    const ping = startPing(lab, 'h1', '10.0.0.2');
    await sleep(300);
    await disturbance();
    await sleep(afterMs);
    return ping.stop();
  };
  let tookMs = 0;
  const gap = await during(async () => {
    tookMs = await disturb(lab, 'drop');
  });
  const most = tookMs / 10 + 20;
  t.ok(gap.lost >= 15 && gap.lost < most, `a gap of 200 to ${tookMs} ms lost ${gap.lost}`);
  t.equal(gap.received + gap.lost, gap.sent);
  const twice = await during(() => disturb(lab, 'output:1,output:1'));
  t.equal(twice.lost, 0, 'what came twice is not lost');
  t.ok(twice.duplicates >= 15, `200 ms of two of each: ${twice.duplicates} duplicates`);
  const cut = await during(() => lab.inside.run(['ip', 'link', 'set', 's2-p1', 'down']));
  t.ok(cut.lost >= 25, `dead at the end for 300 ms: lost ${cut.lost} of ${cut.sent}`);
  const dead = await during(async () => undefined, 0);
  t.ok(dead.lost > 0 && dead.lost === dead.sent, `dead all along: lost ${dead.lost}`);
  await t.rejects(startPing(lab, 'nobody', '10.0.0.2').stop(), /fping did not run on nobody/);
});

t.test('what Open vSwitch has no time to read is counted', async (t) => {
  const lab = await startLab({ ...spec, apart: ['s1'] });
  t.teardown(() => lab.stop());
  const dropped = () => droppedFrames(lab.inside, ['sw-s1']);
  t.equal(await dropped(), 0);
  const send = `own = s.socket(s.AF_PACKET, s.SOCK_RAW)
own.bind(("eth0", 0))
for _ in range(2000): own.send(b"\\xff" * 12 + b"\\x88\\xb5" + bytes(46))`;
  await lab.signal('s1', 'SIGSTOP');
  await lab.inside.run(lab.on('h1', ['/usr/bin/python3', '-c', `import socket as s\n${send}`]));
  const count = await dropped();
  await lab.signal('s1', 'SIGCONT');
  t.ok(count > 500 && count < 2_000, `${count} of 2000 frames`);
});

t.test('what is quiet stays quiet: no packet but the hosts’ own', async (t) => {
  const lab = await startFlooding(t);
  await sleep(2000);
  for (const name of spec.switches) {
    t.match(await lab.ofctl('dump-flows', name), 'n_packets=0', `${name} saw nothing`);
  }
});

t.test('a start that fails says why, at once', async (t) => {
  const lab = await startFlooding(t);
  await startTestController(lab, 6653);
  await t.rejects(startOsken(lab, 70_000, 'x.log'), /os-ken ended as it started.*\n.*x\.log ends/);
  const nowhere = { ...spec, links: [['s1:3', 's9:3']] } as const;
  await t.rejects(startLab(nowhere), /add-port s9 .*no bridge named s9/);
});

t.test('stop, even thrice at once, leaves nothing', async (t) => {
  const lab = await startLab(spec);
  const sleeper = lab.inside.start(['sleep', '600']);
  // The holder, two daemons, and what was just started.
  const pids = await until('four processes inside', 5_000, () => {
    const found = pidsIn(lab.pid);
    return found.length >= 4 ? found : undefined;
  });
  await sleeper.end('SIGKILL');
  await Promise.all([lab.stop(), lab.stop(), lab.stop()]);
  t.same(leftOf(lab.dir, pids), []);
  await lab.stop();
});

for (const signal of ['SIGKILL', 'SIGHUP', 'SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} to whoever holds two labs leaves nothing`, async (t) => {
    const holder = holdLabs();
    t.teardown(() => holder.kill('SIGKILL'));
    const labs = await heldBy(holder);
    const pids = labs.flatMap(({ pid }) => pidsIn(pid));
    t.ok(pids.length >= 6, `inside ran ${pids.length} processes`);
    holder.kill(signal);
    const left = () => labs.flatMap(({ dir }) => leftOf(dir, pids));
    await until('the end of all of it', 5_000, () =>
      left().length === 0 ? true : undefined,
    ).catch((error: unknown) => t.same(left(), [], String(error)));
  });
}

t.test('whoever keeps its labs waits for what it ended, and leaves them running', async (t) => {
  const holder = runModule(`
    import { openNamespaces } from ${JSON.stringify(path.join(root, 'examples/lab/processes.ts'))};
    const inside = await openNamespaces('/nowhere', true);
    console.log(inside.pid);
    const sleeper = inside.start(['sleep', '600'], '/dev/null');
    await sleeper.end('SIGKILL');
    console.log('waited');`);
  let said = '';
  holder.stdout?.on('data', (chunk) => {
    said += String(chunk);
  });
  const [code] = await once(holder, 'close');
  const pid = Number(said.split('\n')[0]);
  t.teardown(() => process.kill(pid, 'SIGKILL'));
  t.equal(code, 0);
  t.match(said, /^\d+\nwaited\n$/);
  t.ok(fs.existsSync(`/proc/${pid}`), 'still there');
});

interface Held {
  readonly dir: string;
  readonly pid: number;
}

/** Another process, which starts two labs at a time and says where they are. */
function holdLabs(): ChildProcess {
  return runModule(`
    import { startLab } from ${JSON.stringify(path.join(root, 'examples/lab/lab.ts'))};
    const labs = await Promise.all([1, 2].map(() => startLab(${JSON.stringify(spec)})));
    console.log(JSON.stringify(labs.map(({ dir, pid }) => ({ dir, pid }))));
    setInterval(() => undefined, 1000);`);
}

function runModule(script: string): ChildProcess {
  const args = ['--input-type=module', '--eval', script];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function heldBy(holder: ChildProcess): Promise<readonly Held[]> {
  if (holder.stdout === null) throw new Error('the output is not piped');
  const [said] = await once(holder.stdout, 'data');
  return JSON.parse(String(said)) as readonly Held[];
}

/** The processes of the process namespace that `first` began. */
function pidsIn(first: number): readonly number[] {
  const namespace = fs.readlinkSync(`/proc/${first}/ns/pid`);
  return runningPids().filter((pid) => linkOf(`/proc/${pid}/ns/pid`) === namespace);
}

/** Of what a lab was: its directory and its processes; with the last process, its namespaces. */
function leftOf(dir: string, pids: readonly number[]): readonly string[] {
  const alive = runningPids().filter((pid) => pids.includes(pid));
  return [...(fs.existsSync(dir) ? [dir] : []), ...alive.map((pid) => `process ${pid}`)];
}

/** Without the dead that their parent (a container's first process, say) has not buried yet. */
function runningPids(): readonly number[] {
  const pids = fs.readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((pid) => linkOf(`/proc/${pid}/exe`) !== undefined);
}

function linkOf(file: string): string | undefined {
  try {
    return fs.readlinkSync(file);
  } catch {
    return undefined; // It has ended, or is the kernel's.
  }
}

type Tap = Pick<typeof t, 'teardown' | 'equal' | 'match' | 'ok'>;
