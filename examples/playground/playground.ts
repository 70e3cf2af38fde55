/**
 * `make playground`: two tenants on four real switches, under traffic, with the page in your
 * browser. Press buttons; each ten seconds a line says what the hosts have lost. Ctrl-C ends it,
 * and leaves nothing behind. PORT=8640 is where the page is.
 */
import fs from 'node:fs';
import type net from 'node:net';
import path from 'node:path';
import { relay } from '../lab/delay.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { startPing } from '../lab/ping.ts';
import { root, socketOf, startLimevisor, startTestController } from '../lab/programs.ts';
import { sleep, until } from '../lab/wait.ts';
import {
  configFile,
  figure3,
  pingAll,
  tenants,
  untilServed,
} from '../live-migration/experiment.ts';

/** Where Limevisor has its API, in the network of the laboratory. */
const API_PORT = 8640;
const SEEN_MSEC = 10_000;
/** Red is moved by whoever tries this; blue moves by itself. */
const SCHEDULE = `schedules:
  blue-moves: { move: blue/v3, every: 20s, jitter: 20s }
`;

export interface Playground {
  readonly lab: Lab;
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

/** With the page at this port of loopback; 0: any that is free. */
export async function startPlayground(port: number): Promise<Playground> {
  const lab = await startLab(figure3);
  let door: net.Server | undefined;
  try {
    for (const [i] of tenants.entries()) await startTestController(lab, 6661 + i);
    const file = path.join(lab.dir, 'playground.yaml');
    const api = `api: { listen: ['ptcp:${API_PORT}:127.0.0.1'] }\n`;
    fs.writeFileSync(file, `${api}${SCHEDULE}${fs.readFileSync(configFile, 'utf8')}`);
    await startLimevisor(lab, file);
    await untilServed(lab);
    await pingAll(lab);
    door = await openDoor(lab, port);
  } catch (error) {
    await lab.stop();
    throw error;
  }
  const address = door.address();
  const at = typeof address === 'object' && address !== null ? address.port : port;
  return {
    lab,
    url: `http://127.0.0.1:${at}/`,
    token: fs.readFileSync(path.join(lab.dir, 'limevisor.db.token'), 'utf8').trim(),
    async stop() {
      door.close();
      await lab.stop();
    },
  };
}

/** The laboratory has a loopback of its own; a socket in its directory leads there. */
async function openDoor(lab: Lab, port: number): Promise<net.Server> {
  const socket = path.join(lab.dir, 'api.sock');
  const script = path.join(root, 'examples/lab/delay.ts');
  lab.inside.start(
    [process.execPath, script, socket, String(API_PORT), '0'],
    `${lab.dir}/door.log`,
  );
  await until('a way into the laboratory', 10_000, async () => fs.existsSync(socket) || undefined);
  return await relay(port, socket, 0).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`no page at port ${port} (${why}); choose another: make playground PORT=9000`);
  });
}

/** What each tenant's hosts have sent and lost, a line for each time. */
async function watch(lab: Lab): Promise<never> {
  for (;;) {
    const pings = tenants.map((tenant) => startPing(lab, `${tenant}-h1`, '10.0.0.2'));
    await sleep(SEEN_MSEC);
    const seen = await Promise.all(pings.map((ping) => ping.stop()));
    const parts = tenants.map((tenant, i) => {
      const { sent = 0, lost = 0, duplicates = 0 } = seen[i] ?? {};
      return `${tenant}: ${sent} pings, ${lost} lost, ${duplicates} doubled`;
    });
    console.log(`${new Date().toISOString().slice(11, 19)}  ${parts.join(';  ')}`);
  }
}

async function main(): Promise<void> {
  console.log('Starting four switches, four hosts, two controllers and Limevisor ...');
  const { lab, url, token } = await startPlayground(Number(process.env['PORT'] || API_PORT));
  console.log(`
The page:   ${url}
Log in as:  ${token}

Move red's v3 by the page (key 2), or here:
  ./limevisor --socket ${socketOf(lab)} migrate red/v3 --to s4
Blue's v3 moves by itself every 20 to 40 s. Ctrl-C ends it all.
`);
  await watch(lab);
}

if (process.argv[1] === import.meta.filename) {
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  });
}
