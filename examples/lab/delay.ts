/**
 * A relay that delays: a switch that is far away; without a delay, a door into a laboratory.
 *
 *     node delay.ts LISTEN TARGET DELAY_MS
 *
 * Each end is a port of loopback or the path of a Unix socket. Bytes keep their order; each way
 * takes DELAY_MS longer.
 */
import { once } from 'node:events';
import net from 'node:net';

/** A port on loopback; 0 is any that is free. Or a path. */
type End = number | string;

function pass(from: net.Socket, to: net.Socket, delayMs: number): void {
  from.setNoDelay(true);
  from.on('data', (chunk) => void setTimeout(() => to.write(chunk), delayMs));
  from.on('error', () => from.destroy());
  from.on('close', () => void setTimeout(() => to.destroy(), delayMs));
}

const whereOf = (end: End) => (typeof end === 'string' ? { path: end } : loopback(end));
const loopback = (port: number) => ({ port, host: '127.0.0.1' });

/** Listens until it is closed; rejects when it cannot, for the port is taken, say. */
export async function relay(listen: End, target: End, delayMs: number): Promise<net.Server> {
  const server = net.createServer((near) => {
    const far = net.connect(whereOf(target));
    pass(near, far, delayMs);
    pass(far, near, delayMs);
  });
  server.listen(whereOf(listen));
  await once(server, 'listening');
  return server;
}

if (process.argv[1] === import.meta.filename) {
  const endOf = (text: string): End => (/^\d+$/.test(text) ? Number(text) : text);
  const [listen = '', target = '', delayMs = '0'] = process.argv.slice(2);
  await relay(endOf(listen), endOf(target), Number(delayMs));
}
