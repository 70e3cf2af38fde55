/**
 * TLS with Open vSwitch at both ends: its switches below, its controller above.
 *
 * The right certificates work; no certificate, a stranger's, and another switch's do not, and
 * status says so (DELTA 2.1.070 and 2.1.072; docs/TLS.md has the commands).
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { reaches } from '../../examples/lab/ping.ts';
import { startLimevisor, statusOf } from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import type { TlsFiles } from '../../slices/config/tls.ts';
import { Authority } from '../support/certificates.ts';

const lab = await startLab({
  switches: ['s1', 's2'],
  links: [['s1:3', 's2:3']],
  hosts: [
    { name: 'h1', at: 's1:1', ip: '10.0.0.1/24', mac: '02:00:00:00:00:01' },
    { name: 'h2', at: 's2:1', ip: '10.0.0.2/24', mac: '02:00:00:00:00:02' },
  ],
  controller: 'ssl:127.0.0.1:6653',
});
t.teardown(() => lab.stop());

const [operator, tenant] = [new Authority(lab.dir, 'operator'), new Authority(lab.dir, 'tenant')];
const [below, above] = [operator.issue('limevisor'), tenant.issue('limevisor')];
const switches = operator.issue('switches');
const [plain, foreign] = [operator.issue('another'), tenant.issue('foreign', operator)];
const controller = tenant.issue('red-controller');

const keys = ({ key, certificate, ca }: TlsFiles): string =>
  `{ key: ${key}, certificate: ${certificate}, ca: ${ca} }`;
const file = path.join(lab.dir, 'tls.yaml');
writeFileSync(
  file,
  `control: here
store: ${path.join(lab.dir, 'limevisor.db')}
listen: ['pssl:6653:127.0.0.1']
tls: ${keys(below)}
datapaths:
  s1: { dpid: 1, certificate: switches }
  s2: { dpid: 2 }
links: [s1:3 - s2:3]
tenants:
  red:
    controllers: ['ssl:127.0.0.1:6661']
    tls: ${keys(above).replace(' }', ', peer: red-controller }')}
    vswitches: { v1: { dpid: 1, on: s1 }, v2: { dpid: 2, on: s2 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v2:1, at: s2:1 } }
    links: [v1:2 - v2:2]
`,
);

/** All bridges of one Open vSwitch share their keys. */
async function useKeys({ key, certificate, ca }: TlsFiles): Promise<void> {
  await lab.vsctl('set-ssl', key, certificate, ca);
}

const status = () => statusOf(lab);
const stateOf = async (name: string) => (await status()).datapaths.find((one) => one.name === name);

async function untilState(name: string, state: RegExp): Promise<string> {
  return until(`${name} being ${state}`, 20_000, async () => {
    const found = await stateOf(name);
    const text = `${found?.state} ${found?.why}`;
    return state.test(text) ? text : undefined;
  });
}

async function untilRefused(why: RegExp): Promise<void> {
  await until(`a switch refused: ${why}`, 20_000, async () =>
    Object.keys((await status()).alarms).some((one) => why.test(one)) ? true : undefined,
  );
}

function startController(files: TlsFiles) {
  const own = ['--private-key', files.key, '--certificate', files.certificate];
  const ctl = `--unixctl=${path.join(lab.dir, 'controller.ctl')}`;
  const argv = ['ovs-testcontroller', '-O', 'OpenFlow13', 'pssl:6661', ...own, ctl];
  return lab.inside.start([...argv, '--ca-cert', files.ca], path.join(lab.dir, 'controller.log'));
}

await startLimevisor(lab, file);

t.test('2.1.072 a stranger’s certificate: refused, and said', async (t) => {
  await useKeys(foreign);
  await untilRefused(/^switch refused: its certificate is not signed by the CA in /);
  for (const name of ['s1', 's2']) t.match(await stateOf(name), { state: 'away' });
});

t.test('another switch’s certificate: refused for the dpid that is bound to one', async (t) => {
  await useKeys(plain);
  t.ok(await untilState('s2', /^ready/), 's2 takes any certificate of the CA');
  const why = await untilState('s1', /must present/);
  t.match(why, /^away it presented the certificate "another" .* must present "switches"$/);
  await untilRefused(/^switch refused: s1: it presented the certificate "another"/);
});

t.test(
  '2.1.070 the right ones: both switches, both controllers’ connections, a ping',
  async (t) => {
    await useKeys(switches);
    await untilState('s1', /^ready/);
    await untilState('s2', /^ready/);
    const stranger = startController(tenant.issue('somebody'));
    const whyOf = async () =>
      (await status()).vswitches.flatMap((one) => one.controllers.map((c) => c.why)).join();
    await until('the wrong controller being refused', 15_000, async () =>
      /it presented the certificate "somebody" .* must present "red-controller"/.test(await whyOf())
        ? true
        : undefined,
    );
    await stranger.end('SIGTERM');
    startController(controller);
    await until('the controllers', 15_000, async () =>
      (await status()).vswitches.every((one) => one.controllers[0]?.state === 'up')
        ? true
        : undefined,
    );
    t.match((await status()).vswitches[0]?.controllers[0]?.target, 'ssl:127.0.0.1:6661');
    t.equal(await reaches(lab, 'h1', '10.0.0.2', 10_000), true);
  },
);

t.test('2.1.071 without keys a switch does not get in', async (t) => {
  await lab.vsctl('del-ssl');
  await lab.vsctl('set-controller', 's2', 'tcp:127.0.0.1:6653');
  await untilState('s2', /^away/);
  await untilRefused(/^switch refused: it does not speak TLS$/);
  t.match(await stateOf('s2'), { state: 'away' });
});
