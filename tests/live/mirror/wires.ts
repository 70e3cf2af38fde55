/**
 * The hosts' ends of the wires, held by one process in the lab (wires.py): frames out and in.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { Lab } from '../../../examples/lab/lab.ts';
import { root } from '../../../examples/lab/programs.ts';
import { untilStarted } from '../../../examples/lab/wait.ts';
import { toHex } from '../../openflow/hex.ts';

export interface Wires {
  send(host: string, frame: Uint8Array): void;
  /** What came to a host since this was asked last, in its order, as hexadecimal text. */
  take(host: string): readonly string[];
  /** When this frame has come to the host; takes it away, and what came before it stays. */
  arrival(host: string, frame: Uint8Array): Promise<void>;
}

const script = path.join(root, 'tests/live/mirror/wires.py');
const ARRIVAL_MS = 40_000;

export async function openWires(lab: Lab, hosts: readonly string[]): Promise<Wires> {
  const at = path.join(lab.dir, 'wires.sock');
  const running = lab.inside.start(
    ['/usr/bin/python3', script, at, ...hosts],
    path.join(lab.dir, 'wires.log'),
  );
  await untilStarted('wires.py', running, 10_000, () => (fs.existsSync(at) ? true : undefined));
  const socket = net.connect(at);
  await once(socket, 'connect');
  const came = new Map<string, string[]>(hosts.map((host) => [host, []]));
  const waiting = new Set<() => void>();
  let rest = '';
  socket.setEncoding('latin1').on('data', (chunk) => {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [host = '', frame = ''] = line.split(' ');
      came.get(host)?.push(frame);
    }
    for (const look of waiting) look();
  });
  return {
    send: (host, frame) => void socket.write(`${host} ${toHex(frame)}\n`),
    take: (host) => came.get(host)?.splice(0) ?? [],
    arrival: (host, frame) =>
      new Promise((resolve, reject) => {
        const text = toHex(frame);
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`no ${text} at ${host} within ${ARRIVAL_MS / 1000} s`));
        }, ARRIVAL_MS);
        const look = (): void => {
          const frames = came.get(host) ?? [];
          const index = frames.indexOf(text);
          if (index < 0) return;
          frames.splice(index, 1);
          waiting.delete(look);
          clearTimeout(timer);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
