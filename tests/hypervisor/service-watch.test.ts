/**
 * systemd hears that a service serves, lives and stops, by the real systemd-notify; and a system
 * without it is told about once, and costs nothing else.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { nodeWorld } from '../../hypervisor/world/node-world.ts';
import { ServiceWatch } from '../../hypervisor/world/service-watch.ts';
import { fakeLog } from './fake-world.ts';
import { shortDir } from './running.ts';

/** A service manager, as far as it listens. */
const listening = `
import socket, sys
heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
heard.bind(sys.argv[1])
print("ready", flush=True)
while True:
    print(heard.recv(4096).decode().replace("\\n", " "), flush=True)
`;

t.test('what a service manager hears', async (t) => {
  const socket = join(shortDir(t), 'notify');
  const manager = spawn('/usr/bin/python3', ['-c', listening, socket]);
  t.teardown(() => manager.kill('SIGKILL'));
  const lines = createInterface(manager.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => (await lines.next()).value ?? 'it ended';
  t.equal(await next(), 'ready');
  const env = { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: '200000' };
  delete (env as NodeJS.ProcessEnv)['WATCHDOG_PID'];
  const watch = new ServiceWatch(nodeWorld(), fakeLog(), env);
  watch.serves('serves a.yaml');
  const heard = new Set<string>();
  const until = async (text: RegExp, times: number): Promise<void> => {
    for (let count = 0; count < times; ) {
      const line = await next();
      heard.add(line);
      if (text.test(line)) count += 1;
    }
  };
  await until(/WATCHDOG=1/, 3);
  watch.stops();
  await until(/STOPPING=1/, 1);
  t.ok([...heard].some((line) => /READY=1/.test(line) && /STATUS=serves a.yaml/.test(line)));
});

t.test('without a service manager, or without its program', async (t) => {
  const after = () => {
    t.fail('nothing is to be said again');
    return () => undefined;
  };
  const log = fakeLog();
  new ServiceWatch({ after }, log, {}).serves('x');
  new ServiceWatch({ after }, log, { WATCHDOG_USEC: '200000', WATCHDOG_PID: '1' }).serves('x');
  const env = { PATH: '/nowhere', NOTIFY_SOCKET: '/nowhere/socket' };
  const told = new Promise<unknown>((resolve) => {
    const error = (_: unknown, what: string): void => resolve(what);
    new ServiceWatch({ after }, { ...log, error }, env).serves('x');
  });
  t.match(await told, /there is no systemd-notify/);
});
