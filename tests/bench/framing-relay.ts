/**
 * The yardstick: a relay that only frames and copies, as a process of its own.
 *
 * The least that any Node program between switches and controllers does: the product's framer, one
 * copy of each frame, one write for each turn. `framing-relay.ts PORT` prints the port that it
 * listens on and dials 127.0.0.1:PORT for every switch; it ends when its standard input does.
 */
import net from 'node:net';
import { End } from './end.ts';

const controllerPort = Number(process.argv[2]);

const server = net.createServer((switchSocket) => {
  const controllerSocket = net.connect(controllerPort, '127.0.0.1');
  const over = (): void => {
    switchSocket.destroy();
    controllerSocket.destroy();
  };
  const above = new End(
    controllerSocket,
    (_, dv, at, length) => void below.put(dv, at, length),
    over,
  );
  const below = new End(switchSocket, (_, dv, at, length) => void above.put(dv, at, length), over);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : 0}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
