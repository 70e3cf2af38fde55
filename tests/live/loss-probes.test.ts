/**
 * `migrate --probe` on real switches, under ping: of LIME no probe is lost, of freeze-and-copy some
 * are, as pings are; no host sees a probe, and the tenant's rules have counted what its hosts sent.
 */
import { existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { startPing } from '../../examples/lab/ping.ts';
import {
  addRule,
  attempt,
  limevisorJson,
  startLimevisor,
  untilReady,
} from '../../examples/lab/programs.ts';
import { square } from '../../examples/lab/topologies.ts';
import { sleep, until } from '../../examples/lab/wait.ts';
import type { MigrateResult } from '../../hypervisor/operator/migration-asked.ts';

const lab = await startLab(square('s1:1', 's3:1'));
t.teardown(() => lab.stop());
const at = (name: string): string => path.join(lab.dir, name);
writeFileSync(
  at('probes.yaml'),
  `
control: limevisor.sock
store: limevisor.db
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 }, s4: { dpid: 4 } }
links: ['s1:3 - s2:3', 's2:4 - s3:3', 's1:4 - s4:1', 's4:2 - s3:4']
tenants:
  red:
    vswitches:
      v1: { dpid: 1, on: s1, listen: ['punix:${at('v1')}'] }
      v2: { dpid: 2, on: s2, listen: ['punix:${at('v2')}'] }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s3:1 } }
    links: [v1:2 - v2:2]
`,
);
await startLimevisor(lab, at('probes.yaml'));
await untilReady(lab);
for (const one of ['v1', 'v2']) await addRule(lab, one);

/** What the rule of v2 has counted. */
async function counted(): Promise<number> {
  const shown = await lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', 'dump-flows', at('v2')]);
  return Number(/n_packets=(\d+)/.exec(shown)?.[1] ?? Number.NaN);
}

t.test('LIME loses none, freeze-and-copy some; nobody sees one', async (t) => {
  const seen = at('seen');
  // A host that gets a frame of the probes' type says so.
  const listen = `import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88b6))
open('${seen}.ready', 'a').write('x')
while True:
    s.recv(2048)
    open('${seen}', 'a').write('x')`;
  for (const host of ['h1', 'h2']) lab.inside.start(lab.on(host, ['python3', '-c', listen]));
  const isReady = (): boolean =>
    existsSync(`${seen}.ready`) && statSync(`${seen}.ready`).size === 2;
  await until('the hosts listen', 10_000, async () => (isReady() ? true : undefined));
  const before = await counted();
  const ping = startPing(lab, 'h1', '10.0.0.2');
  await sleep(500);
  const ways = [
    ['s4', 'lime'],
    ['s2', 'lime'],
    ['s4', 'freeze'],
  ] as const;
  for (const [to, strategy] of ways) {
    const args = ['red/v2', '--to', to, '--strategy', strategy, '--probe'];
    const result = await limevisorJson<MigrateResult>(lab, 'migrate', ...args);
    t.equal(result.migration?.state.type, 'done');
    const { sent = 0, lost = 0, twice, ports = [] } = result.migration?.probed ?? {};
    t.ok(sent > 40, `${sent} were sent by ${strategy}`);
    t.equal(twice, 0);
    t.strictSame(
      ports.map(({ port }) => port),
      [1, 2],
      'through the host and through the link',
    );
    if (strategy === 'lime') t.equal(lost, 0, 'none was lost');
    else t.ok(lost > 0, `${lost} were lost`);
    const { stdout } = await attempt(lab, ['migrations', 'show', `${result.migration?.id}`]);
    t.match(stdout, new RegExp(`loss {9}of ${sent} probes ${lost} were lost`));
  }
  const { sent, sentInAll, lost, received } = await ping.stop();
  t.comment(`${lost} of ${sent} pings were lost`);
  // Each ping is two packets at v2; ARP comes besides.
  await sleep(1_000);
  const more = (await counted()) - before;
  t.ok(more >= 2 * received && more <= 2 * sentInAll + 12, `${more} packets of ${sentInAll} pings`);
  t.notOk(existsSync(seen), 'no host has seen one');
});
