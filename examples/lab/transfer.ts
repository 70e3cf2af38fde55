/**
 * One TCP connection between two hosts while something else happens (transfer.py).
 */
import path from 'node:path';
import type { Lab } from './lab.ts';
import { lastLineOf } from './processes.ts';
import { root } from './programs.ts';
import { until } from './wait.ts';

/** What one end of it says. */
export interface TransferEnd {
  readonly bytes: number;
  /** Words that were not those that were sent. */
  readonly wrong: number;
  /** What went wrong with the connection; empty when nothing did. */
  readonly trouble: string;
}

export interface Transferred {
  readonly sent: TransferEnd;
  readonly came: TransferEnd;
}

/** The connection is there; ends with what came of it at both. */
export async function startTransfer(
  lab: Lab,
  from: string,
  to: { readonly host: string; readonly ip: string },
  kbytesSec: number,
): Promise<() => Promise<Transferred>> {
  const script = path.join(root, 'examples/lab/transfer.py');
  const start = async (host: string, ...args: readonly string[]) => {
    const running = lab.inside.start(lab.on(host, ['/usr/bin/python3', script, ...args]));
    const said = lastLineOf(running);
    await until(`${host}'s connection`, 30_000, () => (said() === '' ? undefined : true));
    return { running, said: () => JSON.parse(said()) as TransferEnd };
  };
  const server = await start(to.host, 'serve');
  const client = await start(from, 'send', to.ip, String(kbytesSec));
  return async () => {
    await client.running.end('SIGINT');
    await server.running.end('SIGINT');
    return { sent: client.said(), came: server.said() };
  };
}

export function isSound({ sent, came }: Transferred): boolean {
  const ends = [sent, came];
  return ends.every(({ wrong, trouble }) => wrong === 0 && trouble === '');
}

/** What the kernels of some hosts have counted of TCP. */
export interface TcpCounts {
  /** Sent or got. */
  readonly resets: number;
  /** Segments that were sent again. */
  readonly again: number;
}

export async function tcpCountsOf(lab: Lab, hosts: readonly string[]): Promise<TcpCounts> {
  let [resets, again] = [0, 0];
  for (const host of hosts) {
    const text = await lab.inside.run(lab.on(host, ['cat', '/proc/net/snmp']));
    const [names = [], numbers = []] = text
      .split('\n')
      .filter((line) => line.startsWith('Tcp:'))
      .map((line) => line.split(' '));
    const of = (name: string): number => Number(numbers[names.indexOf(name)]);
    resets += of('EstabResets') + of('OutRsts');
    again += of('RetransSegs');
  }
  return { resets, again };
}
