/**
 * Monitors of QEMU that say what a test has them say, for its driver.
 */
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Test } from 'tap';
import type { Drivers } from '../../slices/config/drivers.ts';

interface Asked {
  readonly execute: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

export type Says = (command: string, monitor: Monitor, more?: Asked['arguments']) => object;

/** A monitor that keeps what it was asked. */
export class Monitor {
  readonly asked: string[] = [];
  readonly server: net.Server;
  status = 'running';
  migration: Record<string, unknown> = {};
  /** Whether cables of its network cards are plugged in, as it was told last. */
  readonly links = new Map<string, boolean>();
  #socket: net.Socket | undefined;

  constructor(at: string, says: Says) {
    this.server = net.createServer((socket) => {
      this.#socket = socket;
      socket.on('error', () => undefined);
      socket.write('{"QMP": {"version": {}, "capabilities": []}}\n');
      let text = '';
      socket.on('data', (chunk) => {
        const lines = (text + String(chunk)).split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) {
          const { execute, arguments: more } = JSON.parse(line) as Asked;
          this.asked.push(execute);
          if (execute === 'set_link') this.links.set(String(more?.['name']), more?.['up'] === true);
          // Events come whenever they like.
          socket.write('{"event": "RESUME"}\n');
          socket.write(`${JSON.stringify(says(execute, this, more))}\n`);
          if (execute === 'quit') socket.end();
        }
      });
    });
    this.server.listen(at);
  }

  /** Whoever is connected is told. */
  happens(event: string): void {
    const timestamp = { seconds: 1, microseconds: 2 };
    this.#socket?.write(`${JSON.stringify({ event, timestamp })}\n`);
  }
}

export const usual: Says = (command, monitor) => {
  if (command === 'query-status') return { return: { status: monitor.status } };
  if (command === 'query-migrate') return { return: monitor.migration };
  return { return: {} };
};

export function configIn(dir: string, limitMs = 20_000): Drivers {
  const qemu = {
    source: `${dir}/{host}.qmp`,
    target: `${dir}/{host}.{to}.qmp`,
    uri: `unix:${dir}/m`,
  };
  return { qemu, limitMs };
}

/** With a short name: a socket's path has 107 bytes at most. */
export function folder(t: Pick<Test, 'teardown'>): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'qmp-'));
  t.teardown(() => fs.rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Two monitors, in a directory of their own. */
export function monitors(t: Pick<Test, 'teardown'>, source: Says = usual, target: Says = usual) {
  const dir = folder(t);
  const made = [
    new Monitor(path.join(dir, 'red-h1.qmp'), source),
    new Monitor(path.join(dir, 'red-h1.s2-4.qmp'), target),
  ] as const;
  const [from, to] = made;
  to.status = 'inmigrate';
  t.teardown(() => {
    for (const one of made) one.server.close();
  });
  return { dir, from, to };
}
