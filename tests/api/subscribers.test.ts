/**
 * Listeners over real sockets, of whom some read slowly and some read nothing (10,000 of them are
 * tests/bench/subscribers.ts): what is kept for each is bounded, those who read miss nothing
 * silently, and those who read nothing are cut off, which is said.
 */
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import t from 'tap';
import { until } from '../../examples/lab/wait.ts';
import { limits } from '../../slices/limits.ts';
import { type Served, served } from './served.ts';

const [FAST, SLOW, DEAD] = [24, 6, 6];
const about = { words: 'x'.repeat(4_000) };

interface Listening {
  readonly socket: net.Socket;
  /** Numbers of events that came, and what was said to be missed. */
  seen: number;
  missed: number;
  isOver: boolean;
}

/** Counts what comes; the text of it is not kept. */
function listening(port: number, token: string): Listening {
  const socket = net.connect(port, '127.0.0.1');
  const one: Listening = { socket, seen: 0, missed: 0, isOver: false };
  const head = `host: x\r\nauthorization: Bearer ${token}\r\naccept: text/event-stream\r\n\r\n`;
  socket.write(`GET /api/v1/events HTTP/1.1\r\n${head}`);
  socket.on('close', () => {
    one.isOver = true;
  });
  socket.on('error', () => socket.destroy());
  let rest = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      one.seen += part.includes('event: event') ? 1 : 0;
      one.missed += Number(/"missed":(\d+)/.exec(part)?.[1] ?? 0);
    }
  });
  return one;
}

/** The API of `served` on a server whose responses are known. */
async function watched(test: Pick<typeof t, 'teardown'>, { api }: Served) {
  const responses: http.ServerResponse[] = [];
  const server = http.createServer((request, response) => {
    responses.push(response);
    api.handle(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  test.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const pending = () => responses.map((one) => one.writableLength).sort((a, b) => b - a);
  return { port: (server.address() as AddressInfo).port, pending };
}

t.test('slow and dead ones among many', async (t) => {
  const whole = await served(t);
  const { api, log, world, tokens } = whole;
  const { port, pending } = await watched(t, whole);
  const all = Array.from({ length: FAST + SLOW + DEAD }, () => listening(port, tokens.viewer));
  await until('all listen', 20_000, async () => api.context.feed.count === all.length || undefined);
  const [fast, slow] = [all.slice(0, FAST), all.slice(FAST, FAST + SLOW)];
  const dead = all.slice(FAST + SLOW);
  for (const { socket } of [...slow, ...dead]) socket.pause();

  // Until the kernel takes nothing more for those who do not read.
  let said = 0;
  await until('full sockets', 60_000, async () => {
    for (let i = 0; i < 50; i++) log.info(about, `event ${said++}`);
    world.pass(1_000);
    return (pending()[SLOW + DEAD - 1] ?? 0) > limits.listenerUnreadBytesMax || undefined;
  });
  t.comment(`${said} events of 4 kB until all that do not read are passed over`);
  for (let i = 0; i < 200; i++) log.info(about, `event ${said++}`);
  const most = limits.listenerUnreadBytesMax + 2 * limits.eventsAtOnce * 5_000;
  const allRead = (those: readonly Listening[]) => async () => {
    world.pass(limits.heartbeatMs);
    return those.every((one) => one.seen + one.missed === said) || undefined;
  };
  await until('all events', 60_000, allRead(fast));
  t.ok(
    pending().every((bytes) => bytes <= most),
    `at most ${pending()[0]} bytes wait for one`,
  );
  t.equal(
    fast.reduce((sum, one) => sum + one.missed, 0),
    0,
    'who reads misses nothing',
  );

  for (const { socket } of slow) socket.resume();
  await until('what the slow ones missed is told', 60_000, allRead(slow));
  t.ok(
    all.every((one) => !one.isOver),
    'nobody was cut off yet',
  );

  world.pass(limits.listenerStuckMs + 2 * limits.heartbeatMs);
  await until('the dead ones to be cut off', 30_000, async () => {
    for (const { socket } of dead) socket.resume();
    world.pass(limits.heartbeatMs);
    return dead.every((one) => one.isOver) || undefined;
  });
  t.ok(
    [...fast, ...slow].every((one) => !one.isOver),
    'and nobody else',
  );
  t.equal(api.context.feed.count, FAST + SLOW);
  const told = log.events.since(0).find(({ what }) => what.includes('cut off'));
  t.match(told, { level: 'warn', about: { count: DEAD, left: FAST + SLOW, hint: /has to read/ } });
});
