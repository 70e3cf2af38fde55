/**
 * Node's world: whoever dials leads back to us, by whatever name, is told so and nothing is sent.
 */

import { createServer } from 'node:net';
import t from 'tap';
import { nodeWorld } from '../../hypervisor/world/node-world.ts';
import type { Connection, ConnectionUser, World } from '../../hypervisor/world/world.ts';

const LISTENING_MS = 100;

/** A free port of this machine. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

function dial(world: World, host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const connection: Connection = world.dial(
      { host, port },
      {
        onOpen: () => {
          resolve('open');
          connection.close();
        },
        onBytes: () => undefined,
        onClose: resolve,
      },
    );
  });
}

t.test('a dialled address that is our own', async (t) => {
  const world = nodeWorld();
  const port = await freePort();
  let bytes = 0;
  const user: ConnectionUser = {
    onOpen: () => undefined,
    onBytes: (chunk) => {
      bytes += chunk.length;
    },
    onClose: () => undefined,
  };
  const listening = world.listen(
    { host: '0.0.0.0', port },
    { accept: () => user, refused: () => undefined, failed: (why) => t.fail(why) },
  );
  t.teardown(() => listening.close());
  await new Promise((resolve) => setTimeout(resolve, LISTENING_MS));
  for (const host of ['127.0.0.1', '127.3.2.1', 'localhost', '2130706433']) {
    t.match(await dial(world, host, port), /Limevisor's own address; name the tenant's controller/);
  }
  t.equal(bytes, 0, 'and heard nothing');
  t.equal(await dial(nodeWorld(), '127.0.0.1', port), 'open', 'another process may');
});

t.test('delays that Node has no number for: over already, or longer than a month', async (t) => {
  const warnings: string[] = [];
  const onWarning = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', onWarning);
  t.teardown(() => process.off('warning', onWarning));
  const { after } = nodeWorld();
  let early = 0;
  const cancel = [2 ** 31, 40 * 86_400_000].map((ms) =>
    after(ms, () => {
      early += 1;
    }),
  );
  await new Promise<void>((run) => after(-5, run));
  await new Promise<void>((run) => after(LISTENING_MS, run));
  for (const one of cancel) one();
  t.equal(early, 0);
  t.strictSame(warnings, []);
});
