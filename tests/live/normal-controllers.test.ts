/**
 * NORMAL under unmodified controllers: a firewall on os-ken that leaves forwarding to its switch,
 * as Ryu's rest_firewall does (examples/controllers/firewall.py), for a tenant of OpenFlow 1.3 and
 * one of 1.0 with the same addresses. Their switches migrate there and back under traffic: what is
 * allowed arrives, once; what is not goes up, once, and nowhere else.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { reaches, startPing } from '../../examples/lab/ping.ts';
import { migrate, startLimevisor, startOsken, untilReady } from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';

const places = ['s1', 's2', 's3'] as const;
const tenants = [
  { name: 'red', openflow: '1.3', port: 6661 },
  { name: 'blue', openflow: '1.0', port: 6662 },
] as const;
const lab = await startLab({
  switches: [...places],
  links: [
    ['s1:21', 's2:20'],
    ['s2:21', 's3:20'],
    ['s3:21', 's1:20'],
  ],
  hosts: tenants.flatMap(({ name }, i) =>
    places.map((place, j) => ({
      name: `${name}${j + 1}`,
      at: `${place}:${i + 1}`,
      ip: `10.0.0.${j + 1}/24`,
      mac: `02:00:00:00:00:0${j + 1}`,
    })),
  ),
  controller: 'tcp:127.0.0.1:6653',
});
t.teardown(() => lab.stop());

const tenantText = ({ name, port }: (typeof tenants)[number], i: number): string => {
  const host = (place: string, j: number) =>
    `h${j + 1}: { port: 'v:${j + 1}', at: '${place}:${i + 1}' }`;
  return `  ${name}:
    controllers: ['tcp:127.0.0.1:${port}']
    vswitches: { v: { dpid: 1, on: s1 } }
    hosts: { ${places.map(host).join(', ')} }`;
};
const file = path.join(lab.dir, 'firewall.yaml');
fs.writeFileSync(
  file,
  `control: here
listen: ['ptcp:6653:127.0.0.1']
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 }, s3: { dpid: 3 } }
links: ['s1:21 - s2:20', 's2:21 - s3:20', 's3:21 - s1:20']
tenants:
${tenants.map(tenantText).join('\n')}
`,
);

/** What a tenant's firewall has said that begins so. */
function said(tenant: string, what: string): readonly string[] {
  const text = fs.readFileSync(path.join(lab.dir, `${tenant}.log`), 'utf8');
  return text.split('\n').filter((line) => line.startsWith(`${what} `));
}

for (const { name, openflow, port } of tenants) {
  process.env['FIREWALL_OPENFLOW'] = openflow;
  await startOsken(lab, port, `${name}.log`, ['firewall.py']);
}
delete process.env['FIREWALL_OPENFLOW'];
await startLimevisor(lab, file);
await untilReady(lab);
for (const { name } of tenants) {
  await until(`${name}'s firewall`, 60_000, () => (said(name, 'connected')[0] ? true : undefined));
}

/** So many packets that are not allowed, in a row; no flood for a controller in Python. */
const DENIED = ['fping', '-q', '-c', '100', '-p', '50', '10.0.0.3'];
const DENIED_COUNT = 100;

t.test('a firewall on os-ken that forwards by NORMAL, while its switch moves', async (t) => {
  for (const { name } of tenants) {
    const answer = async () => ((await reaches(lab, `${name}1`, '10.0.0.2')) ? true : undefined);
    await until(`what ${name} allows`, 60_000, answer);
    t.notOk(await reaches(lab, `${name}1`, '10.0.0.3'), `what ${name} does not`);
  }
  const shown = 'blocked 1 1 10.0.0.1 10.0.0.3';
  const blockedOf = (name: string) => said(name, 'blocked').filter((one) => one === shown).length;
  const runs = tenants.map(({ name }) => ({
    name,
    before: blockedOf(name),
    allowed: [`${name}1`, `${name}3`].map((host) => startPing(lab, host, '10.0.0.2')),
    denied: lab.inside.attempt(lab.on(`${name}1`, DENIED)),
  }));
  for (const to of ['s2', 's3', 's1']) {
    for (const { name } of tenants) t.equal(await migrate(lab, `${name}/v`, to), 'done', to);
  }
  for (const { name, before, allowed, denied } of runs) {
    for (const ping of allowed) {
      const { sent, lost, duplicates } = await ping.stop();
      t.comment(`${name}: ${sent} sent, ${lost} lost, ${duplicates} doubled`);
      t.same([lost, duplicates], [0, 0], `${name}, of ${sent}`);
    }
    t.equal((await denied).code, 1, 'of those that are not allowed none was answered');
    const seen = () => blockedOf(name) - before;
    await until('what is blocked', 30_000, () => (seen() < DENIED_COUNT ? undefined : true));
    t.equal(seen(), DENIED_COUNT, 'and its firewall has seen each once');
    t.same(said(name, 'error'), [], 'nothing that it asked for was refused');
  }
});
