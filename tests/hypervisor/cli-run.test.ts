/**
 * `limevisor run` as a process: started, asked, stopped, killed, started again.
 */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { spawnWithUs, untilSaid } from '../support/child.ts';
import { limevisor, program } from './cli.ts';
import { shortDir } from './running.ts';

/** A TCP port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function network(dir: string, port: number, name = 'control'): string {
  return `listen: ['ptcp:${port}:127.0.0.1']
control: ${join(dir, `${name}.sock`)}
store: network.db
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: ['s1:1 - s2:1']
tenants:
  red:
    controllers: ['192.0.2.1:6653']
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: 'v1:1', at: 's1:2' } }
`;
}

interface Running {
  readonly child: ChildProcess;
  readonly socket: string;
  stderr(): string;
}

async function start(file: string, socket: string, cache?: string): Promise<Running> {
  const env = { ...process.env, ...(cache !== undefined && { NODE_COMPILE_CACHE: cache }) };
  const child = spawnWithUs(program, ['run', file], { stdio: ['ignore', 'ignore', 'pipe'], env });
  return { child, socket, stderr: await untilSaid(child, 'limevisor runs') };
}

async function end(running: Running, signal: NodeJS.Signals): Promise<number | null> {
  if (running.child.exitCode === null && running.child.signalCode === null) {
    const ended = once(running.child, 'exit');
    running.child.kill(signal);
    await ended;
  }
  return running.child.exitCode;
}

t.test('asked while it runs, stopped in order', async (t) => {
  const port = await freePort();
  const dir = shortDir(t);
  const file = join(dir, 'network.yaml');
  writeFileSync(file, network(dir, port));
  const running = await start(file, join(dir, 'control.sock'));
  t.teardown(() => end(running, 'SIGKILL'));
  const socket = ['--socket', running.socket];
  t.match(limevisor('status', ...socket), {
    code: 0,
    stderr: '',
    stdout: /^DATAPATH .*\ns1 +0000000000000001 +away: it has not connected yet.*\ns2 /,
  });
  const status = limevisor('status', '--json', ...socket);
  const report = JSON.parse(status.stdout);
  t.match(report, { vswitches: [{ name: 'red/v1', on: ['s1'], rules: 0 }] });
  t.ok(Number.isInteger(report.uptimeSec), 'whole seconds');
  const obeyed = limevisor('flows', 'red/\u001b[2J\u009b', ...socket);
  t.match(obeyed, { code: 4, stderr: /"red\/\\u001b\[2J\\u009b"/ }, 'no terminal obeys it');
  const drained = ['s1', 's1'].map((name) => limevisor('drain', name, ...socket));
  t.match(drained, [{ code: 0 }, { code: 0, stdout: /^s1 is already drained; what remains:\n/ }]);
  const back = ['s1', 's1'].map((name) => limevisor('undrain', name, ...socket));
  t.match(back, [{ stdout: /^s1 carries ways again/ }, { code: 0, stdout: /^s1 is not drained/ }]);
  t.match(limevisor('flows', 'red/v9', ...socket), { code: 4, stdout: '', stderr: /red\/v9/ });
  t.match(limevisor('migrate', 'red/v1', '--to', 's2', ...socket), {
    code: 4,
    stdout: '',
    stderr: /cannot migrate:\n {2}datapath s1 is not connected and ready/,
  });
  const odd = limevisor('migrate', 'red/v1', '--to', 's2', '--strategy', 'odd', ...socket);
  t.match(odd, { code: 2, stderr: /"odd" is not a strategy; known: lime, freeze/ });
  t.match(limevisor('undo', '1', ...socket), { code: 4, stderr: /there is no migration 1/ });
  t.equal(await end(running, 'SIGTERM'), 0);
  t.notOk(existsSync(running.socket), 'its socket is gone');
  t.ok(existsSync(join(dir, 'network.db')), 'its store is beside the file');
  t.equal(limevisor('status', ...socket).code, 3);
});

t.test('killed, and started again: socket and store are taken over', async (t) => {
  const port = await freePort();
  const dir = shortDir(t);
  const file = join(dir, 'network.yaml');
  writeFileSync(file, network(dir, port));
  const socket = join(dir, 'control.sock');
  const cache = join(dir, 'cache');
  const first = await start(file, socket, cache);
  await end(first, 'SIGKILL');
  t.ok(existsSync(socket), 'left behind');
  const kept = readdirSync(cache, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .reduce((sum, one) => sum + statSync(join(one.parentPath, one.name)).size, 0);
  t.ok(kept > 1_000_000, `what node made of the program is kept: ${kept} bytes`);
  const second = await start(file, socket);
  t.teardown(() => end(second, 'SIGKILL'));
  t.equal(limevisor('status', '--socket', socket).code, 0);
});

t.test('a second one of the same store is refused; the first goes on', async (t) => {
  const ports = [await freePort(), await freePort()] as const;
  const dir = shortDir(t);
  writeFileSync(join(dir, 'one.yaml'), network(dir, ports[0], 'one'));
  writeFileSync(join(dir, 'two.yaml'), network(dir, ports[1], 'two'));
  const first = await start(join(dir, 'one.yaml'), join(dir, 'one.sock'));
  t.teardown(() => end(first, 'SIGKILL'));
  const { code, stderr } = limevisor('run', join(dir, 'two.yaml'));
  t.equal(code, 1);
  t.match(stderr, /another limevisor uses it; stop that one first/);
  t.equal(limevisor('status', '--socket', first.socket).code, 0);
});

t.test('a port that is taken is told in a line, and the exit code is 1', async (t) => {
  const taken = net.createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const dir = shortDir(t);
  const file = join(dir, 'network.yaml');
  writeFileSync(file, network(dir, port));
  const { code, stderr } = limevisor('run', file);
  taken.close();
  t.equal(code, 1);
  t.match(stderr, new RegExp(`cannot listen on ptcp:${port}:127.0.0.1: address already in use`));
  t.notMatch(stderr, /\n\s+at /, 'no stack trace');
  t.notOk(existsSync(join(dir, 'network.db')), 'and no store that nothing was kept in is left');
  rmSync(join(dir, 'control.sock'), { force: true });
  writeFileSync(join(dir, 'control.sock'), 'a file');
  const other = limevisor('run', file);
  t.match(other, { code: 1, stderr: /control.sock: it exists and is not a socket; choose/ });
  t.strictSame(
    readdirSync(dir).filter((name) => name.includes('network.db')),
    [],
    'nor after a failed start',
  );
});

/** Until its log says so. */
async function says(running: Running, what: RegExp): Promise<void> {
  for (let i = 0; i < 400 && !what.test(running.stderr()); i++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

t.test('signals that mean nothing here say so; SIGQUIT ends it in order', async (t) => {
  const port = await freePort();
  const dir = shortDir(t);
  const file = join(dir, 'network.yaml');
  writeFileSync(file, network(dir, port));
  const socket = join(dir, 'control.sock');
  const running = await start(file, socket);
  t.teardown(() => end(running, 'SIGKILL'));
  for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) {
    running.child.kill(signal);
    await says(running, new RegExp(`"signal":"${signal}".*"signal ignored"`));
    t.match(running.stderr(), new RegExp(`"signal":"${signal}".*"signal ignored"`));
  }
  t.equal(limevisor('status', '--socket', socket).code, 0, 'it serves');
  t.equal(await end(running, 'SIGQUIT'), 0);
  t.match(running.stderr(), /"signal":"SIGQUIT".*"limevisor stops"/);
});

t.test(
  'SIGHUP has the file read again, and applied, or refused with nothing changed',
  async (t) => {
    const port = await freePort();
    const dir = shortDir(t);
    const file = join(dir, 'network.yaml');
    writeFileSync(file, network(dir, port));
    const socket = join(dir, 'control.sock');
    const running = await start(file, socket);
    t.teardown(() => end(running, 'SIGKILL'));
    const names = (): readonly string[] => {
      const { stdout } = limevisor('status', '--json', '--socket', socket);
      const { vswitches } = JSON.parse(stdout) as { vswitches: { name: string }[] };
      return vswitches.map(({ name }) => name);
    };
    writeFileSync(file, network(dir, port).replace('v1: { dpid: 1, on: s1 }', 'v1: { dpid: 1 }'));
    running.child.kill('SIGHUP');
    await says(running, /"the file is not applied; nothing has changed"/);
    t.match(running.stderr(), /tenants\.red\.vswitches\.v1.*the file is not applied/);
    t.strictSame(names(), ['red/v1']);
    const more = `${network(dir, port)}  blue: { vswitches: { v1: { dpid: 1, on: s2 } } }\n`;
    writeFileSync(file, more);
    running.child.kill('SIGHUP');
    await says(running, /"the file is applied"/);
    t.strictSame(names(), ['red/v1', 'blue/v1']);
    t.match(limevisor('apply', file, '--socket', socket), { code: 0, stdout: /^no difference/ });
    const other = join(dir, 'other.yaml');
    writeFileSync(other, network(dir, port));
    const lines = /- vswitch v1.*0 to add, 0 to change, 2 to remove.*applied/s;
    t.match(limevisor('apply', other, '--socket', socket), { code: 0, stdout: lines });
    t.strictSame(names(), ['red/v1']);
    t.equal(await end(running, 'SIGTERM'), 0);
    const again = await start(file, socket);
    t.teardown(() => end(again, 'SIGKILL'));
    t.match(
      again.stderr(),
      /other.yaml.*the previous run applied another file; using the one given/,
    );
    t.strictSame(names(), ['red/v1', 'blue/v1']);
    t.equal(await end(again, 'SIGTERM'), 0);
  },
);
