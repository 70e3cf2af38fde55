/**
 * `limevisor reopen` on Open vSwitch: a vswitch that a fault of ours has closed goes on forwarding,
 * is served again with its rules and counters, and migrates; another tenant notices nothing.
 *
 * The fault: a handler of this process throws for one group's number (a hook that node imports).
 */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { startLab } from '../../examples/lab/lab.ts';
import { startPing } from '../../examples/lab/ping.ts';
import {
  attempt,
  root,
  startLimevisor,
  statusOf,
  untilReady,
} from '../../examples/lab/programs.ts';
import { until } from '../../examples/lab/wait.ts';
import { shortDir } from '../hypervisor/running.ts';

const FATAL_GROUP = 666;
const network = {
  switches: ['s1', 's2'],
  links: [['s1:20', 's2:21']] as const,
  hosts: [1, 2, 3, 4].map((n) => ({
    name: `h${n}`,
    at: `s${2 - (n % 2)}:${n}`,
    ip: `10.0.0.${n}/24`,
    mac: `02:00:00:00:00:0${n}`,
  })),
  controller: 'tcp:127.0.0.1:6653',
};
const tenant = (port: number, a: number, b: number): string => `
    vswitches: { v: { dpid: 1, on: s1, listen: ['ptcp:${port}:127.0.0.1'] } }
    hosts: { a: { port: 'v:1', at: 's1:${a}' }, b: { port: 'v:2', at: 's2:${b}' } }`;
const file = `
control: here
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: ['s1:20 - s2:21']
tenants:
  red: ${tenant(6701, 1, 2)}
  blue: ${tenant(6702, 3, 4)}
`;
const changes = pathToFileURL(path.join(root, 'hypervisor/tenant/changes.ts'));
const hook = `import { Changes } from '${changes}';
const { groupMod } = Changes.prototype;
Changes.prototype.groupMod = function (mod, origin) {
  if (mod.groupId === ${FATAL_GROUP}) throw new Error('the fault of the test');
  return groupMod.call(this, mod, origin);
};`;

t.test('closed, forwarding, reopened, served, migrated', async (t) => {
  const files = shortDir(t, { 'network.yaml': file, 'hook.mjs': hook });
  const lab = await startLab(network);
  t.teardown(() => lab.stop());
  const imports = ['--disable-warning=ExperimentalWarning', '--import', `${files}/hook.mjs`];
  const main = path.join(root, 'hypervisor/main.ts');
  await startLimevisor(lab, `${files}/network.yaml`, [process.execPath, ...imports, main, 'run']);
  const status = () => statusOf(lab);
  await untilReady(lab);
  const ofctl = (port: number, command: string, ...rest: readonly string[]) =>
    lab.inside.run(['ovs-ofctl', '-O', 'OpenFlow13', command, `tcp:127.0.0.1:${port}`, ...rest]);
  for (const port of [6701, 6702]) {
    await ofctl(port, 'add-flow', 'cookie=0x7,in_port=1,actions=output:2');
    await ofctl(port, 'add-flow', 'cookie=0x8,in_port=2,actions=output:1');
  }
  const pings = [startPing(lab, 'h1', '10.0.0.2'), startPing(lab, 'h3', '10.0.0.4')];
  const counted = async (): Promise<number> => {
    const text = String(await ofctl(6701, 'dump-flows', 'cookie=0x7/-1'));
    return Number(/n_packets=(\d+)/.exec(text)?.[1] ?? -1);
  };
  await until('packets are counted', 20_000, async () =>
    (await counted()) > 50 ? true : undefined,
  );
  const before = await counted();

  const group = `group_id=${FATAL_GROUP},type=all,bucket=output:1`;
  await ofctl(6701, 'add-group', group).catch(() => undefined);
  const closed = await until('it is closed', 20_000, async () => {
    const found = (await status()).vswitches.find((one) => one.name === 'red/v');
    return JSON.stringify(found).includes('closed by an internal error') ? found : undefined;
  });
  t.match(JSON.stringify(closed), /the fault of the test/);
  t.match(String(await ofctl(6702, 'dump-flows')), /in_port=1/, 'blue is served');

  const reopened = await attempt(lab, ['reopen', 'red/v']);
  t.match(reopened, { code: 0, stdout: /red\/v is served again/ });
  const after = await until('it counts on', 20_000, async () => {
    const now = await counted();
    return now > before ? now : undefined;
  });
  t.ok(after > before, `${before} packets before, ${after} after`);
  await ofctl(6701, 'add-flow', 'cookie=0x9,priority=1,actions=drop');
  t.match(await attempt(lab, ['migrate', 'red/v', '--to', 's2', '--no-watch']), { code: 0 });
  t.match(String(await ofctl(6701, 'dump-flows')), /cookie=0x9/, 'with what was changed since');
  t.ok((await counted()) >= after, 'and its counters');
  for (const ping of pings) {
    const { sent, lost } = await ping.stop();
    t.equal(lost, 0, `of ${sent}`);
  }
});
