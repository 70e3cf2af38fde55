/**
 * A relay that delays: a switch that is far away.
 *
 *     node delay.ts LISTEN_PORT TARGET_PORT DELAY_MS
 *
 * Bytes keep their order; each way takes DELAY_MS longer. Loopback only.
 */
import net from 'node:net';

const [listenPort, targetPort, delayMs] = process.argv.slice(2).map(Number);

function pass(from: net.Socket, to: net.Socket): void {
  from.setNoDelay(true);
  from.on('data', (chunk) => void setTimeout(() => to.write(chunk), delayMs));
  from.on('error', () => from.destroy());
  from.on('close', () => void setTimeout(() => to.destroy(), delayMs));
}

net
  .createServer((near) => {
    const far = net.connect(targetPort ?? 0, '127.0.0.1');
    pass(near, far);
    pass(far, near);
  })
  .listen(listenPort, '127.0.0.1');
