/**
 * Whose a switch is: two Limevisors at the same switches, each with a store of its own; the same
 * file run from another folder; kill -9 of the right one. On switches of every kind.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type Lab, startLab } from '../../examples/lab/lab.ts';
import { type Ping, reaches, startPing } from '../../examples/lab/ping.ts';
import type { Running } from '../../examples/lab/processes.ts';
import { root, startTestController } from '../../examples/lab/programs.ts';
import { until, untilStarted } from '../../examples/lab/wait.ts';
import { ask, Unreachable } from '../../hypervisor/operator/client.ts';
import type { StatusReport } from '../../hypervisor/operator/report.ts';

/** s1 has the pipeline, s2 speaks 1.0, s3 has one table. */
const switches = ['s1', 's2', 's3'] as const;
const tenants = ['red', 'blue', 'green'] as const;

const network = (port: number, folder: string) => `
listen: ['ptcp:${port}:127.0.0.1']
control: control.sock
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3, encoding: flat } }
tenants:
${tenants
  .map(
    (tenant, i) => `  ${tenant}:
    controllers: [tcp:127.0.0.1:${6661 + i}]
    vswitches: { v: { dpid: 1, on: s${i + 1}, listen: ['punix:${folder}/${tenant}.sock'] } }
    hosts:
      h1: { port: 'v:1', at: 's${i + 1}:1' }
      h2: { port: 'v:2', at: 's${i + 1}:2' }`,
  )
  .join('\n')}
`;

const hosts = tenants.flatMap((tenant, i) =>
  [1, 2].map((n) => ({
    name: `${tenant}-h${n}`,
    at: `s${i + 1}:${n}`,
    ip: `10.0.0.${n}/24`,
    mac: `02:00:00:00:0${i}:0${n}`,
  })),
);

const lab: Lab = await startLab({
  switches: [...switches],
  links: [],
  hosts,
  controller: 'tcp:127.0.0.1:6653',
  speaks: { s2: 'OpenFlow10' },
});
t.teardown(() => lab.stop());
for (const [i] of tenants.entries()) await startTestController(lab, 6661 + i, 300);
for (const name of switches) {
  await lab.vsctl('set-controller', name, 'tcp:127.0.0.1:6653', 'tcp:127.0.0.1:6654');
  const of = await lab.vsctl('get', 'bridge', name, 'controller');
  for (const uuid of of.match(/[0-9a-f-]{36}/g) ?? []) {
    await lab.vsctl('set', 'controller', uuid, 'connection_mode=out-of-band', 'max_backoff=1000');
  }
}

/** A Limevisor in a folder of its own. */
class Instance {
  readonly folder: string;
  #running: Running | undefined;

  constructor(name: string, port: number) {
    this.folder = path.join(lab.dir, name);
    fs.mkdirSync(this.folder);
    fs.writeFileSync(path.join(this.folder, 'network.yaml'), network(port, this.folder));
  }

  async start(...flags: readonly string[]): Promise<void> {
    const argv = [`${root}/limevisor`, 'run', path.join(this.folder, 'network.yaml'), ...flags];
    const running = lab.inside.start(argv, path.join(this.folder, 'log'));
    this.#running = running;
    await untilStarted('limevisor', running, 60_000, async () =>
      (await this.status()) === undefined ? undefined : true,
    );
  }

  /** Over the socket, again and again: a command is a process for each look. */
  status(): Promise<StatusReport | undefined> {
    const socket = path.join(this.folder, 'control.sock');
    return ask<StatusReport>(socket, 'status', {}).catch((error: unknown) => {
      if (error instanceof Unreachable) return undefined;
      throw error;
    });
  }

  /** Until what its controllers have asked for is kept: a command that ends with a barrier. */
  async settled(): Promise<void> {
    for (const tenant of tenants) {
      const vconn = `unix:${path.join(this.folder, `${tenant}.sock`)}`;
      const nothing = ['del-flows', '--strict', vconn, 'priority=9,dl_type=0x9999'];
      await lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow10', ...nothing]);
    }
  }

  /** Until every datapath is in that state. */
  all(state: string): Promise<StatusReport> {
    return until(`every datapath being ${state}`, 60_000, async () => {
      const status = await this.status();
      return status?.datapaths.every((one) => one.state === state) ? status : undefined;
    });
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    await this.#running?.end(signal);
  }
}

/** What a switch holds, without counters. */
async function held(name: string): Promise<readonly string[]> {
  const text = await lab.ofctl('dump-flows', name, '--no-stats');
  return text
    .split('\n')
    .filter((line) => line.includes('cookie='))
    .sort();
}

/** What each switch held and does not any more; how far the store is may have grown. */
function missing(
  before: readonly (readonly string[])[],
  now: readonly (readonly string[])[],
): readonly string[] {
  const gone = before.flatMap((lines, i) => lines.filter((line) => !now[i]?.includes(line)));
  return gone.filter((line) => !/cookie=0x4c10/.test(line));
}

const allHeld = () => Promise.all(switches.map(held));

async function pings(): Promise<readonly Ping[]> {
  for (const tenant of tenants) {
    await until(`${tenant}'s hosts`, 60_000, async () =>
      (await reaches(lab, `${tenant}-h1`, '10.0.0.2')) ? true : undefined,
    );
  }
  return tenants.map((tenant) => startPing(lab, `${tenant}-h1`, '10.0.0.2', 20));
}

const first = new Instance('first', 6653);
const second = new Instance('second', 6654);
await first.start();
await first.all('ready');

t.test('a second one, with a store of its own, is refused and harms nobody', async (t) => {
  const running = await pings();
  const before = await allHeld();
  await second.start();
  const status = await second.all('refused');
  const id = (await first.status())?.store.id;
  for (const { name, why } of status.datapaths) {
    t.match(why, new RegExp(`it holds the rules of store ${id} \\(generation [0-9]+\\)`), name);
    t.match(why, `this store is ${status.store.id}`);
    t.match(why, /"limevisor run FILE --new-store"/);
  }
  t.strictSame(missing(before, await allHeld()), [], 'nothing is gone');
  for (const one of status.vswitches) t.match(one.down, /is refused: it holds the rules/);
  for (const ping of running) t.match(await ping.stop(), { lost: 0 });
});

t.test('kill -9 and a start of the right one: it is never asked', async (t) => {
  const running = await pings();
  // The controllers connect again, and make some rules anew: other cookies and flags of ours.
  const rules = (all: readonly (readonly string[])[]) =>
    all.map((lines) =>
      lines.map((line) => line.replace(/cookie=\S+|send_flow_rem|reset_counts| /g, '')),
    );
  const before = rules(await allHeld());
  await first.settled();
  await first.end('SIGKILL');
  await first.start();
  const status = await first.all('ready');
  t.ok(status.store.generation > 1);
  t.strictSame(missing(before, rules(await allHeld())), []);
  for (const ping of running) t.match(await ping.stop(), { lost: 0 });
});

t.test('also when the other one is away; and with a word it takes them over', async (t) => {
  await first.end('SIGTERM');
  await second.end('SIGKILL');
  const before = await allHeld();
  await second.start();
  await second.all('refused');
  t.strictSame(await allHeld(), before);
  await second.end('SIGTERM');
  await second.start('--new-store');
  const status = await second.all('ready');
  t.ok(status.datapaths.every((one) => one.state === 'ready'));
  for (const ping of await pings()) t.match(await ping.stop(), { lost: 0 });
  await second.end('SIGTERM');
  await second.start();
  await second.all('ready');
  await first.start();
  await first.all('refused');
});
