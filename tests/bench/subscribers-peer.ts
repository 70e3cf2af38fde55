/**
 * Very many who listen to events (tests/bench/subscribers.ts), in a process of their own: half read
 * what they are sent, a third read slowly, the others read nothing.
 *
 * Standard input has the address and the tokens, as JSON; a line says when all listen, and each
 * line `count` is answered by how many events were read, and how many are still connected.
 */
import { once } from 'node:events';
import net from 'node:net';
import { createInterface } from 'node:readline';

interface Asked {
  readonly port: number;
  readonly tokens: readonly string[];
  readonly count: number;
}

const SLOW_MS = 1_000;
const AT_ONCE = 100;

const lines = createInterface({ input: process.stdin });
const [first] = (await once(lines, 'line')) as [string];
const { port, tokens, count } = JSON.parse(first) as Asked;
let events = 0;
let open = 0;
const slow: net.Socket[] = [];

async function listen(index: number): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  const token = tokens[index % tokens.length] ?? '';
  const head = `host: x\r\nauthorization: Bearer ${token}\r\naccept: text/event-stream\r\n`;
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    open -= 1;
  });
  socket.write(`GET /api/v1/events HTTP/1.1\r\n${head}\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (!String(answer).startsWith('HTTP/1.1 200')) throw new Error(String(answer));
  open += 1;
  const kind = index % 6;
  if (kind >= 3) socket.pause();
  socket.on('data', (chunk: Buffer) => {
    for (
      let at = chunk.indexOf('event: event');
      at >= 0;
      at = chunk.indexOf('event: event', at + 1)
    )
      events += 1;
    if (kind === 3 || kind === 4) socket.pause();
  });
  if (kind === 3 || kind === 4) slow.push(socket);
}

for (let from = 0; from < count; from += AT_ONCE) {
  const those = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, i) => from + i);
  await Promise.all(those.map(listen));
}
setInterval(() => {
  for (const one of slow) one.resume();
}, SLOW_MS);
console.log(`ready ${open}`);
lines.on('line', () => console.log(`${events} ${open}`));
lines.on('close', () => process.exit(0));
